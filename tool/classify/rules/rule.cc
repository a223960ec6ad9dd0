#include "classify/rules/rule.h"

#include <algorithm>
#include <charconv>

#include "base/spelling.h"

namespace ringfence {

namespace {

// "3.12" as {3, 12}; what is no number counts as 0.
std::vector<int> version_parts(std::string_view version) {
  std::vector<int> parts;
  while (!version.empty()) {
    const std::size_t dot = std::min(version.find('.'), version.size());
    int value = 0;
    std::from_chars(version.data(), version.data() + dot, value);
    parts.push_back(value);
    version.remove_prefix(std::min(dot + 1, version.size()));
  }
  return parts;
}

// The last that exists there, of those for the same.
std::string newest(const std::vector<Remedy> &remedies, std::string_view min_python, std::string_view whose) {
  if (min_python.empty())
    min_python = "3.9"; // what is older has had no updates for long, and the runtime library begins there
  std::string text;
  for (const Remedy &entry : remedies)
    if (entry.whose == whose && (text.empty() || !version_less(min_python, entry.since)))
      text = entry.text;
  return text;
}

} // namespace

bool version_less(std::string_view a, std::string_view b) { return version_parts(a) < version_parts(b); }

std::string Rule::advice(std::string_view min_python, std::string_view whose) const {
  const std::string text = newest(remedy, min_python, whose);
  return text.empty() && !whose.empty() ? newest(remedy, min_python, {}) : text;
}

std::string RuleSet::ways_text(const std::vector<std::string_view> &words, std::string_view min_python) const {
  std::string text;
  for (const std::string_view word : words)
    if (const auto at = ways.find(word); at != ways.end())
      text += (text.empty() ? "" : "; ") + newest(at->second, min_python, {});
  return text;
}

const Rule *RuleSet::find(std::string_view code_or_name) const {
  for (const auto *rules : {&verdicts, &checks})
    for (const Rule &rule : *rules)
      if (rule.code == code_or_name || rule.name == code_or_name || rule.full_name() == code_or_name)
        return &rule;
  return nullptr;
}

std::string RuleSet::nearest(std::string_view code_or_name) const {
  std::vector<std::string> names;
  for (const auto *rules : {&verdicts, &checks})
    for (const Rule &rule : *rules) {
      names.push_back(rule.code);
      names.push_back(rule.name);
    }
  return nearest_spelling(code_or_name, names);
}

} // namespace ringfence
