#include "report/by_module.h"

namespace ringfence {

ModuleNames::ModuleNames(const Report &report) {
  for (const ReportedObject &object : report.objects) {
    by_subject_[object.subject.id()] = object.module;
    if (!object.module.empty())
      add(object.place.file, object.module);
  }
  for (const ReportedModule &module : report.modules) {
    by_subject_[module.subject().id()] = module.name;
    add(module.place.file, module.name);
  }
}

void ModuleNames::add(const std::string &file, const std::string &module) {
  const auto [at, is_new] = by_file_.emplace(file, module);
  if (!is_new && at->second != module)
    at->second.clear();
}

std::string ModuleNames::of(const Problem &problem) const {
  if (const auto at = by_subject_.find(problem.subject.id()); at != by_subject_.end())
    return at->second;
  const auto at = by_file_.find(problem.place.file);
  return at == by_file_.end() ? "" : at->second;
}

} // namespace ringfence
