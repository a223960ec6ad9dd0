// What predicates look at: the program, the tables, and indices over both that are computed once.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "knowledge/knowledge.h"
#include "link/program.h"
#include "report/report.h"

namespace ringfence {

// Half-open range of positions in one of the Program's vectors.
struct Range {
  Index first = 0, last = 0;
};

// What came of an allowance.
struct AllowanceUse {
  bool used = false;   // it speaks of a verdict or a finding that is there
  std::string unknown; // what is wrong with the rule's name; empty where there is such a rule
};

struct Context {
  const Program &program;
  const Knowledge &tables;

  std::vector<Range> accesses_of;                    // by object
  std::vector<Range> initialisers_of;                // by object: entries of its own initialiser
  std::vector<std::vector<Index>> referred_by;       // by object: initialiser entries of others that take its address
  std::vector<Range> calls_of;                       // by caller
  std::vector<std::vector<Index>> calls_to;          // by callee
  std::vector<std::vector<Index>> calls_with_member; // by object: calls whose first argument is this member
  std::vector<std::vector<Index>> written_by;        // by function: objects that it writes, sorted
  std::vector<std::vector<Index>> flagged_by; // by object: writes (accesses) to other objects that its test decides
  std::vector<const ApiEntry *> api_of;       // by function: what the tables know of it; null where nothing
  std::vector<Index> taken_as_lock;     // by object: an access under it, where it is itself taken as a lock; else none
  std::vector<bool> is_shared_member;   // by object: classify/shared_members.h
  std::vector<bool> is_runtime_library; // by file: a copy of this project's own runtime, or its header
  std::unordered_map<std::string_view, Index> function_by_id;
  std::unordered_map<std::string_view, Index> object_by_id;

  // By module: the functions reachable from its init function, tables and types; the objects that those touch.
  std::vector<std::vector<Index>> functions_of_module, objects_of_module; // each sorted
  std::vector<std::vector<Index>> modules_of_object;

  // Known from when the verdicts stand: parallel to program.objects; empty before.
  std::vector<ReportedObject> objects;
  // Likewise, parallel to program.modules.
  std::vector<ReportedModule> modules;
  // Known from when all findings stand: parallel to program.allowances; empty before.
  std::vector<AllowanceUse> allowances;

  Context(const Program &the_program, const Knowledge &the_tables);

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
};

} // namespace ringfence
