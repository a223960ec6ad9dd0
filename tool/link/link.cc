#include "link/link.h"

#include <algorithm>
#include <optional>

#include "base/parallel.h"
#include "link/call_graph.h"
#include "link/guards.h"
#include "link/interpreter_files.h"
#include "link/merge.h"
#include "link/module_units.h"
#include "link/modules.h"
#include "link/parameter_effects.h"
#include "link/pointer_tables.h"
#include "link/struct_members.h"
#include "link/types.h"
#include "link/writes.h"

namespace ringfence {

namespace {

// A claim that one configuration leaves out and another one compiles is not inactive; Merger does the same for
// variables.
void drop_read_claims(Program &program) {
  std::erase_if(program.inactive, [&](const Inactive &inactive) {
    return std::any_of(program.modules.begin(), program.modules.end(), [&](const Module &module) {
      return std::any_of(module.slots.begin(), module.slots.end(), [&](const Slot &slot) {
        return slot.name == inactive.name && slot.location.file == inactive.location.file &&
               slot.location.line == inactive.location.line;
      });
    });
  });
}

} // namespace

struct Linker::State {
  const Knowledge &api;
  Merger merger;
};

Linker::Linker(const Knowledge &api) : state_(new State{api, {}}) {}
Linker::~Linker() = default;

void Linker::add(TuFacts facts) { state_->merger.add(std::move(facts)); }

Program Linker::link(std::vector<std::string> uncovered, unsigned jobs) && {
  Program program = std::move(state_->merger).finish(std::move(uncovered), jobs);
  follow_pointer_tables(program);
  CallGraph graph;
  std::optional<WatchedParameters> parameters;
  run_parallel(
      jobs,
      [&] {
        graph = build_call_graph(program, state_->api);
        program.roles = propagate_roles(program, graph);
      },
      [&] {
        program.modules = find_modules(program, state_->api);
        drop_read_claims(program);
        program.types = find_types(program, state_->api);
        parameters.emplace(program);
      });
  inherit_guards(program, graph);
  describe_argument_writes(program, *parameters);
  add_struct_members(program);
  run_parallel(
      jobs, [&] { program.writes = summarise_writes(program, state_->api, *parameters); },
      [&] {
        program.interpreter_files = find_interpreter_files(program, state_->api);
        assign_units(program);
      });
  return program;
}

} // namespace ringfence
