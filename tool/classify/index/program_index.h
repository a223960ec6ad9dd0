// All that is known before there are verdicts: the program, the tables, and indices over both. Built once, const from
// then on.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "classify/index/attribution.h"
#include "knowledge/knowledge.h"
#include "link/program.h"
#include "report/report.h"

namespace ringfence {

// An object is listed where some unit defines it; one that is only declared lies in code that was not scanned.
bool in_inventory(const Object &object);

struct ProgramIndex {
  using Lists = std::vector<std::vector<Index>>;
  using Positions = std::unordered_map<std::string_view, Index>;

  const Program &program;
  const Knowledge &tables;

  const std::vector<Range> accesses_of;     // by object
  const std::vector<Range> initialisers_of; // by object: entries of its own initialiser
  const Lists referred_by;                  // by object: initialiser entries of others that take its address
  const std::vector<Range> calls_of;        // by caller
  const Lists calls_to;                     // by callee
  const Lists calls_by_way_to;              // by function: calls through a member that is given it, or that hand it on
  const Lists calls_with_member;            // by object: calls whose first argument is this member
  const Lists written_by;                   // by function: objects that it writes, sorted
  const Lists flagged_by;                   // by object: writes (accesses) to other objects that its test decides
  const std::vector<const ApiEntry *> api_of; // by function: what the tables know of it; null where nothing
  const std::vector<Index> callback_calls;    // calls that give a function to one that the tables know
  const std::vector<Index>
      taken_as_lock; // by object: an access under it, where it is itself taken as a lock; else none
  const std::vector<bool> is_shared_member;   // by object: classify/index/shared_members.h
  const std::vector<bool> is_runtime_library; // by file: a copy of this project's own runtime, or its header
  const Positions function_by_id, object_by_id;
  const Attribution attribution;

  ProgramIndex(const Program &the_program, const Knowledge &the_tables);

  const Access &access(Index i) const { return program.accesses[i]; }
  // The bare name of a function id: "PyImport_ImportModule"; the id itself where the program does not know it.
  std::string_view function_name(std::string_view id) const;
  // What the tables know of a function id; null where nothing.
  const ApiEntry *api(std::string_view function_id) const;
  // The same of the function that is called.
  const ApiEntry *callee_api(const Call &call) const;
  const FunctionRoles *roles(Index function) const;

  Place place(const Location &location) const;
  Subject subject(const Object &object) const;
  Subject subject(const Function &function) const;
  // Evidence at an access or a call, with the enclosing function filled in.
  Evidence evidence(const Access &access, std::string text) const;
  Evidence evidence(const Call &call, std::string text) const;
  Evidence evidence(const LateUse &use) const;
};

} // namespace ringfence
