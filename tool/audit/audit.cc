#include "audit/audit.h"

#include <algorithm>
#include <map>

#include "audit/packages.h"
#include "audit/read_apart.h"
#include "audit/reading.h"
#include "audit/wheel.h"
#include "base/path.h"
#include "base/sort_unique.h"
#include "base/text.h"
#include "knowledge/binary_marks.h"

namespace ringfence {
namespace {

// The generator that left its mark in the file, with its version where it follows the mark: _cython_3_1_2.
std::string maker_of(std::string_view bytes) {
  for (const BinaryMark &mark : binary_marks) {
    for (std::size_t at = bytes.find(mark.text); at != std::string_view::npos; at = bytes.find(mark.text, at + 1)) {
      if (!mark.version_follows)
        return std::string(mark.generator);
      const std::string_view rest = bytes.substr(at + mark.text.size(), 16);
      std::string version(rest.substr(0, rest.find_first_not_of("0123456789_")));
      if (version.empty() || version.front() == '_' || version.find('_') == std::string::npos)
        continue;
      std::ranges::replace(version, '_', '.');
      return std::string(mark.generator) + " " + version;
    }
  }
  return {};
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
  library.limited_api = file_name(library.file).find(".abi3") != std::string_view::npos;
  if (library.modules.empty())
    return;
  library.made_by = maker_of(bytes);
  for (const std::string_view call : process_wide_calls)
    if (image->imports_any({&call, 1}))
      library.calls.emplace_back(call);
}

// What a search of the named paths found.
struct Found {
  std::vector<std::string> libraries, wheels;
  std::map<std::string, std::string> packages; // by absolute path of an installed file
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
      if (entry.name.ends_with(".dist-info"))
        read_installed(files, path, found.packages);
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

// A wheel whose tag asks for a build without the GIL is made for it: a module in it that switches the GIL on is a
// fault.
void check_tags(const Wheel &wheel, const std::string &file, Reading &reading) {
  const bool tagged = std::ranges::any_of(
      wheel.tags, [](const std::string &tag) { return tag.find("t-", tag.find('-') + 1) != std::string::npos; });
  if (!tagged && !wheel.classifier_free_threading)
    return;
  for (const AuditedLibrary &library : reading.libraries)
    for (const BinaryModule &module : library.modules)
      if (answer(module, Profile::free_threaded).outcome == Outcome::gil_on)
        reading.notes.push_back(file +
                                (tagged ? " is tagged for builds without the GIL, but "
                                        : " says that it supports builds without the GIL, but ") +
                                module.name + " switches the GIL on");
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
  for (AuditedLibrary &library : reading.libraries)
    library.package = wheel->package;
  check_tags(*wheel, path, reading);
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
  if (const auto package = found.packages.find(path); package != found.packages.end())
    library.package = package->second;
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
