#include "knowledge/code_origin.h"

#include <array>

#include "base/text.h"

namespace ringfence {
namespace {

// Folders by the names that projects give them.
constexpr std::array<std::string_view, 8> vendored_folders = {"vendor",     "vendored", "third_party", "third-party",
                                                              "thirdparty", "extern",   "external",    "subprojects"};
constexpr std::array<std::string_view, 4> test_folders = {"test", "tests", "testing", "_testcapi"};

template <class Folders> bool in_folder(std::string_view path, const Folders &folders) {
  const auto parts = split(path, '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    for (const std::string_view folder : folders)
      if (parts[i] == folder)
        return true;
  return false;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

} // namespace

bool is_vendored_code(std::string_view path) { return in_folder(path, vendored_folders); }

bool is_test_code(std::string_view path) {
  return in_folder(path, test_folders) || starts_with_any(file_name(path), {"test_", "_test", "_xxtest"});
}

} // namespace ringfence
