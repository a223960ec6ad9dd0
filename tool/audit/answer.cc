#include "audit/answer.h"

namespace ringfence {
namespace {

Answer single_phase_answer(const BinaryModule &module, Profile profile) {
  switch (profile) {
  case Profile::own_gil:
    return {Outcome::refused,
            "single-phase init: an interpreter with a GIL of its own raises ImportError (3.12 and later)"};
  case Profile::free_threaded:
    return {Outcome::gil_on, "single-phase init, and no call of PyUnstable_Module_SetGIL"};
  case Profile::shared_gil:
  case Profile::multi_init:
    break;
  }
  return {Outcome::at_own_risk, module.state_size == -1
                                    ? "single-phase init with m_size -1: all interpreters share one module's contents"
                                    : "single-phase init: its state belongs to the process"};
}

Answer interpreters_answer(const BinaryModule &module, bool own_gil) {
  switch (module.interpreters) {
  case Claim::denied:
    return {Outcome::refused, "it says that it supports no other interpreter than the main one"};
  case Claim::own:
    return {Outcome::loads, "it claims support of a GIL per interpreter"};
  case Claim::shared:
    if (own_gil)
      return {Outcome::refused, "it claims support of interpreters that share a GIL alone"};
    return {Outcome::loads, "it claims support of several interpreters"};
  case Claim::none:
    if (own_gil)
      return {Outcome::refused, "it claims no support of a GIL per interpreter"};
    return {Outcome::at_own_risk, "multi-phase init without a claim: it loads"};
  default:
    return {Outcome::not_read, "code fills in its slots when it is imported: the file does not show what it claims"};
  }
}

Answer gil_answer(const BinaryModule &module) {
  switch (module.gil) {
  case Claim::no_gil:
    return {Outcome::loads, "it claims to need no GIL"};
  case Claim::denied:
    return {Outcome::gil_on, "it says that it uses the GIL"};
  case Claim::none:
    return {Outcome::gil_on, "it does not claim to need no GIL"};
  case Claim::by_call:
    return {Outcome::not_read, "it calls PyUnstable_Module_SetGIL, whose argument is in code"};
  case Claim::by_cffi:
    return {Outcome::at_own_risk, "cffi's own module makes it, and says for it from cffi 2.0 on that it needs no GIL"};
  default:
    return {Outcome::not_read, "code fills in its slots when it is imported: the file does not show what it claims"};
  }
}

} // namespace

bool needs_a_gil_build(std::string_view abi) { return abi == "abi3" || (abi.starts_with("cp") && !abi.ends_with('t')); }

namespace {

Answer answer_of_any_build(const BinaryModule &module, Profile profile) {
  if (profile == Profile::free_threaded && (module.gil == Claim::by_call || module.gil == Claim::by_cffi))
    return gil_answer(module);
  if (module.init == BinaryInit::single_phase)
    return single_phase_answer(module, profile);
  if (profile == Profile::free_threaded)
    return gil_answer(module);
  if (module.init == BinaryInit::not_read)
    return {Outcome::not_read,
            "code fills in its definition when it is imported: the file does not show what it claims"};
  if (profile == Profile::multi_init)
    return {Outcome::loads, "multi-phase init"};
  return interpreters_answer(module, profile == Profile::own_gil);
}

} // namespace

// A claim that it needs no GIL may stand in the code for other builds alone.
Answer answer(const BinaryModule &module, std::string_view abi, Profile profile) {
  const Answer given = answer_of_any_build(module, profile);
  const bool unclaimed = (given.outcome == Outcome::gil_on && module.gil != Claim::denied) ||
                         (profile == Profile::free_threaded && module.gil == Claim::by_cffi);
  if (unclaimed && needs_a_gil_build(abi))
    return {Outcome::other_build,
            "made for builds with a GIL, where it need claim nothing: a build without one imports another file"};
  return given;
}

std::string_view to_string(Outcome outcome) {
  constexpr std::string_view words[] = {"loads", "own-risk", "other-build", "gil-on", "not-read", "refused"};
  return words[static_cast<std::size_t>(outcome)];
}

std::string_view to_string(BinaryInit kind) {
  constexpr std::string_view words[] = {"single-phase", "multi-phase", "export", "not-read"};
  return words[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Claim claim) {
  constexpr std::string_view words[] = {"not-read", "none",     "denied",  "shared-gil",
                                        "own-gil",  "not-used", "by-call", "by-cffi"};
  return words[static_cast<std::size_t>(claim)];
}

} // namespace ringfence
