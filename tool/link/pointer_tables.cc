#include "link/pointer_tables.h"

#include <string>

#include "link/ranges.h"

namespace ringfence {
namespace {

// The path without subscripts: ".slot" of "[2].slot".
std::string without_elements(std::string_view path) {
  std::string members;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '[')
      at = std::min(path.find(']', at), path.size() - 1);
    else
      members += path[at];
  }
  return members;
}

// What is left of a path behind the pointer, as a path of what it points to: "->n" is ".n", "->" and "->[]" stand for
// the whole and an element.
std::string path_behind(std::string_view rest) {
  rest.remove_prefix(2);
  const bool member = !rest.empty() && rest.front() != '[' && !rest.starts_with("->");
  return (member ? "." : "") + std::string(rest);
}

} // namespace

void follow_pointer_tables(Program &program) {
  std::vector<Access> found;
  for (const Access &access : program.accesses) {
    const std::size_t arrow = access.path.find("->");
    const bool writes = access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write;
    if (!writes || arrow == std::string::npos)
      continue;
    const std::string member = without_elements(std::string_view(access.path).substr(0, arrow));
    for (const InitialiserEntry &entry : initialisers_of(program, access.object)) {
      if (entry.kind != InitialiserEntry::Kind::object || entry.target == none ||
          without_elements(entry.path) != member)
        continue;
      Access through = access;
      through.object = entry.target;
      through.path = path_behind(std::string_view(access.path).substr(arrow));
      through.through_alias = true;
      found.push_back(std::move(through));
    }
  }
  program.accesses.insert(program.accesses.end(), found.begin(), found.end());
  sort_accesses(program.accesses);
}

} // namespace ringfence
