// What is added to the lists of build files, form by form.
#include <catch2/catch.hpp>

#include "rewrite/build_files.h"

namespace ringfence {
namespace {

using Form = BuildListing::Form;

constexpr const char *source = "src/spam.c", *added = "src/ringfence.c";

std::string listed(const std::string &file, const std::string &text) {
  const BuildListing listing = with_source(file, text, source, added);
  CHECK(listing.form == Form::listed);
  CHECK(with_source(file, listing.text, source, added).text == listing.text); // once
  return listing.text;
}

std::string unclear(const std::string &file, const std::string &text) {
  const BuildListing listing = with_source(file, text, source, added);
  CHECK(listing.form == Form::unclear);
  CHECK(listing.text == text);
  return listing.place;
}

void none(const std::string &file, const std::string &text) {
  CHECK(with_source(file, text, source, added).form == Form::none);
}

TEST_CASE("build lists: elements of lists in Python") {
  CHECK(listed("setup.py", "E('spam', ['src/spam.c', \"b.c\"])") ==
        "E('spam', ['src/spam.c', 'src/ringfence.c', \"b.c\"])");
  CHECK(listed("setup.py", "s = (\"./src/spam.c\",)\n") == "s = (\"./src/spam.c\", \"./src/ringfence.c\",)\n");
  CHECK(listed("setup.py", "s = [ # a list]\n    'src/spam.c', # the [module\n    'b.c']\n") ==
        "s = [ # a list]\n    'src/spam.c', 'src/ringfence.c', # the [module\n    'b.c']\n");
  CHECK(listed("setup.py", "s = [\n    'src/spam.c',\n    'b.c',\n]\n") ==
        "s = [\n    'src/spam.c',\n    'src/ringfence.c',\n    'b.c',\n]\n");
  CHECK(listed("setup.py", "s = [os.path.join(\"src\", \"spam.c\")]") ==
        "s = [os.path.join(\"src\", \"spam.c\"), os.path.join(\"src\", \"ringfence.c\")]");
  CHECK(listed("setup.py", "s = [f'{HERE}/src/spam.c', x]") ==
        "s = [f'{HERE}/src/spam.c', f'{HERE}/src/ringfence.c', x]");
  CHECK(listed("setup.py", "s = [str(HERE / 'spam.c')]") == "s = [str(HERE / 'spam.c'), str(HERE / 'ringfence.c')]");
  CHECK(listed("setup.py", "s = ['%s/spam.c' % HERE]") == "s = ['%s/spam.c' % HERE, '%s/ringfence.c' % HERE]");
}

TEST_CASE("build lists: variables, statements and words in Python") {
  CHECK(listed("setup.py", "where = os.path.join('src', 'spam.c')\nE('spam', [os.path.normcase(where)])\n") ==
        "where = os.path.join('src', 'spam.c')\n"
        "E('spam', [os.path.normcase(where), os.path.normcase(os.path.join('src', 'ringfence.c'))])\n");
  CHECK(listed("setup.py", "if C:\n    kw['sources'].append('src/spam.c')\n    done()\n") ==
        "if C:\n    kw['sources'].append('src/spam.c')\n    kw['sources'].append('src/ringfence.c')\n    done()\n");
  CHECK(listed("setup.py", "s = 'src/spam.c b.c'.split()") == "s = 'src/spam.c src/ringfence.c b.c'.split()");
  CHECK(listed("setup.py", "s = [os.path.join('src', n) for n in ['spam.c', 'b.c']]") ==
        "s = [os.path.join('src', n) for n in ['spam.c', 'ringfence.c', 'b.c']]");
  CHECK(listed("setup.py", "names = ['spam.c']\ns = ['src/' + n for n in names]") ==
        "names = ['spam.c', 'ringfence.c']\ns = ['src/' + n for n in names]");
}

TEST_CASE("build lists: patterns that take both files") {
  for (const char *text :
       {"s = sorted(glob.glob('src/*.c') + ['b.c'])", "s = [str(p) for p in Path('src').glob('*.c')]",
        "s = glob(os.path.join('src', '*.c'))", "s = glob('src/**/*.c', recursive=True)"})
    CHECK(listed("setup.py", text) == text);
  CHECK(listed("CMakeLists.txt", "file(GLOB SOURCES src/*.c)") == "file(GLOB SOURCES src/*.c)");
  CHECK(unclear("setup.py", "e = [Extension(p.stem, [str(p)]) for p in Path('src').glob('*.c')]").starts_with("1: "));
  CHECK(unclear("setup.py", "\ns = glob('src/s*.c')") == "2: s = glob('src/s*.c')");
}

TEST_CASE("build lists: TOML and Meson") {
  CHECK(listed("pyproject.toml", "ext-modules = [{name = \"spam\", sources = [\"./src/spam.c\", \"b.c\"]}]") ==
        "ext-modules = [{name = \"spam\", sources = [\"./src/spam.c\", \"./src/ringfence.c\", \"b.c\"]}]");
  CHECK(listed("meson.build", "py.extension_module('spam', 'src/spam.c', install: true)") ==
        "py.extension_module('spam', 'src/spam.c', 'src/ringfence.c', install: true)");
  CHECK(listed("meson.build", "py.extension_module('spam', sources: 'src/spam.c')") ==
        "py.extension_module('spam', sources: ['src/spam.c', 'src/ringfence.c'])");
  CHECK(listed("meson.build", "src = files('src/spam.c')\n") == "src = files('src/spam.c', 'src/ringfence.c')\n");
  CHECK(listed("meson.build", "s = 'src/spam.c'\npy.extension_module('spam', s)\n") ==
        "s = 'src/spam.c'\npy.extension_module('spam', s, 'src/ringfence.c')\n");
}

TEST_CASE("build lists: CMake") {
  CHECK(listed("CMakeLists.txt", "# add_library(spam src/spam.c)\nadd_library(spam MODULE src/spam.c b.c)") ==
        "# add_library(spam src/spam.c)\nadd_library(spam MODULE src/spam.c src/ringfence.c b.c)");
  CHECK(listed("CMakeLists.txt", "set(S\n  \"${CMAKE_CURRENT_SOURCE_DIR}/src/spam.c\"\n  b.c)\n") ==
        "set(S\n  \"${CMAKE_CURRENT_SOURCE_DIR}/src/spam.c\"\n  \"${CMAKE_CURRENT_SOURCE_DIR}/src/ringfence.c\"\n  "
        "b.c)\n");
  none("CMakeLists.txt", "install(FILES src/spam.c DESTINATION x)");
}

TEST_CASE("build lists: what is in no known form is named") {
  CHECK(unclear("setup.py", "import x\next = make('spam', 'src/spam.c')\n") == "2: ext = make('spam', 'src/spam.c')");
  CHECK(unclear("setup.py", "e = [make('src/spam.c')]") == "1: e = [make('src/spam.c')]");
  CHECK(unclear("setup.py", "s = ['src/%s.c' % n for n in ('spam', 'b')]").starts_with("1: "));
  CHECK(unclear("setup.py", "s = ['src/spam.c' if x else 'b.c']").starts_with("1: "));
  none("setup.py", "E('spam', depends=['src/spam.c'])");
  none("setup.py", "E('spam', ['b.c'])  # not 'src/spam.c'");
  CHECK(unclear("setup.py", "E('spam', ['spam.c'])").starts_with("1: ")); // it may be another file
}

TEST_CASE("build lists: a file in another folder is added by its path alone") {
  const BuildListing listing = with_source("setup.py", "s = ['src/spam.c']", "src/spam.c", "lib/ringfence.c");
  CHECK(listing.text == "s = ['src/spam.c', 'lib/ringfence.c']");
  CHECK(with_source("setup.py", "s = [HERE + 'spam.c']", "src/spam.c", "lib/ringfence.c").form == Form::unclear);
}

TEST_CASE("build lists: any text is read") {
  for (const char *text :
       {"", "'", "[", "((]", "'''", "\"\\", "#[[", "x = [", "a(\"", "f'", "[')", "x.append('src/spam.c'", "{\\"})
    for (const std::string &file : build_file_names())
      with_source(file, text, source, added);
}

} // namespace
} // namespace ringfence
