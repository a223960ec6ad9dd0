#include "link/writes.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "facts/guard_kinds.h"
#include "link/guards.h"
#include "link/ranges.h"

namespace ringfence {
namespace {

enum class Effect { nothing, write, escape };

struct Classified {
  Effect effect = Effect::nothing;
  bool atomic = false;
};

bool is_of_api(const Knowledge &api, std::string_view record) {
  const KnownType *known = api.type(record);
  return known && known->is_of_api();
}

bool in_main_interpreter(const Access *access) {
  return std::any_of(access->guards.begin(), access->guards.end(),
                     [](const Guard &guard) { return guard.kind == Guard::Kind::main_interpreter; });
}

class Summariser {
public:
  Summariser(const Program &program, const Knowledge &api, const WatchedParameters &parameters)
      : program_(program), api_(api), watched_(parameters), parameters_(program, api, parameters) {
    for (const InitialiserEntry &entry : program.initialisers)
      if (entry.kind == InitialiserEntry::Kind::object && entry.target != none &&
          is_of_api(api, program.objects[entry.object].type.record))
        api_references_.emplace(entry.target, entry.location);
    for (const Access &access : program.accesses)
      if (access.kind == AccessKind::write && access.tests_itself && access.function != none)
        self_tested_.emplace(access.object, access.function);
  }

  WriteSummary summarise(Index object) const {
    WriteSummary summary;
    std::vector<const Access *> unguarded_candidates, beside_others;
    for (const Access &access : accesses_of(program_, object)) {
      const Classified classified = classify(access);
      const Index index = static_cast<Index>(&access - program_.accesses.data());
      if (classified.effect == Effect::escape)
        summary.escape_sites.push_back(index);
      if (classified.effect != Effect::write)
        continue;
      summary.sites.push_back(index);
      summary.writes = std::max(summary.writes, when(access));
      if (access.function == none || runs_alone(program_, access.function))
        continue;
      beside_others.push_back(&access);
      if (!classified.atomic)
        unguarded_candidates.push_back(&access);
    }
    summary.escapes = !summary.escape_sites.empty();
    summary.all_guarded = !summary.sites.empty() && share_a_guard(unguarded_candidates) && has_run_time_site(summary);
    summary.main_interpreter =
        !beside_others.empty() && std::all_of(beside_others.begin(), beside_others.end(), in_main_interpreter);
    return summary;
  }

private:
  Classified classify(const Access &access) const {
    const Object &object = program_.objects[access.object];
    if (access.path.find("->") != std::string::npos)
      return {};
    switch (access.kind) {
    case AccessKind::read:
      return {};
    case AccessKind::write:
    case AccessKind::read_modify_write:
      if (object.type.top_const && access.through_alias) // it leads elsewhere then: C and C++ allow no such write
        return {};
      return {Effect::write, access.atomic || object.type.atomic};
    case AccessKind::argument:
      return classify_argument(access, object);
    case AccessKind::stored:
      if (access.function == none && api_references_.count({access.object, access.location}) != 0)
        return {};
      [[fallthrough]];
    case AccessKind::returned:
    case AccessKind::address:
      return {object.type.top_const ? Effect::nothing : Effect::escape};
    }
    return {};
  }

  Classified classify_argument(const Access &access, const Object &object) const {
    if (object.type.top_const)
      return {};
    const Index callee = watched_.function(access.callee);
    const std::string &name = callee == none ? access.callee : program_.functions[callee].name;
    switch (parameters_.of(access.callee, access.argument)) {
    case ParameterUse::read:
      return {};
    case ParameterUse::written:
      // Among arguments that a format describes, a type or object stands to be compared with ("O!").
      if (api_.is_variadic_at(name, access.argument) && (object.type.type_by_value || object.type.object_by_value))
        return {};
      return {access.const_parameter ? Effect::nothing : Effect::write};
    case ParameterUse::synchronised:
      return {access.const_parameter ? Effect::nothing : Effect::write, true};
    case ParameterUse::retained:
      return {access.const_parameter ? Effect::nothing : Effect::escape};
    case ParameterUse::unknown:
      break;
    }
    if (access.const_parameter)
      return {};
    return {access.stored.kind == StoredValue::Kind::nothing ? Effect::escape : Effect::write}; // whatever else it does
  }

  WriteClass when(const Access &access) const {
    if (access.function == none)
      return WriteClass::init;
    const FunctionRoles &roles = program_.roles[access.function];
    if (roles.only_init())
      return roles.exec ? WriteClass::exec : WriteClass::init;
    if (roles.finalise && !roles.python_callable && !roles.callback && !roles.external)
      return WriteClass::exec;
    return is_lazy(access) ? WriteClass::lazy : WriteClass::anywhere;
  }

  bool is_lazy(const Access &access) const {
    if (access.stored.kind == StoredValue::Kind::parameter || access.kind == AccessKind::read_modify_write)
      return false;
    const bool once = std::any_of(access.guards.begin(), access.guards.end(), is_once);
    const bool by_flag = std::any_of(access.tested.begin(), access.tested.end(), [&](Index flag) {
      return self_tested_.count({flag, access.function}) != 0;
    });
    return access.tests_itself || once || by_flag;
  }

  // One lock or once is held at all. A once may also stand before the lock: it is over when users of the lock come.
  static bool share_a_guard(const std::vector<const Access *> &accesses) {
    std::vector<const Access *> later;
    std::copy_if(accesses.begin(), accesses.end(), std::back_inserter(later), [](const Access *access) {
      return std::none_of(access->guards.begin(), access->guards.end(), is_once);
    });
    return later.empty() ? hold_the_same(accesses) : hold_the_same(later);
  }

  static bool hold_the_same(const std::vector<const Access *> &accesses) {
    if (accesses.empty())
      return true;
    const std::vector<Guard> &first = accesses[0]->guards;
    return std::any_of(first.begin(), first.end(), [&](const Guard &guard) {
      return protects(guard) && std::all_of(accesses.begin(), accesses.end(), [&](const Access *access) {
               return std::any_of(access->guards.begin(), access->guards.end(), [&](const Guard &other) {
                 return other.kind == guard.kind && other.object == guard.object && other.text == guard.text;
               });
             });
    });
  }

  bool has_run_time_site(const WriteSummary &summary) const {
    return std::any_of(summary.sites.begin(), summary.sites.end(),
                       [&](Index site) { return program_.accesses[site].function != none; });
  }

  const Program &program_;
  const Knowledge &api_;
  const WatchedParameters &watched_;
  ParameterEffects parameters_;
  std::set<std::pair<Index, Location>> api_references_; // object and place of an initialiser that names it
  std::set<std::pair<Index, Index>> self_tested_;       // object and function that writes it under a test of it
};

} // namespace

std::vector<WriteSummary> summarise_writes(const Program &program, const Knowledge &api,
                                           const WatchedParameters &parameters) {
  const Summariser summariser(program, api, parameters);
  std::vector<WriteSummary> summaries;
  summaries.reserve(program.objects.size());
  for (Index object = 0; object < program.objects.size(); ++object)
    summaries.push_back(summariser.summarise(object));
  return summaries;
}

} // namespace ringfence
