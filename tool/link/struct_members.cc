#include "link/struct_members.h"

#include <algorithm>
#include <span>

#include "link/ranges.h"

namespace ringfence {

namespace {

std::span<const StructMember> members_of(const Program &program, Index object) {
  return facts_of(program.struct_members, object, [](const StructMember &member) { return member.object; });
}

Object member_object(const Object &whole, const StructMember &member) {
  Object object = whole;
  object.id += "." + member.name;
  object.name += "." + member.name;
  object.symbol.clear();
  object.definition = Definition::declaration;
  object.type = member.type;
  object.type.array |= whole.type.array;
  object.type.top_const |= whole.type.top_const;
  object.type.deep_const |= whole.type.deep_const;
  object.location = member.location;
  return object;
}

void skip_elements(std::string_view &path) {
  while (path.starts_with('['))
    path.remove_prefix(std::min(path.find(']'), path.size() - 1) + 1);
}

struct Behind {
  std::string_view rest; // of the path
  bool of_more = false;  // the path ends before: it is of the whole, or of a struct within, that the member is in
};

// What a path of the whole says of a member; nothing where it leads elsewhere.
std::optional<Behind> behind(std::string_view path, std::string_view member) {
  while (true) {
    skip_elements(path);
    if (path.empty())
      return Behind{path, true};
    const std::string_view name = member.substr(0, member.find('.'));
    if (!path.starts_with('.') || !path.substr(1).starts_with(name))
      return {};
    path.remove_prefix(1 + name.size());
    if (!path.empty() && !path.starts_with('.') && !path.starts_with('[') && !path.starts_with("->"))
      return {};
    if (name.size() == member.size())
      return Behind{path, false};
    member.remove_prefix(name.size() + 1);
  }
}

// Whether code does more to the struct's own bytes than to read them.
bool is_changed(const Program &program, Index whole) {
  const std::span<const Access> accesses = accesses_of(program, whole);
  return std::any_of(accesses.begin(), accesses.end(), [](const Access &access) {
    return access.kind != AccessKind::read && access.path.find("->") == access.path.npos;
  });
}

// What a callee does to the whole is not known of each member.
bool tells_of_members(const InitialiserEntry &) { return true; }
bool tells_of_members(const Access &access) {
  return access.kind == AccessKind::read || access.kind == AccessKind::write ||
         access.kind == AccessKind::read_modify_write;
}

// Copies of the facts about a whole that are about its member, too.
template <class Fact>
void add_facts(std::vector<Fact> &facts, std::span<const Fact> of_whole, Index member, std::string_view name) {
  std::vector<Fact> more;
  for (const Fact &fact : of_whole) {
    const auto found = behind(fact.path, name);
    if (!found || (found->of_more && !tells_of_members(fact)))
      continue;
    more.push_back(fact);
    more.back().object = member;
    more.back().path = found->rest;
  }
  std::move(more.begin(), more.end(), std::back_inserter(facts));
}

} // namespace

void add_struct_members(Program &program) {
  const auto count = static_cast<Index>(program.objects.size());
  program.struct_of.assign(count, none);
  for (Index whole = 0; whole < count; ++whole) {
    const std::span<const StructMember> members = members_of(program, whole);
    if (program.objects[whole].definition == Definition::declaration || members.empty() || !is_changed(program, whole))
      continue;
    for (const StructMember &member : members) {
      if (&member != &members.front() && member.name == (&member)[-1].name)
        continue; // units that see other declarations
      if (std::any_of(&member, &members.back() + 1,
                      [&](const StructMember &other) { return other.name.starts_with(member.name + "."); }))
        continue; // judged by its own members
      const auto added = static_cast<Index>(program.objects.size());
      program.objects.push_back(member_object(program.objects[whole], member));
      program.struct_of.push_back(whole);
      add_facts(program.accesses, accesses_of(program, whole), added, member.name);
      add_facts(program.initialisers, initialisers_of(program, whole), added, member.name);
    }
  }
}

} // namespace ringfence
