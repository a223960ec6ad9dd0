// Variables that a header of the project declares and several of its files use: what becomes of them stands in the
// header, and every file follows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rewrite/statics.h"

namespace ringfence {

// Those that one file defines and one header declares.
struct SharedGroup {
  std::string owner, header; // absolute paths
  std::vector<Component> components;
  std::map<std::string, std::set<Span>> uses; // of the name, by component's id; in whatever file
};

class SharedStatics {
public:
  SharedStatics(const StageInput &input, const std::vector<UnitUses> &units, const Obstacle &obstacle);

  std::vector<SharedGroup> groups; // by owner and header; without empty ones

  // Whether the object is one of these, moved or refused.
  bool has(const std::string &id) const { return known_.contains(id); }
  const std::vector<Refusal> &refused() const { return refused_; }
  // The files that change.
  std::set<std::string> files() const;
  // Takes out what is at fault for a complaint about a file, or with `all` everything where it does not tell. False:
  // nothing of it.
  bool reject(const std::string &path, const std::string &content, const Complaint &complaint, bool all);

private:
  void consider(const ReportedObject &object, const UnitUses &owner, const StaticUses &uses, const Obstacle &obstacle);
  std::string obstacle_of(const StaticUses &own, const std::set<Span> &all) const;
  std::string mentioned_elsewhere(const StaticUses &own) const;
  void refuse(const Component &component, const SharedGroup &group, const std::string &why);

  const StageInput &input_;
  const std::vector<UnitUses> &units_;
  std::set<std::string> known_;
  std::vector<Refusal> refused_;
};

} // namespace ringfence
