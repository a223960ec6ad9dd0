#include "link/pointer_tables.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "link/fact_order.h"
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

// Writes through pointers that lie behind parameters, by function id and parameter.
std::multimap<std::pair<std::string_view, std::uint32_t>, const ParameterAccess *>
parameter_writes(const Program &program) {
  std::multimap<std::pair<std::string_view, std::uint32_t>, const ParameterAccess *> writes;
  for (const ParameterAccess &access : program.parameter_accesses)
    if (!access.path.empty())
      writes.emplace(std::pair(std::string_view(program.functions[access.function].id), access.parameter), &access);
  return writes;
}

// What the callee does to `argument`, as if the write stood there with the object's name.
Access write_of_callee(const Access &argument, const ParameterAccess &write) {
  Access access;
  access.object = argument.object;
  access.function = write.function;
  access.kind = write.kind;
  access.path = argument.path + write.path;
  access.stored = write.stored;
  access.location = write.location;
  return access;
}

// Adds to `found` a write to each object whose address lies where `write` goes through a pointer.
void follow(const Program &program, const Access &write, std::vector<Access> &found) {
  const std::size_t arrow = write.path.find("->");
  const std::string member = without_elements(std::string_view(write.path).substr(0, arrow));
  for (const InitialiserEntry &entry : initialisers_of(program, write.object)) {
    if (entry.kind != InitialiserEntry::Kind::object || entry.target == none || without_elements(entry.path) != member)
      continue;
    Access through = write;
    through.object = entry.target;
    through.path = path_behind(std::string_view(write.path).substr(arrow));
    through.through_alias = true;
    found.push_back(std::move(through));
  }
}

// What a callee does through a member of the caller's own struct, where the object's address lies: `info.out = buffer;
// fill(&info)`. Such an access says of a read to which function the struct goes, and as its path where the address lies.
void follow_local_struct(const Access &given, const ParameterAccess &write, std::vector<Access> &found) {
  if (!write.path.starts_with(given.path + "->"))
    return;
  Access through = write_of_callee(given, write);
  through.path = path_behind(std::string_view(write.path).substr(given.path.size()));
  through.through_alias = true;
  found.push_back(std::move(through));
}

// The closure of a getter or setter is its third parameter: `{"limit", get, set, NULL, &limit}`.
void follow_closures(const Program &program, std::vector<Access> &found) {
  constexpr std::uint32_t closure = 2;
  const auto same_row = [](const InitialiserEntry &a, const InitialiserEntry &b) {
    return a.object == b.object && split_path(a.path).prefix == split_path(b.path).prefix;
  };
  for (const InitialiserEntry &entry : program.initialisers) {
    if (entry.kind != InitialiserEntry::Kind::object || entry.target == none || !entry.path.ends_with(".closure"))
      continue;
    for (const InitialiserEntry &setter : initialisers_of(program, entry.object))
      if (setter.kind == InitialiserEntry::Kind::function && setter.path.ends_with(".set") && same_row(entry, setter))
        for (const ParameterAccess &write : program.parameter_accesses)
          if (write.function == setter.target && write.parameter == closure && write.path.empty() &&
              (write.kind == AccessKind::write || write.kind == AccessKind::read_modify_write)) {
            Access access;
            access.object = entry.target;
            access.function = write.function;
            access.kind = write.kind;
            access.stored = write.stored;
            access.through_alias = true;
            access.location = write.location;
            found.push_back(std::move(access));
          }
  }
}

} // namespace

void follow_pointer_tables(Program &program) {
  const auto by_parameter = parameter_writes(program);
  std::vector<Access> found;
  follow_closures(program, found);
  for (const Access &access : program.accesses) {
    if (access.kind == AccessKind::read && !access.callee.empty()) {
      const auto [first, last] = by_parameter.equal_range({access.callee, access.argument});
      for (auto at = first; at != last; ++at)
        follow_local_struct(access, *at->second, found);
      continue;
    }
    const bool through_pointer = access.path.find("->") != std::string::npos;
    if (access.kind == AccessKind::argument && !through_pointer) {
      const auto [first, last] = by_parameter.equal_range({access.callee, access.argument});
      for (auto at = first; at != last; ++at)
        follow(program, write_of_callee(access, *at->second), found);
    } else if (through_pointer && (access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write)) {
      follow(program, access, found);
    }
  }
  sort_facts(found);
  std::vector<Access> all;
  all.reserve(program.accesses.size() + found.size());
  std::set_union(std::make_move_iterator(program.accesses.begin()), std::make_move_iterator(program.accesses.end()),
                 std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()), std::back_inserter(all),
                 [](const Access &a, const Access &b) { return orders_before(a, b); });
  program.accesses = std::move(all);
}

} // namespace ringfence
