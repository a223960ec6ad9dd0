// Who writes an object, when, and under which protection.
#include <algorithm>

#include "classify/index/escape.h"
#include "classify/predicates/object_facts.h"
#include "facts/guard_kinds.h"
#include "link/guards.h"

namespace ringfence {

namespace {

const WriteSummary &writes(const ProgramIndex &index, Index object) { return index.program.writes[object]; }

// Shows the first write where the fact holds.
bool shown(bool holds, const ProgramIndex &index, Index object, Evidences &evidence, const char *what) {
  const WriteSummary &summary = writes(index, object);
  if (holds && !summary.sites.empty())
    evidence.push_back(index.evidence(index.access(summary.sites.front()), what));
  return holds;
}

// The same for a class that only writes which can run later have.
bool shown_later(bool holds, const ProgramIndex &index, Index object, Evidences &evidence, const char *what) {
  for (const Index site : writes(index, object).sites)
    if (holds && runs_later(index, index.access(site))) {
      evidence.push_back(index.evidence(index.access(site), what));
      break;
    }
  return holds;
}

template <class Test>
bool some_write(const ProgramIndex &index, Index object, Evidences &evidence, const char *what, Test test) {
  for (const Index site : writes(index, object).sites) {
    const Access &access = index.access(site);
    if (!test(access))
      continue;
    evidence.push_back(index.evidence(access, what));
    return true;
  }
  return false;
}

bool in_main(const Access &access) {
  return std::any_of(access.guards.begin(), access.guards.end(),
                     [](const Guard &guard) { return guard.kind == Guard::Kind::main_interpreter; });
}

bool in_role(const ProgramIndex &index, const Access &access, bool FunctionRoles::*role) {
  const FunctionRoles *roles = index.roles(access.function);
  return roles && roles->*role;
}

// ": get -> fill -> store", from a function that Python calls to the one of the access; empty where they are one.
std::string way_from_python(const ProgramIndex &index, const Access &access) {
  constexpr std::size_t longest = 8;
  std::vector<std::string_view> way;
  for (Index at = access.function; at != none && way.size() < longest; at = index.program.roles[at].python_caller)
    way.insert(way.begin(), index.program.functions[at].name);
  if (way.size() < 2)
    return {};
  std::string text = way.size() == longest ? ": ... " : ": ";
  for (const std::string_view name : way)
    text += (name == way.front() ? "" : " -> ") + std::string(name);
  return text;
}

bool never_written(const ProgramIndex &p, Index o, Word, Evidences &) {
  return writes(p, o).writes == WriteClass::never && !first_escape(p, o);
}
bool named_in_unread_code(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<UnreadName> &names = p.program.unread_names;
  const auto named = std::lower_bound(names.begin(), names.end(), o,
                                      [](const UnreadName &name, Index object) { return name.object < object; });
  if (named == names.end() || named->object != o)
    return false;
  evidence.push_back({p.place(named->location), "", "named in code that was not read"});
  return true;
}
bool no_write_seen(const ProgramIndex &p, Index o, Word, Evidences &) {
  return writes(p, o).writes == WriteClass::never;
}
bool written_in_init(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return shown(writes(p, o).writes == WriteClass::init, p, o, evidence, "written in module init");
}
bool written_in_exec(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return shown(writes(p, o).writes == WriteClass::exec, p, o, evidence,
               "written in an exec slot, which runs once for each interpreter");
}
// As a rule, before anything else does.
bool init_leads_to_writes(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &sites = writes(p, o).sites;
  const auto is_reached = [&](Index site) {
    const FunctionRoles *roles = p.roles(p.access(site).function);
    return roles && (roles->module_init || roles->exec);
  };
  return !sites.empty() && std::all_of(sites.begin(), sites.end(), is_reached) &&
         show(p, &p.access(sites.front()), evidence, "module init leads here, too");
}
bool written_lazily(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return shown_later(writes(p, o).writes == WriteClass::lazy, p, o, evidence, "written on first use, after a test");
}
bool written_anywhere(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return shown_later(writes(p, o).writes == WriteClass::anywhere, p, o, evidence,
                     "written where any thread can come at any time");
}

// Not at an element alone: a container that grows moves what it holds.
bool changed_as_a_whole(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return some_write(p, o, evidence, "changed as a whole", [&](const Access &access) {
    return access.path.find("[]") == std::string::npos && runs_later(p, access);
  });
}

bool written_at_load(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &sites = writes(p, o).sites;
  const auto at_load = [&](Index site) {
    const Index function = p.access(site).function;
    return function != none && p.program.functions[function].constructor_attribute;
  };
  return !sites.empty() && std::all_of(sites.begin(), sites.end(), at_load) &&
         shown(true, p, o, evidence, "written while the library is loaded, once");
}

bool escapes_in_init(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &sites = writes(p, o).escape_sites;
  if (sites.empty() || std::any_of(sites.begin(), sites.end(), [&](Index site) {
        return p.access(site).function == none || runs_later(p, p.access(site));
      }))
    return false;
  evidence.push_back(p.evidence(p.access(sites.front()), "its address is used by module initialisation alone"));
  return true;
}

bool assigned_at_run_time(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return some_write(p, o, evidence, "assigned at run time",
                    [&](const Access &access) { return access.kind != AccessKind::argument && runs_later(p, access); });
}

bool escapes(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *escape = first_escape(p, o);
  if (escape)
    evidence.push_back(p.evidence(*escape, describe_escape(p, *escape)));
  return escape != nullptr;
}

bool passed_to_unknown(const ProgramIndex &p, Index o, Word, Evidences &) {
  const Access *escape = first_escape(p, o);
  if (!escape || escape->kind != AccessKind::argument || p.api(escape->callee))
    return false;
  const auto callee = p.function_by_id.find(escape->callee);
  return callee == p.function_by_id.end() || !p.program.functions[callee->second].defined;
}

// An inferred lock counts only where it holds at every use that can run beside another.
bool guarded(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  if (!writes(p, o).all_guarded)
    return false;
  const auto under = [](const Access &access, bool inferred) {
    return std::any_of(access.guards.begin(), access.guards.end(),
                       [&](const Guard &guard) { return protects(guard) && guard.inferred == inferred; });
  };
  const std::vector<Index> &sites = writes(p, o).sites;
  const auto only_inferred =
      std::find_if(sites.begin(), sites.end(), [&](Index site) { return under(p.access(site), true); });
  const bool known = std::any_of(sites.begin(), sites.end(), [&](Index site) { return under(p.access(site), false); });
  if (only_inferred == sites.end() || known)
    return shown(true, p, o, evidence, "written under a lock or atomically, as all its writes are");
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i)
    if (runs_later(p, p.access(i)) && !p.access(i).atomic && !under(p.access(i), true))
      return false;
  const Access &first = p.access(*only_inferred);
  const auto guard =
      std::find_if(first.guards.begin(), first.guards.end(), [](const Guard &held) { return held.inferred; });
  evidence.push_back(p.evidence(first, "used under " + guard->api + " alone, which is inferred to be a lock"));
  return true;
}

bool written_by_main_interpreter(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return writes(p, o).main_interpreter && some_write(p, o, evidence, "written by the main interpreter alone", in_main);
}

bool used_by_main_interpreter(const ProgramIndex &p, Index o, Word, Evidences &) {
  const Range range = p.accesses_of[o];
  return writes(p, o).main_interpreter && !first_escape(p, o) &&
         std::all_of(p.program.accesses.begin() + range.first, p.program.accesses.begin() + range.last,
                     [&](const Access &access) {
                       return access.function == none || runs_alone(p.program, access.function) || in_main(access);
                     });
}

bool written_by_python_callable(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (const Index site : writes(p, o).sites) {
    const Access &access = p.access(site);
    if (!in_role(p, access, &FunctionRoles::python_callable))
      continue;
    evidence.push_back(p.evidence(access, "written in code that Python code can run" + way_from_python(p, access)));
    return true;
  }
  return false;
}

bool written_in_finalise(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return some_write(p, o, evidence, "written by a deallocator", [&](const Access &access) {
    const auto kind = access.stored.kind;
    return in_role(p, access, &FunctionRoles::finalise) && access.kind != AccessKind::read_modify_write &&
           kind != StoredValue::Kind::null && kind != StoredValue::Kind::constant && kind != StoredValue::Kind::call &&
           kind != StoredValue::Kind::nothing;
  });
}

bool reachable_from_python(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Range range = p.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i) {
    if (!in_role(p, p.access(i), &FunctionRoles::python_callable))
      continue;
    evidence.push_back(p.evidence(p.access(i), "used in code that Python code can run"));
    return true;
  }
  return false;
}

bool filled_by_element(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const TypeFacts &type = p.program.objects[o].type;
  const auto &sites = writes(p, o).sites;
  if (!type.array || type.pointer || !type.record.empty() || sites.size() != 1)
    return false;
  const Access &site = p.access(sites.front());
  const bool by_other = std::any_of(site.tested.begin(), site.tested.end(),
                                    [&](Index flag) { return p.program.objects[flag].type.array; });
  return site.path == "[]" && (site.tests_itself || by_other) &&
         shown(true, p, o, evidence, "one element is written, after a test of it");
}

bool counts(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const auto &sites = writes(p, o).sites;
  const auto modifies = [&](Index site) { return p.access(site).kind == AccessKind::read_modify_write; };
  const auto resets = [&](Index site) {
    const auto kind = p.access(site).stored.kind;
    return kind == StoredValue::Kind::constant || kind == StoredValue::Kind::null;
  };
  const auto first = std::find_if(sites.begin(), sites.end(), modifies);
  if (first == sites.end() ||
      !std::all_of(sites.begin(), sites.end(), [&](Index site) { return modifies(site) || resets(site); }))
    return false;
  evidence.push_back(p.evidence(p.access(*first), "counted up or down"));
  return true;
}

bool leaves_its_function(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Range range = p.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i) {
    const AccessKind kind = p.access(i).kind;
    if (kind != AccessKind::returned && kind != AccessKind::stored)
      continue;
    evidence.push_back(p.evidence(p.access(i), kind == AccessKind::returned ? "its address is returned"
                                                                            : "its address is stored elsewhere"));
    return true;
  }
  return false;
}

// A static of a function that others write alone, through the reference or pointer that it gives them.
bool written_elsewhere(const ProgramIndex &p, Index o, Word, Evidences &) {
  const std::string &own = p.program.objects[o].function;
  const std::vector<Index> &sites = writes(p, o).sites;
  return !own.empty() && !sites.empty() && std::none_of(sites.begin(), sites.end(), [&](Index site) {
    const Index function = p.access(site).function;
    return function == none || p.program.functions[function].name.ends_with(own);
  });
}

bool written_in_lambda(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (const Index site : p.program.writes[o].sites) {
    const Access &write = p.access(site);
    if (write.function == none || !p.program.functions[write.function].name.ends_with("(anonymous)::operator()"))
      continue;
    evidence.push_back(p.evidence(write, "written in a lambda"));
    return true;
  }
  return false;
}

constexpr ObjectPredicate write_rows[] = {
    {"never-written", Takes::nothing, "no write, and no address that escapes to code that may write", never_written},
    {"named-in-unread-code", Takes::nothing,
     "a branch that the preprocessor did not take, or a statement with an error, names it", named_in_unread_code},
    {"no-write-seen", Takes::nothing, "no write, though its address may escape", no_write_seen},
    {"written-in-init", Takes::nothing, "written only in code that runs in module init or runtime start",
     written_in_init},
    {"written-in-exec", Takes::nothing, "written only in code that runs in module init and exec slots",
     written_in_exec},
    {"init-leads-to-writes", Takes::nothing, "module init or an exec slot reaches each place that writes it",
     init_leads_to_writes},
    {"written-lazily", Takes::nothing, "written where it, or a flag, was tested before", written_lazily},
    {"written-anywhere", Takes::nothing, "written in code that can run at any time", written_anywhere},
    {"changed-as-a-whole", Takes::nothing, "written in code that can run later, and not at its elements alone",
     changed_as_a_whole},
    {"written-at-load", Takes::nothing, "written only by functions that the loader calls", written_at_load},
    {"escapes-in-init", Takes::nothing, "its address escapes, in code that runs in module init and exec slots alone",
     escapes_in_init},
    {"assigned-at-run-time", Takes::nothing,
     "it or a member of it is assigned to, not by a function that it is given to, in code that can run after init",
     assigned_at_run_time},
    {"escapes", Takes::nothing, "its address goes where a write cannot be excluded", escapes},
    {"passed-to-unknown", Takes::nothing,
     "its address is given to a function that neither the program nor the tables show", passed_to_unknown},
    {"guarded", Takes::nothing, "each write holds a lock other than the GIL, or is atomic", guarded},
    {"written-by-main-interpreter", Takes::nothing,
     "each write, but those while the runtime starts or ends, stands behind a test for the main interpreter",
     written_by_main_interpreter},
    {"used-by-main-interpreter", Takes::nothing, "so does each read, and its address goes nowhere else",
     used_by_main_interpreter},
    {"written-by-python-callable", Takes::nothing, "written in code that Python code can run",
     written_by_python_callable},
    {"written-in-finalise", Takes::nothing,
     "written by a deallocator or module clean-up with something that it was given: no constant, result or count",
     written_in_finalise},
    {"reachable-from-python", Takes::nothing, "read or written in code that Python code can run",
     reachable_from_python},
    {"filled-by-element", Takes::nothing,
     "an array of numbers, each written at one place, after a test of the same element or of its like in another array",
     filled_by_element},
    {"counts", Takes::nothing, "incremented or decremented, and otherwise only set to constants", counts},
    {"leaves-its-function", Takes::nothing, "its address is returned or stored elsewhere", leaves_its_function},
    {"written-elsewhere", Takes::nothing, "a static of a function, written by other functions alone",
     written_elsewhere},
    {"written-in-lambda", Takes::nothing, "written in the body of a lambda", written_in_lambda},
};

} // namespace

std::span<const ObjectPredicate> write_predicates() { return write_rows; }

} // namespace ringfence
