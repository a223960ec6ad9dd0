#include "source/changes.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/git_handles.h"
#include "base/path.h"
#include "source/includes.h"
#include "source/tree.h"

namespace ringfence {
namespace {

using namespace git;
using Thing = Handle<git_object, git_object_free>;
using Diff = Handle<git_diff, git_diff_free>;

tl::unexpected<Error> failure(const std::string &what) {
  const git_error *error = git_error_last();
  return fail("--changed-since: " + what + (error ? ": " + std::string(error->message) : ""));
}

// The commit to compare with: where the revision and HEAD parted, else the revision itself.
git_oid base_of(git_repository *repository, const git_oid &revision) {
  git_oid head, base;
  if (git_reference_name_to_id(&head, repository, "HEAD") == 0 &&
      git_merge_base(&base, repository, &head, &revision) == 0)
    return base;
  return revision;
}

constexpr auto readable = std::filesystem::directory_options::skip_permission_denied;

using Paths = std::set<std::string>; // relative to a repository's working tree

// Each file below a folder, whatever it is.
void add_all_below(const std::string &top, const std::string &folder, Paths &paths) {
  std::error_code error;
  auto at = std::filesystem::recursive_directory_iterator(top + "/" + folder, readable, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().filename() == ".git")
      at.disable_recursion_pending();
    else if (!at->is_directory(error))
      paths.insert(at->path().string().substr(top.size() + 1));
  }
}

// Where a repository's working tree lies, without a slash at its end.
std::string top_of(git_repository *repository) {
  const char *work_tree = git_repository_workdir(repository);
  return work_tree ? DiskFileSystem().real_path(work_tree).value_or(work_tree) : "";
}

// The submodules of a tree or of the index, with the commits that are recorded of them.
std::map<std::string, git_oid> submodules_of(git_repository *repository, const git_tree *tree) {
  std::map<std::string, git_oid> found;
  IndexFile index;
  if (make(index, git_repository_index, repository) == 0)
    for (std::size_t i = 0; i < git_index_entrycount(index.get()); ++i)
      if (const git_index_entry *entry = git_index_get_byindex(index.get(), i); entry->mode == GIT_FILEMODE_COMMIT)
        found[entry->path] = {}; // new, unless the tree has it
  const auto visit = [](const char *folder, const git_tree_entry *entry, void *into) {
    if (git_tree_entry_filemode(entry) == GIT_FILEMODE_COMMIT)
      (*static_cast<std::map<std::string, git_oid> *>(into))[std::string(folder) + git_tree_entry_name(entry)] =
          *git_tree_entry_id(entry);
    return 0;
  };
  git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &found);
  return found;
}

// A pipe or device in git's folder, which the library would wait for; empty where there is none.
std::string special_file_of_git(std::string folder) {
  const DiskFileSystem disk;
  while (folder != "/" && disk.type(folder + "/.git") == FileType::missing)
    folder = parent_folder(folder);
  std::error_code error;
  auto at = std::filesystem::recursive_directory_iterator(folder + "/.git", readable, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error))
    if (std::error_code gone; at->is_other(gone) && !at->is_socket(gone)) // a socket is that of git's monitor
      return at->path().string();
  return "";
}

Result<Paths> diff_paths(git_repository *repository, const git_oid &base);

void add_submodule(const std::string &top, const std::string &path, const git_oid &commit, Paths &paths) {
  Repository repository;
  const std::string folder = top + "/" + path;
  if (!special_file_of_git(folder).empty() ||
      make(repository, git_repository_open_ext, folder.c_str(), unsigned{GIT_REPOSITORY_OPEN_NO_SEARCH},
           static_cast<const char *>(nullptr)) != 0 ||
      top_of(repository.get()) != folder)
    return add_all_below(top, path, paths);
  const Result<Paths> below = diff_paths(repository.get(), commit);
  if (!below)
    return add_all_below(top, path, paths);
  for (const std::string &each : *below)
    paths.insert(path + "/" + each);
}

Result<Paths> diff_paths(git_repository *repository, const git_oid &base) {
  Thing commit, tree;
  if (make(commit, git_object_lookup, repository, &base, GIT_OBJECT_COMMIT) != 0 ||
      make(tree, git_object_peel, commit.get(), GIT_OBJECT_TREE) != 0)
    return failure("cannot read a commit");
  auto *root = reinterpret_cast<git_tree *>(tree.get());
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_IGNORE_SUBMODULES |
                  GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  if (make(diff, git_diff_tree_to_workdir_with_index, repository, root, &options) != 0)
    return failure("cannot compare with a commit");
  const std::string top = top_of(repository);
  Paths paths;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
    const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
    for (const std::string path : {delta->old_file.path, delta->new_file.path})
      if (path.ends_with('/')) // a repository that is no submodule
        add_all_below(top, path, paths);
      else
        paths.insert(path);
  }
  for (const auto &[path, recorded] : submodules_of(repository, root))
    add_submodule(top, path, recorded, paths);
  return paths;
}

Result<Paths> changes_since(git_repository *repository, const std::string &revision) {
  Thing found, commit;
  if (make(found, git_revparse_single, repository, revision.c_str()) != 0 ||
      make(commit, git_object_peel, found.get(), GIT_OBJECT_COMMIT) != 0)
    return failure("no such commit: " + revision);
  return diff_paths(repository, base_of(repository, *git_object_id(commit.get())));
}

bool is_code(std::string_view path) {
  static constexpr std::string_view extensions[] = {".c",   ".cc",  ".cpp", ".cxx", ".c++", ".C",   ".h",
                                                    ".hh",  ".hpp", ".hxx", ".h++", ".H",   ".inc", ".inl",
                                                    ".ipp", ".tcc", ".tpp", ".def", ".m",   ".mm",  ".i"};
  return std::find(std::begin(extensions), std::end(extensions), file_extension(path)) != std::end(extensions);
}

} // namespace

Result<std::set<std::string>> changed_files(const std::string &root, const std::string &revision) {
  if (const std::string special = special_file_of_git(root); !special.empty())
    return fail("--changed-since: " + special + " is a pipe or a device: git's folder cannot be read");
  const Library library;
  Repository repository;
  if (make(repository, git_repository_open_ext, root.c_str(), 0u, static_cast<const char *>(nullptr)) != 0)
    return failure(root + " lies in no git repository that can be read");
  const std::string top = top_of(repository.get());
  if (top.empty())
    return failure(root + " lies in a repository without a working tree");
  if (!path_below(root, top)) // core.worktree can name any
    return fail("--changed-since: the repository of " + root + " has its working tree elsewhere, in " + top);
  return changes_since(repository.get(), revision).map([&](const std::set<std::string> &paths) {
    std::set<std::string> below;
    for (const std::string &path : paths)
      if (auto inside = path_below(absolute_path(path, top), root))
        below.insert(std::move(*inside));
    return below;
  });
}

std::set<std::string> ignored_files(const std::string &root, const std::set<std::string> &paths) {
  const Library library;
  Repository repository;
  IndexFile index;
  std::set<std::string> ignored;
  if (make(repository, git_repository_open_ext, root.c_str(), 0u, static_cast<const char *>(nullptr)) != 0 ||
      make(index, git_repository_index, repository.get()) != 0)
    return ignored;
  const std::string top = top_of(repository.get());
  for (const std::string &path : paths) {
    const auto below = path_below(absolute_path(path, root), top);
    int is_ignored = 0;
    if (below && !git_index_get_bypath(index.get(), below->c_str(), 0) &&
        git_ignore_path_is_ignored(&is_ignored, repository.get(), below->c_str()) == 0 && is_ignored)
      ignored.insert(path);
  }
  return ignored;
}

bool concerns_code(const std::set<std::string> &changed, const SourceTree &tree, const FileSystem &files) {
  std::set<std::string_view> names;
  for (const std::string &path : changed) {
    if (is_code(path))
      return true;
    names.insert(file_name(path));
  }
  const auto is_named = [&](const std::string &file) {
    const auto text = files.read(file);
    if (!text)
      return true; // what cannot be read may name anything
    const std::vector<IncludeLine> lines = include_lines(*text);
    return std::any_of(lines.begin(), lines.end(),
                       [&](const IncludeLine &line) { return names.contains(file_name(line.spelling)); });
  };
  if (std::any_of(tree.units.begin(), tree.units.end(), [&](const CompileUnit &unit) {
        const auto below = path_below(unit.file, tree.root);
        return below && changed.contains(*below);
      }))
    return true;
  const TreeFiles listing = walk_tree(tree.root, files);
  const auto any_names = [&](const std::vector<std::string> &paths) {
    return std::any_of(paths.begin(), paths.end(),
                       [&](const std::string &path) { return is_named(tree.root + "/" + path); });
  };
  return !names.empty() && (any_names(listing.sources) || any_names(listing.headers));
}

} // namespace ringfence
