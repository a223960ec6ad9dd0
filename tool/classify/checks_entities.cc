// The predicates of check rules on functions, modules, types and objects.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "classify/check_predicates.h"
#include "classify/generated_code.h"
#include "classify/reach.h"
#include "classify/verdict.h"
#include "knowledge/slot_names.h"
#include "report/names.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

// The object breaks under the profile that the word names. Objects of generators are left to the rules of area 8.
bool at_risk(const Context &context, Index object, const std::string &profile, Risk least) {
  const auto named = from_word<Profile>(profile);
  return named && object < context.objects.size() && in_inventory(context.program.objects[object]) &&
         risk_of(context.objects[object].risk, *named) >= least &&
         !made_by_generator(context.tables, context.objects[object]);
}

} // namespace

namespace function_predicate {

bool writes_object_at_risk(const Context &c, Index f, Word profile, Evidences &evidence) {
  const auto found = std::find_if(c.written_by[f].begin(), c.written_by[f].end(),
                                  [&](Index object) { return at_risk(c, object, profile, Risk::medium); });
  if (found == c.written_by[f].end())
    return false;
  const std::vector<Index> &sites = c.program.writes[*found].sites;
  const auto site = std::find_if(sites.begin(), sites.end(), [&](Index i) { return c.access(i).function == f; });
  evidence.push_back(
      c.evidence(c.access(*site), c.objects[*found].name + ", " + with_article(c.objects[*found].verdict)));
  return true;
}

bool runs_under(const Context &c, Index f, Word trait, Evidences &evidence) {
  for (const Call &call : c.program.calls) {
    const ApiEntry *api = c.callee_api(call);
    if (!api || !api->has(trait))
      continue;
    for (const CallArgument &given : call.arguments)
      if (given.kind == CallArgument::Kind::function &&
          (given.target == f || find_call_from(c, given.target, [&](const Call &each) { return each.callee == f; }))) {
        evidence.push_back(c.evidence(call, "runs under " + api->name));
        return true;
      }
  }
  return false;
}

bool name_begins(const Context &c, Index f, Word prefix, Evidences &) {
  return c.program.functions[f].name.starts_with(prefix);
}

bool generated_by(const Context &c, Index f, Word generator, Evidences &) {
  return generator_of_file(c, c.program.functions[f].location.file) == generator;
}

} // namespace function_predicate

namespace module_predicate {

bool state_holds_objects(const Context &c, Index m, Word, Evidences &evidence) {
  const Index definition = c.program.modules[m].definition;
  if (definition >= c.initialisers_of.size())
    return false;
  for (Index i = c.initialisers_of[definition].first; i < c.initialisers_of[definition].last; ++i) {
    const InitialiserEntry &entry = c.program.initialisers[i];
    if (entry.path != ".m_size" || entry.kind != InitialiserEntry::Kind::integer || entry.string.empty())
      continue;
    evidence.push_back({c.place(entry.location), {}, entry.string + " holds objects"});
    return true;
  }
  return false;
}

bool uses_objects_at_risk(const Context &c, Index m, Word profile, Evidences &evidence) {
  for (const Index object : c.objects_of_module[m]) {
    if (!at_risk(c, object, profile, Risk::high))
      continue;
    const ReportedObject &reported = c.objects[object];
    evidence.push_back(
        {reported.place, reported.subject.function, reported.name + " is " + with_article(reported.verdict)});
    return true;
  }
  return false;
}

bool create_slot_returns_global(const Context &c, Index m, Word, Evidences &evidence) {
  for (const Slot &slot : c.program.modules[m].slots) {
    if (slot.name != slot::create || slot.function == none)
      continue;
    for (const Index object : c.objects_of_module[m]) {
      const WriteSummary &writes = c.program.writes[object];
      const auto written_here = [&](Index site) { return c.access(site).function == slot.function; };
      if (!c.program.objects[object].type.reaches_object ||
          std::none_of(writes.sites.begin(), writes.sites.end(), written_here))
        continue;
      evidence.push_back({c.place(slot.location), {}, c.objects[object].name + " keeps it"});
      return true;
    }
  }
  return false;
}

// Cython with CYTHON_USE_MODULE_STATE gives the module a state; without it m_size is -1 or 0.
bool has_cython_module_state(const Context &c, Index m, Word, Evidences &) {
  return c.program.modules[m].state_size > 0;
}

bool create_slot_calls_any_with(const Context &c, Index m, Word trait, Evidences &evidence) {
  const std::vector<Index> &own = c.functions_of_module[m];
  for (const Slot &slot : c.program.modules[m].slots) {
    if (slot.name != slot::create || slot.function == none)
      continue;
    const Call *call = find_call_from(c, slot.function, [&](const Call &each) {
      const ApiEntry *api = c.callee_api(each);
      return api && api->has(trait) && std::binary_search(own.begin(), own.end(), each.caller);
    });
    if (!call)
      continue;
    evidence.push_back(c.evidence(*call, "calls " + c.program.functions[call->callee].name));
    return true;
  }
  return false;
}

// Module-level cdef variables that hold objects or are written.
bool uses_cython_global(const Context &c, Index m, Word, Evidences &evidence) {
  for (const Index object : c.objects_of_module[m]) {
    const ReportedObject &reported = c.objects[object];
    if (!in_inventory(c.program.objects[object]) || !written_by_project(c.tables, reported) ||
        !(reported.holds_objects || reported.writes != WriteClass::never))
      continue;
    evidence.push_back({reported.place, {}, reported.name + " is " + with_article(reported.verdict)});
  }
  return !evidence.empty();
}

} // namespace module_predicate

namespace object_predicate {

bool name_begins(const Context &c, Index o, Word prefix, Evidences &) {
  return c.program.objects[o].name.starts_with(prefix);
}
bool generated_by(const Context &c, Index o, Word generator, Evidences &) { return generator_of(c, o) == generator; }
bool type_contains(const Context &c, Index o, Word text, Evidences &) {
  return c.program.objects[o].type.spelling.find(text) != std::string::npos;
}

bool caches_call_once_value(const Context &c, Index o, Word, Evidences &evidence) {
  for (Index i = c.accesses_of[o].first; i < c.accesses_of[o].last; ++i) {
    const Access &access = c.access(i);
    if (access.stored.kind != StoredValue::Kind::call ||
        !c.tables.has(c.function_name(access.stored.callee), "gives-stored-value"))
      continue;
    evidence.push_back(c.evidence(access, "initialised with the result of get_stored()"));
    return true;
  }
  return false;
}

bool written_in_lambda(const Context &c, Index o, Word, Evidences &evidence) {
  for (const Index site : c.program.writes[o].sites) {
    const Access &write = c.access(site);
    if (write.function == none || !c.program.functions[write.function].name.ends_with("(anonymous)::operator()"))
      continue;
    evidence.push_back(c.evidence(write, "written in a lambda"));
    return true;
  }
  return false;
}

bool used_by_several_modules(const Context &c, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &modules = c.modules_of_object[o];
  if (modules.size() < 2)
    return false;
  const Module &first = c.program.modules[modules[0]], &second = c.program.modules[modules[1]];
  evidence.push_back({c.place(first.location), {}, "used by the modules " + first.name + " and " + second.name});
  return true;
}

// A read without a guard in a function that writes the object under one.
bool read_outside_its_lock(const Context &c, Index o, Word, Evidences &evidence) {
  for (Index i = c.accesses_of[o].first; i < c.accesses_of[o].last; ++i) {
    const Access &read = c.access(i);
    if (read.kind != AccessKind::read || read.atomic || !read.guards.empty() ||
        read.path.find("->") != std::string::npos)
      continue;
    for (const Index site : c.program.writes[o].sites) {
      const Access &write = c.access(site);
      if (write.function != read.function || write.guards.empty() || write.guards.back().kind != Guard::Kind::mutex ||
          write.location < read.location)
        continue;
      evidence.push_back(c.evidence(read, "read before the lock is taken"));
      evidence.push_back(c.evidence(write, "written under " + write.guards.back().api));
      return true;
    }
  }
  return false;
}

// A guard against a second load: an init function or exec slot raises the exception where it is set, and sets it before
// it does what can still fail, without taking it back.
bool guards_load_too_early(const Context &c, Index o, Word exception, Evidences &evidence) {
  const auto &sites = c.program.writes[o].sites;
  for (const Index site : sites) {
    const Access &set = c.access(site);
    const FunctionRoles *roles = c.roles(set.function);
    const bool last_write = std::none_of(sites.begin(), sites.end(), [&](Index other) {
      return c.access(other).function == set.function && set.location < c.access(other).location;
    });
    if (!set.tests_itself || set.stored.kind != StoredValue::Kind::constant || !last_write || !roles ||
        !(roles->exec || roles->module_init))
      continue;
    bool refuses = false;
    for (Index i = c.calls_of[set.function].first; i < c.calls_of[set.function].last; ++i) {
      const Call &call = c.program.calls[i];
      refuses |= call.location < set.location && !call.arguments.empty() &&
                 call.arguments[0].kind == CallArgument::Kind::object && call.arguments[0].target != none &&
                 c.program.objects[call.arguments[0].target].name == exception;
      if (!refuses || call.location <= set.location || call.result != ResultUse::tested)
        continue;
      evidence.push_back(c.evidence(set, "set here"));
      evidence.push_back(c.evidence(call, "can fail afterwards"));
      return true;
    }
  }
  return false;
}

} // namespace object_predicate

} // namespace ringfence
