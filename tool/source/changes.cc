#include "source/changes.h"

#include <algorithm>
#include <memory>

#include <git2.h>

#include "base/path.h"
#include "source/includes.h"
#include "source/tree.h"

namespace ringfence {
namespace {

template <auto release> struct Release {
  template <class T> void operator()(T *pointer) const { release(pointer); }
};
using Repository = std::unique_ptr<git_repository, Release<git_repository_free>>;
using Thing = std::unique_ptr<git_object, Release<git_object_free>>;
using Diff = std::unique_ptr<git_diff, Release<git_diff_free>>;

// Calls a function of the library whose first parameter receives what it makes.
template <class Handle, class Function, class... Arguments>
int make(Handle &handle, Function function, Arguments... arguments) {
  typename Handle::pointer pointer = nullptr;
  const int code = function(&pointer, arguments...);
  handle.reset(pointer);
  return code;
}

struct Library {
  Library() { git_libgit2_init(); }
  ~Library() { git_libgit2_shutdown(); }
};

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

Result<std::set<std::string>> diff_paths(git_repository *repository, const std::string &revision) {
  Thing found, commit, tree;
  if (make(found, git_revparse_single, repository, revision.c_str()) != 0 ||
      make(commit, git_object_peel, found.get(), GIT_OBJECT_COMMIT) != 0)
    return failure("no such commit: " + revision);
  const git_oid base = base_of(repository, *git_object_id(commit.get()));
  Thing base_commit;
  if (make(base_commit, git_object_lookup, repository, &base, GIT_OBJECT_COMMIT) != 0 ||
      make(tree, git_object_peel, base_commit.get(), GIT_OBJECT_TREE) != 0)
    return failure("cannot read " + revision);
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_IGNORE_SUBMODULES |
                  GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  if (make(diff, git_diff_tree_to_workdir_with_index, repository, reinterpret_cast<git_tree *>(tree.get()), &options) !=
      0)
    return failure("cannot compare with " + revision);
  std::set<std::string> paths;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
    const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
    paths.insert(delta->old_file.path);
    paths.insert(delta->new_file.path);
  }
  return paths;
}

bool is_code(std::string_view path) {
  static constexpr std::string_view extensions[] = {".c",   ".cc",  ".cpp", ".cxx", ".c++", ".C",   ".h",
                                                    ".hh",  ".hpp", ".hxx", ".h++", ".H",   ".inc", ".inl",
                                                    ".ipp", ".tcc", ".tpp", ".def", ".m",   ".mm",  ".i"};
  return std::find(std::begin(extensions), std::end(extensions), file_extension(path)) != std::end(extensions);
}

} // namespace

Result<std::set<std::string>> changed_files(const std::string &root, const std::string &revision) {
  const Library library;
  Repository repository;
  if (make(repository, git_repository_open_ext, root.c_str(), 0u, static_cast<const char *>(nullptr)) != 0)
    return failure(root + " lies in no git repository that can be read");
  const char *work_tree = git_repository_workdir(repository.get());
  if (!work_tree)
    return failure(root + " lies in a repository without a working tree");
  const DiskFileSystem disk;
  const std::string top = disk.real_path(work_tree).value_or(work_tree);
  if (!path_below(root, top)) // core.worktree can name any
    return fail("--changed-since: the repository of " + root + " has its working tree elsewhere, in " + top);
  return diff_paths(repository.get(), revision).map([&](const std::set<std::string> &paths) {
    std::set<std::string> below;
    for (const std::string &path : paths)
      if (auto inside = path_below(absolute_path(path, top), root))
        below.insert(std::move(*inside));
    return below;
  });
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
