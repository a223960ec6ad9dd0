#include "rewrite/build_lists.h"

#include <filesystem>

#include "base/path.h"
#include "rewrite/build_files.h"

namespace ringfence {

std::optional<ToBuild> list_runtime(const std::string &source, const std::string &runtime, const std::string &root,
                                    const FileSystem &disk, EditedFiles &edited) {
  ToBuild left{*path_below(source, root), ""};
  bool listed = false;
  std::string silent; // a build file that does not name it
  for (std::string folder = parent_folder(source); path_below(folder, root); folder = parent_folder(folder)) {
    const std::string added = std::filesystem::path(runtime).lexically_relative(folder).generic_string();
    for (const std::string &name : build_file_names()) {
      const std::string path = folder + "/" + name, shown = *path_below(path, root);
      const Result<std::string> text = EditedFileSystem(disk, edited).read(path);
      if (!text)
        continue;
      BuildListing listing = with_source(name, *text, *path_below(source, folder), added);
      if (listing.form == BuildListing::Form::unclear && left.why.empty())
        left.why = shown + ":" + listing.place;
      silent = shown;
      listed |= listing.form == BuildListing::Form::listed;
      if (listing.text != *text)
        edited[path] = std::move(listing.text);
    }
    if (folder == root)
      break;
  }
  if (!listed && left.why.empty() && !silent.empty())
    left.why = silent + " names it nowhere";
  return listed && left.why.empty() ? std::nullopt : std::optional(std::move(left));
}

} // namespace ringfence
