// Who may call whom, and from where the outside can come in.
//
// Calls through pointers are resolved by name: a call through a member reaches every function that is ever stored to a
// member of that name, a call through a global object every function stored in it. That finds too many callees, never
// too few, except for pointers that a parameter or local variable carries; functions whose address goes there count as
// callbacks, which may run at any time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

// Sets of roles, as FunctionRoles names them.
using RoleSet = std::uint8_t;
namespace role {
inline constexpr RoleSet module_init = 1, exec = 2, python_callable = 4, callback = 8, finalise = 16, external = 32,
                         lifecycle = 64, on_live_objects = 128;
}

struct CallGraph {
  // Nodes: the program's functions by index, then stores (members and objects that hold function pointers).
  std::vector<std::vector<Index>> callees;
  // Per node: what calls it from outside the graph.
  std::vector<RoleSet> entries;
  // Per node: roles that it does not take from its callers. Whoever calls what stands in tp_clear, tp_dealloc, tp_new or
  // m_clear has an object that no other thread can use; whoever makes or ends an interpreter, one that runs nothing else.
  std::vector<RoleSet> withheld;
  // Per function: its address is used in some way, so that not every caller is known.
  std::vector<bool> address_taken;
  // Calls by tests of what is no test, caller and callee: no way by which Python code comes there otherwise.
  std::vector<std::pair<Index, Index>> from_tests;
  // The function uses that are an argument of something that calls it once.
  std::vector<Index> once_uses;
};

CallGraph build_call_graph(const Program &program, const Knowledge &api);

// The fixpoint of roles over the graph, parallel to program.functions.
std::vector<FunctionRoles> propagate_roles(const Program &program, const CallGraph &graph);

// Function ids to indices.
std::unordered_map<std::string_view, Index> index_functions(const Program &program);

} // namespace ringfence
