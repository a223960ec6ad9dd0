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

// The rest of a path behind a member of the whole, or of an element of it; empty for the whole itself; nothing where it
// leads elsewhere.
std::optional<std::string_view> behind(std::string_view path, std::string_view member) {
  if (path.starts_with('['))
    path.remove_prefix(std::min(path.find(']'), path.size() - 1) + 1);
  if (path.empty())
    return path;
  if (!path.starts_with('.') || !path.substr(1).starts_with(member))
    return {};
  path.remove_prefix(1 + member.size());
  return path.empty() || path.starts_with('.') || path.starts_with('[') || path.starts_with("->") ? std::optional(path)
                                                                                                  : std::nullopt;
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
    const auto rest = behind(fact.path, name);
    const bool names_member = fact.path.find('.') != fact.path.npos;
    if (!rest || !(names_member || tells_of_members(fact)))
      continue;
    more.push_back(fact);
    more.back().object = member;
    more.back().path = *rest;
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
      const auto added = static_cast<Index>(program.objects.size());
      program.objects.push_back(member_object(program.objects[whole], member));
      program.struct_of.push_back(whole);
      add_facts(program.accesses, accesses_of(program, whole), added, member.name);
      add_facts(program.initialisers, initialisers_of(program, whole), added, member.name);
    }
  }
}

} // namespace ringfence
