#include "link/module_units.h"

#include <map>
#include <set>

namespace ringfence {
namespace {

using FileGraph = std::vector<std::set<Index>>;

FileGraph references(const Program &program) {
  FileGraph graph(program.files.size());
  const auto refer = [&](Index from, Index to) {
    if (from != none && to != none && from != to)
      graph[from].insert(to);
  };
  const auto object_file = [&](Index object) {
    return object == none || program.objects[object].definition == Definition::declaration
               ? none
               : program.objects[object].location.file;
  };
  const auto function_file = [&](Index function) {
    return function == none || !program.functions[function].defined ? none : program.functions[function].location.file;
  };
  for (const Access &access : program.accesses)
    refer(function_file(access.function), object_file(access.object));
  for (const Call &call : program.calls)
    refer(function_file(call.caller), function_file(call.callee));
  for (const FunctionUse &use : program.function_uses)
    refer(function_file(use.user), function_file(use.function));
  for (const InitialiserEntry &entry : program.initialisers) {
    if (entry.kind == InitialiserEntry::Kind::object)
      refer(object_file(entry.object), object_file(entry.target));
    if (entry.kind == InitialiserEntry::Kind::function)
      refer(object_file(entry.object), function_file(entry.target));
  }
  return graph;
}

// `blocked` files are entered only where the walk begins.
std::set<Index> reachable(const FileGraph &graph, std::vector<Index> from, const std::set<Index> &blocked) {
  std::set<Index> seen(from.begin(), from.end());
  while (!from.empty()) {
    const Index file = from.back();
    from.pop_back();
    for (const Index next : graph[file])
      if (blocked.count(next) == 0 && seen.insert(next).second)
        from.push_back(next);
  }
  return seen;
}

} // namespace

void assign_units(Program &program) {
  const FileGraph graph = references(program);
  std::set<Index> init_files;
  for (const Module &module : program.modules)
    init_files.insert(module.location.file);
  std::vector<Index> mains;
  for (const Function &function : program.functions)
    if (function.id == "main" && function.defined && function.location.file != none)
      mains.push_back(function.location.file);
  const std::set<Index> core = mains.empty() ? std::set<Index>() : reachable(graph, mains, init_files);

  std::map<std::string_view, Index> file_of_path;
  for (Index i = 0; i < program.files.size(); ++i)
    file_of_path.emplace(program.files[i].path, i);
  for (Module &module : program.modules) {
    if (module.location.file == none)
      continue;
    std::set<Index> blocked = core;
    blocked.insert(init_files.begin(), init_files.end());
    const std::set<Index> files = reachable(graph, {module.location.file}, blocked);
    for (const UnitSummary &unit : program.units)
      if (const auto file = file_of_path.find(unit.file); file != file_of_path.end() && files.count(file->second) != 0)
        module.units.push_back(unit.id);
  }
}

} // namespace ringfence
