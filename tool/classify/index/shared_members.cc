#include "classify/index/shared_members.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "link/interpreter_files.h"

namespace ringfence {

namespace {

bool is_member(const Object &object) { return object.storage == Storage::member; }

bool starts(const Object &object) {
  return object.definition == Definition::declaration ? is_member(object) && object.holder != Holder::structure
                                                      : !object.thread_local_storage;
}

// Which objects code of the interpreter touches, other than a module's.
std::vector<bool> used_by_interpreter(const Program &program) {
  std::vector<bool> alone(program.files.size()), used(program.objects.size());
  for (Index file = 0; file < program.files.size(); ++file)
    alone[file] = is_interpreter_alone(program, file);
  for (const Access &access : program.accesses)
    if (access.location.file < alone.size() && alone[access.location.file])
      used[access.object] = true;
  return used;
}

} // namespace

std::vector<bool> shared_members(const Program &program, const Knowledge &tables) {
  std::set<std::string_view> shared; // tags
  const auto add = [&](const std::string &tag) {
    const KnownType *known = tables.type(tag);
    return !tag.empty() && !(known && (known->has("of-one-thread") || known->has("guards-itself"))) &&
           shared.insert(tag).second;
  };
  for (const Object &object : program.objects)
    if (starts(object)) {
      if (is_member(object))
        add(object.record);
      add(object.type.leads_to);
    }
  for (bool grows = true; grows;) {
    grows = false;
    for (const Object &object : program.objects)
      if (is_member(object) && shared.contains(object.record))
        grows |= add(object.type.leads_to);
  }
  const std::vector<bool> used = used_by_interpreter(program);
  const std::optional<std::string> api = own_api_folder(program);
  const auto of_interpreter = [&](const Object &object) {
    const Index file = object.location.file;
    const bool declared_there = api && file != none && program.files[file].path.starts_with(*api);
    return is_interpreter_alone(program, file) || (declared_there && used[&object - program.objects.data()]);
  };
  std::vector<bool> members;
  members.reserve(program.objects.size());
  for (const Object &object : program.objects)
    members.push_back(is_member(object) && !object.outside && shared.contains(object.record) &&
                      !of_interpreter(object)); // its own rules guard them
  return members;
}

} // namespace ringfence
