// Any bytes as a command and as a response file. Words in single quotes come back as they were.
#include <algorithm>

#include "require.h"
#include "source/command_line.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const std::string text(reinterpret_cast<const char *>(data), size);
  const MemoryFileSystem files(std::map<std::string, std::string>{{"/r", text}, {"/s", "@r @s -DX"}});
  std::vector<std::string> notes;
  for (const std::string &word : expand_response_files({"@/r", "@s"}, "/", files, notes))
    REQUIRE_PROPERTY(!word.starts_with('@') || word.size() == 1 || !notes.empty()); // what stays is told
  const auto words = split_command_line(text, Quoting::shell);
  REQUIRE_PROPERTY(split_command_line(text, Quoting::response).has_value());
  if (!words || text.find('\'') != std::string::npos)
    return 0;
  std::string quoted;
  for (const std::string &word : *words)
    quoted += "'" + word + "' ";
  REQUIRE_PROPERTY(std::any_of(words->begin(), words->end(),
                               [](const auto &word) { return word.find('\'') != std::string::npos; }) ||
                   split_command_line(quoted, Quoting::shell) == words);
  return 0;
}
