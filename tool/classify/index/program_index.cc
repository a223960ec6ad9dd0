#include "classify/index/program_index.h"

#include <algorithm>
#include <map>
#include <set>

#include "classify/index/shared_members.h"
#include "knowledge/api_names.h"
#include "link/ranges.h"

namespace ringfence {

namespace {

// Positions of the elements that belong to each owner, in a vector that is sorted by owner; elements without owner are
// left out.
template <class Element, class Owner>
std::vector<Range> ranges(const std::vector<Element> &elements, std::size_t owners, Owner owner_of) {
  std::vector<Range> all(owners);
  for (Index i = 0; i < elements.size(); ++i) {
    const Index owner = owner_of(elements[i]);
    if (owner >= owners)
      continue;
    Range &range = all[owner];
    if (range.first == range.last)
      range.first = i;
    range.last = i + 1;
  }
  return all;
}

const ApiEntry *find_api(const Knowledge &tables, std::string_view name, std::string_view id) {
  if (id.empty())
    return nullptr;
  const ApiEntry *entry = tables.function(name);
  return entry ? entry : tables.function(id);
}

bool is_taken(const Guard &guard) { return guard.kind == Guard::Kind::mutex || guard.kind == Guard::Kind::spin; }

bool is_write(const Access &access) {
  return access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write;
}

using Lists = ProgramIndex::Lists;

Lists list_references(const Program &program) {
  Lists referred_by(program.objects.size());
  for (Index i = 0; i < program.initialisers.size(); ++i) {
    const InitialiserEntry &entry = program.initialisers[i];
    if (entry.kind == InitialiserEntry::Kind::object && entry.target < program.objects.size())
      referred_by[entry.target].push_back(i);
  }
  return referred_by;
}

Lists list_calls_by_callee(const Program &program) {
  Lists calls_to(program.functions.size());
  for (Index i = 0; i < program.calls.size(); ++i)
    if (const Index callee = program.calls[i].callee; callee < calls_to.size())
      calls_to[callee].push_back(i);
  return calls_to;
}

// Members are told apart by name alone; one that many functions are stored under says nothing.
Lists list_calls_by_way(const Program &program) {
  constexpr std::size_t most_functions = 32;          // under one name
  std::map<std::string_view, std::set<Index>> stored; // by member
  for (const FunctionUse &use : program.function_uses)
    if (const std::string_view member = split_path(use.path).member; !member.empty() && use.function != none)
      stored[member].insert(use.function);
  for (const InitialiserEntry &entry : program.initialisers)
    if (const std::string_view member = split_path(entry.path).member;
        entry.kind == InitialiserEntry::Kind::function && entry.target != none && !member.empty())
      stored[member].insert(entry.target);
  Lists calls(program.functions.size());
  for (Index i = 0; i < program.calls.size(); ++i) {
    const Call &call = program.calls[i];
    const auto known = call.callee == none ? stored.find(split_path(call.pointer).member) : stored.end();
    if (known != stored.end() && known->second.size() <= most_functions)
      for (const Index function : known->second)
        calls[function].push_back(i);
    for (const CallArgument &argument : call.arguments)
      if (argument.kind == CallArgument::Kind::function && argument.target < calls.size())
        calls[argument.target].push_back(i);
  }
  return calls;
}

Lists list_calls_by_member(const Program &program) {
  Lists calls_with_member(program.objects.size());
  for (Index i = 0; i < program.calls.size(); ++i) {
    const std::vector<CallArgument> &arguments = program.calls[i].arguments;
    if (!arguments.empty() && arguments[0].kind == CallArgument::Kind::member)
      calls_with_member[arguments[0].target].push_back(i);
  }
  return calls_with_member;
}

Lists list_writes_by_function(const Program &program) {
  Lists written_by(program.functions.size());
  for (Index i = 0; i < program.writes.size(); ++i)
    for (const Index site : program.writes[i].sites)
      if (const Index function = program.accesses[site].function; function < written_by.size())
        if (std::vector<Index> &written = written_by[function]; written.empty() || written.back() != i)
          written.push_back(i);
  return written_by;
}

Lists list_writes_by_flag(const Program &program) {
  Lists flagged_by(program.objects.size());
  for (Index i = 0; i < program.accesses.size(); ++i)
    for (const Index flag : program.accesses[i].tested)
      if (flag < flagged_by.size() && program.accesses[i].object != flag && is_write(program.accesses[i]))
        flagged_by[flag].push_back(i);
  return flagged_by;
}

std::vector<const ApiEntry *> known_functions(const Program &program, const Knowledge &tables) {
  std::vector<const ApiEntry *> api_of;
  api_of.reserve(program.functions.size());
  for (const Function &function : program.functions)
    api_of.push_back(find_api(tables, function.name, function.id));
  return api_of;
}

std::vector<Index> list_callback_calls(const Program &program, const std::vector<const ApiEntry *> &api_of) {
  const auto is_function = [](const CallArgument &each) { return each.kind == CallArgument::Kind::function; };
  std::vector<Index> calls;
  for (Index i = 0; i < program.calls.size(); ++i) {
    const Call &call = program.calls[i];
    if (call.callee < api_of.size() && api_of[call.callee] && std::ranges::any_of(call.arguments, is_function))
      calls.push_back(i);
  }
  return calls;
}

std::vector<Index> uses_as_lock(const Program &program) {
  std::vector<Index> taken_as_lock(program.objects.size(), none);
  for (Index i = 0; i < program.accesses.size(); ++i)
    for (const Guard &guard : program.accesses[i].guards)
      if (is_taken(guard) && guard.object < taken_as_lock.size() && guard.text == program.objects[guard.object].name)
        taken_as_lock[guard.object] = i;
  return taken_as_lock;
}

std::vector<bool> runtime_library_files(const Program &program, const std::vector<const ApiEntry *> &api_of) {
  std::vector<bool> files(program.files.size());
  for (Index i = 0; i < program.functions.size(); ++i) {
    const Function &function = program.functions[i];
    if (function.defined && function.location.file < files.size() && api_of[i] && api_of[i]->has("isolation-runtime"))
      files[function.location.file] = true;
  }
  return files;
}

template <class Entity> ProgramIndex::Positions positions_by_id(const std::vector<Entity> &entities) {
  ProgramIndex::Positions positions;
  for (Index i = 0; i < entities.size(); ++i)
    positions.emplace(entities[i].id, i);
  return positions;
}

} // namespace

bool in_inventory(const Object &object) { return object.definition != Definition::declaration; }

// In the order of the declarations: some members are made of those before them.
ProgramIndex::ProgramIndex(const Program &the_program, const Knowledge &the_tables)
    : program(the_program), tables(the_tables),
      accesses_of(ranges(program.accesses, program.objects.size(), [](const Access &each) { return each.object; })),
      initialisers_of(ranges(program.initialisers, program.objects.size(),
                             [](const InitialiserEntry &each) { return each.object; })),
      referred_by(list_references(program)),
      calls_of(ranges(program.calls, program.functions.size(), [](const Call &each) { return each.caller; })),
      calls_to(list_calls_by_callee(program)), calls_by_way_to(list_calls_by_way(program)),
      calls_with_member(list_calls_by_member(program)), written_by(list_writes_by_function(program)),
      flagged_by(list_writes_by_flag(program)), api_of(known_functions(program, tables)),
      callback_calls(list_callback_calls(program, api_of)), taken_as_lock(uses_as_lock(program)),
      is_shared_member(shared_members(program, tables)), is_runtime_library(runtime_library_files(program, api_of)),
      function_by_id(positions_by_id(program.functions)), object_by_id(positions_by_id(program.objects)),
      attribution(attribute_to_modules(program, initialisers_of, accesses_of)) {}

std::string_view ProgramIndex::function_name(std::string_view id) const {
  const auto found = function_by_id.find(id);
  return found == function_by_id.end() ? id : std::string_view(program.functions[found->second].name);
}

const ApiEntry *ProgramIndex::api(std::string_view function_id) const {
  return find_api(tables, function_name(function_id), function_id);
}

const ApiEntry *ProgramIndex::callee_api(const Call &call) const {
  if (call.callee == none && is_interpreter_name(call.pointer)) // a macro of Python's
    return tables.function(call.pointer);
  return call.callee < api_of.size() ? api_of[call.callee] : nullptr;
}

const FunctionRoles *ProgramIndex::roles(Index function) const {
  return function < program.roles.size() ? &program.roles[function] : nullptr;
}

Place ProgramIndex::place(const Location &location) const {
  const bool known = location.file < program.files.size();
  return {known ? program.files[location.file].path : std::string(), location.line, location.column};
}

Subject ProgramIndex::subject(const Object &object) const {
  Subject subject{SubjectKind::object, place(object.location).file, object.function, ""};
  const std::string before = subject.id();
  if (!object.id.starts_with(before)) // it lies in no file
    return subject_parts(object.id);
  subject.name = object.id.substr(before.size());
  return subject;
}

Subject ProgramIndex::subject(const Function &function) const {
  return {SubjectKind::function, place(function.location).file, "", function.name};
}

namespace {

Evidence make_evidence(const ProgramIndex &index, const Location &location, Index function, std::string text) {
  const bool known = function < index.program.functions.size();
  return {index.place(location), known ? index.program.functions[function].name : std::string(), std::move(text)};
}

} // namespace

Evidence ProgramIndex::evidence(const Access &access, std::string text) const {
  return make_evidence(*this, access.location, access.function, std::move(text));
}

Evidence ProgramIndex::evidence(const Call &call, std::string text) const {
  return make_evidence(*this, call.location, call.caller, std::move(text));
}

Evidence ProgramIndex::evidence(const LateUse &use) const {
  return make_evidence(*this, use.location, use.function, "used when " + use.lock + " is over");
}

} // namespace ringfence
