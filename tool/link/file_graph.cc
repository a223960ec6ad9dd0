#include "link/file_graph.h"

namespace ringfence {

FileGraph file_references(const Program &program) {
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

std::set<Index> reachable_files(const FileGraph &graph, std::vector<Index> from, const std::set<Index> &blocked) {
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

std::set<Index> module_files(const Program &program) {
  std::set<Index> files;
  for (const Module &module : program.modules)
    if (module.location.file != none)
      files.insert(module.location.file);
  return files;
}

} // namespace ringfence
