// From the text of rule files to a RuleSet; the only place that knows their JSON form.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "base/strict_json.h"
#include "base/text.h"
#include "classify/predicates/predicate.h"
#include "classify/rules/rule.h"
#include "report/names.h"

namespace ringfence {

namespace {

using nlohmann::json;

const std::vector<std::string> rule_keys = {"$schema", "code", "name",    "applies_to", "rank",       "when",
                                            "verdict", "kind", "level",   "risk",       "adjust",     "message",
                                            "remedy",  "why",  "example", "fix",        "references", "made_by"};

// What a rule can apply to.
std::vector<std::string> subject_words() {
  std::vector<std::string> words = spellings<SubjectKind>();
  std::erase(words, to_string(SubjectKind::generator));
  return words;
}

class RuleLoader {
public:
  RuleLoader(std::string file, const std::vector<std::string> &traits)
      : reader_(file), traits_(traits), file_(std::move(file)) {}

  Result<Rule> load(const json &text);
  Result<void> load_ways(const json &text, RuleSet &set);

private:
  Condition condition(const json &text);
  Condition predicate(const std::string &name, const json *argument);
  void arguments(const std::string &name, const json *argument, Condition &condition);
  std::map<Profile, Risk> risks(const json &text, const std::string &where);
  void adjustments(const json &text, Rule &rule);
  std::vector<Remedy> remedies(const json &text, const char *key);
  json list(const json &text, const char *key);
  std::string word(const json &text, const char *key);
  void verdict(const json &text, Rule &rule);

  JsonReader reader_;
  const std::vector<std::string> &traits_;
  SubjectKind subject_ = SubjectKind::object;
  std::string file_;
};

Condition RuleLoader::condition(const json &text) {
  if (text.is_string())
    return predicate(text.get<std::string>(), nullptr);
  if (!text.is_object() || text.size() != 1) {
    reader_.complain("a condition is the name of a predicate or an object with one key");
    return {};
  }
  const json::const_iterator only = text.begin();
  const std::string &key = only.key();
  const json &value = only.value();
  if (key == "not") {
    Condition result{Condition::Kind::negation, {}, nullptr, {}};
    result.children.push_back(condition(value));
    return result;
  }
  if (key != "all" && key != "any")
    return predicate(key, &value);
  Condition result{key == "all" ? Condition::Kind::all : Condition::Kind::any, {}, nullptr, {}};
  if (!value.is_array()) {
    reader_.complain("\"" + key + "\" takes a list of conditions");
    return result;
  }
  for (const json &child : value)
    result.children.push_back(condition(child));
  return result;
}

Condition RuleLoader::predicate(const std::string &name, const json *argument) {
  Condition result{Condition::Kind::predicate, {}, find_predicate(subject_, name), {}};
  if (result.predicate) {
    arguments(name, argument, result);
    return result;
  }
  std::vector<std::string> names;
  for (const Predicate &known : predicates(subject_))
    names.emplace_back(known.name);
  reader_.one_of(name, "a predicate of " + std::string(to_string(subject_)) + " rules", names);
  return {};
}

void RuleLoader::arguments(const std::string &name, const json *argument, Condition &condition) {
  const Takes takes = condition.predicate->takes;
  if (takes == Takes::nothing) {
    if (argument)
      reader_.complain("the predicate \"" + name + "\" takes no argument");
    return;
  }
  if (argument && takes == Takes::number && argument->is_number_integer())
    condition.arguments.push_back(std::to_string(argument->get<long long>()));
  else if (argument && takes != Takes::number && argument->is_string())
    condition.arguments.push_back(argument->get<std::string>());
  else if (argument && takes != Takes::number && argument->is_array())
    condition.arguments = reader_.texts(json{{"arguments", *argument}}, "arguments");
  if (condition.arguments.empty())
    reader_.complain("the predicate \"" + name + "\" takes " +
                     (takes == Takes::number ? "a number" : "a word or a list of words"));
  if (takes == Takes::trait)
    for (const std::string &trait : condition.arguments)
      reader_.one_of(trait, "a trait of the tables", traits_);
}

std::map<Profile, Risk> RuleLoader::risks(const json &text, const std::string &where) {
  std::map<Profile, Risk> all;
  const auto found = text.find("risk");
  if (found == text.end() || !reader_.object(*found, where))
    return all;
  for (const auto &[profile, risk] : found->items())
    if (reader_.one_of(profile, "a profile", spellings<Profile>()) &&
        reader_.one_of(risk.is_string() ? risk.get<std::string>() : "", "a risk", spellings<Risk>()))
      all[*from_word<Profile>(profile)] = *from_word<Risk>(risk.get<std::string>());
  return all;
}

// The elements of an optional list.
json RuleLoader::list(const json &text, const char *key) {
  const auto found = text.find(key);
  if (found == text.end())
    return json::array();
  if (!found->is_array())
    reader_.complain("\"" + std::string(key) + "\" is not a list");
  return found->is_array() ? *found : json::array();
}

void RuleLoader::adjustments(const json &text, Rule &rule) {
  for (const json &item : list(text, "adjust")) {
    if (!reader_.object(item, "an element of \"adjust\""))
      return;
    reader_.known_keys(item, "an element of \"adjust\"", {"when", "risk", "note"});
    rule.adjust.push_back(
        {condition(item.value("when", json())), risks(item, "\"risk\" of an adjustment"), reader_.text(item, "note")});
  }
}

// "3.9", "3.13.1"
bool is_version(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  return parts.size() > 1 && std::ranges::all_of(parts, [](std::string_view part) {
           return !part.empty() && std::ranges::all_of(part, is_digit);
         });
}

// "object-cache": small letters, digits and single hyphens, a letter first.
bool is_word(std::string_view text) {
  return !text.empty() && is_lower(text.front()) && std::ranges::all_of(split(text, '-'), [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return is_lower(c) || is_digit(c); });
  });
}

bool is_code(std::string_view text) {
  return text.size() == 5 && text.starts_with("RF") && std::ranges::all_of(text.substr(2), is_digit);
}

std::vector<Remedy> RuleLoader::remedies(const json &text, const char *key) {
  std::vector<Remedy> remedies;
  const std::string element = "an element of \"" + std::string(key) + "\"";
  for (const json &item : list(text, key)) {
    if (!reader_.object(item, element))
      return remedies;
    reader_.known_keys(item, element, {"since", "text", "for"});
    remedies.push_back({reader_.text(item, "since"), reader_.text(item, "text"), reader_.text(item, "for", {})});
    if (item.contains("for"))
      reader_.one_of(remedies.back().whose, "something that a remedy is for", {"core", "foreign-argument"});
    if (!is_version(remedies.back().since))
      reader_.complain("\"since\" is not a version like 3.9");
  }
  std::ranges::stable_sort(remedies, version_less, &Remedy::since);
  return remedies;
}

// How code gets at module state, and words: {"ways": {"methods": [remedies]}, "words": {"m_size": "The field ..."}}.
Result<void> RuleLoader::load_ways(const json &text, RuleSet &set) {
  reader_.known_keys(text, "advice", {"about", "ways", "words"});
  if (text.contains("ways") && reader_.object(text["ways"], "\"ways\""))
    for (const auto &[word, unused] : text["ways"].items())
      set.ways[word] = remedies(text["ways"], word.c_str());
  if (text.contains("words") && reader_.object(text["words"], "\"words\""))
    for (const auto &[word, unused] : text["words"].items())
      set.words[word] = reader_.text(text["words"], word);
  return reader_.result();
}

// An optional word of small letters, digits and hyphens.
std::string RuleLoader::word(const json &text, const char *key) {
  const std::string found = reader_.text(text, key, {});
  if (text.contains(key) && !is_word(found))
    reader_.complain("\"" + std::string(key) + "\" is not a word of small letters, digits and hyphens");
  return found;
}

void RuleLoader::verdict(const json &text, Rule &rule) {
  rule.verdict = word(text, "verdict");
  rule.kind = word(text, "kind");
  const std::string level = reader_.text(text, "level", rule.is_verdict() ? "" : "process");
  if (reader_.one_of(level, "a level", spellings<Level>()))
    rule.level = *from_word<Level>(level);
  if (rule.is_verdict() && (rule.verdict.empty() || rule.kind.empty()))
    reader_.complain("a rule with a rank needs a \"verdict\" and a \"kind\"");
  if (!rule.is_verdict() && !rule.verdict.empty())
    reader_.complain("a rule with a \"verdict\" needs a \"rank\"");
  if (rule.is_verdict() && rule.applies_to != SubjectKind::object)
    reader_.complain("a verdict is given to objects only");
}

Result<Rule> RuleLoader::load(const json &text) {
  Rule rule;
  if (!reader_.object(text, "the file"))
    return fail(reader_.result().error().message);
  reader_.known_keys(text, "a rule", rule_keys);
  rule.file = file_;
  rule.code = reader_.text(text, "code");
  if (!is_code(rule.code))
    reader_.complain("\"code\" is not RF and three digits");
  reader_.text(text, "name");
  rule.name = word(text, "name");
  const std::string subject = reader_.text(text, "applies_to");
  if (reader_.one_of(subject, "something a rule applies to", subject_words()))
    rule.applies_to = subject_ = *from_word<SubjectKind>(subject);
  rule.rank = static_cast<int>(reader_.number(text, "rank", 0));
  if (text.contains("rank") && rule.rank < 1)
    reader_.complain("\"rank\" is not a number from 1");
  rule.made_by = reader_.text(text, "made_by", {});
  if (rule.made_by.empty())
    rule.when = condition(text.value("when", json()));
  else if (text.contains("when") || text.contains("rank"))
    reader_.complain("a rule that is \"made_by\" a command has neither a \"when\" nor a \"rank\"");
  verdict(text, rule);
  for (const auto &[profile, risk] : risks(text, "\"risk\""))
    rule.risk[static_cast<std::size_t>(profile)] = risk;
  adjustments(text, rule);
  rule.message = reader_.text(text, "message");
  rule.remedy = remedies(text, "remedy");
  rule.why = reader_.text(text, "why");
  rule.example = reader_.text(text, "example", {});
  rule.fix = reader_.text(text, "fix", {});
  rule.references = reader_.texts(text, "references");
  if (const auto result = reader_.result(); !result)
    return fail(result.error().message);
  return rule;
}

bool is_advice(const std::string &file) { return file.ends_with("/advice.json"); }
bool is_table(const std::string &file) { return file.find("tables/") != std::string::npos; }

// Two verdict rules of one rank would make the order depend on file names.
Result<void> distinct_ranks(const std::vector<Rule> &verdicts) {
  for (std::size_t i = 1; i < verdicts.size(); ++i)
    if (verdicts[i].rank == verdicts[i - 1].rank)
      return fail(verdicts[i].file + ": its rank " + std::to_string(verdicts[i].rank) + " is that of " +
                  verdicts[i - 1].full_name());
  return {};
}

// The rules that generators name as their remedies are there.
Result<void> known_remedies(const RuleSet &set) {
  for (const auto &[name, generator] : set.tables.generators())
    if (!generator.remedy.empty() && !set.find(generator.remedy))
      return fail("the tables say of the generator " + name + " that its remedy is the rule " + generator.remedy +
                  ", which there is not; did you mean " + set.nearest(generator.remedy) + "?");
  return {};
}

} // namespace

Result<RuleSet> load_rules(const std::vector<RuleText> &texts) {
  RuleSet set;
  for (const RuleText &text : texts)
    if (is_table(text.file))
      if (const auto added = set.tables.add(text.file, text.text); !added)
        return fail(added.error().message);
  const std::vector<std::string> traits = set.tables.traits();

  std::map<std::string, Rule> by_code;
  for (const RuleText &text : texts) {
    if (is_table(text.file))
      continue;
    const Result<json> parsed = parse_json(text.text);
    if (!parsed)
      return fail(text.file + ": " + parsed.error().message);
    if (is_advice(text.file)) {
      if (const auto added = RuleLoader(text.file, traits).load_ways(*parsed, set); !added)
        return fail(added.error().message);
      continue;
    }
    auto rule = RuleLoader(text.file, traits).load(*parsed);
    if (!rule)
      return fail(rule.error().message);
    by_code.insert_or_assign(rule->code, std::move(*rule));
  }
  for (auto &[code, rule] : by_code)
    (rule.is_verdict() ? set.verdicts : set.checks).push_back(std::move(rule));
  std::stable_sort(set.verdicts.begin(), set.verdicts.end(),
                   [](const Rule &a, const Rule &b) { return a.rank < b.rank; });
  if (const auto distinct = distinct_ranks(set.verdicts); !distinct)
    return fail(distinct.error().message);
  if (const auto known = known_remedies(set); !known)
    return fail(known.error().message);
  return set;
}

Result<std::vector<RuleText>> read_rule_texts(const std::string &folder, const FileSystem &files) {
  std::vector<RuleText> texts;
  for (const std::string &part : {std::string(), std::string("tables/")}) {
    const std::string path = folder + "/" + part;
    if (!part.empty() && files.type(folder + "/tables") != FileType::directory)
      continue;
    const auto entries = files.list(part.empty() ? folder : folder + "/tables");
    if (!entries)
      return fail(entries.error().message);
    for (const DirectoryEntry &entry : *entries) {
      if (!entry.name.ends_with(".json") || entry.name.ends_with(".schema.json"))
        continue;
      auto text = files.read(path + entry.name);
      if (!text)
        return fail(text.error().message);
      texts.push_back({path + entry.name, std::move(*text)});
    }
  }
  return texts;
}

Result<RuleSet> load_rules(const std::string &folder, const FileSystem &files) {
  std::vector<RuleText> texts = built_in_rule_texts();
  if (!folder.empty()) {
    auto more = read_rule_texts(folder, files);
    if (!more)
      return fail(more.error().message);
    texts.insert(texts.end(), more->begin(), more->end());
  }
  return load_rules(texts);
}

} // namespace ringfence
