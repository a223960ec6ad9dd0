#include "rewrite/gil_claim.h"

#include "base/text.h"
#include "knowledge/source_names.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

// Behind what closes the bracket at `open`; npos where nothing does.
std::size_t behind_bracket(const std::string &text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    depth += text[at] == '(' || text[at] == '{';
    depth -= text[at] == ')' || text[at] == '}';
    if (depth == 0)
      return at + 1;
  }
  return std::string::npos;
}

// Behind a statement: `f(...);`, `if (...) return NULL;`, `if (...) { ... }`.
std::size_t behind_statement(const std::string &text, std::size_t begin) {
  std::size_t at = begin;
  if (text.compare(begin, 2, "if") == 0) {
    at = behind_bracket(text, text.find('(', begin));
    at = at == std::string::npos ? at : text.find_first_not_of(" \t\n", at);
    if (at != std::string::npos && text[at] == '{')
      return behind_bracket(text, at);
  }
  const std::size_t end = at == std::string::npos ? at : text.find(';', at);
  return end == std::string::npos ? end : end + 1;
}

} // namespace

std::optional<GilClaim> gil_claim(const std::string &text, const Span &body) {
  const std::string_view call = source_name::sets_gil;
  const std::size_t at = text.find(call, body.begin);
  if (at >= body.end || text.find(call, at + 1) < body.end)
    return std::nullopt;
  const std::size_t open = at + call.size(), close = behind_bracket(text, open);
  const std::size_t comma = close == std::string::npos ? close : text.rfind(',', close);
  const std::size_t begin = text.find_first_not_of(" \t", line_start(text, at)), end = behind_statement(text, begin);
  if (comma == std::string::npos || comma < open || end == std::string::npos || end > body.end || end < close)
    return std::nullopt;
  GilClaim claim;
  claim.conditional =
      conditional_of_branch(text, {body.file, static_cast<unsigned>(begin), static_cast<unsigned>(end)});
  if (claim.conditional.end == 0)
    return std::nullopt;
  claim.condition = line_at(text, claim.conditional.begin);
  claim.value = trim(std::string_view(text).substr(comma + 1, close - 1 - (comma + 1)));
  const std::string_view behind = std::string_view(text).substr(end, claim.conditional.end - end);
  const bool alone = trim(std::string_view(text).substr(claim.conditional.begin + claim.condition.size(),
                                                        begin - claim.conditional.begin - claim.condition.size()))
                         .empty() &&
                     trim(behind).starts_with("#endif");
  return alone ? std::optional(std::move(claim)) : std::nullopt;
}

} // namespace ringfence
