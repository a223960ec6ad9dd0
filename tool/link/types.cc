#include "link/types.h"

#include <algorithm>
#include <map>

#include "facts/unread.h"
#include "link/modules.h"
#include "link/ranges.h"

namespace ringfence {
namespace {

void read_static_type(const std::vector<const InitialiserEntry *> &entries, TypeEntity &type) {
  for (const InitialiserEntry *entry : entries) {
    const std::string_view member = split_path(entry->path).member;
    if (!member.starts_with("tp_"))
      continue;
    if (member == "tp_name")
      type.name = entry->string;
    if (member == "tp_flags")
      type.flags = entry->integer;
    Slot slot;
    slot.name = member;
    (entry->kind == InitialiserEntry::Kind::function ? slot.function : slot.object) =
        entry->kind == InitialiserEntry::Kind::integer ? none : entry->target;
    slot.integer = entry->integer;
    slot.location = entry->location;
    type.slots.push_back(std::move(slot));
  }
}

bool is_read(const Slot &slot) { return slot.name != unread_slot && !is_unread(slot.integer); }

void read_spec(const Program &program, const std::vector<const InitialiserEntry *> &entries, TypeEntity &type) {
  bool slots_known = false;
  for (const InitialiserEntry *entry : entries) {
    const std::string_view member = split_path(entry->path).member;
    if (member == "name") {
      type.name = entry->string;
    } else if (member == "flags") {
      type.flags = entry->integer;
    } else if (member == "basicsize") {
      type.size = entry->integer;
    } else if (member == "slots" && entry->kind == InitialiserEntry::Kind::object && entry->target != none) {
      type.slots = read_slots(program, entry->target);
      slots_known = std::ranges::all_of(type.slots, is_read);
    }
  }
  type.whole = slots_known && !is_unread(type.flags);
}

} // namespace

std::vector<TypeEntity> find_types(const Program &program, const Knowledge &api) {
  std::vector<TypeEntity> types;
  for (Index i = 0; i < program.objects.size(); ++i) {
    const Object &object = program.objects[i];
    const bool is_static = object.type.type_by_value;
    const KnownType *known = api.type(object.type.record);
    const bool is_spec = known && known->has("type-spec") && !object.type.pointer;
    if (object.definition == Definition::declaration || !(is_static || is_spec))
      continue;
    // By the path of the struct that has the member: one group for each type of an array.
    std::map<std::string_view, std::vector<const InitialiserEntry *>> groups;
    for (const InitialiserEntry &entry : initialisers_of(program, i)) {
      const PathParts parts = split_path(entry.path);
      if (is_spec || parts.member.starts_with("tp_"))
        groups[parts.prefix].push_back(&entry);
    }
    if (groups.empty())
      groups[""]; // filled at run time
    for (const auto &[prefix, entries] : groups) {
      TypeEntity type;
      type.object = i;
      type.is_static = is_static;
      if (is_static)
        read_static_type(entries, type);
      else
        read_spec(program, entries, type);
      types.push_back(std::move(type));
    }
  }
  return types;
}

} // namespace ringfence
