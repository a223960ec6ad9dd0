#include "rewrite/commit.h"

#include "base/git_handles.h"
#include "base/path.h"

namespace ringfence {
namespace {

using namespace git;

tl::unexpected<Error> failure(const std::string &what) {
  const git_error *error = git_error_last();
  return fail("--commit: " + what + (error ? ": " + std::string(error->message) : ""));
}

Result<Repository> open(const std::string &folder) {
  Repository repository;
  if (make(repository, git_repository_open_ext, folder.c_str(), 0u, nullptr) != 0 ||
      !git_repository_workdir(repository.get()))
    return failure(folder + " is in no git work tree");
  return repository;
}

} // namespace

Result<void> check_commit(const std::string &folder) {
  const Library library;
  Result<Repository> repository = open(folder);
  if (!repository)
    return tl::unexpected(repository.error());
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_ONLY;
  Handle<git_status_list, git_status_list_free> staged;
  if (make(staged, git_status_list_new, repository->get(), &options) != 0)
    return failure("cannot read the index");
  if (git_status_list_entrycount(staged.get()) > 0)
    return fail("--commit: changes are staged already; commit or unstage them first");
  return {};
}

Result<void> commit_files(const std::string &folder, const std::vector<std::string> &files,
                          const std::string &message) {
  const Library library;
  Result<Repository> opened = open(folder);
  if (!opened)
    return tl::unexpected(opened.error());
  git_repository *repository = opened->get();
  const std::string top = absolute_path(git_repository_workdir(repository), "/");
  IndexFile index;
  if (make(index, git_repository_index, repository) != 0)
    return failure("cannot read the index");
  for (const std::string &file : files)
    if (const auto below = path_below(file, top); !below || git_index_add_bypath(index.get(), below->c_str()) != 0)
      return failure("cannot add " + file);
  git_oid tree_id, parent_id, commit_id;
  Handle<git_tree, git_tree_free> tree;
  Handle<git_commit, git_commit_free> parent;
  Handle<git_signature, git_signature_free> who;
  if (git_index_write(index.get()) != 0 || git_index_write_tree(&tree_id, index.get()) != 0 ||
      make(tree, git_tree_lookup, repository, &tree_id) != 0)
    return failure("cannot write the tree");
  if (git_reference_name_to_id(&parent_id, repository, "HEAD") != 0 ||
      make(parent, git_commit_lookup, repository, &parent_id) != 0)
    return failure("there is no commit to stand on");
  if (make(who, git_signature_default, repository) != 0)
    return failure("git's configuration names nobody (user.name and user.email)");
  const git_commit *parents[] = {parent.get()};
  if (git_commit_create(&commit_id, repository, "HEAD", who.get(), who.get(), nullptr, message.c_str(), tree.get(), 1,
                        parents) != 0)
    return failure("cannot commit");
  return {};
}

} // namespace ringfence
