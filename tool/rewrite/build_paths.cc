#include "rewrite/build_paths.h"

#include <algorithm>

#include <fnmatch.h>

#include "base/text.h"

namespace ringfence {

SpelledPath::SpelledPath(std::string text) {
  for (const auto &[open, close] : {std::pair("${", "}"), std::pair("{", "}"), std::pair("%s", "s")})
    for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
      const std::size_t end = text.find(close, at);
      if (end == std::string::npos)
        break;
      text.erase(at, end + 1 - at);
      filled = true;
    }
  for (const std::string_view part : split(text, '/'))
    if (!part.empty() && part != ".")
      path += (path.empty() ? "" : "/") + std::string(part);
}

bool ends_with_path(const std::string &path, const std::string &end) {
  return path == end || (path.size() > end.size() && path.ends_with(end) && path[path.size() - end.size() - 1] == '/');
}

bool pattern_takes(const std::string &spelled, const std::string &file) {
  const std::string pattern = SpelledPath(spelled).path;
  if (!contains(pattern, "*"))
    return false;
  if (const std::size_t any = pattern.find("**/"); any != std::string::npos) // any depth, none too
    return fnmatch((pattern.substr(0, any) + "*" + pattern.substr(any + 3)).c_str(), file.c_str(), 0) == 0;
  std::string tail = file; // as many parts as the pattern has
  for (auto more = std::ranges::count(file, '/') - std::ranges::count(pattern, '/'); more > 0; --more)
    tail.erase(0, tail.find('/') + 1);
  return fnmatch(pattern.c_str(), tail.c_str(), FNM_PATHNAME) == 0;
}

} // namespace ringfence
