// Who writes an object, when, and under which protection.
#include <algorithm>

#include "classify/escape.h"
#include "classify/object_predicates.h"
#include "facts/guard_kinds.h"
#include "link/guards.h"

namespace ringfence::object_predicate {

namespace {

using Word = const std::string &;

const WriteSummary &writes(const Context &context, Index object) { return context.program.writes[object]; }

// Shows the first write where the fact holds.
bool shown(bool holds, const Context &context, Index object, Evidences &evidence, const char *what) {
  const WriteSummary &summary = writes(context, object);
  if (holds && !summary.sites.empty())
    evidence.push_back(context.evidence(context.access(summary.sites.front()), what));
  return holds;
}

bool runs_later(const Context &context, const Access &access) {
  const FunctionRoles *roles = context.roles(access.function);
  return roles && !roles->only_init();
}

// The same for a class that only writes which can run later have.
bool shown_later(bool holds, const Context &context, Index object, Evidences &evidence, const char *what) {
  for (const Index site : writes(context, object).sites)
    if (holds && runs_later(context, context.access(site))) {
      evidence.push_back(context.evidence(context.access(site), what));
      break;
    }
  return holds;
}

template <class Test>
bool some_write(const Context &context, Index object, Evidences &evidence, const char *what, Test test) {
  for (const Index site : writes(context, object).sites) {
    const Access &access = context.access(site);
    if (!test(access))
      continue;
    evidence.push_back(context.evidence(access, what));
    return true;
  }
  return false;
}

// The writes of a flag, under a test of itself, in the function that writes something else after a test of it. Where
// there is none, another function decides, or the test follows: it does not say that this function has been here.
std::vector<Index> flag_writes(const Context &context, Index flag, const Access &flagged) {
  std::vector<Index> own;
  for (const Index site : writes(context, flag).sites)
    if (context.access(site).function == flagged.function && context.access(site).tests_itself)
      own.push_back(site);
  return own;
}

// What a write stored is read: by another function, further on in its own, or where the flag was tested.
bool read_after(const Context &context, Index flag, const Access &write) {
  const Range range = context.accesses_of[write.object];
  return std::any_of(context.program.accesses.begin() + range.first, context.program.accesses.begin() + range.last,
                     [&](const Access &access) {
                       const bool reads = &access != &write && access.kind != AccessKind::write &&
                                          access.kind != AccessKind::read_modify_write;
                       return reads && (access.function != write.function || access.location > write.location ||
                                        std::count(access.tested.begin(), access.tested.end(), flag) != 0);
                     });
}

// A write of plain data that is read afterwards, which a flag can thus announce.
bool announced(const Context &context, Index flag, const Access &write) {
  return !write.atomic && !context.program.objects[write.object].type.atomic && read_after(context, flag, write);
}

// The writes that a flag announces, by functions that test and set it.
std::vector<Index> payload_writes(const Context &context, Index flag) {
  std::vector<Index> payload;
  for (const Index site : context.flagged_by[flag])
    if (const Access &access = context.access(site);
        announced(context, flag, access) && !flag_writes(context, flag, access).empty())
      payload.push_back(site);
  return payload;
}

bool in_main(const Access &access) {
  return std::any_of(access.guards.begin(), access.guards.end(),
                     [](const Guard &guard) { return guard.kind == Guard::Kind::main_interpreter; });
}

bool in_role(const Context &context, const Access &access, bool FunctionRoles::*role) {
  const FunctionRoles *roles = context.roles(access.function);
  return roles && roles->*role;
}

// ": get -> fill -> store", from a function that Python calls to the one of the access; empty where they are one.
std::string way_from_python(const Context &context, const Access &access) {
  constexpr std::size_t longest = 8;
  std::vector<std::string_view> way;
  for (Index at = access.function; at != none && way.size() < longest; at = context.program.roles[at].python_caller)
    way.insert(way.begin(), context.program.functions[at].name);
  if (way.size() < 2)
    return {};
  std::string text = way.size() == longest ? ": ... " : ": ";
  for (const std::string_view name : way)
    text += (name == way.front() ? "" : " -> ") + std::string(name);
  return text;
}

} // namespace

bool never_written(const Context &c, Index o, Word, Evidences &) {
  return writes(c, o).writes == WriteClass::never && !first_escape(c, o);
}
bool named_in_unread_code(const Context &c, Index o, Word, Evidences &evidence) {
  const std::vector<UnreadName> &names = c.program.unread_names;
  const auto named = std::lower_bound(names.begin(), names.end(), o,
                                      [](const UnreadName &name, Index object) { return name.object < object; });
  if (named == names.end() || named->object != o)
    return false;
  evidence.push_back({c.place(named->location), "", "named in code that was not read"});
  return true;
}
bool no_write_seen(const Context &c, Index o, Word, Evidences &) { return writes(c, o).writes == WriteClass::never; }
bool written_in_init(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(writes(c, o).writes == WriteClass::init, c, o, evidence, "written in module init");
}
bool written_in_exec(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(writes(c, o).writes == WriteClass::exec, c, o, evidence,
               "written in an exec slot, which runs once for each interpreter");
}
bool written_lazily(const Context &c, Index o, Word, Evidences &evidence) {
  return shown_later(writes(c, o).writes == WriteClass::lazy, c, o, evidence, "written on first use, after a test");
}
bool written_anywhere(const Context &c, Index o, Word, Evidences &evidence) {
  return shown_later(writes(c, o).writes == WriteClass::anywhere, c, o, evidence,
                     "written where any thread can come at any time");
}

bool assigned_at_run_time(const Context &c, Index o, Word, Evidences &evidence) {
  return some_write(c, o, evidence, "assigned at run time",
                    [&](const Access &access) { return access.kind != AccessKind::argument && runs_later(c, access); });
}

bool escapes(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *escape = first_escape(c, o);
  if (escape)
    evidence.push_back(c.evidence(*escape, describe_escape(c, *escape)));
  return escape != nullptr;
}

bool passed_to_unknown(const Context &c, Index o, Word, Evidences &) {
  const Access *escape = first_escape(c, o);
  if (!escape || escape->kind != AccessKind::argument || c.api(escape->callee))
    return false;
  const auto callee = c.function_by_id.find(escape->callee);
  return callee == c.function_by_id.end() || !c.program.functions[callee->second].defined;
}

// An inferred lock counts only where it holds at every use that can run beside another.
bool guarded(const Context &c, Index o, Word, Evidences &evidence) {
  if (!writes(c, o).all_guarded)
    return false;
  const auto under = [](const Access &access, bool inferred) {
    return std::any_of(access.guards.begin(), access.guards.end(),
                       [&](const Guard &guard) { return protects(guard) && guard.inferred == inferred; });
  };
  const std::vector<Index> &sites = writes(c, o).sites;
  const auto only_inferred =
      std::find_if(sites.begin(), sites.end(), [&](Index site) { return under(c.access(site), true); });
  const bool known = std::any_of(sites.begin(), sites.end(), [&](Index site) { return under(c.access(site), false); });
  if (only_inferred == sites.end() || known)
    return shown(true, c, o, evidence, "written under a lock or atomically, as all its writes are");
  for (Index i = c.accesses_of[o].first; i < c.accesses_of[o].last; ++i)
    if (runs_later(c, c.access(i)) && !c.access(i).atomic && !under(c.access(i), true))
      return false;
  const Access &first = c.access(*only_inferred);
  const auto guard =
      std::find_if(first.guards.begin(), first.guards.end(), [](const Guard &held) { return held.inferred; });
  evidence.push_back(c.evidence(first, "used under " + guard->api + " alone, which is inferred to be a lock"));
  return true;
}

bool written_by_main_interpreter(const Context &c, Index o, Word, Evidences &evidence) {
  return writes(c, o).main_interpreter && some_write(c, o, evidence, "written by the main interpreter alone", in_main);
}

bool used_by_main_interpreter(const Context &c, Index o, Word, Evidences &) {
  const Range range = c.accesses_of[o];
  return writes(c, o).main_interpreter && !first_escape(c, o) &&
         std::all_of(c.program.accesses.begin() + range.first, c.program.accesses.begin() + range.last,
                     [&](const Access &access) {
                       return access.function == none || runs_alone(c.program, access.function) || in_main(access);
                     });
}

bool written_by_python_callable(const Context &c, Index o, Word, Evidences &evidence) {
  for (const Index site : writes(c, o).sites) {
    const Access &access = c.access(site);
    if (!in_role(c, access, &FunctionRoles::python_callable))
      continue;
    evidence.push_back(c.evidence(access, "written in code that Python code can run" + way_from_python(c, access)));
    return true;
  }
  return false;
}

bool written_in_finalise(const Context &c, Index o, Word, Evidences &evidence) {
  return some_write(c, o, evidence, "written by a deallocator", [&](const Access &access) {
    const auto kind = access.stored.kind;
    return in_role(c, access, &FunctionRoles::finalise) && access.kind != AccessKind::read_modify_write &&
           kind != StoredValue::Kind::null && kind != StoredValue::Kind::constant && kind != StoredValue::Kind::call &&
           kind != StoredValue::Kind::nothing;
  });
}

bool reachable_from_python(const Context &c, Index o, Word, Evidences &evidence) {
  const Range range = c.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i) {
    if (!in_role(c, c.access(i), &FunctionRoles::python_callable))
      continue;
    evidence.push_back(c.evidence(c.access(i), "used in code that Python code can run"));
    return true;
  }
  return false;
}

bool tested_as_flag(const Context &c, Index o, Word, Evidences &evidence) {
  const std::vector<Index> payload = payload_writes(c, o);
  if (payload.empty())
    return false;
  const Access &first = c.access(payload.front());
  evidence.push_back(c.evidence(first, "tested before " + c.program.objects[first.object].name + " is written"));
  return true;
}

bool flags_whole_words(const Context &c, Index o, Word, Evidences &evidence) {
  const std::vector<Index> payload = payload_writes(c, o);
  const auto whole = [&](Index site) {
    const Access &access = c.access(site);
    const std::vector<Index> flags = flag_writes(c, o, access);
    Evidences unused;
    return one_word(c, access.object, {}, unused) && !c.program.objects[access.object].type.pointer &&
           access.kind == AccessKind::write && std::none_of(flags.begin(), flags.end(), [&](Index flag) {
             return c.access(flag).location < access.location;
           });
  };
  if (payload.empty() || !std::all_of(payload.begin(), payload.end(), whole))
    return false;
  const Access &last = c.access(payload.back());
  evidence.push_back(c.evidence(last, c.program.objects[last.object].name + " is stored at once, before the flag"));
  return true;
}

bool flags_objects(const Context &c, Index o, Word, Evidences &evidence) {
  for (const Index site : c.flagged_by[o]) {
    const Access &access = c.access(site);
    Evidences unused;
    if (!announced(c, o, access) || !holds_object(c, access.object, {}, unused))
      continue;
    evidence.push_back(c.evidence(access, "tested before " + c.program.objects[access.object].name +
                                              " is written, which leads to Python objects"));
    return true;
  }
  return false;
}

bool filled_by_element(const Context &c, Index o, Word, Evidences &evidence) {
  const TypeFacts &type = c.program.objects[o].type;
  const auto &sites = writes(c, o).sites;
  if (!type.array || type.pointer || !type.record.empty() || sites.size() != 1)
    return false;
  const Access &site = c.access(sites.front());
  const bool by_other = std::any_of(site.tested.begin(), site.tested.end(),
                                    [&](Index flag) { return c.program.objects[flag].type.array; });
  return site.path == "[]" && (site.tests_itself || by_other) &&
         shown(true, c, o, evidence, "one element is written, after a test of it");
}

bool counts(const Context &c, Index o, Word, Evidences &evidence) {
  const auto &sites = writes(c, o).sites;
  const auto modifies = [&](Index site) { return c.access(site).kind == AccessKind::read_modify_write; };
  const auto resets = [&](Index site) {
    const auto kind = c.access(site).stored.kind;
    return kind == StoredValue::Kind::constant || kind == StoredValue::Kind::null;
  };
  const auto first = std::find_if(sites.begin(), sites.end(), modifies);
  if (first == sites.end() ||
      !std::all_of(sites.begin(), sites.end(), [&](Index site) { return modifies(site) || resets(site); }))
    return false;
  evidence.push_back(c.evidence(c.access(*first), "counted up or down"));
  return true;
}

bool leaves_its_function(const Context &c, Index o, Word, Evidences &evidence) {
  const Range range = c.accesses_of[o];
  for (Index i = range.first; i < range.last; ++i) {
    const AccessKind kind = c.access(i).kind;
    if (kind != AccessKind::returned && kind != AccessKind::stored)
      continue;
    evidence.push_back(c.evidence(c.access(i), kind == AccessKind::returned ? "its address is returned"
                                                                            : "its address is stored elsewhere"));
    return true;
  }
  return false;
}

} // namespace ringfence::object_predicate
