// Capsules whose other end lies in the same program: what a pointer that was imported by name leads to.
#include <algorithm>

#include "classify/predicates/object_facts.h"

namespace ringfence {

namespace {

const std::string *capsule_name(const Call &call) {
  const auto name = std::find_if(call.arguments.begin(), call.arguments.end(), [](const CallArgument &argument) {
    return argument.kind == CallArgument::Kind::string;
  });
  return name == call.arguments.end() ? nullptr : &name->string;
}

// The name under which a write imports: of the call on its line, or the next ones where it is written over several.
const std::string *imported_name(const ProgramIndex &index, const Access &write) {
  constexpr std::uint32_t lines = 3;
  const auto callee = index.function_by_id.find(write.stored.callee);
  if (callee == index.function_by_id.end() || write.function >= index.calls_of.size())
    return nullptr;
  const Range range = index.calls_of[write.function];
  for (Index i = range.first; i < range.last; ++i)
    if (const Call &call = index.program.calls[i];
        call.callee == callee->second && call.location.file == write.location.file &&
        call.location.line >= write.location.line && call.location.line < write.location.line + lines)
      return capsule_name(call);
  return nullptr;
}

// What the program itself puts into a capsule of this name; `none` where it does not, or puts several things.
Index put_into_capsule(const ProgramIndex &index, std::string_view name) {
  Index found = none;
  for (Index function = 0; function < index.api_of.size(); ++function) {
    if (!index.api_of[function] || !index.api_of[function]->has("capsule-new"))
      continue;
    for (const Index i : index.calls_to[function]) {
      const Call &call = index.program.calls[i];
      const std::string *given = capsule_name(call);
      if (!given || *given != name)
        continue;
      const CallArgument &content = call.arguments.front();
      if (content.kind != CallArgument::Kind::object_address || (found != none && found != content.target))
        return none;
      found = content.target;
    }
  }
  return found;
}

bool has_functions_alone(const ProgramIndex &index, Index table) {
  const Range own = index.initialisers_of[table];
  const std::vector<Index> &sites = index.program.writes[table].sites;
  return (own.first != own.last || !sites.empty()) &&
         std::all_of(index.program.initialisers.begin() + own.first, index.program.initialisers.begin() + own.last,
                     [](const InitialiserEntry &entry) { return entry.kind == InitialiserEntry::Kind::function; }) &&
         std::all_of(sites.begin(), sites.end(),
                     [&](Index site) { return index.access(site).stored.kind == StoredValue::Kind::function; });
}

// What every import into the object leads to; `none` where that is not known of one.
Index own_table(const ProgramIndex &index, Index object) {
  Index table = none;
  for (const Index site : index.program.writes[object].sites) {
    const Access &write = index.access(site);
    if (write.stored.kind == StoredValue::Kind::null)
      continue;
    const ApiEntry *api = stores_call(write.stored) ? index.api(write.stored.callee) : nullptr;
    const std::string *name = api && api->has("capsule-import") ? imported_name(index, write) : nullptr;
    const Index content = name ? put_into_capsule(index, *name) : none;
    if (content == none || (table != none && table != content))
      return none;
    table = content;
  }
  return table;
}

bool imports_functions(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Index table = own_table(p, o);
  if (table == none || !has_functions_alone(p, table))
    return false;
  evidence.push_back({p.place(p.program.objects[table].location), {}, "what the capsule holds: a table of functions"});
  return true;
}

bool imports_plain_data(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Index data = own_table(p, o);
  Evidences unused;
  if (data == none || has_functions_alone(p, data) || holds_object(p, data, {}, unused))
    return false;
  evidence.push_back({p.place(p.program.objects[data].location), {}, "what the capsule holds: plain data"});
  return true;
}

constexpr ObjectPredicate table[] = {
    {"imports-functions", Takes::nothing,
     "each import stores the address of a table of the program that holds functions alone", imports_functions},
    {"imports-plain-data", Takes::nothing,
     "each import stores the address of a variable of the program that leads to no Python object", imports_plain_data},
};

} // namespace

std::span<const ObjectPredicate> capsule_predicates() { return table; }

} // namespace ringfence
