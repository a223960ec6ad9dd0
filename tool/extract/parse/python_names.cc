#include "extract/parse/python_names.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "facts/unread.h"

namespace ringfence {

namespace {

struct Name {
  std::string since; // "3.13"
  std::string text;  // declarations and directives
  bool internal_before = false;
};

using Names = std::map<std::string, Name>;

const Names &names() {
  static const Names all = [] {
    Names read;
    const nlohmann::json table = nlohmann::json::parse(embedded_python_names());
    for (const auto &[name, entry] : table.at("declarations").items())
      read[name] = {entry.at("since").get<std::string>(), entry.at("c").get<std::string>(),
                    entry.value("internal_before", false)};
    return read;
  }();
  return all;
}

// "3.13" as 0x030D0000.
std::string version_hex(const std::string &version) {
  char text[16];
  std::snprintf(text, sizeof text, "0x03%02X0000", static_cast<unsigned>(std::stoul(version.substr(2))));
  return text;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Adds the names that the text uses, each after those that it uses itself.
class Ordered {
public:
  void add(std::string_view text) {
    for (std::size_t i = 0, end = 0; i < text.size(); i = std::max(end, i + 1)) {
      end = static_cast<std::size_t>(std::find_if_not(text.begin() + i, text.end(), is_word) - text.begin());
      const auto found = names().find(std::string(text.substr(i, end - i)));
      if (found == names().end() || !seen_.insert(found->first).second)
        continue;
      add(found->second.text);
      entries.push_back(&*found);
    }
  }

  std::vector<const Names::value_type *> entries;

private:
  std::set<std::string> seen_;
};

std::string linkage(const std::string &text) {
  return "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n" + text + "#ifdef __cplusplus\n}\n#endif\n";
}

std::string once(const std::string &name, const std::string &text) {
  return "#ifndef " + name + "\n" + text + "\n#endif\n";
}

} // namespace

bool is_python_name(const std::string &name) { return names().contains(name); }

std::string declare_python_names(const std::set<std::string> &asked) {
  Ordered wanted;
  for (const std::string &name : asked)
    wanted.add(name);
  std::string text;
  for (const Names::value_type *entry : wanted.entries)
    text += once(entry->first, entry->second.text);
  return text.empty() ? text : once("RINGFENCE_NAMES", "#define RINGFENCE_NAMES" + linkage(text));
}

std::string declare_placeholders(const std::set<std::string> &names) {
  std::string text;
  std::int64_t number = first_unread;
  for (const std::string &name : names)
    text += "enum { " + name + " = " + std::to_string(number++) + " };\n";
  return text.empty() ? text : "\n" + once("RINGFENCE_PLACEHOLDERS", "#define RINGFENCE_PLACEHOLDERS\n" + text);
}

const std::string &python_of_another_version() {
  static const std::string made = [] {
    Ordered all;
    for (const auto &[name, entry] : names())
      if (!entry.internal_before)
        all.add(name);
    std::string text;
    for (const Names::value_type *entry : all.entries) {
      const std::string since = version_hex(entry->second.since);
      text += "#if PY_VERSION_HEX < " + since + " && RINGFENCE_PYTHON >= " + since + "\n" +
              once(entry->first, entry->second.text) + "#endif\n";
    }
    return "\n#if defined RINGFENCE_PYTHON && !defined RINGFENCE_PYTHON_READ\n#define RINGFENCE_PYTHON_READ" +
           linkage(text) +
           "#undef PY_VERSION_HEX\n#undef PY_MINOR_VERSION\n#define PY_VERSION_HEX RINGFENCE_PYTHON\n"
           "#define PY_MINOR_VERSION ((RINGFENCE_PYTHON >> 16) & 0xff)\n#endif\n";
  }();
  return made;
}

} // namespace ringfence
