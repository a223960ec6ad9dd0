#include "link/link.h"

#include "link/call_graph.h"
#include "link/entities.h"
#include "link/guards.h"
#include "link/interpreter_files.h"
#include "link/merge.h"
#include "link/module_units.h"
#include "link/parameter_effects.h"
#include "link/pointer_tables.h"
#include "link/writes.h"

namespace ringfence {

struct Linker::State {
  ApiKnowledge api;
  Merger merger;
};

Linker::Linker(ApiKnowledge api) : state_(new State{std::move(api), {}}) {}
Linker::~Linker() = default;

void Linker::add(TuFacts facts) { state_->merger.add(std::move(facts)); }

Program Linker::link(std::vector<std::string> uncovered) && {
  Program program = std::move(state_->merger).finish(std::move(uncovered));
  follow_pointer_tables(program);
  program.modules = find_modules(program);
  program.types = find_types(program);
  const CallGraph graph = build_call_graph(program, state_->api);
  program.roles = propagate_roles(program, graph);
  inherit_guards(program, graph);
  describe_argument_writes(program);
  program.writes = summarise_writes(program, state_->api);
  program.interpreter_files = find_interpreter_files(program, state_->api);
  assign_units(program);
  return program;
}

} // namespace ringfence
