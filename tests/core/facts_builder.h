// Facts of small programs, built by hand for tests of what works on facts.
#pragma once

#include "classify/rules/rule.h"
#include "link/link.h"

namespace ringfence {

struct UnitBuilder {
  TuFacts facts;

  explicit UnitBuilder(const std::string &file, const std::string &config = "") {
    facts.unit = config.empty() ? file : file + "@" + config;
    facts.config = config;
    facts.files.push_back({file, true, ""});
  }

  Index file(const std::string &path) {
    for (Index i = 0; i < facts.files.size(); ++i)
      if (facts.files[i].path == path)
        return i;
    facts.files.push_back({path, true, ""});
    return static_cast<Index>(facts.files.size() - 1);
  }

  // An object with internal linkage at file scope of `path`; of the main file where empty.
  Index object(const std::string &name, const std::string &path = "") {
    Object object;
    const Index at = path.empty() ? 0 : file(path);
    object.id = facts.files[at].path + ":" + name;
    object.name = object.symbol = name;
    object.in_header = at != 0;
    object.location = {at, next_line_++, 1};
    object.type.spelling = "int";
    facts.objects.push_back(std::move(object));
    return static_cast<Index>(facts.objects.size() - 1);
  }
  Index external(const std::string &name, Definition definition, const std::string &path = "") {
    const Index index = object(name, path);
    facts.objects[index].storage = Storage::external;
    facts.objects[index].external_linkage = true;
    facts.objects[index].definition = definition;
    return index;
  }
  // An object by value of a record of Python's API.
  Index record(const std::string &name, const std::string &type) {
    const Index index = object(name);
    facts.objects[index].type.record = facts.objects[index].type.spelling = type;
    facts.objects[index].type.type_by_value = type == "PyTypeObject";
    return index;
  }

  Index function(const std::string &name, bool external_linkage = false) {
    Function function;
    function.id = external_linkage ? name : facts.files[0].path + ":" + name;
    function.name = name;
    function.defined = true;
    function.external_linkage = external_linkage;
    function.location = {0, next_line_++, 1};
    facts.functions.push_back(std::move(function));
    return static_cast<Index>(facts.functions.size() - 1);
  }
  // A function that another library or unit defines.
  Index declared(const std::string &name) {
    for (Index i = 0; i < facts.functions.size(); ++i)
      if (facts.functions[i].id == name)
        return i;
    const Index index = function(name, true);
    facts.functions[index].defined = false;
    facts.functions[index].outside = true;
    return index;
  }

  InitialiserEntry &entry(Index object, const std::string &path, InitialiserEntry::Kind kind, Index target = none) {
    InitialiserEntry entry;
    entry.object = object;
    entry.path = path;
    entry.kind = kind;
    entry.target = target;
    entry.location = {0, next_line_++, 1};
    facts.initialisers.push_back(std::move(entry));
    return facts.initialisers.back();
  }
  void string(Index object, const std::string &path, const std::string &value) {
    entry(object, path, InitialiserEntry::Kind::string).string = value;
  }
  void integer(Index object, const std::string &path, std::int64_t value) {
    entry(object, path, InitialiserEntry::Kind::integer).integer = value;
  }
  void points_to_function(Index object, const std::string &path, Index target) {
    entry(object, path, InitialiserEntry::Kind::function, target);
  }
  void points_to_object(Index object, const std::string &path, Index target) {
    entry(object, path, InitialiserEntry::Kind::object, target);
  }
  // An element of an array of slots.
  void slot(Index array, int element, int number, Index function) {
    const std::string prefix = "[" + std::to_string(element) + "]";
    integer(array, prefix + ".slot", number);
    if (function != none)
      points_to_function(array, prefix + ".value", function);
  }

  Access &access(Index object, Index function, AccessKind kind) {
    Access access;
    access.object = object;
    access.function = function;
    access.kind = kind;
    access.location = {0, next_line_++, 1};
    facts.accesses.push_back(std::move(access));
    return facts.accesses.back();
  }
  Access &write(Index object, Index function) { return access(object, function, AccessKind::write); }
  // What a function does behind one of its parameters.
  ParameterAccess &behind(Index function, std::uint32_t parameter, AccessKind kind) {
    ParameterAccess access;
    access.function = function;
    access.parameter = parameter;
    access.kind = kind;
    access.location = {0, next_line_++, 1};
    facts.parameter_accesses.push_back(std::move(access));
    return facts.parameter_accesses.back();
  }
  // Its address as an argument.
  Access &pass(Index object, Index function, const std::string &callee, unsigned argument = 0) {
    declared(callee);
    Access &passed = access(object, function, AccessKind::argument);
    passed.callee = callee;
    passed.argument = argument;
    return passed;
  }

  Call &call(Index caller, Index callee) {
    Call call;
    call.caller = caller;
    call.callee = callee;
    call.location = {0, next_line_++, 1};
    facts.calls.push_back(std::move(call));
    return facts.calls.back();
  }
  // A call with the address of an object as its first argument.
  Call &call_with(Index caller, Index callee, Index object) {
    Call &made = call(caller, callee);
    CallArgument argument;
    argument.kind = CallArgument::Kind::object_address;
    argument.target = object;
    made.arguments.push_back(argument);
    return made;
  }
  FunctionUse &use(Index function, Index user) {
    FunctionUse use;
    use.function = function;
    use.user = user;
    use.location = {0, next_line_++, 1};
    facts.function_uses.push_back(std::move(use));
    return facts.function_uses.back();
  }

  // A multi-phase module with an exec function; returns the exec function.
  Index module(const std::string &name) {
    const Index exec = function(name + "_exec");
    const Index slots = record(name + "_slots", "PyModuleDef_Slot");
    slot(slots, 0, 2, exec);
    integer(slots, "[1].slot", 0);
    const Index definition = record(name + "_def", "PyModuleDef");
    string(definition, ".m_name", name);
    integer(definition, ".m_size", 16);
    points_to_object(definition, ".m_slots", slots);
    const Index init = function("PyInit_" + name, true);
    call_with(init, declared("PyModuleDef_Init"), definition);
    return exec;
  }
  // A method table with one method.
  Index methods(const std::string &name, Index method) {
    const Index table = record(name, "PyMethodDef");
    string(table, "[0].ml_name", "f");
    points_to_function(table, "[0].ml_meth", method);
    return table;
  }

private:
  std::uint32_t next_line_ = 1;
};

inline const Knowledge &built_in_tables() {
  static const Knowledge tables = load_rules(built_in_rule_texts())->tables;
  return tables;
}

inline Program link(const std::vector<UnitBuilder> &units, const Knowledge &api = built_in_tables(),
                    std::vector<std::string> uncovered = {}, unsigned jobs = 1) {
  Linker linker(api);
  for (const UnitBuilder &each : units)
    linker.add(each.facts);
  return std::move(linker).link(std::move(uncovered), jobs);
}

inline Index object_named(const Program &program, const std::string &id) {
  for (Index i = 0; i < program.objects.size(); ++i)
    if (program.objects[i].id == id)
      return i;
  return none;
}
inline Index function_named(const Program &program, const std::string &id) {
  for (Index i = 0; i < program.functions.size(); ++i)
    if (program.functions[i].id == id)
      return i;
  return none;
}

} // namespace ringfence
