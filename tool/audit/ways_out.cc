#include "audit/ways_out.h"

#include <vector>

#include "base/text.h"

namespace ringfence {
namespace {

struct Release {
  std::string_view name, version;
};

Release split_package(std::string_view package) {
  const std::size_t blank = package.rfind(' ');
  return blank == std::string_view::npos ? Release{package, {}}
                                         : Release{package.substr(0, blank), package.substr(blank + 1)};
}

// Numbers of "2.10.1rc1": 2, 10, 1, 1.
std::vector<unsigned long> numbers(std::string_view version) {
  std::vector<unsigned long> found;
  bool inside = false;
  for (const char c : version) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !inside)
      found.push_back(0);
    if (digit)
      found.back() = found.back() * 10 + static_cast<unsigned long>(c - '0');
    inside = digit;
  }
  return found;
}

} // namespace

std::string way_out(Outcome outcome, Profile profile) {
  switch (outcome) {
  case Outcome::loads:
    return {};
  case Outcome::refused:
    return profile == Profile::own_gil ? "a private copy for each interpreter (exercise --private-copy), interpreters "
                                         "that share a GIL, or a newer release"
                                       : "the main interpreter alone, or a newer release";
  case Outcome::gil_on:
    return "a newer release; PYTHON_GIL=0 keeps the GIL off at your own risk: exercise it first";
  case Outcome::other_build:
    return "audit the wheel for that build";
  case Outcome::at_own_risk:
  case Outcome::not_read:
    return "exercise it, or scan its sources";
  }
  return {};
}

std::string better_release(const Audit &audit, const AuditedLibrary &library, const BinaryModule &module,
                           Profile profile) {
  const Release own = split_package(library.package);
  const Outcome outcome = answer(module, library.abi, profile).outcome;
  const AuditedLibrary *best = nullptr;
  for (const AuditedLibrary &other : audit.libraries) {
    const Release release = split_package(other.package);
    if (own.name.empty() || release.name != own.name || numbers(release.version) <= numbers(own.version) ||
        (best && numbers(release.version) <= numbers(split_package(best->package).version)))
      continue;
    for (const BinaryModule &each : other.modules)
      if (each.name == module.name && other.import_folder == library.import_folder &&
          answer(each, other.abi, profile).outcome < outcome)
        best = &other;
  }
  return best ? best->package + " (" + best->file.substr(0, best->file.find("!/")) + ")" : std::string();
}

} // namespace ringfence
