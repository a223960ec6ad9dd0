// Writes the JSON report straight into a text: a document of values would cost several times as much.
#include "report/json_write.h"

#include <algorithm>
#include <concepts>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/printable.h"
#include "base/text.h"
#include "report/json_fields.h"
#include "report/names.h"
#include "report/plain_words.h"
#include "report/problem.h"

namespace ringfence {
namespace {

// Appends values to a text, each on one line.
struct Writer {
  const std::vector<Profile> &profiles;
  const PlainWords &plain;
  std::string text = {};
  bool first = true; // nothing stands yet in the object or list that is open

  void operator()(const char *name, const auto &value) {
    key(name);
    write(value);
  }
  void optional(const char *name, const auto &value) { (*this)(name, value); }
  void group(const char *name, auto &&members) {
    key(name);
    enclosed('{', '}', [&] { members(*this); });
  }

  void write(std::string_view value) {
    const auto plain = [](char c) { return c >= ' ' && c != '"' && c != '\\' && c != '\x7f'; }; // char is signed
    if (std::all_of(value.begin(), value.end(), plain))
      text.append(1, '"').append(value).append(1, '"');
    else
      text += escape_json(nlohmann::json(valid_utf8(value)).dump());
  }
  void write(const std::string &value) { write(std::string_view(value)); }
  void write(const Subject &subject) { write(subject.id()); }
  template <class S> void write(const Nullable<S> &value) {
    if (word(value.value).empty())
      text += "null";
    else
      write(value.value);
  }
  void write(bool value) { text += value ? "true" : "false"; }
  template <std::integral T> void write(const T &value) { text += std::to_string(value); }
  void write(const Named auto &value) { write(to_string(value)); }
  void write(const Risks &risks) {
    enclosed('{', '}', [&] {
      for (const Profile profile : profiles) {
        key(to_string(profile));
        write(risk_of(risks, profile));
      }
    });
  }
  template <class T> void write(const std::optional<T> &value) {
    if (value)
      write(*value);
    else
      text += "null";
  }
  template <class T> void write(const std::vector<T> &list) {
    enclosed('[', ']', [&] {
      for (const T &entry : list) {
        separate();
        write(entry);
      }
    });
  }
  template <class T> void write(const std::map<std::string, T> &map) {
    enclosed('{', '}', [&] {
      for (const auto &[name, value] : map) {
        key(name);
        write(value);
      }
    });
  }
  void write(const ReportedModule &module) {
    enclosed('{', '}', [&] {
      fields(*this, module);
      group("words", [&](Writer &g) {
        for (const Profile profile : profiles)
          g(std::string(to_string(profile)).c_str(), to_string(plain.of(module, profile)));
      });
    });
  }
  template <class T>
  requires requires(Writer &f, const T &value) { fields(f, value); }
  void write(const T &value) {
    enclosed('{', '}', [&] { fields(*this, value); });
  }

private:
  static std::string_view word(const std::string &text) { return text; }
  static std::string_view word(Named auto value) { return to_string(value); }
  void separate() {
    if (!first)
      text += ',';
    first = false;
  }
  void key(std::string_view name) {
    separate();
    write(name);
    text += ':';
  }
  void enclosed(char open, char close, auto &&content) {
    text += open;
    first = true;
    content();
    text += close;
    first = false;
  }
};

// The members of an object or the entries of a list, each on a line of its own.
struct Lines {
  Writer &out;
  std::size_t indent;
  bool first = true;

  void operator()(const char *name, const auto &value) {
    key(name);
    out.write(value);
  }
  void entry() {
    out.text += first ? "\n" : ",\n";
    first = false;
    out.text.append(indent, ' ');
  }
  void key(std::string_view name) {
    entry();
    out.write(name);
    out.text += ": ";
  }
  void close(char bracket) {
    if (!first)
      out.text.append(1, '\n').append(indent - 2, ' ');
    out.text += bracket;
  }
};

// The document's own members: lists have one entry per line, objects one member.
struct TopLevel {
  Lines lines;
  const Report &report;

  void operator()(const char *name, const auto &value) {
    lines.key(name);
    write(value);
  }
  void object(const char *name, auto &&members) {
    lines.key(name);
    lines.out.text += '{';
    Lines inner{lines.out, 4};
    members(inner);
    inner.close('}');
  }

private:
  void write(const std::string &value) { lines.out.write(value); }
  void write(const std::vector<Profile> &list) { lines.out.write(list); }
  template <class T> void write(const std::vector<T> &list) {
    lines.out.text += '[';
    Lines entries{lines.out, 4};
    for (const T &value : list) {
      entries.entry();
      lines.out.write(value);
    }
    entries.close(']');
  }
  // Version 1 lists the verdict of each object at risk among the findings too.
  void write(const std::vector<Finding> &checks) {
    std::vector<Finding> all = checks;
    for (const ReportedObject &object : report.objects)
      if (is_at_risk(object, report.profiles))
        all.push_back(finding_of(object));
    std::ranges::sort(all, {},
                      [](const Finding &each) { return std::tie(each.place, each.rule, each.subject, each.message); });
    write<Finding>(all);
  }
  void write(const Accounting &sums) {
    lines.out.text += '{';
    Lines members{lines.out, 4};
    fields(members, sums);
    members("incomplete", sums.incomplete());
    members.close('}');
  }
};

} // namespace

std::string to_json(const Report &report) {
  const PlainWords plain(report);
  Writer writer{report.profiles, plain};
  writer.text = "{";
  TopLevel document{{writer, 2}, report};
  document("schema", std::string(report_schema));
  document.object("tool", [&](Lines &tool) {
    tool("name", std::string("ringfence"));
    tool("version", report.tool_version);
    tool("clang", report.clang_version);
  });
  fields(document, report);
  document("digest", hash_hex(writer.text));
  document.lines.close('}');
  return std::move(writer.text) + "\n";
}

} // namespace ringfence
