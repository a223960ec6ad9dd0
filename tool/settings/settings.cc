#include "settings/settings.h"

#include <algorithm>
#include <optional>
#include <string_view>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "base/path.h"
#include "base/spelling.h"
#include "report/names.h"

namespace ringfence {
namespace {

enum class Form { word, words, path }; // `path`: one, relative to the settings' folder

struct Key {
  std::string_view name, option; // "worlds", "--world"
  Form form;
};

constexpr Key keys[] = {
    {"include", "--include", Form::words},      {"exclude", "--exclude", Form::words},
    {"worlds", "--world", Form::words},         {"profiles", "--profile", Form::words},
    {"extra-args", "--extra-arg", Form::words}, {"min-python", "--min-python", Form::word},
    {"min-risk", "--min-risk", Form::word},     {"compile-commands", "--compile-commands", Form::path},
    {"baseline", "--baseline", Form::path},     {"rules", "--rules", Form::path},
};
constexpr std::string_view tables[] = {"configurations", "risk", "ignore"};

class Reader {
public:
  Reader(const std::string &file, Settings &settings)
      : file_(file), folder_(file.substr(0, file.size() - file_name(file).size())), settings_(settings) {}

  // The first thing that is wrong; nothing where all is right.
  std::optional<Error> read(const toml::table &table) {
    for (const auto &[key, value] : table)
      read_entry(key.str(), value);
    return error_;
  }

private:
  void read_entry(std::string_view name, const toml::node &value) {
    if (const auto key =
            std::find_if(std::begin(keys), std::end(keys), [&](const Key &each) { return each.name == name; });
        key != std::end(keys))
      return read_option(*key, value);
    if (name == "configurations")
      return read_configurations(value);
    if (name == "risk")
      return read_risks(value);
    if (name == "ignore")
      return read_ignored(value);
    std::vector<std::string> known(std::begin(tables), std::end(tables));
    for (const Key &key : keys)
      known.emplace_back(key.name);
    unknown(value, "key", name, known);
  }

  void read_option(const Key &key, const toml::node &value) {
    std::vector<std::string> values;
    if (key.form == Form::words)
      values = words(value, key.name);
    else
      values.push_back(word(value, key.name));
    if (key.form == Form::path && !values.front().starts_with('/'))
      values.front() = folder_ + values.front();
    if (!values.empty())
      settings_.options.emplace_back(key.option, std::move(values));
  }

  // debug = "-DPy_DEBUG"
  void read_configurations(const toml::node &value) {
    std::vector<std::string> texts;
    for_each_key(value, "configurations", [&](std::string_view name, const toml::node &flags) {
      texts.push_back(std::string(name) + "=" + word(flags, name));
    });
    if (!texts.empty())
      settings_.options.emplace_back("--config", std::move(texts));
  }

  // RF103 = "low"
  void read_risks(const toml::node &value) {
    for_each_key(value, "risk", [&](std::string_view rule, const toml::node &risk) {
      const std::string text = word(risk, rule);
      const std::optional<Risk> known = from_word<Risk>(text);
      if (known)
        settings_.risks.emplace(rule, *known);
      else if (!error_)
        complain(risk, "risk." + std::string(rule) + " is none, low, medium or high, not \"" + text + "\"");
    });
  }

  // [[ignore]] rule = "RF103", paths = ["src/vendor"], reason = "..."
  void read_ignored(const toml::node &value) {
    const toml::array *entries = value.as_array();
    if (!entries)
      return complain(value, "ignore is a list of tables: [[ignore]]");
    for (const toml::node &entry : *entries) {
      IgnoredRule ignored;
      ignored.place = {std::string(file_name(file_)), entry.source().begin.line, entry.source().begin.column};
      for_each_key(entry, "ignore", [&](std::string_view name, const toml::node &item) {
        if (name == "rule")
          ignored.rule = word(item, name);
        else if (name == "paths")
          ignored.paths = words(item, name);
        else if (name == "reason")
          ignored.reason = word(item, name);
        else
          unknown(item, "key of ignore", name, {"rule", "paths", "reason"});
      });
      if (ignored.rule.empty() || ignored.reason.empty())
        complain(entry, "ignore needs a rule and the reason why it does not count");
      settings_.ignored.push_back(std::move(ignored));
    }
  }

  template <class Use> void for_each_key(const toml::node &value, std::string_view name, Use use) {
    const toml::table *table = value.as_table();
    if (!table)
      return complain(value, std::string(name) + " is a table");
    for (const auto &[key, item] : *table)
      use(key.str(), item);
  }

  std::string word(const toml::node &value, std::string_view name) {
    const std::optional<std::string> text = value.value_exact<std::string>();
    if (!text)
      complain(value, std::string(name) + " is a text in quotes");
    return text.value_or("");
  }

  std::vector<std::string> words(const toml::node &value, std::string_view name) {
    std::vector<std::string> all;
    if (const toml::array *list = value.as_array())
      for (const toml::node &item : *list)
        all.push_back(word(item, name));
    else
      complain(value, std::string(name) + " is a list of texts");
    return all;
  }

  void unknown(const toml::node &value, const std::string &what, std::string_view name,
               const std::vector<std::string> &known) {
    complain(value, "\"" + std::string(name) + "\" is no " + what + "; did you mean \"" +
                        nearest_spelling(name, known) + "\"?");
  }

  void complain(const toml::node &value, const std::string &what) {
    if (!error_)
      error_ = Error{file_ + ":" + std::to_string(value.source().begin.line) + ": " + what};
  }

  const std::string file_, folder_;
  Settings &settings_;
  std::optional<Error> error_;
};

} // namespace

Result<Settings> read_settings(const std::string &file, const FileSystem &files) {
  const bool of_project = file_name(file) == "pyproject.toml";
  const Result<std::string> text = files.read(file);
  const toml::parse_result parsed = toml::parse(text.value_or(""), file);
  Settings settings;
  if (!text || !parsed) {
    const std::string what = !text ? text.error().message
                                   : file + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                                         std::string(parsed.error().description());
    if (!of_project)
      return fail(what);
    settings.note = "no settings were looked for: " + what; // the file is there for other programs
    return settings;
  }
  const toml::table *table = &parsed.table();
  if (of_project) {
    table = parsed.table()["tool"]["ringfence"].as_table();
    if (!table)
      return settings;
  }
  settings.file = file;
  if (std::optional<Error> error = Reader(file, settings).read(*table))
    return tl::unexpected(std::move(*error));
  return settings;
}

Result<Settings> find_settings(const std::string &folder, const FileSystem &files) {
  for (const char *name : {"ringfence.toml", "pyproject.toml"}) {
    const std::string file = folder == "." ? name : folder + "/" + name;
    if (files.type(file) != FileType::regular)
      continue;
    Result<Settings> settings = read_settings(file, files);
    if (!settings || !settings->file.empty() || !settings->note.empty())
      return settings;
  }
  return Settings();
}

} // namespace ringfence
