#include "source/infer.h"

#include <algorithm>
#include <map>

#include "base/path.h"
#include "base/text.h"
#include "source/build_macros.h"
#include "source/includes.h"
#include "source/normalise.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

constexpr const char *system_include = "/usr/include";
// Where a Python package keeps the headers it offers, below its own folder.
constexpr const char *package_includes[] = {"/include", "/core/include", "/_core/include"};

bool is_cpython(const std::string &root, const FileSystem &files) {
  return files.type(root + "/Include/Python.h") == FileType::regular &&
         files.type(root + "/Python/ceval.c") == FileType::regular;
}

// A folder with one of these stands in for headers that other systems lack, or for Python's: it is searched last.
constexpr const char *stand_ins[] = {"stdio.h", "stdlib.h",   "string.h", "stddef.h",    "stdint.h", "stdbool.h",
                                     "time.h",  "inttypes.h", "unistd.h", "sys/types.h", "Python.h"};
// So does one for another system.
constexpr std::string_view foreign_folders[] = {"win", "msvc", "msc", "mingw", "vc", "compat", "mac", "darwin"};

// Finds the folder that makes an #include of an installed library work: a Python package's, or one level below the
// system's headers ("postgresql/libpq-fe.h" included as "libpq-fe.h"). Remembers what it found.
class Libraries {
public:
  Libraries(const Result<PythonInstallation> &python, const FileSystem &files) : files_(files) {
    if (python) {
      packages_ = python->packages;
      searched_ = python->includes;
    }
    searched_.emplace_back(system_include);
    if (const auto entries = files.list(system_include))
      for (const DirectoryEntry &entry : *entries)
        if (entry.type == FileType::directory)
          system_folders_.push_back(std::string(system_include) + "/" + entry.name);
  }

  // "" where the compiler finds it by itself or nothing has it.
  const std::string &folder_of(const std::string &spelling) {
    const auto [known, is_new] = known_.try_emplace(spelling);
    if (is_new)
      known->second = search(spelling);
    return known->second;
  }

private:
  bool holds(const std::string &folder, const std::string &spelling) const {
    return files_.type(folder + "/" + spelling) == FileType::regular;
  }

  std::string search(const std::string &spelling) const {
    const auto has = [&](const std::string &folder) { return holds(folder, spelling); };
    if (spelling.find("..") != std::string::npos || spelling.starts_with('/') ||
        std::any_of(searched_.begin(), searched_.end(), has))
      return "";
    const std::string_view package = split(spelling, '/').front();
    for (const std::string &packages : packages_)
      for (const char *below : package_includes)
        if (const std::string folder = packages + "/" + std::string(package) + below; holds(folder, spelling))
          return folder;
    std::string found;
    for (const std::string &folder : system_folders_) {
      const std::string_view name = file_name(folder);
      const bool own =
          name == "c++" || name == "linux" || name == "asm-generic" || name.find("-linux-") != std::string_view::npos;
      if (own || !has(folder)) // the compiler's and the kernel's
        continue;
      if (!found.empty())
        return ""; // more than one library has it
      found = folder;
    }
    return found;
  }

  const FileSystem &files_;
  std::vector<std::string> searched_; // the compiler looks here anyway
  std::vector<std::string> packages_, system_folders_;
  std::map<std::string, std::string> known_;
};

class Inference {
public:
  Inference(const std::string &root, const TreeFiles &tree, const Result<PythonInstallation> &python,
            const FileSystem &files)
      : root_(root), files_(files), python_(python), graph_(root, tree, files), libraries_(python, files),
        cpython_(is_cpython(root, files)) {
    if (!cpython_)
      macros_ = find_build_macros(root, tree.builds, files);
    result_.possible_macros = macros_.possible;
  }

  Inferred run(const std::set<std::string> &sources) {
    for (const std::string &source : sources)
      if (!graph_.included_sources().contains(source))
        result_.units.push_back(unit(source));
    add_notes();
    return std::move(result_);
  }

private:
  CompileUnit unit(const std::string &source) {
    CompileUnit unit;
    unit.file = root_ + "/" + source;
    unit.directory = root_;
    unit.origin = UnitOrigin::inferred;
    unit.language = *source_language(source);
    unit.arguments = {"-x", unit.language == Language::c ? "c" : "c++"};
    if (cpython_)
      add_cpython(source, unit.arguments);
    const Needs needs = graph_.needs_of(source);
    const auto add = [&](const char *option, const std::string &folder) {
      unit.arguments.emplace_back(option);
      unit.arguments.push_back(path_of(folder));
    };
    for (const std::string &folder : needs.quoted)
      add("-iquote", folder);
    for (const std::string &folder : needs.angled)
      if (comes_first(folder))
        unit.arguments.push_back("-I" + path_of(folder));
    add_python(unit.arguments);
    for (const std::string &folder : needs.angled)
      if (!comes_first(folder))
        add("-idirafter", folder);
    note_shadows(needs);
    std::set<std::string> outside;
    for (const std::string &spelling : needs.outside)
      if (const std::string &folder = libraries_.folder_of(spelling); !folder.empty())
        outside.insert(folder);
    for (const std::string &folder : outside) {
      unit.arguments.insert(unit.arguments.end(), {"-idirafter", folder});
      used_libraries_.insert(folder);
    }
    for (const auto &[name, value] : macros_.defined)
      unit.arguments.push_back("-D" + name + "=" + value);
    if (unit.language == Language::cxx && raises_standard())
      unit.arguments.push_back("-std=gnu++" + std::to_string(macros_.cxx_standard));
    return unit;
  }

  // Beyond what Clang takes by itself: an older standard's code is read by that too.
  bool raises_standard() const { return macros_.cxx_standard > 17; }

  // As a build with -I for that folder has it. CPython's own folders are known, others hold copies for other systems.
  bool comes_first(const std::string &folder) {
    const auto [known, is_new] = first_.try_emplace(folder);
    if (is_new) {
      const std::string path = path_of(folder);
      const auto parts = split(folder, '/');
      known->second = !cpython_ && std::none_of(std::begin(stand_ins), std::end(stand_ins), [&](const char *name) {
        return files_.type(path + "/" + name) == FileType::regular;
      }) && std::none_of(parts.begin(), parts.end(), [](std::string_view part) {
        return std::any_of(std::begin(foreign_folders), std::end(foreign_folders),
                           [&](std::string_view prefix) { return part.starts_with(prefix); });
      });
    }
    return known->second;
  }

  // Which installed headers are passed over for the tree's own.
  void note_shadows(const Needs &needs) {
    std::vector<std::string> installed = {system_include};
    if (python_)
      installed.insert(installed.begin(), python_->includes.begin(), python_->includes.end());
    for (const std::string &spelling : needs.own)
      for (const std::string &folder : installed)
        if (files_.type(folder + "/" + spelling) == FileType::regular)
          shadowed_.insert(spelling);
  }

  // As CPython's Makefile has it: the core defines Py_BUILD_CORE, modules built into it Py_BUILD_CORE_BUILTIN; a module
  // that uses the limited API refuses both.
  void add_cpython(const std::string &source, std::vector<std::string> &arguments) const {
    const auto text = files_.read(root_ + "/" + source);
    const bool limited = text && text->find("Py_LIMITED_API") != std::string::npos;
    const bool module = source.starts_with("Modules/");
    if (!module)
      arguments.emplace_back("-DPy_BUILD_CORE");
    else if (!limited)
      arguments.emplace_back("-DPy_BUILD_CORE_BUILTIN");
    for (const char *folder : {"", "/Include", "/Include/internal", "/Include/internal/mimalloc"})
      if (files_.type(root_ + folder) == FileType::directory)
        arguments.push_back("-I" + root_ + folder);
  }

  void add_python(std::vector<std::string> &arguments) const {
    if (!python_)
      return;
    for (const std::string &folder : python_->includes) {
      if (cpython_)
        arguments.insert(arguments.end(), {"-idirafter", folder}); // for pyconfig.h only
      else
        arguments.push_back("-I" + folder);
    }
  }

  std::string path_of(const std::string &folder) const { return folder.empty() ? root_ : root_ + "/" + folder; }

  static std::string some_of(const std::set<std::string> &names) {
    constexpr std::size_t most = 6;
    std::vector<std::string> some(names.begin(), std::next(names.begin(), std::min(names.size(), most)));
    if (names.size() > most)
      some.push_back("...");
    return join(some, ", ");
  }

  void add_notes() {
    std::vector<std::string> &notes = result_.notes;
    notes.push_back("no compile database: arguments were inferred from the tree's #include lines (`ringfence capture` "
                    "records the real ones)");
    if (cpython_)
      notes.push_back("the tree is CPython: Py_BUILD_CORE and the folders of Include were added");
    if (python_)
      notes.push_back("Python's headers: " + python_->includes.front() + " (Python " + python_->version + ", " +
                      python_->executable + ")");
    else
      notes.push_back("no headers of Python: " + python_.error().message);
    if (!shadowed_.empty())
      notes.push_back("the tree's own headers, not the installed ones of the same name: " + some_of(shadowed_));
    std::set<std::string> macros;
    for (const auto &[name, value] : macros_.defined)
      macros.insert(value == "1" ? name : name + "=" + value);
    if (!macros.empty())
      notes.push_back("macros that its build files define: " + some_of(macros));
    if (raises_standard())
      notes.push_back("the C++ standard that its build files ask for: C++" + std::to_string(macros_.cxx_standard));
    for (const std::string &folder : used_libraries_)
      notes.push_back("library headers: " + folder);
    if (!graph_.included_sources().empty())
      notes.push_back(count_of(graph_.included_sources().size(), "source file") +
                      " included by others: no units of their own");
  }

  const std::string &root_;
  const FileSystem &files_;
  const Result<PythonInstallation> &python_;
  IncludeGraph graph_;
  Libraries libraries_;
  bool cpython_;
  BuildMacros macros_;
  std::map<std::string, bool> first_; // root-relative folders of headers
  std::set<std::string> used_libraries_, shadowed_;
  Inferred result_;
};

} // namespace

Inferred infer_units(const std::string &root, const TreeFiles &tree, const std::set<std::string> &sources,
                     const Result<PythonInstallation> &python, const FileSystem &files) {
  return Inference(root, tree, python, files).run(sources);
}

} // namespace ringfence
