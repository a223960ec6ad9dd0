#include "rewrite/plan.h"

#include <map>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ringfence {
namespace {

std::string tally(const MigrationPlan &plan) {
  return std::to_string(plan.moved()) + " of " + count_of(plan.moved() + plan.refused(), "object") + " moved";
}

std::string what_it_does(const std::string &stage) {
  if (stage == "multi-phase")
    return "Multi-phase init: the work of the init function moves to an exec slot, which runs in each interpreter";
  if (stage == "heap-types")
    return "Heap types: one type for each interpreter, made of a spec";
  if (stage == "slots")
    return "Statics to per-interpreter state";
  return "Claims";
}

// "src/a.c:12: it is so" without its place: what can be said once for many.
std::string without_place(const std::string &reason) {
  const std::size_t colon = reason.find(": ");
  return colon == std::string::npos ? reason : reason.substr(colon + 2);
}

// As code in Markdown, whatever a name from a tree holds.
std::string code(std::string text) {
  std::erase(text, '`');
  return "`" + valid_utf8(text) + "`";
}

} // namespace

std::size_t MigrationPlan::moved() const {
  std::size_t count = 0;
  for (const StageResult &stage : stages)
    count += stage.plan.moved.size();
  return count;
}

std::size_t MigrationPlan::refused() const {
  std::size_t count = 0;
  for (const StageResult &stage : stages)
    count += stage.plan.refused.size();
  return count;
}

std::string plan_text(const MigrationPlan &plan) {
  std::string text;
  for (const StageResult &stage : plan.stages) {
    text += "stage " + stage.name + "\n";
    for (const Moved &one : stage.plan.moved) {
      text += "  " + escape_terminal(one.object) + " becomes " + escape_terminal(one.becomes) + "\n";
      if (!one.note.empty())
        text += "      " + escape_terminal(one.note) + "\n";
    }
    for (const Refusal &refusal : stage.plan.refused)
      text += "  stays: " + escape_terminal(refusal.object) + "\n      " + escape_terminal(refusal.reason) + "\n";
  }
  text += tally(plan) + "\n";
  if (plan.moved() == 0)
    return text;
  text += "next:\n";
  for (const std::string &source : plan.to_build)
    text += "  add " + escape_terminal(plan.runtime_source) + " to the sources of the extension that has " +
            escape_terminal(source) + "\n";
  return text + "  ringfence scan " + escape_terminal(plan.path) + " --profile own-gil\n";
}

std::string plan_markdown(const MigrationPlan &plan) {
  std::string text = "# Migration of " + code(plan.path) + "\n\n" + tally(plan) + ".\n";
  for (const StageResult &stage : plan.stages) {
    if (stage.plan.moved.empty() && stage.plan.refused.empty())
      continue;
    text += "\n## " + stage.name + "\n\n" + what_it_does(stage.name) + ".\n\n";
    for (const Moved &one : stage.plan.moved)
      text += "- [ ] " + code(one.object) + " becomes " + code(one.becomes) +
              (one.note.empty() ? "" : " (" + valid_utf8(one.note) + ")") + "\n";
    std::map<std::string, std::vector<const Refusal *>> by_reason;
    for (const Refusal &refusal : stage.plan.refused)
      by_reason[without_place(refusal.reason)].push_back(&refusal);
    if (!by_reason.empty())
      text += "\nBy hand:\n\n";
    for (const auto &[reason, refusals] : by_reason) {
      text += "- [ ] " + valid_utf8(reason) + ":";
      for (const Refusal *refusal : refusals)
        text += " " + code(refusal->object);
      text += "\n";
    }
  }
  for (const std::string &source : plan.to_build)
    text += "\nAdd " + code(plan.runtime_source) + " to the sources of the extension that has " + code(source) + ".\n";
  return text;
}

std::string plan_json(const MigrationPlan &plan) {
  using Json = nlohmann::ordered_json;
  Json stages = Json::array();
  for (const StageResult &stage : plan.stages) {
    Json moved = Json::array(), refused = Json::array();
    for (const Moved &one : stage.plan.moved)
      moved.push_back({{"object", valid_utf8(one.object)},
                       {"becomes", valid_utf8(one.becomes)},
                       {"note", one.note.empty() ? Json() : Json(valid_utf8(one.note))}});
    for (const Refusal &refusal : stage.plan.refused)
      refused.push_back({{"object", valid_utf8(refusal.object)}, {"reason", valid_utf8(refusal.reason)}});
    stages.push_back({{"stage", stage.name}, {"moved", moved}, {"refused", refused}});
  }
  Json to_build = Json::array();
  for (const std::string &source : plan.to_build)
    to_build.push_back(valid_utf8(source));
  const Json json = {{"schema", "ringfence-migrate/1"},
                     {"path", valid_utf8(plan.path)},
                     {"moved", plan.moved()},
                     {"refused", plan.refused()},
                     {"stages", stages},
                     {"runtime_source", plan.runtime_source.empty() ? Json() : Json(valid_utf8(plan.runtime_source))},
                     {"to_build", to_build}};
  return json.dump(2) + "\n";
}

} // namespace ringfence
