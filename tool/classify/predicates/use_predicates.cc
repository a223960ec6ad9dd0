// What becomes of an object's value, over all its uses.
#include <algorithm>

#include "classify/index/escape.h"
#include "classify/index/locks_held.h"
#include "classify/predicates/object_facts.h"
#include "facts/guard_kinds.h"
#include "knowledge/api_names.h"

namespace ringfence {

namespace {

bool is_constant(const StoredValue &stored) {
  return stored.kind == StoredValue::Kind::constant || stored.kind == StoredValue::Kind::null;
}

// Whether what a call is given is written twice at least, with constants: by a constructor and its class's destructor.
bool written_twice_behind(const ProgramIndex &index, const Access &argument) {
  const auto callee = index.function_by_id.find(argument.callee);
  if (argument.kind != AccessKind::argument || callee == index.function_by_id.end())
    return false;
  return std::count_if(index.program.parameter_accesses.begin(), index.program.parameter_accesses.end(),
                       [&](const ParameterAccess &access) {
                         return access.function == callee->second && access.parameter == argument.argument &&
                                access.kind == AccessKind::write && is_constant(access.stored);
                       }) > 1;
}

// What the program gives to a function as it is, from a table or by its own address.
bool given_to(const Call &call, Index object) {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const CallArgument &argument) {
    const bool is_object =
        argument.kind == CallArgument::Kind::object || argument.kind == CallArgument::Kind::object_address;
    return is_object && argument.target == object;
  });
}

bool only_compared(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Range range = p.accesses_of[o];
  const Access *shown = nullptr;
  for (Index i = range.first; i < range.last; ++i) {
    const Access &access = p.access(i);
    if (access.kind == AccessKind::write)
      continue;
    if (access.kind != AccessKind::read || !access.compared)
      return false;
    shown = &access;
  }
  if (shown)
    evidence.push_back(p.evidence(*shown, "compared, and never followed"));
  return shown != nullptr;
}

bool read_somewhere(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Range range = p.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i)
    if (p.access(i).kind == AccessKind::read) {
      evidence.push_back(p.evidence(p.access(i), "read here"));
      return true;
    }
  return false;
}

bool passed_with(const ProgramIndex &p, Index o, Word trait, Evidences &evidence) {
  std::vector<Index> holders = {o};
  for (const Index entry : p.referred_by[o])
    holders.push_back(p.program.initialisers[entry].object);
  for (Index function = 0; function < p.api_of.size(); ++function) {
    if (!p.api_of[function] || !p.api_of[function]->has(trait))
      continue;
    for (const Index i : p.calls_to[function])
      for (const Index holder : holders)
        if (given_to(p.program.calls[i], holder)) {
          evidence.push_back(p.evidence(p.program.calls[i], "given to " + p.api_of[function]->name));
          return true;
        }
  }
  return false;
}

bool used_after_unlock(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const LateUse *late = late_use(p, o);
  const Access *replaced = !late ? nullptr : find_write(p, o, [&](const Access &write) {
    return write.kind == AccessKind::write && !write.tests_itself && runs_later(p, write);
  });
  if (!replaced)
    return false;
  evidence.push_back(p.evidence(*late));
  evidence.push_back(p.evidence(*replaced, "replaced by another thread meanwhile"));
  return true;
}

// Only what runs when the process or the runtime ends follows what a container holds; others add to it, or ask its size.
bool followed_at_exit_alone(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const auto runs_at_exit = [&](Index function) {
    return std::any_of(p.program.function_uses.begin(), p.program.function_uses.end(), [&](const FunctionUse &use) {
      const ApiEntry *api = use.function == function ? p.api(use.callee) : nullptr;
      return api && (api->has("process-exit-hook") || api->has("py-atexit"));
    });
  };
  const auto adds = [&](const Access &access) {
    const std::string_view name = p.function_name(access.callee);
    return access.kind == AccessKind::argument && (name.ends_with("::push_back") || name.ends_with("::emplace_back"));
  };
  const Access *shown = nullptr;
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    if (access.function == none || access.kind == AccessKind::read || adds(access))
      continue;
    if (!runs_at_exit(access.function))
      return false;
    shown = &access;
  }
  return !p.program.objects[o].type.scalar &&
         show(p, shown, evidence, "followed when the process ends, and nowhere else");
}

// `static T one; return one;` to callers that may do with it what they like, under no lock.
bool made_once_and_lent(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const WriteSummary &writes = p.program.writes[o];
  const auto is_lent = [&](Index site) { return p.access(site).kind == AccessKind::returned; };
  const auto lent = std::find_if(writes.escape_sites.begin(), writes.escape_sites.end(), is_lent);
  return lent != writes.escape_sites.end() &&
         std::all_of(writes.sites.begin(), writes.sites.end(),
                     [&](Index site) {
                       const std::vector<Guard> &guards = p.access(site).guards;
                       return std::any_of(guards.begin(), guards.end(), is_once);
                     }) &&
         show(p, &p.access(*lent), evidence, "lent to its callers, who hold no lock");
}

// `close(handle); handle = NULL;`: the value is given away, and what held it is written next.
bool given_away_and_replaced(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  constexpr std::uint32_t lines = 3;
  const auto gives_away = [&](const Call &call, const Access &write) {
    const ApiEntry *api = p.callee_api(call);
    const bool outside =
        call.callee != none && !p.program.functions[call.callee].defined && (!api || !is_interpreter_name(api->name));
    return outside && call.result == ResultUse::ignored && call.location.file == write.location.file &&
           call.location < write.location && call.location.line + lines >= write.location.line &&
           std::any_of(call.arguments.begin(), call.arguments.end(), [&](const CallArgument &argument) {
             return argument.kind == CallArgument::Kind::object && argument.target == o;
           });
  };
  for (const Index site : p.program.writes[o].sites) {
    const Access &write = p.access(site);
    if (!runs_later(p, write))
      continue;
    for (Index i = p.calls_of[write.function].first; i < p.calls_of[write.function].last; ++i)
      if (const Call &call = p.program.calls[i]; gives_away(call, write)) {
        evidence.push_back(
            p.evidence(call, "given to " + p.program.functions[call.callee].name + ", and replaced next"));
        return true;
      }
  }
  return false;
}

bool used_as_lock(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  if (p.taken_as_lock[o] >= p.program.accesses.size())
    return false;
  const Access &use = p.access(p.taken_as_lock[o]);
  const auto guard =
      std::find_if(use.guards.begin(), use.guards.end(), [&](const Guard &held) { return held.object == o; });
  evidence.push_back(p.evidence(use, (guard->inferred ? "inferred: " : "") + guard->api + " takes it around this"));
  return true;
}

bool toggled(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &sites = p.program.writes[o].sites;
  const auto plain = [&](Index site) { return is_constant(p.access(site).stored) && runs_later(p, p.access(site)); };
  const auto elsewhere = [&](Index site) { return p.access(site).function != p.access(sites.front()).function; };
  if (sites.size() < 2 || !std::all_of(sites.begin(), sites.end(), plain))
    return false;
  const auto other = std::find_if(sites.begin(), sites.end(), elsewhere);
  if (other == sites.end())
    return false;
  evidence.push_back(p.evidence(p.access(sites.front()), "set here"));
  evidence.push_back(p.evidence(p.access(*other), "and taken back, or set again, here"));
  return true;
}

bool taken_back(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const TypeFacts &type = p.program.objects[o].type;
  if (!type.scalar || type.pointer)
    return false;
  const std::vector<Index> &sites = p.program.writes[o].sites;
  if (!std::all_of(sites.begin(), sites.end(), [&](Index site) { return is_constant(p.access(site).stored); }))
    return false;
  for (const Index site : sites) {
    const Access &set = p.access(site);
    if (!set.tests_itself || !runs_later(p, set))
      continue;
    const bool back = written_twice_behind(p, set) || std::any_of(sites.begin(), sites.end(), [&](Index other) {
                        return p.access(other).function == set.function && p.access(other).location > set.location;
                      });
    if (!back)
      continue;
    evidence.push_back(p.evidence(set, "set where it was found unset, and taken back afterwards"));
    return true;
  }
  return false;
}

bool used_by_several_modules(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &modules = p.attribution.modules_of_object[o];
  if (modules.size() < 2)
    return false;
  const Module &first = p.program.modules[modules[0]], &second = p.program.modules[modules[1]];
  evidence.push_back({p.place(first.location), {}, "used by the modules " + first.name + " and " + second.name});
  return true;
}

// A read without a guard in a function that writes the object under one.
bool read_outside_its_lock(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &read = p.access(i);
    if (read.kind != AccessKind::read || read.atomic || !read.guards.empty() ||
        read.path.find("->") != std::string::npos)
      continue;
    for (const Index site : p.program.writes[o].sites) {
      const Access &write = p.access(site);
      if (write.function != read.function || write.guards.empty() || write.guards.back().kind != Guard::Kind::mutex ||
          write.location < read.location)
        continue;
      evidence.push_back(p.evidence(read, "read before the lock is taken"));
      evidence.push_back(p.evidence(write, "written under " + write.guards.back().api));
      return true;
    }
  }
  return false;
}

// Of every use that can run beside another: under a lock, or atomic.
bool used_under_locks(const ProgramIndex &p, Index o, Word, Evidences &) {
  if (!p.program.writes[o].all_guarded)
    return false;
  const Range range = p.accesses_of[o];
  return std::all_of(p.program.accesses.begin() + range.first, p.program.accesses.begin() + range.last,
                     [&](const Access &access) {
                       return !runs_later(p, access) || access.atomic ||
                              std::any_of(access.guards.begin(), access.guards.end(),
                                          [](const Guard &guard) { return protects(guard) && !guard.inferred; });
                     });
}

// Followed where no lock is held, while other code replaces it under one.
bool followed_without_lock(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    if (access.kind == AccessKind::read && !access.compared && !access.atomic && runs_later(p, access) &&
        std::none_of(access.guards.begin(), access.guards.end(), [](const Guard &guard) { return protects(guard); }))
      return show(p, &access, evidence, "followed without a lock");
  }
  return false;
}

// An object of which nothing is used but its lock.
bool lent_to_critical_sections(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Range range = p.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i) {
    const KnownLock *lock =
        p.access(i).kind == AccessKind::argument ? p.tables.lock(p.function_name(p.access(i).callee)) : nullptr;
    if (!lock || lock->kind != KnownLock::Kind::critical_section)
      return false;
  }
  return range.first != range.last && show(p, &p.access(range.first), evidence, "lends its lock, and nothing else");
}

constexpr ObjectPredicate use_rows[] = {
    {"used-under-locks", Takes::nothing, "each use that can run beside another holds a known lock, or is atomic",
     used_under_locks},
    {"followed-without-lock", Takes::nothing, "its value goes somewhere in code that can run later and holds no lock",
     followed_without_lock},
    {"lent-to-critical-sections", Takes::nothing, "its address is given to critical sections, and to nothing else",
     lent_to_critical_sections},
    {"toggled", Takes::nothing, "set to constants by two functions at least", toggled},
    {"only-compared", Takes::nothing, "its value is compared or tested, and never used otherwise", only_compared},
    {"read", Takes::nothing, "some code reads it", read_somewhere},
    {"passed-with", Takes::trait, "it, or a table with its address, is given to a function with this trait",
     passed_with},
    {"used-after-unlock", Takes::nothing,
     "a pointer that is loaded under a lock without a new reference, used when the lock is over, and replaced "
     "elsewhere",
     used_after_unlock},
    {"given-away-and-replaced", Takes::nothing,
     "its value goes to a function of another library whose result nobody takes, and it is written next",
     given_away_and_replaced},
    {"followed-at-exit-alone", Takes::nothing,
     "a container to which code adds, and whose elements only functions follow that run when the process or runtime "
     "ends",
     followed_at_exit_alone},
    {"made-once-and-lent", Takes::nothing, "written under a once alone, and returned to callers that may change it",
     made_once_and_lent},
    {"used-as-lock", Takes::nothing, "a function takes it, by its own name, as a lock", used_as_lock},
    {"taken-back", Takes::nothing,
     "a flag that code which can run at any time finds unset, sets, and sets back when it is done: constants alone",
     taken_back},
    {"used-by-several-modules", Takes::nothing, "at least two modules lead to it", used_by_several_modules},
    {"read-outside-its-lock", Takes::nothing,
     "written under a lock in a function that reads it before it takes the lock", read_outside_its_lock},
};

} // namespace

std::span<const ObjectPredicate> use_predicates() { return use_rows; }

} // namespace ringfence
