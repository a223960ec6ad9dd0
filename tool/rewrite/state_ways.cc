#include "rewrite/state_ways.h"

#include <algorithm>

#include "knowledge/api_names.h"

namespace ringfence {

StateWays::StateWays(const UnitWays &unit) : unit_(unit) {
  for (const NamedCall &call : unit.calls)
    calls_[call.callee].push_back(&call);
  read_roles();
  derive();
  block();
}

std::string StateWays::obstacle(const std::string &function) const {
  if (function.empty())
    return "code uses it that is no function in the style of C";
  if (!unit_.functions.contains(function))
    return function + " is written in a way that is not known";
  const auto found = blocked_.find(function);
  return found == blocked_.end() ? std::string() : found->second;
}

WayKind StateWays::way(const std::string &function) const {
  const auto found = ways_.find(function);
  return found == ways_.end() ? WayKind::none : found->second;
}

std::set<std::string> StateWays::needing(const std::set<std::string> &users) const {
  std::set<std::string> needing;
  std::vector<std::string> left(users.begin(), users.end());
  while (!left.empty()) {
    const std::string name = left.back();
    left.pop_back();
    if (!needing.insert(name).second || way(name) != WayKind::none)
      continue;
    if (const auto calls = calls_.find(name); calls != calls_.end())
      for (const NamedCall *call : calls->second)
        left.push_back(call->caller);
  }
  return needing;
}

// Functions that tables hold, all for one way.
void StateWays::read_roles() {
  for (const auto &[name, shape] : unit_.functions) {
    if (shape.ways.empty())
      continue;
    roles_.insert(name);
    const WayKind kind = shape.ways.front().kind;
    const auto none = std::ranges::find(shape.ways, WayKind::none, &Way::kind);
    if (none != shape.ways.end())
      blocked_[name] = none->why;
    else if (std::ranges::any_of(shape.ways, [&](const Way &way) { return way.kind != kind; }))
      blocked_[name] = name + " is called in ways that have nothing in common";
    else
      ways_[name] = kind;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::string &name : roles_)
      if (const auto way = ways_.find(name); way != ways_.end())
        if (std::string reason = call_obstacle(unit_.functions.at(name), way->second); !reason.empty()) {
          blocked_[name] = std::move(reason);
          ways_.erase(way);
          changed = true;
        }
  }
}

// Code that calls such a function itself must give it what Python gives it.
std::string StateWays::call_obstacle(const FunctionShape &shape, WayKind kind) const {
  const auto calls = calls_.find(shape.name);
  if (calls == calls_.end())
    return {};
  for (const NamedCall *call : calls->second) {
    const bool same = call->first == NamedCall::First::own && way(call->caller) == kind;
    const bool of_type = (kind == WayKind::instance || kind == WayKind::type) &&
                         call->first != NamedCall::First::null && !unit_.other_types;
    if (!same && !of_type)
      return call->place + ": " + shape.name + " is called with what may lead to no module";
  }
  return {};
}

// Why no line of the function can ask for the state.
std::string StateWays::ask_obstacle(const FunctionShape &shape, WayKind kind) {
  const std::size_t asked = kind == WayKind::defining ? 1 : 0, last = kind == WayKind::either ? 1 : asked;
  if (!shape.own_file)
    return shape.name + " is made by a macro, or in another file";
  for (std::size_t i = asked; i <= last; ++i)
    if (i >= shape.parameters.size() || shape.parameters[i].name.empty())
      return shape.name + " does not name its parameters";
  return {};
}

// A function whose callers all give it what they are called with can ask that, too.
void StateWays::derive() {
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto &[name, shape] : unit_.functions) {
      const auto calls = calls_.find(name);
      if (roles_.contains(name) || ways_.contains(name) || calls == calls_.end() || !shape.internal)
        continue;
      const WayKind kind = way(calls->second.front()->caller);
      if ((kind == WayKind::module || kind == WayKind::instance || kind == WayKind::type) &&
          std::ranges::all_of(calls->second, [&](const NamedCall *call) {
            return call->first == NamedCall::First::own && way(call->caller) == kind;
          })) {
        ways_[name] = kind;
        changed = true;
      }
    }
  }
}

std::string StateWays::parameter_obstacle(const FunctionShape &shape) const {
  if (!shape.own_file)
    return shape.name + " is made by a macro, or in another file";
  if (init_name(shape.name))
    return shape.name + " runs before there is a module";
  if (!shape.internal)
    return "other units may call " + shape.name;
  if (!shape.obstacles.empty())
    return shape.obstacles.front();
  if (std::ranges::any_of(shape.heads, [](const Span &head) { return head.file.empty(); }))
    return shape.name + " is declared by a macro, or in another file";
  if (const auto calls = calls_.find(shape.name); calls != calls_.end())
    for (const NamedCall *call : calls->second) {
      if (call->arguments.file.empty())
        return call->place + ": a macro calls " + shape.name + ", or another file";
      if (call->caller.empty())
        return call->place + ": a static initialiser calls " + shape.name;
    }
  return {};
}

// Another parameter is better than asking once more, and asking better than none. What no caller can pass on is out.
void StateWays::block() {
  std::set<std::string> derived;
  for (const auto &[name, kind] : ways_)
    if (std::string reason = ask_obstacle(unit_.functions.at(name), kind); roles_.contains(name) && !reason.empty())
      blocked_[name] = std::move(reason);
    else if (!roles_.contains(name) && reason.empty())
      derived.insert(name);
  std::map<std::string, std::string> obstacles;
  for (const auto &[name, shape] : unit_.functions)
    if (!roles_.contains(name))
      obstacles[name] = parameter_obstacle(shape);
  const auto caller_obstacle = [&](const std::string &name) -> std::string {
    if (const auto calls = calls_.find(name); calls != calls_.end())
      for (const NamedCall *call : calls->second)
        if (const auto caller = blocked_.find(call->caller); caller != blocked_.end())
          return call->caller + " calls " + name + ": " + caller->second;
    return {};
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto &[name, reason] : obstacles) {
      if (blocked_.contains(name))
        continue;
      if (reason.empty())
        reason = caller_obstacle(name);
      if (!reason.empty() && !derived.contains(name)) {
        blocked_[name] = reason;
        changed = true;
      }
    }
  }
  for (const std::string &name : derived)
    if (obstacles[name].empty())
      ways_.erase(name);
}

} // namespace ringfence
