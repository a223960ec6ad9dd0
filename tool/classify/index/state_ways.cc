#include "classify/index/state_ways.h"

#include "link/ranges.h"

namespace ringfence {
namespace {

constexpr unsigned char module_functions = 1, methods = 2, slots = 4, callbacks = 8;
constexpr std::pair<unsigned char, std::string_view> words[] = {
    {module_functions, "module-functions"}, {methods, "methods"}, {slots, "slots"}, {callbacks, "callbacks"}};

} // namespace

StateWays::StateWays(const ProgramIndex &index) : index_(index), entered_(index.program.functions.size()) {
  for (const Module &module : index.program.modules)
    add_table(module.methods, module_functions);
  for (const TypeEntity &type : index.program.types)
    for (const Slot &slot : type.slots) {
      if (slot.function < entered_.size())
        entered_[slot.function] |= slots;
      add_table(slot.object, slot.name.ends_with("tp_methods") ? methods : slots);
    }
}

void StateWays::add_table(Index table, unsigned char way) {
  if (table >= index_.program.objects.size())
    return;
  for (const InitialiserEntry &entry : initialisers_of(index_.program, table))
    if (entry.kind == InitialiserEntry::Kind::function && entry.target < entered_.size())
      entered_[entry.target] |= way;
}

std::vector<std::string_view> StateWays::of(Index object) const {
  const Program &program = index_.program;
  unsigned char found = 0;
  for (const Access &access : accesses_of(program, object)) {
    const FunctionRoles *roles = index_.roles(access.function);
    if (!roles)
      continue;
    if (roles->callback)
      found |= callbacks;
    if (!roles->python_callable)
      continue;
    Index at = access.function;
    for (std::size_t steps = 0; steps < entered_.size() && program.roles[at].python_caller < entered_.size(); ++steps)
      at = program.roles[at].python_caller;
    found |= entered_[access.function] | entered_[at];
  }
  std::vector<std::string_view> ways;
  for (const auto &[way, word] : words)
    if ((found & way) != 0)
      ways.push_back(word);
  if (ways.empty())
    ways.push_back("others");
  return ways;
}

} // namespace ringfence
