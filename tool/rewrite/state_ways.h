// Which functions of a unit can reach the module's state: by what they are called with, or by one more parameter from
// functions that can.
#pragma once

#include <map>
#include <set>
#include <string>

#include "extract/spans/function_ways.h"

namespace ringfence {

class StateWays {
public:
  explicit StateWays(const UnitWays &unit); // outlives it

  // Why the function cannot reach the state, with a place; empty where it can.
  std::string obstacle(const std::string &function) const;
  // What it asks for the state; none: its callers pass the state on.
  WayKind way(const std::string &function) const;
  // The functions that need the state where these use it: they, and who must pass it on to them.
  std::set<std::string> needing(const std::set<std::string> &users) const;

private:
  void read_roles();
  void derive();
  void block();
  std::string call_obstacle(const FunctionShape &shape, WayKind kind) const;
  static std::string ask_obstacle(const FunctionShape &shape, WayKind kind);
  std::string parameter_obstacle(const FunctionShape &shape) const;

  const UnitWays &unit_;
  std::map<std::string, WayKind> ways_;                         // of functions that have one of their own
  std::set<std::string> roles_;                                 // functions that tables hold
  std::map<std::string, std::string> blocked_;                  // to the reason
  std::map<std::string, std::vector<const NamedCall *>> calls_; // by callee
};

} // namespace ringfence
