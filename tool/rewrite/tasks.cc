#include "rewrite/tasks.h"

#include <algorithm>
#include <map>

#include "base/sort_unique.h"
#include "link/ranges.h"

namespace ringfence {
namespace {

constexpr std::size_t largest = 12; // objects of one task: a reviewer reads each

// "src/a.c" of "src/a.c:f():x"; a module's name has no file.
std::string file_of(const std::string &object) {
  const std::size_t colon = object.find(':');
  return colon == std::string::npos ? std::string() : object.substr(0, colon);
}

// "src/a.c:12: it is so" without its place: what can be said once for many.
std::string without_place(const std::string &reason) {
  const std::size_t colon = reason.find(": ");
  return colon == std::string::npos ? reason : reason.substr(colon + 2);
}

void add(Task &task, const std::string &object, const std::vector<std::string> &used_by) {
  task.objects.push_back(object);
  task.used_by.insert(task.used_by.end(), used_by.begin(), used_by.end());
}

std::vector<Task> moves_of(const StageResult &stage) {
  std::map<std::string, std::vector<Task>> by_file;
  for (const Moved &moved : stage.plan.moved) {
    const std::string file = file_of(moved.object);
    std::vector<Task> &tasks = by_file[file.empty() ? moved.object : file];
    if (tasks.empty() || tasks.back().objects.size() == largest)
      tasks.push_back({stage.name, file, {}, {}, {}, ""});
    add(tasks.back(), moved.object, moved.used_by);
  }
  std::vector<Task> result;
  for (auto &[file, tasks] : by_file)
    std::ranges::move(tasks, std::back_inserter(result));
  return result;
}

// What fewer files use first.
std::vector<Task> hands_of(const StageResult &stage) {
  std::map<std::string, std::vector<const Refusal *>> by_reason;
  for (const Refusal &refusal : stage.plan.refused)
    by_reason[without_place(refusal.reason)].push_back(&refusal);
  std::vector<Task> result;
  for (auto &[reason, refusals] : by_reason) {
    std::ranges::stable_sort(refusals, {}, [](const Refusal *refusal) { return refusal->used_by.size(); });
    for (std::size_t i = 0; i < refusals.size(); ++i) {
      if (i % largest == 0)
        result.push_back({stage.name, "", {}, {}, {}, reason});
      add(result.back(), refusals[i]->object, refusals[i]->used_by);
    }
  }
  return result;
}

// A file's types come before its statics, and a module's init before what its files set.
bool comes_after(const Task &task, const Task &earlier) {
  if (earlier.stage == task.stage)
    return false;
  return earlier.file.empty() ? std::ranges::find(earlier.used_by, task.file) != earlier.used_by.end()
                              : earlier.file == task.file;
}

std::string path_of(const Program &program, std::uint32_t file) {
  return file < program.files.size() ? program.files[file].path : std::string();
}

} // namespace

std::vector<std::string> users_of(const Program &program, const std::string &object) {
  std::vector<std::string> files;
  if (const Index index = object_of(program, object); index != none)
    for (const Access &access : accesses_of(program, index))
      if (access.location.file != program.objects[index].location.file)
        files.push_back(path_of(program, access.location.file));
  for (const Module &module : program.modules)
    if (module.name == object)
      for (const UnitSummary &unit : program.units)
        if (std::ranges::find(module.units, unit.id) != module.units.end())
          files.push_back(unit.file);
  sort_unique(files);
  return files;
}

std::vector<Task> tasks_of(const MigrationPlan &plan) {
  std::vector<Task> result;
  for (const StageResult &stage : plan.stages) {
    std::vector<Task> tasks = moves_of(stage);
    for (Task &task : tasks)
      sort_unique(task.used_by);
    std::ranges::stable_sort(tasks, {}, [](const Task &task) { return task.used_by.size(); });
    for (Task &task : tasks) {
      for (std::size_t i = 0; i < result.size(); ++i)
        if (comes_after(task, result[i]))
          task.after.push_back(i);
      result.push_back(std::move(task));
    }
  }
  for (const StageResult &stage : plan.stages)
    for (Task &task : hands_of(stage)) {
      sort_unique(task.used_by);
      result.push_back(std::move(task));
    }
  return result;
}

} // namespace ringfence
