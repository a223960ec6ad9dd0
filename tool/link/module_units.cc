#include "link/module_units.h"

#include <map>

#include "link/file_graph.h"

namespace ringfence {

void assign_units(Program &program) {
  const FileGraph graph = file_references(program);
  std::set<Index> blocked = module_files(program);
  for (Index i = 0; i < program.files.size(); ++i)
    if (program.is_of_interpreter(i))
      blocked.insert(i);

  std::map<std::string_view, Index> file_of_path;
  for (Index i = 0; i < program.files.size(); ++i)
    file_of_path.emplace(program.files[i].path, i);
  for (Module &module : program.modules) {
    if (module.location.file == none)
      continue;
    const std::set<Index> files = reachable_files(graph, {module.location.file}, blocked);
    for (const UnitSummary &unit : program.units)
      if (const auto file = file_of_path.find(unit.file); file != file_of_path.end() && files.count(file->second) != 0)
        module.units.push_back(unit.id);
  }
}

} // namespace ringfence
