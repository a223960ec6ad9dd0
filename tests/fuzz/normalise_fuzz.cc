// Any words as a compiler command: what reaches Clang loads nothing, runs nothing and writes nothing.
#include "base/text.h"
#include "require.h"
#include "source/normalise.h"

namespace {

constexpr std::string_view forbidden[] = {"-fplugin",
                                          "-fpass-plugin",
                                          "-load",
                                          "-Xclang",
                                          "-mllvm",
                                          "-o",
                                          "-MF",
                                          "-MD",
                                          "-save-temps",
                                          "--save-temps",
                                          "-wrapper",
                                          "-specs",
                                          "--specs",
                                          "-B",
                                          "--config",
                                          "-fmodules",
                                          "-fmodule-",
                                          "-include-pch",
                                          "-fprofile-",
                                          "-ivfsoverlay",
                                          "-working-directory",
                                          "-cc1",
                                          "-fcrash",
                                          "-ftime-trace",
                                          "@",
                                          "-Wp",
                                          "-Wl",
                                          "-resource-dir"};

// Options whose operand is the next word, as normalise.h writes them.
bool takes_operand(std::string_view word) {
  return word == "-x" || word == "-isystem" || word == "-iquote" || word == "-idirafter" || word == "-include" ||
         word == "-imacros" || word == "-target" || word == "-isysroot" || word == "-iprefix" ||
         word == "-iwithprefix" || word == "-iwithprefixbefore" || word == "-isystem-after" ||
         word == "-iwithsysroot" || word == "-cxx-isystem" || word == "-stdlib++-isystem" || word == "-iframework";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  std::vector<std::string> words;
  for (const std::string_view word : split({reinterpret_cast<const char *>(data), size}, '\n'))
    words.emplace_back(word);
  const CommandLine command = read_command_line(words);
  for (const Input &input : command.inputs) {
    REQUIRE_PROPERTY(input.position < words.size() && words[input.position] == input.path);
    for (const Language language : {Language::c, Language::cxx}) {
      const auto arguments = normalised_arguments(command, input, language);
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        REQUIRE_PROPERTY(arguments[i].starts_with('-'));
        for (const std::string_view prefix : forbidden)
          REQUIRE_PROPERTY(!arguments[i].starts_with(prefix));
        if (takes_operand(arguments[i]))
          REQUIRE_PROPERTY(++i < arguments.size());
      }
    }
  }
  return 0;
}
