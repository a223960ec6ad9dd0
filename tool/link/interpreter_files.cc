#include "link/interpreter_files.h"

#include <algorithm>

#include "knowledge/api_names.h"
#include "link/file_graph.h"

namespace ringfence {
namespace {

bool has_own_python_header(const Program &program) {
  return std::any_of(program.files.begin(), program.files.end(), [](const FileFact &file) {
    return file.project && (file.path == "Python.h" || file.path.ends_with("/Python.h"));
  });
}

// Of no header: those define inline functions of the API for whoever includes them.
std::set<Index> files_that_define_api(const Program &program, const Knowledge &api) {
  std::set<Index> files;
  for (const Function &function : program.functions)
    if (function.defined && function.external_linkage && !function.outside && !function.in_header &&
        function.location.file != none && is_interpreter_name(function.name) && api.function(function.name))
      files.insert(function.location.file);
  return files;
}

} // namespace

std::vector<bool> find_interpreter_files(const Program &program, const Knowledge &api) {
  if (!has_own_python_header(program))
    return {};
  const std::set<Index> with_modules = module_files(program), with_api = files_that_define_api(program, api);
  std::vector<Index> from;
  std::set_difference(with_api.begin(), with_api.end(), with_modules.begin(), with_modules.end(),
                      std::back_inserter(from));
  std::vector<bool> all(program.files.size());
  for (const Index file : reachable_files(file_references(program), from, with_modules))
    all[file] = true;
  for (const Index file : with_api)
    all[file] = true;
  return all;
}

} // namespace ringfence
