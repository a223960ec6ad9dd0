#include "rewrite/plan.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "rewrite/tasks.h"

namespace ringfence {
namespace {

std::string tally(const MigrationPlan &plan) {
  std::string text = std::to_string(plan.moved()) + " of " + count_of(plan.moved() + plan.refused(), "object") +
                     (plan.only_planned ? " can move" : " moved");
  if (const std::size_t count = plan.provisional())
    text += ", " + std::to_string(count) + " of these if the build shows no more: their files were read in part";
  return text;
}

std::string note_of(const Moved &moved) {
  const std::string provisional = moved.read_in_part.empty() ? "" : moved.read_in_part + " was read in part";
  return moved.note + (moved.note.empty() || provisional.empty() ? "" : "; ") + provisional;
}

std::string what_it_does(const std::string &stage) {
  if (stage == "multi-phase")
    return "Multi-phase init: the work of the init function moves to an exec slot, which runs in each interpreter";
  if (stage == "heap-types")
    return "Heap types: one type for each interpreter, made of a spec";
  if (stage == "module-state")
    return "Module state: a static becomes a member of the state of its module, one for each module object";
  if (stage == "slots")
    return "Statics to per-interpreter state";
  return "Claims";
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

bool MigrationPlan::needs_hands() const {
  return refused() > 0 || std::ranges::any_of(to_build, [](const ToBuild &build) { return !build.why.empty(); });
}

std::size_t MigrationPlan::provisional() const {
  std::size_t count = 0;
  for (const StageResult &stage : stages)
    count += static_cast<std::size_t>(
        std::ranges::count_if(stage.plan.moved, [](const Moved &moved) { return !moved.read_in_part.empty(); }));
  return count;
}

std::string plan_text(const MigrationPlan &plan) {
  std::string text;
  for (const StageResult &stage : plan.stages) {
    text += "stage " + stage.name + "\n";
    for (const Moved &one : stage.plan.moved) {
      text += "  " + escape_terminal(one.object) + " becomes " + escape_terminal(one.becomes) + "\n";
      if (const std::string note = note_of(one); !note.empty())
        text += "      " + escape_terminal(note) + "\n";
    }
    for (const Refusal &refusal : stage.plan.refused)
      text += "  stays: " + escape_terminal(refusal.object) + "\n      " + escape_terminal(refusal.reason) + "\n";
  }
  text += tally(plan) + "\n";
  if (plan.moved() == 0)
    return text;
  text += "next:\n";
  if (plan.provisional() > 0)
    return text + "  ringfence capture -- BUILD COMMAND   then this again: what was read in part is only planned\n";
  for (const ToBuild &build : plan.to_build)
    text += "  add " + escape_terminal(plan.runtime_source) + " to the sources of the extension that has " +
            escape_terminal(build.source) + "\n" +
            (build.why.empty() ? "" : "      " + escape_terminal(build.why) + "\n");
  return text + (plan.only_planned ? "  the same command without --plan, --dry-run and --edits\n"
                                   : "  ringfence scan " + escape_terminal(plan.path) + " --profile own-gil\n");
}

namespace {

// "7 other files: `a.c`, `b.c`, ..."
std::string counted(const std::vector<std::string> &files, const std::string &word) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, files.size()); ++i)
    text += (i == 0 ? "" : ", ") + code(files[i]);
  return count_of(files.size(), word) + ": " + text + (files.size() > shown ? ", ..." : "");
}

std::string title_of(const Task &task) {
  if (!task.by_hand.empty())
    return "by hand: " + valid_utf8(task.by_hand);
  return task.stage + ", " + code(task.file.empty() ? task.objects.front() : task.file);
}

std::string becomes(const MigrationPlan &plan, const Task &task, const std::string &object) {
  for (const StageResult &stage : plan.stages)
    for (const Moved &one : stage.plan.moved)
      if (stage.name == task.stage && one.object == object)
        return " becomes " + code(one.becomes) + (note_of(one).empty() ? "" : " (" + valid_utf8(note_of(one)) + ")");
  return {};
}

std::string place_of(const MigrationPlan &plan, const Task &task, const std::string &object) {
  for (const StageResult &stage : plan.stages)
    for (const Refusal &one : stage.plan.refused)
      if (stage.name == task.stage && one.object == object) {
        const std::string place = one.reason.substr(0, one.reason.size() - task.by_hand.size());
        return (place.empty() ? "" : " (" + valid_utf8(place.substr(0, place.find(": "))) + ")") +
               (one.used_by.empty() ? "" : ", used by " + counted(one.used_by, "other file"));
      }
  return {};
}

std::string task_markdown(const MigrationPlan &plan, const std::vector<Task> &tasks, std::size_t i) {
  const Task &task = tasks[i];
  std::string text = "\n## " + std::to_string(i + 1) + ". " + title_of(task) + "\n\n";
  std::vector<std::string> facts;
  if (task.by_hand.empty() && !task.used_by.empty())
    facts.push_back(task.file.empty() ? "compiled of " + counted(task.used_by, "file")
                                      : "used by " + counted(task.used_by, "other file"));
  if (!task.after.empty()) {
    std::string numbers;
    for (const std::size_t earlier : task.after)
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(earlier + 1);
    facts.push_back("after " + numbers);
  }
  if (!facts.empty())
    text += join(facts, "; ") + ".\n\n";
  for (const std::string &object : task.objects)
    text += "- [ ] " + code(object) +
            (task.by_hand.empty() ? becomes(plan, task, object) : place_of(plan, task, object)) + "\n";
  return text;
}

} // namespace

std::string plan_markdown(const MigrationPlan &plan) {
  std::string text = "# Migration of " + code(plan.path) + "\n\n" + tally(plan) + ".\n";
  const std::vector<Task> tasks = tasks_of(plan);
  const auto hands = std::ranges::count_if(tasks, [](const Task &task) { return !task.by_hand.empty(); });
  text += "\n" + count_of(tasks.size(), "task") + ", " + std::to_string(hands) +
          " of them by hand. Each builds and passes by itself; one that comes after another says so.\n";
  if (!plan.missing.empty()) {
    text += "\nFirst `ringfence capture -- BUILD COMMAND`, and this plan again, for not all was read:\n";
    for (const std::string &header : plan.missing)
      text += "\n- " + valid_utf8(header);
    text += "\n";
  }
  for (const StageResult &stage : plan.stages)
    if (!stage.plan.moved.empty())
      text += "\n- " + stage.name + ": " + what_it_does(stage.name) + ".";
  text += "\n";
  for (std::size_t i = 0; i < tasks.size(); ++i)
    text += task_markdown(plan, tasks, i);
  for (const ToBuild &build : plan.to_build)
    text += "\nAdd " + code(plan.runtime_source) + " to the sources of the extension that has " + code(build.source) +
            (build.why.empty() ? "" : " (" + code(build.why) + ")") + ".\n";
  return text;
}

namespace {

nlohmann::ordered_json texts(const std::vector<std::string> &values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const std::string &value : values)
    json.push_back(valid_utf8(value));
  return json;
}

nlohmann::ordered_json text_or_null(const std::string &text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(valid_utf8(text));
}

nlohmann::ordered_json tasks_json(const MigrationPlan &plan) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Task &task : tasks_of(plan)) {
    nlohmann::ordered_json after = nlohmann::ordered_json::array();
    for (const std::size_t earlier : task.after)
      after.push_back(earlier + 1);
    json.push_back({{"stage", task.stage},
                    {"file", text_or_null(task.file)},
                    {"objects", texts(task.objects)},
                    {"used_by", texts(task.used_by)},
                    {"after", after},
                    {"by_hand", text_or_null(task.by_hand)}});
  }
  return json;
}

} // namespace

std::string plan_json(const MigrationPlan &plan) {
  using Json = nlohmann::ordered_json;
  Json stages = Json::array();
  for (const StageResult &stage : plan.stages) {
    Json moved = Json::array(), refused = Json::array();
    for (const Moved &one : stage.plan.moved)
      moved.push_back({{"object", valid_utf8(one.object)},
                       {"becomes", valid_utf8(one.becomes)},
                       {"note", text_or_null(note_of(one))}});
    for (const Refusal &refusal : stage.plan.refused)
      refused.push_back({{"object", valid_utf8(refusal.object)}, {"reason", valid_utf8(refusal.reason)}});
    stages.push_back({{"stage", stage.name}, {"moved", moved}, {"refused", refused}});
  }
  Json to_build = Json::array(), build_forms = Json::array();
  for (const ToBuild &build : plan.to_build) {
    to_build.push_back(valid_utf8(build.source));
    build_forms.push_back(text_or_null(build.why));
  }
  const Json json = {{"schema", "ringfence-migrate/1"},
                     {"path", valid_utf8(plan.path)},
                     {"moved", plan.moved()},
                     {"refused", plan.refused()},
                     {"provisional", plan.provisional()},
                     {"missing", texts(plan.missing)},
                     {"stages", stages},
                     {"runtime_source", text_or_null(plan.runtime_source)},
                     {"tasks", tasks_json(plan)},
                     {"to_build", to_build},
                     {"build_forms", build_forms}};
  return json.dump(2) + "\n";
}

} // namespace ringfence
