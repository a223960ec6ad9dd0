#include "access_text.h"

namespace ringfence {

namespace {

std::string name_of(const TuFacts &facts, Index object) { return object == none ? "?" : facts.objects[object].name; }

// The last part of an id: "f" of "a.c:f".
std::string function_of(const std::string &id) {
  for (std::size_t at = id.size(); at > 0; --at)
    if (id[at - 1] == ':' && (at < 2 || id[at - 2] != ':'))
      return id.substr(at);
  return id;
}

std::string guards_of(const TuFacts &facts, const std::vector<Guard> &guards) {
  std::string text;
  for (const Guard &guard : guards)
    text +=
        " under " + guard.api + "(" + (guard.object == none ? guard.text : "@" + name_of(facts, guard.object)) + ")";
  return text;
}

std::string stored_of(const TuFacts &facts, const StoredValue &stored) {
  switch (stored.kind) {
  case StoredValue::Kind::nothing:
    return "nothing";
  case StoredValue::Kind::null:
    return "null";
  case StoredValue::Kind::constant:
    return "constant";
  case StoredValue::Kind::call:
    return "call " + function_of(stored.callee);
  case StoredValue::Kind::object:
    return (stored.address ? "&" : "") + name_of(facts, stored.object);
  case StoredValue::Kind::function:
    return "function " + function_of(stored.callee);
  case StoredValue::Kind::parameter:
    return "parameter";
  case StoredValue::Kind::expression:
    return "expression";
  }
  return "";
}

const char *const kinds[] = {"read", "write", "modify", "argument", "stored", "returned", "address"};
const char *const uses[] = {"ignored", "tested", "stored", "returned", "passed", "other"};

std::string argument_of(const TuFacts &facts, const CallArgument &argument) {
  switch (argument.kind) {
  case CallArgument::Kind::object:
    return name_of(facts, argument.target);
  case CallArgument::Kind::object_address:
    return "&" + name_of(facts, argument.target);
  case CallArgument::Kind::function:
    return facts.functions[argument.target].name;
  case CallArgument::Kind::member:
    return "." + name_of(facts, argument.target);
  case CallArgument::Kind::null:
    return "NULL";
  case CallArgument::Kind::integer:
    return std::to_string(argument.integer);
  case CallArgument::Kind::string:
    return '"' + argument.string + '"';
  default:
    return "_";
  }
}

bool is_in(const TuFacts &facts, Index function, const std::string &name) {
  return name.empty() || (function != none && facts.functions[function].name == name);
}

} // namespace

std::string text_of(const TuFacts &facts, const Access &access) {
  std::string text = kinds[static_cast<int>(access.kind)];
  text += " " + name_of(facts, access.object) + access.path;
  if (access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write)
    text += " = " + stored_of(facts, access.stored);
  if (access.kind == AccessKind::argument)
    text += " -> " + function_of(access.callee) + "#" + std::to_string(access.argument);
  text += std::string(access.const_parameter ? " const" : "") + (access.through_alias ? " alias" : "") +
          (access.atomic ? " atomic" : "") +
          (facts.objects[access.object].storage == Storage::member && access.compared ? " compared" : "") +
          (access.tests_itself ? " tested" : "");
  for (Index tested : access.tested)
    text += " tested:" + name_of(facts, tested);
  return text + guards_of(facts, access.guards);
}

std::string text_of(const TuFacts &facts, const Call &call) {
  std::string text = call.callee == none ? "*" + call.pointer : facts.functions[call.callee].name;
  if (call.pointer_object != none)
    text += "@" + name_of(facts, call.pointer_object);
  text += "(";
  for (const CallArgument &argument : call.arguments)
    text += (text.back() == '(' ? "" : ", ") + argument_of(facts, argument);
  return text + ") " + uses[static_cast<int>(call.result)] + guards_of(facts, call.guards);
}

namespace {

Lines accesses_of(const TuFacts &facts, const std::string &function, bool members) {
  Lines lines;
  for (const Access &access : facts.accesses)
    if (is_in(facts, access.function, function) && (facts.objects[access.object].storage == Storage::member) == members)
      lines.push_back(text_of(facts, access));
  return lines;
}

} // namespace

Lines accesses_of(const TuFacts &facts, const std::string &function) { return accesses_of(facts, function, false); }

Lines member_accesses_of(const TuFacts &facts, const std::string &function) {
  return accesses_of(facts, function, true);
}

Lines calls_of(const TuFacts &facts, const std::string &function) {
  Lines lines;
  for (const Call &call : facts.calls)
    if (is_in(facts, call.caller, function))
      lines.push_back(text_of(facts, call));
  return lines;
}

} // namespace ringfence
