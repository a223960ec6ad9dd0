#include <catch2/catch.hpp>

#include "source/normalise.h"
#include "source/options.h"

namespace ringfence {
namespace {

using Words = std::vector<std::string>;

// What reaches Clang of the words, for one C file.
Words kept(Words words) {
  words.insert(words.begin(), "gcc");
  return read_command_line(words).kept;
}

} // namespace

TEST_CASE("options that change what the code says are kept, in one spelling") {
  CHECK(kept({"-DA", "-D", "B=1", "-UC", "-Iinc", "-I", "more"}) == Words{"-DA", "-DB=1", "-UC", "-Iinc", "-Imore"});
  CHECK(kept({"-isystem", "s", "-isystems2", "-include", "x.h", "--sysroot=/r"}) ==
        Words{"-isystem", "s", "-isystem", "s2", "-include", "x.h", "--sysroot=/r"});
  const Words language = {"-fno-strict-aliasing", "-fexceptions", "-fno-rtti", "-fsigned-char", "-fshort-enums",
                          "-fvisibility=hidden",  "-fwrapv",      "-fPIC",     "-m32",          "-msse4.2",
                          "-march=haswell",       "-pthread"};
  CHECK(kept(language) == language);
  CHECK(kept({"-fopenmp"}) == Words{"-fopenmp", "-pthread"});
  CHECK(kept({"-mamx-tile"}) == Words{"-mamx-tile", "-mxsave"});
  CHECK(kept({"-O", "-O2", "-Os", "-O6", "-Ofast"}) == Words{"-O", "-O2", "-Os", "-O3", "-Ofast"});
  CHECK(kept({"-Wp,-D_FORTIFY_SOURCE=2,-MD,dep.d", "-Wp,-MMD,x"}) == Words{"-D_FORTIFY_SOURCE=2"});
}

TEST_CASE("warnings, output, linking and what only GCC knows are dropped without a word") {
  const CommandLine command = read_command_line({"gcc",
                                                 "-Wall",
                                                 "-Wlogical-op",
                                                 "-Werror",
                                                 "-g3",
                                                 "-fno-semantic-interposition",
                                                 "-fno-tree-vectorize",
                                                 "-mno-such-thing",
                                                 "-Wl,-z,now",
                                                 "-c",
                                                 "-o",
                                                 "x.o",
                                                 "-MD",
                                                 "-MF",
                                                 "x.d",
                                                 "-MT",
                                                 "x",
                                                 "--param",
                                                 "ssp-buffer-size=4",
                                                 "-lm",
                                                 "-L",
                                                 "lib",
                                                 "-no-such-option",
                                                 "a.c"});
  CHECK(command.kept.empty());
  CHECK(command.refused.empty());
  REQUIRE(command.inputs.size() == 1);
  CHECK(command.inputs.front().path == "a.c");
}

TEST_CASE("options that load code, run programs or write files are refused with their operands") {
  const auto [words, refused] = GENERATE(table<Words, Words>({
      {{"-fplugin=evil.so"}, {"-fplugin=evil.so"}},
      {{"-fplugin-arg-evil-x=1"}, {"-fplugin-arg-evil-x=1"}},
      {{"-fpass-plugin=evil.so"}, {"-fpass-plugin=evil.so"}},
      {{"-Xclang", "-load", "-Xclang", "evil.so"}, {"-load evil.so"}},
      {{"-Wp,-fplugin=evil.so", "-Xpreprocessor", "-plugin", "-Xclang", "evil"}, {"-fplugin=evil.so", "-plugin evil"}},
      {{"-wrapper", "evil,--now"}, {"-wrapper evil,--now"}},
      {{"-save-temps=obj", "--save-temps"}, {"-save-temps=obj", "--save-temps"}},
      {{"-fmodules", "-fmodules-cache-path=evil"}, {"-fmodules", "-fmodules-cache-path=evil"}},
      {{"-fprofile-instr-generate=evil"}, {"-fprofile-instr-generate=evil"}},
      {{"-fcrash-diagnostics-dir=evil"}, {"-fcrash-diagnostics-dir=evil"}},
      {{"-mllvm", "-evil"}, {"-mllvm -evil"}},
      {{"-cc1"}, {"-cc1"}},
  }));
  Words all = {"gcc"};
  all.insert(all.end(), words.begin(), words.end());
  const CommandLine command = read_command_line(all);
  CHECK(command.kept.empty());
  CHECK(command.inputs.empty());
  CHECK(command.refused == refused);
}

TEST_CASE("options by which other things would be read are named with their operands") {
  const Words words = {"-specs=x",  "-specs x",         "--specs x",      "--config x",     "--config=x",
                       "-undef",    "-include-pch x",   "-ivfsoverlay x", "-iwithprefix x", "-working-directory /x",
                       "-fopenacc", "-fpreprocessed",   "@left-out.rsp",  "-imultilib x",   "-finput-charset=latin1",
                       "-mmusl",    "-march=future-cpu"};
  Words all = {"gcc", "-finput-charset=UTF-8", "-specs=/usr/lib/rpm/redhat/redhat-hardened-cc1"};
  for (const std::string &word : words) {
    const std::size_t space = word.find(' ');
    all.push_back(word.substr(0, space));
    if (space != word.npos)
      all.push_back(word.substr(space + 1));
  }
  const CommandLine command = read_command_line(all);
  CHECK(command.kept.empty());
  CHECK(command.inputs.empty());
  CHECK(command.unread == words);
  CHECK(read_command_line({"gcc", "-fsanitize=undefined,thread"}).kept == Words{"-D__SANITIZE_THREAD__=1"});
  CHECK(read_command_line({"clang", "-fsanitize=undefined,thread"}).unread == Words{"-fsanitize=undefined,thread"});
}

TEST_CASE("what is passed to the preprocessor comes after all else, joined or not") {
  CHECK(kept({"-Wp,-DA=1,-isystem,s", "-DA=2"}) == Words{"-DA=2", "-DA=1", "-isystem", "s"});
  CHECK(kept({"-Xpreprocessor", "-D", "-Wp,A", "-Iinc"}) == Words{"-Iinc", "-DA"});
  CHECK(kept({"-Xclang", "-include", "-Xclang", "x.h"}) == Words{"-include", "x.h"});
  CHECK(kept({"-Wp,-MD,-DA,-DB", "-Wp,-MMD,x.d"}) == Words{"-DB"});
  CHECK(read_command_line({"gcc", "-Wp,stray.c", "a.c"}).inputs.size() == 1);
}

TEST_CASE("long spellings and folders of other options become Clang's own") {
  CHECK(kept({"--define-macro", "A", "--define-macro=B", "--undefine-macro=C"}) == Words{"-DA", "-DB", "-UC"});
  CHECK(kept({"-includex.h", "--include=y.h", "-imacrosz.h"}) ==
        Words{"-include", "x.h", "-include", "y.h", "-imacros", "z.h"});
  CHECK(kept({"--include-directory", "i", "--include-directory-after=j"}) == Words{"-Ii", "-idirafter", "j"});
  CHECK(kept({"--include-prefix=p-", "--include-with-prefix-before", "w"}) ==
        Words{"-iprefix", "p-", "-iwithprefixbefore", "w"});
  CHECK(kept({"-isysroot", "a", "--sysroot", "b"}) == Words{"--sysroot=b", "--sysroot=a"});
  CHECK(kept({"-Iinc", "-Bp", "-B", "q/"}) == Words{"-isystem", "p/include", "-isystem", "q/include", "-Iinc"});
  CHECK(read_command_line({"clang", "-Bp"}).kept.empty());
}

TEST_CASE("an option without its operand ends the command") {
  CHECK(kept({"-DA", "-I"}) == Words{"-DA"});
  CHECK(kept({"-DA", "-o"}) == Words{"-DA"});
  CHECK(read_command_line({}).inputs.empty());
}

TEST_CASE("GCC's own headers do not hide Clang's") {
  CHECK(kept({"-isystem", "/usr/lib/gcc/x86_64-linux-gnu/12/include", "-Iown"}) == Words{"-Iown"});
}

TEST_CASE("the compiler stands after assignments and launchers") {
  const auto cxx = [](Words words) { return read_command_line(std::move(words)).cxx_driver; };
  CHECK(cxx({"g++", "a.c"}));
  CHECK(cxx({"/usr/bin/x86_64-linux-gnu-g++-12", "a.c"}));
  CHECK(cxx({"ccache", "clang++", "a.c"}));
  CHECK(cxx({"CCACHE_DIR=/c", "ccache", "clang++-19", "a.c"}));
  CHECK_FALSE(cxx({"gcc-12", "a.cc"}));
  CHECK_FALSE(cxx({"mycompiler", "g++"}));
  CHECK(read_command_line({"ccache", "gcc", "-c", "a.c"}).inputs.size() == 1);
}

TEST_CASE("the language follows -x, then the driver, then the extension") {
  const auto language = [](Words words, std::size_t input = 0) {
    const CommandLine command = read_command_line(std::move(words));
    return language_of(command.inputs.at(input), command.cxx_driver);
  };
  CHECK(language({"cc", "a.c"}) == Language::c);
  CHECK(language({"cc", "a.cc"}) == Language::cxx);
  CHECK(language({"cc", "a.C"}) == Language::cxx);
  CHECK(language({"g++", "a.c"}) == Language::cxx);
  CHECK(language({"cc", "-x", "c++", "a.c"}) == Language::cxx);
  CHECK(language({"cc", "-xc", "a.h"}) == Language::c);
  CHECK(language({"cc", "-xc", "a.h", "-x", "none", "b.cpp"}, 1) == Language::cxx);
  CHECK(language({"cc", "-x", "assembler", "a.c"}) == std::nullopt);
  CHECK(language({"cc", "a.S"}) == std::nullopt);
  CHECK(language({"cc", "-x", "c-header", "a.h"}) == std::nullopt);
}

TEST_CASE("the arguments begin with the language and have one standard that Clang knows for it") {
  const auto arguments = [](Words words) {
    const CommandLine command = read_command_line(std::move(words));
    const Input &input = command.inputs.front();
    return normalised_arguments(command, input, *language_of(input, command.cxx_driver));
  };
  CHECK(arguments({"cc", "-std=gnu99", "-DX", "-std=c11", "a.c"}) == Words{"-x", "c", "-std=c11", "-DX"});
  CHECK(arguments({"cc", "-std=c99", "-std=c++17", "a.cc"}) == Words{"-x", "c++", "-std=c++17"});
  CHECK(arguments({"cc", "-std=c99", "a.cc"}) == Words{"-x", "c++"});
  CHECK(arguments({"cc", "-std=gnu99", "-std=c77", "a.c"}) == Words{"-x", "c", "-std=gnu99"});
  CHECK(arguments({"cc", "--std=c11", "-ansi", "a.c"}) == Words{"-x", "c", "-ansi"});
  CHECK(arguments({"cc", "a.i"}) == Words{"-x", "cpp-output"});
  CHECK(arguments({"cc", "a.ii"}) == Words{"-x", "c++-cpp-output"});
}

TEST_CASE("inputs remember where they stand") {
  const CommandLine command = read_command_line({"cc", "-c", "a.c", "-DX", "--", "-b.c"});
  CHECK(command.inputs == std::vector<Input>{{"a.c", "", 2}, {"-b.c", "", 5}});
  CHECK(command.kept == Words{"-DX"});
  CHECK(read_command_line({"cc", "-E", "a.c"}).preprocess_only);
  CHECK(read_command_line({"cc", "-MM", "a.c"}).preprocess_only);
  CHECK_FALSE(read_command_line({"cc", "-MMD", "a.c"}).preprocess_only);
}

} // namespace ringfence
