#include "classify/context.h"

#include <algorithm>

#include "classify/attribution.h"
#include "classify/shared_members.h"

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

} // namespace

Context::Context(const Program &the_program, const Knowledge &the_tables)
    : program(the_program), tables(the_tables), referred_by(the_program.objects.size()),
      calls_to(the_program.functions.size()), is_shared_member(shared_members(the_program, the_tables)) {
  accesses_of = ranges(program.accesses, program.objects.size(), [](const Access &access) { return access.object; });
  initialisers_of =
      ranges(program.initialisers, program.objects.size(), [](const InitialiserEntry &entry) { return entry.object; });
  calls_of = ranges(program.calls, program.functions.size(), [](const Call &call) { return call.caller; });
  for (Index i = 0; i < program.initialisers.size(); ++i) {
    const InitialiserEntry &entry = program.initialisers[i];
    if (entry.kind == InitialiserEntry::Kind::object && entry.target < program.objects.size())
      referred_by[entry.target].push_back(i);
  }
  calls_with_member.resize(program.objects.size());
  for (Index i = 0; i < program.calls.size(); ++i) {
    const Call &call = program.calls[i];
    if (call.callee < program.functions.size())
      calls_to[call.callee].push_back(i);
    if (!call.arguments.empty() && call.arguments[0].kind == CallArgument::Kind::member)
      calls_with_member[call.arguments[0].target].push_back(i);
  }
  for (Index i = 0; i < program.functions.size(); ++i)
    function_by_id.emplace(program.functions[i].id, i);
  for (const Function &function : program.functions)
    api_of.push_back(find_api(tables, function.name, function.id));
  is_runtime_library.resize(program.files.size());
  for (Index i = 0; i < program.functions.size(); ++i)
    if (const Function &function = program.functions[i]; function.defined &&
                                                         function.location.file < program.files.size() && api_of[i] &&
                                                         api_of[i]->has("isolation-runtime"))
      is_runtime_library[function.location.file] = true;
  for (Index i = 0; i < program.objects.size(); ++i)
    object_by_id.emplace(program.objects[i].id, i);
  written_by.resize(program.functions.size());
  for (Index i = 0; i < program.writes.size(); ++i)
    for (const Index site : program.writes[i].sites)
      if (const Index function = access(site).function; function < written_by.size())
        if (std::vector<Index> &written = written_by[function]; written.empty() || written.back() != i)
          written.push_back(i);
  flagged_by.resize(program.objects.size());
  taken_as_lock.assign(program.objects.size(), none);
  for (Index i = 0; i < program.accesses.size(); ++i)
    for (const Guard &guard : program.accesses[i].guards)
      if (is_taken(guard) && guard.object < taken_as_lock.size() && guard.text == program.objects[guard.object].name)
        taken_as_lock[guard.object] = i;
  for (Index i = 0; i < program.accesses.size(); ++i)
    for (const Index flag : program.accesses[i].tested)
      if (flag < flagged_by.size() && program.accesses[i].object != flag && is_write(program.accesses[i]))
        flagged_by[flag].push_back(i);
  attribute_to_modules(*this);
}

std::string_view Context::function_name(std::string_view id) const {
  const auto found = function_by_id.find(id);
  return found == function_by_id.end() ? id : std::string_view(program.functions[found->second].name);
}

const ApiEntry *Context::api(std::string_view function_id) const {
  return find_api(tables, function_name(function_id), function_id);
}

const ApiEntry *Context::callee_api(const Call &call) const {
  return call.callee < api_of.size() ? api_of[call.callee] : nullptr;
}

const FunctionRoles *Context::roles(Index function) const {
  return function < program.roles.size() ? &program.roles[function] : nullptr;
}

Place Context::place(const Location &location) const {
  const bool known = location.file < program.files.size();
  return {known ? program.files[location.file].path : std::string(), location.line, location.column};
}

Subject Context::subject(const Object &object) const {
  Subject subject{SubjectKind::object, place(object.location).file, object.function, ""};
  const std::string before = subject.id();
  if (!object.id.starts_with(before)) // it lies in no file
    return subject_parts(object.id);
  subject.name = object.id.substr(before.size());
  return subject;
}

Subject Context::subject(const Function &function) const {
  return {SubjectKind::function, place(function.location).file, "", function.name};
}

namespace {

Evidence make_evidence(const Context &context, const Location &location, Index function, std::string text) {
  const bool known = function < context.program.functions.size();
  return {context.place(location), known ? context.program.functions[function].name : std::string(), std::move(text)};
}

} // namespace

Evidence Context::evidence(const Access &access, std::string text) const {
  return make_evidence(*this, access.location, access.function, std::move(text));
}

Evidence Context::evidence(const Call &call, std::string text) const {
  return make_evidence(*this, call.location, call.caller, std::move(text));
}

} // namespace ringfence
