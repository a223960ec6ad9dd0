#include "base/path.h"

#include <filesystem>

namespace ringfence {

std::string absolute_path(std::string_view path, std::string_view directory) {
  std::string normal = (std::filesystem::path(directory) / std::filesystem::path(path)).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/')
    normal.pop_back();
  if (normal.starts_with("//"))
    normal.erase(0, 1);
  return normal;
}

std::optional<std::string> path_below(std::string_view path, std::string_view folder) {
  if (folder == "/")
    return path.starts_with('/') ? std::optional<std::string>(path.substr(1)) : std::nullopt;
  if (!path.starts_with(folder))
    return std::nullopt;
  path.remove_prefix(folder.size());
  if (path.empty())
    return "";
  return path.front() == '/' ? std::optional<std::string>(path.substr(1)) : std::nullopt;
}

std::string parent_folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view file_extension(std::string_view path) {
  const std::string_view name = file_name(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

} // namespace ringfence
