// The predicates of rules on allowances: comments and attributes that allow nothing.
#include "classify/predicates/predicate.h"
#include "classify/predicates/standing.h"

namespace ringfence {

namespace {

bool unused(const ProgramIndex &p, const std::vector<AllowanceUse> &uses, Index a, Word, Evidences &evidence) {
  const Allowance &allowance = p.program.allowances[a];
  const AllowanceUse &use = uses[a];
  if (use.used || allowance.reason.empty())
    return false;
  std::string why = use.unknown;
  if (why.empty() && allowance.line == 0)
    why = "no code follows it";
  if (why.empty())
    why = "no finding of it is at line " + std::to_string(allowance.line);
  evidence.push_back({p.place(allowance.location), {}, std::move(why)});
  return true;
}

bool without_reason(const ProgramIndex &p, Index a, Word, Evidences &) {
  return p.program.allowances[a].reason.empty();
}

constexpr Predicate allowance_rows[] = {
    {"unused", Takes::nothing, "it gives a reason, and nothing of its rule is found where it stands", unused},
    {"without-reason", Takes::nothing, "it gives no reason", without_reason},
};

} // namespace

std::span<const Predicate> allowance_predicates() { return allowance_rows; }

} // namespace ringfence
