#include "source/min_python.h"

#include <regex>
#include <sstream>

namespace ringfence {
namespace {

// std::regex recurses over its input: a longer line is no version specifier.
constexpr std::size_t longest_line = 1000;

} // namespace

// The specifiers are those of the PyPA specification "Version specifiers": >=3.9, ~=3.9, ==3.9.*
std::string find_min_python(const std::string &root, const FileSystem &files) {
  static const std::regex requirement(
      R"((?:requires-python|python_requires)\s*=\s*["']?[^"'\n]*?(?:>=|~=|==)\s*([0-9]+\.[0-9]+))");
  for (const char *name : min_python_files) {
    std::istringstream content(files.read(root + name).value_or(""));
    std::smatch match;
    for (std::string line; std::getline(content, line);)
      if (line.size() <= longest_line && std::regex_search(line, match, requirement))
        return match[1];
  }
  return {};
}

} // namespace ringfence
