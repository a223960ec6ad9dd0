#include "source/min_python.h"

#include <optional>
#include <sstream>
#include <string_view>

#include "base/text.h"

namespace ringfence {
namespace {

// "3.9" of "3.9.2,<4"; nothing where the text does not begin so.
std::optional<std::string> version_at(std::string_view text) {
  const auto digits = [&](std::size_t at) {
    while (at < text.size() && is_digit(text[at]))
      ++at;
    return at;
  };
  const std::size_t dot = digits(0);
  if (dot == 0 || dot == text.size() || text[dot] != '.' || digits(dot + 1) == dot + 1)
    return std::nullopt;
  return std::string(text.substr(0, digits(dot + 1)));
}

// The first version that a specifier of the line asks for: requires-python = "<4,>=3.9".
std::optional<std::string> required_version(std::string_view line) {
  constexpr std::string_view own_version = "#define PY_VERSION";
  if (line.starts_with(own_version)) {
    line = trim(line.substr(own_version.size()));
    return line.starts_with('"') ? version_at(line.substr(1)) : std::nullopt;
  }
  for (const std::string_view key : {"requires-python", "python_requires"}) {
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos)
      continue;
    std::string_view value = trim(line.substr(at + key.size()));
    if (!value.starts_with('='))
      continue;
    value = trim(value.substr(1));
    if (value.starts_with('"') || value.starts_with('\''))
      value.remove_prefix(1);
    value = value.substr(0, value.find_first_of("\"'"));
    for (std::size_t i = 0; i + 1 < value.size(); ++i)
      if (value[i + 1] == '=' && std::string_view(">~=").find(value[i]) != std::string_view::npos)
        if (const auto version = version_at(trim(value.substr(i + 2))))
          return version;
  }
  return std::nullopt;
}

} // namespace

// The specifiers are those of the PyPA specification "Version specifiers": >=3.9, ~=3.9, ==3.9.*
std::string find_min_python(const std::string &root, const FileSystem &files) {
  for (const char *name : min_python_files) {
    std::istringstream content(files.read(root + name).value_or(""));
    for (std::string line; std::getline(content, line);)
      if (const auto version = required_version(line))
        return *version;
  }
  return {};
}

} // namespace ringfence
