#include <catch2/catch.hpp>

#include "source/min_python.h"

namespace ringfence {
namespace {

std::string found_in(const std::string &file, const std::string &content) {
  return find_min_python("/t", MemoryFileSystem(std::map<std::string, std::string>{{"/t/" + file, content}}));
}

} // namespace

TEST_CASE("the oldest supported Python is read from the project's metadata") {
  CHECK(found_in("pyproject.toml", "[project]\nrequires-python = \">=3.9\"\n") == "3.9");
  CHECK(found_in("pyproject.toml", "requires-python='~=3.10.1'") == "3.10");
  CHECK(found_in("setup.cfg", "[options]\npython_requires = !=3.9.0, >= 3.8\n") == "3.8");
  CHECK(found_in("setup.py", "setup(name='x', python_requires='>=3.7')") == "3.7");
  CHECK(found_in("Include/patchlevel.h", "#define PY_VERSION              \"3.13.5\"\n") == "3.13");
  CHECK(found_in("Include/patchlevel.h", "#define PY_VERSION_HEX ((PY_MAJOR_VERSION << 24)\n").empty());
}

TEST_CASE("without a lower bound there is no oldest Python") {
  CHECK(found_in("pyproject.toml", "requires-python = \"<4\"\nversion = \">=3.9\"\n").empty());
  CHECK(found_in("README.md", "requires-python = \">=3.9\"").empty());
}

} // namespace ringfence
