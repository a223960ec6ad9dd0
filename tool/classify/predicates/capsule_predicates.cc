// Capsules whose other end lies in the same program: what a pointer that was imported by name leads to.
#include <algorithm>
#include <optional>
#include <set>

#include "classify/predicates/object_facts.h"

namespace ringfence {

namespace {

const std::string *capsule_name(const Call &call) {
  const auto name = std::find_if(call.arguments.begin(), call.arguments.end(), [](const CallArgument &argument) {
    return argument.kind == CallArgument::Kind::string;
  });
  return name == call.arguments.end() ? nullptr : &name->string;
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

bool imports(const ProgramIndex &index, const Access &write) {
  const ApiEntry *api = index.api(write.stored.callee);
  return api && api->has("capsule-import");
}

// The pointer through which the write reads what it stores, where an import alone sets it; else `none`.
Index imported_pointer(const ProgramIndex &index, const Access &write) {
  const Index pointer = write.stored.kind == StoredValue::Kind::expression ? write.stored.object : none;
  if (pointer == none || pointer == write.object)
    return none;
  const std::vector<Index> &sites = index.program.writes[pointer].sites;
  const bool imported = !sites.empty() && std::all_of(sites.begin(), sites.end(), [&](Index site) {
    const Access &access = index.access(site);
    return access.stored.kind == StoredValue::Kind::null || (stores_call(access.stored) && imports(index, access));
  });
  return imported ? pointer : none;
}

// What the program puts into the capsules that a write may import: a macro may import several on its line.
std::set<Index> imported_contents(const ProgramIndex &index, const Access &write) {
  const Call *stored = imports(index, write) ? call_stored_by(index, write) : nullptr;
  if (!stored)
    return {};
  std::set<Index> contents;
  for (Index i = index.calls_of[write.function].first; i < index.calls_of[write.function].last; ++i)
    if (const Call &call = index.program.calls[i]; call.callee == stored->callee && call.location == stored->location) {
      const std::string *name = capsule_name(call);
      contents.insert(name ? put_into_capsule(index, *name) : none);
    }
  return contents;
}

// What every import into the object, or into the pointer that it is copied through, leads to; `none` where that is not
// known.
Index own_table(const ProgramIndex &index, Index object) {
  std::optional<std::set<Index>> common;
  for (const Index site : index.program.writes[object].sites) {
    const Access &write = index.access(site);
    if (write.stored.kind == StoredValue::Kind::null)
      continue;
    const Index pointer = imported_pointer(index, write);
    const std::set<Index> contents =
        pointer == none ? imported_contents(index, write) : std::set{own_table(index, pointer)};
    if (!common)
      common = contents;
    std::erase_if(*common, [&](Index content) { return !contents.contains(content); });
  }
  return common && common->size() == 1 ? *common->begin() : none;
}

bool copies_import(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *copy = nullptr;
  for (const Index site : p.program.writes[o].sites) {
    const Access &write = p.access(site);
    const bool through_import = write.stored.kind == StoredValue::Kind::expression && imports(p, write);
    if (through_import || imported_pointer(p, write) != none)
      copy = &write;
    else if (write.stored.kind != StoredValue::Kind::null && write.stored.kind != StoredValue::Kind::constant)
      return false;
  }
  return show(p, copy, evidence, "a copy of what another module's capsule holds");
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

constexpr ObjectPredicate capsule_rows[] = {
    {"copies-import", Takes::nothing, "every write copies what an imported capsule leads to", copies_import},
    {"imports-functions", Takes::nothing,
     "each import stores the address of a table of the program that holds functions alone", imports_functions},
    {"imports-plain-data", Takes::nothing,
     "each import stores the address of a variable of the program that leads to no Python object", imports_plain_data},
};

} // namespace

std::span<const ObjectPredicate> capsule_predicates() { return capsule_rows; }

} // namespace ringfence
