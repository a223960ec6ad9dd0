#include "source/tree.h"

#include <algorithm>

#include "base/glob.h"
#include "base/path.h"
#include "source/normalise.h"

namespace ringfence {
namespace {

const std::vector<std::string> never_sources = {".git",        ".hg",          ".svn",          ".bzr",      "CVS",
                                                "__pycache__", "node_modules", ".tox",          ".nox",      ".eggs",
                                                "*.egg-info",  "CMakeFiles",   "meson-private", "meson-logs"};
const std::vector<std::string> build_names = {"build*",   "_build*", "cmake-build*", "*-build",
                                              "builddir", "out",     "dist"};
// Left by cmake, ninja, meson, configure and setuptools in the folder that they build in.
const std::vector<std::string> build_marks = {"CMakeCache.txt", "build.ninja", "meson-private", "config.status",
                                              "temp.*",         "lib.*",       "bdist.*"};
// What says how a tree is built, templates of headers among them.
const std::vector<std::string> build_files = {
    "setup.py",  "setup.cfg",    "pyproject.toml", "meson.build", "CMakeLists.txt", "*.cmake",      "*.h.in",
    "*.h.cmake", "*.h.cmake.in", "*.h.meson",      "*.hpp.in",    "configure.ac",   "configure.in", "Setup.in"};
constexpr const char *project_marks[] = {".git",           "compile_commands.json", "setup.py",
                                         "pyproject.toml", "meson.build",           "configure"};

bool has_any(const std::vector<DirectoryEntry> &entries, const std::vector<std::string> &names) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const DirectoryEntry &entry) { return any_glob_matches(names, entry.name); });
}

bool is_skipped_folder(const std::string &name, const std::vector<DirectoryEntry> &entries) {
  if (has_any(entries, {"pyvenv.cfg"}))
    return true;
  return any_glob_matches(build_names, name) && has_any(entries, build_marks);
}

class Walk {
public:
  Walk(const std::string &root, const FileSystem &files) : root_(root), files_(files) {}

  TreeFiles run() {
    std::vector<std::string> pending = {""}; // root-relative folders
    while (!pending.empty()) {
      const std::string folder = std::move(pending.back());
      pending.pop_back();
      enter(folder, pending);
    }
    for (auto *list : {&result_.sources, &result_.headers, &result_.builds, &result_.unreadable, &result_.skipped})
      std::sort(list->begin(), list->end());
    count_cython();
    return std::move(result_);
  }

private:
  void enter(const std::string &folder, std::vector<std::string> &pending) {
    if (any_glob_matches(never_sources, std::string(file_name(folder))))
      return;
    const auto entries = files_.list(folder.empty() ? root_ : root_ + "/" + folder);
    if (!entries) {
      result_.unreadable.push_back(folder + "/");
      return;
    }
    if (!folder.empty() && is_skipped_folder(std::string(file_name(folder)), *entries)) {
      result_.skipped.push_back(folder);
      return;
    }
    for (const DirectoryEntry &entry : *entries) {
      const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
      if (entry.type == FileType::directory)
        pending.push_back(path);
      else if (entry.type == FileType::symlink)
        add_link(path);
      else
        add_file(path);
    }
  }

  void count_cython() {
    const auto is_made = [&](const std::string &stem, const char *end) {
      return std::binary_search(result_.sources.begin(), result_.sources.end(), stem + end);
    };
    result_.cython =
        static_cast<std::size_t>(std::count_if(cython_.begin(), cython_.end(), [&](const std::string &stem) {
          return !is_made(stem, ".c") && !is_made(stem, ".cpp") && !is_made(stem, ".cxx") && !is_made(stem, ".cc");
        }));
  }

  void add_link(const std::string &path) {
    const FileType target = files_.type(root_ + "/" + path);
    if (target == FileType::directory)
      result_.skipped.push_back(path);
    else if (is_own_copy(path))
      add_file(path);
  }

  // A link to a file of the tree would only list that file twice.
  bool is_own_copy(const std::string &path) const {
    const auto target = files_.real_path(root_ + "/" + path);
    return !target || !path_below(*target, root_);
  }

  void add_file(const std::string &path) {
    if (source_language(path))
      result_.sources.push_back(path);
    else if (is_header(path))
      result_.headers.push_back(path);
    else if (path.ends_with(".pyx"))
      cython_.push_back(path.substr(0, path.size() - 4));
    else if (path.ends_with(".so") || path.ends_with(".pyd"))
      result_.modules = true;
    else if (any_glob_matches(build_files, std::string(file_name(path))))
      result_.builds.push_back(path);
  }

  const std::string &root_;
  const FileSystem &files_;
  TreeFiles result_;
  std::vector<std::string> cython_; // without ".pyx"
};

} // namespace

TreeFiles walk_tree(const std::string &root, const FileSystem &files) { return Walk(root, files).run(); }

std::string project_folder(const std::string &file, const FileSystem &files) {
  for (std::string at = parent_folder(file); at != "/"; at = parent_folder(at))
    for (const char *mark : project_marks)
      if (files.type(at + "/" + mark) != FileType::missing)
        return at;
  return parent_folder(file);
}

} // namespace ringfence
