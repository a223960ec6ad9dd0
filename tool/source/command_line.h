// Command lines as text and as words: shell quoting and response files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"

namespace ringfence {

enum class Quoting {
  shell,    // the `command` of a compile database: POSIX shell quoting; nothing is expanded
  response, // the content of a response file: a backslash escapes any character, inside quotes too
};

// Words of a command line. An open quote is an error in a shell command and ends with the text in a response file.
Result<std::vector<std::string>> split_command_line(std::string_view text, Quoting quoting);

// Replaces "@FILE" words by the words of the file, as compilers do: relative to `directory`, to any depth that makes
// sense. The word of a file that cannot be read, includes itself or lies too deep
// stays, with a sentence in `notes`.
std::vector<std::string> expand_response_files(std::vector<std::string> words, const std::string &directory,
                                               const FileSystem &files, std::vector<std::string> &notes);

} // namespace ringfence
