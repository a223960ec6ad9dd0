#include "audit/audit.h"

#include <algorithm>

#include "audit/packages.h"
#include "audit/read_apart.h"
#include "audit/reading.h"
#include "audit/sections.h"
#include "audit/wheel.h"
#include "audit/wheel_tags.h"
#include "base/path.h"
#include "base/sort_unique.h"
#include "base/text.h"
#include "knowledge/binary_marks.h"
#include "manifest/elf_symbols.h"

namespace ringfence {
namespace {

// The generator that left its mark in the file, with its version where it follows the mark: _cython_3_1_2.
std::string maker_of(std::string_view bytes) {
  for (const BinaryMark &mark : binary_marks) {
    for (std::size_t at = bytes.find(mark.text); at != std::string_view::npos; at = bytes.find(mark.text, at + 1)) {
      if (!mark.version_follows)
        return std::string(mark.generator);
      const std::string_view rest = bytes.substr(at + mark.text.size(), 16);
      std::string version(rest.substr(0, rest.find_first_not_of("0123456789_.")));
      std::ranges::replace(version, '_', '.');
      version.resize(version.find_last_not_of('.') + 1);
      if (version.empty() || version.front() == '.' || version.find('.') == std::string::npos)
        continue;
      return std::string(mark.generator) + " " + version;
    }
  }
  return {};
}

void read_writable(std::string_view bytes, AuditedLibrary &library) {
  const Result<SharedObject> object = read_shared_object(library.file, std::string(bytes));
  if (!object)
    return;
  for (const DataSymbol &symbol : object->symbols)
    if (is_writable_section(symbol.section))
      library.writable.emplace_back(symbol.name, symbol.size);
}

// "libssl" of "libssl-1a2b.so.3", of "libssl.3.dylib" and of "libssl-3-x64.dll".
std::string_view library_name(std::string_view file) {
  const std::string_view name = file_name(file);
  return name.substr(0, std::min(name.find_first_of(".-"), name.size()));
}

// Import looks in a file for the module of the file's name; what else it can make is made by its own code, or by a loader
// of its own. A file without that module, as a library of Python itself, keeps all.
void keep_importable(AuditedLibrary &library) {
  const std::string_view file = file_name(library.file);
  const std::string_view name = file.substr(0, file.find('.'));
  if (std::ranges::find(library.modules, name, &BinaryModule::name) == library.modules.end())
    return;
  const auto inner = std::stable_partition(library.modules.begin(), library.modules.end(),
                                           [&](const BinaryModule &module) { return module.name == name; });
  library.inner_modules.assign(inner, library.modules.end());
  library.modules.erase(inner, library.modules.end());
}

// cffi's own module makes them in a single phase, with m_size -1 (cffi cffi1_module.c, _my_Py_InitModule).
void read_as_made_by_cffi(AuditedLibrary &library) {
  for (BinaryModule &module : library.modules)
    if (module.init == BinaryInit::not_read) {
      module.init = BinaryInit::single_phase;
      module.state_size = -1;
      module.gil = Claim::by_cffi;
    }
}

void read_library(std::string_view bytes, AuditedLibrary &library) {
  const Result<Image> image = read_image(bytes);
  if (!image) {
    library.error = image.error().message;
    return;
  }
  library.format = image->format;
  library.machine = image->machine;
  library.modules = modules_of(*image);
  library.libraries = image->libraries;
  library.writable_bytes = image->writable_bytes;
  library.abi = abi_of_file(library.file);
  if (library.modules.empty())
    return;
  keep_importable(library);
  library.made_by = maker_of(bytes);
  if (bytes.find(made_by_cffi_backend) != std::string_view::npos)
    read_as_made_by_cffi(library);
  for (const std::string_view call : process_wide_calls)
    if (image->imports_any({&call, 1}))
      library.calls.emplace_back(call);
  for (const std::string &needed : image->libraries)
    if (std::ranges::find(process_wide_libraries, library_name(needed)) != std::end(process_wide_libraries))
      library.shared_state.push_back(needed);
  if (library.format == "ELF")
    read_writable(bytes, library);
}

// What a search of the named paths found.
struct Found {
  std::vector<std::string> libraries, wheels;
  Installed installed;
  std::vector<std::string> notes;
};

void search_folder(const FileSystem &files, const std::string &folder, Found &found, unsigned depth = 0) {
  constexpr unsigned deepest = 64;
  const auto entries = files.list(folder);
  if (!entries || depth == deepest) {
    found.notes.push_back(folder + (entries ? " is nested too deeply: passed over" : ": " + entries.error().message));
    return;
  }
  for (const DirectoryEntry &entry : *entries) {
    const std::string path = (folder == "/" ? "" : folder) + "/" + entry.name;
    if (entry.type == FileType::directory) {
      if (is_metadata_folder(entry.name))
        read_installed(files, path, found.installed);
      else if (entry.name == "site-packages" || entry.name == "dist-packages" || entry.name == "lib-dynload")
        found.installed.sites.insert(path);
      search_folder(files, path, found, depth + 1);
    } else if (is_shared_library(entry.name)) {
      if (entry.type == FileType::regular)
        found.libraries.push_back(path);
      else if (entry.type != FileType::symlink) // the file that a link names is found by itself
        found.notes.push_back(path + " is no regular file: passed over");
    } else if (entry.type == FileType::regular && entry.name.ends_with(".whl")) {
      found.wheels.push_back(path);
    }
  }
}

Result<Found> search(const FileSystem &files, const std::vector<std::string> &paths) {
  Found found;
  for (const std::string &path : paths) {
    const Result<std::string> real = files.real_path(path);
    if (!real)
      return fail(path + " is not there, or cannot be read");
    const FileType type = files.type(*real);
    if (type == FileType::directory)
      search_folder(files, *real, found);
    else if (type != FileType::regular)
      return fail(path + " is neither a file nor a folder");
    else
      (real->ends_with(".whl") ? found.wheels : found.libraries).push_back(*real);
  }
  sort_unique(found.libraries);
  sort_unique(found.wheels);
  return found;
}

// Where a member is installed: NAME.data/platlib/ is no folder of its own.
std::string_view installed_path(std::string_view member) {
  for (const std::string_view scheme : {".data/platlib/", ".data/purelib/"})
    if (const std::size_t at = member.find(scheme); at != std::string_view::npos)
      return member.substr(at + scheme.size());
  return member;
}

void read_wheel_file(std::string_view bytes, const std::string &path, Reading &reading) {
  const Result<Wheel> wheel = read_wheel(bytes, [&](const std::string &name, std::string_view member) {
    AuditedLibrary &library = reading.libraries.emplace_back();
    library.file = path + "!/" + name;
    read_library(member, library);
  });
  if (!wheel) {
    AuditedLibrary &damaged = reading.libraries.emplace_back();
    damaged.file = path;
    damaged.error = wheel.error().message;
    return;
  }
  const std::string abi = abi_of_tags(wheel->tags);
  for (AuditedLibrary &library : reading.libraries) {
    library.package = wheel->package;
    if (library.abi.empty())
      library.abi = abi;
    library.import_folder = import_folder_of(installed_path(std::string_view(library.file).substr(path.size() + 2)));
  }
  for (const std::string &doubt : doubts_of(*wheel, reading.libraries))
    reading.notes.push_back(path + " " + doubt);
}

Reading read_file(const FileSystem &files, const Found &found, const std::string &path, bool is_wheel) {
  Reading reading;
  const Result<std::string> bytes = files.read(path);
  if (bytes && is_wheel) {
    read_wheel_file(*bytes, path, reading);
    return reading;
  }
  AuditedLibrary &library = reading.libraries.emplace_back();
  library.file = path;
  library.package = found.installed.package_of(path);
  library.import_folder = found.installed.import_folder_of(path);
  if (bytes)
    read_library(*bytes, library);
  else
    library.error = bytes.error().message;
  return reading;
}

} // namespace

bool Audit::incomplete() const {
  return std::ranges::any_of(libraries, [](const AuditedLibrary &library) { return !library.error.empty(); });
}

Result<Audit> audit(const FileSystem &files, const std::vector<std::string> &paths, unsigned jobs) {
  const Result<Found> found = search(files, paths);
  if (!found)
    return tl::unexpected(found.error());
  std::vector<std::string> paths_found = found->libraries;
  paths_found.insert(paths_found.end(), found->wheels.begin(), found->wheels.end());
  const auto readings = read_apart(paths_found.size(), jobs, [&](std::size_t i) {
    return encode(read_file(files, *found, paths_found[i], i >= found->libraries.size()));
  });
  Audit result{{}, found->notes};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    Result<Reading> reading = readings[i].ended.empty() ? decode_reading(readings[i].bytes) : fail(readings[i].ended);
    if (!reading) {
      AuditedLibrary &library = result.libraries.emplace_back();
      library.file = paths_found[i];
      library.error = reading.error().message;
      continue;
    }
    std::ranges::move(reading->libraries, std::back_inserter(result.libraries));
    std::ranges::move(reading->notes, std::back_inserter(result.notes));
  }
  return result;
}

} // namespace ringfence
