#include "link/interpreter_files.h"

#include <algorithm>
#include <string_view>

#include "knowledge/api_names.h"
#include "link/file_graph.h"

namespace ringfence {
namespace {

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

std::optional<std::string> own_api_folder(const Program &program) {
  constexpr std::string_view header = "Python.h";
  for (const FileFact &file : program.files)
    if (file.project && (file.path == header || file.path.ends_with("/Python.h")))
      return file.path.substr(0, file.path.size() - header.size());
  return {};
}

std::vector<bool> find_interpreter_files(const Program &program, const Knowledge &api) {
  if (!own_api_folder(program))
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

bool is_interpreter_alone(const Program &program, Index file) {
  return program.is_of_interpreter(file) &&
         std::none_of(program.modules.begin(), program.modules.end(),
                      [&](const Module &module) { return module.location.file == file; });
}

} // namespace ringfence
