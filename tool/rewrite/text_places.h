// Places in a text of C, by its lines and comments.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "extract/spans/span.h"
#include "rewrite/edits.h"

namespace ringfence {

unsigned line_of(const std::string &text, unsigned offset); // from 1
std::size_t line_start(const std::string &text, std::size_t offset);

// The comment behind a declaration, where its line ends with it.
std::string_view trailing_comment(std::string_view text, const Span &span);

// Takes the span away: with its whole line where nothing but a comment stands beside it, and with the blank line below
// where a blank line or an opening brace stands above.
Edit removal_of(const std::string &text, const Span &span);

// How many conditionals of the preprocessor are open at an offset, by a reading of directives alone.
int conditional_depth(std::string_view text, std::size_t until);

// Before the comment that stands on the lines directly above.
std::size_t above_comment(const std::string &text, std::size_t at);
// The same, and before the conditional that it stands in.
std::size_t above(const std::string &text, std::size_t at);

// The spaces that the line of an offset begins with.
std::string indentation(const std::string &text, std::size_t at);

// The conditional of the preprocessor, from `#if` to `#endif`, of which the span is a whole branch; else no span.
Span conditional_of_branch(const std::string &text, const Span &span);
// The line of the `#if` that begins there.
std::string_view line_at(std::string_view text, std::size_t offset);

// Whether the text has the word, as a whole name.
bool has_word(std::string_view text, std::string_view word);

// A name for C made of a file's: "src/_speed-ups.c" gives "_speed_ups"; with a number where that is taken.
std::string name_of_file(const std::string &file, const std::set<std::string> &taken);
// The name itself, or with a number, so that the text does not have it yet.
std::string free_name(const std::string &name, std::string_view text);

} // namespace ringfence
