// The directives that a source file begins with: what stands before its first declaration and is therefore often the
// same in many files.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringfence {

// One directive, or a whole #if ... #endif that holds nothing but directives.
struct LeadingDirective {
  std::string text;                                        // without comments, a line for each directive
  std::vector<std::string> quoted;                         // names that it includes with quotes, in any branch
  std::vector<std::pair<std::size_t, std::size_t>> places; // bytes of the file, from and to, of each directive
};

// Ends before the first thing that would mean something else in another place: a declaration, #line, #include_next,
// the name of an include that is a macro, __FILE__ and its like, a comment for ringfence. `line_comments`: the
// language has them.
std::vector<LeadingDirective> leading_directives(const std::string &source, bool line_comments);

// The source with blanks instead of its first `count` directives; every other byte keeps its place.
std::string without_directives(std::string source, const std::vector<LeadingDirective> &directives, std::size_t count);

} // namespace ringfence
