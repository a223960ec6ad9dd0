// Stage `module-state`: statics become members of their module's state, where every function that uses them can reach
// it. What cannot be reached stays: a slot of the interpreter can hold it.
#include <algorithm>
#include <map>

#include "base/keys_of.h"
#include "base/path.h"
#include "rewrite/edits.h"
#include "rewrite/module_state_text.h"
#include "rewrite/stage.h"
#include "rewrite/statics.h"
#include "rewrite/units.h"

namespace ringfence {
namespace {

class ModuleState final : public Stage {
public:
  explicit ModuleState(const StageInput &input)
      : input_(input), units_(read_units(input)),
        statics_(input, read_all_units(input, read_static_uses),
                 [this](const ReportedObject &object, const std::string &path, const StaticUses &uses) {
                   const std::string reason = obstacle(path, uses);
                   return reason.empty() ? reason
                                         : object.place.file + ":" + std::to_string(object.place.line) + ": " + reason;
                 }) {}

  std::vector<std::string> files() const override { return keys_of(statics_.files); }
  std::string apply(const std::string &path, const std::string &content) const override {
    const Unit &unit = units_.at(path);
    return apply_edits(content, module_state_edits(unit.shapes, *unit.ways, statics_.files.at(path), content));
  }
  void reject(const std::string &path, const std::string &content, const Complaint &complaint) override {
    statics_.reject(path, content, complaint);
  }
  StagePlan plan() const override {
    StagePlan plan{{}, statics_.refused()};
    for (const auto &[path, file] : statics_.files)
      for (const Component &component : file.components)
        plan.moved.push_back(
            {component.id,
             "state->" + component.member + " of the module " + units_.at(path).shapes.modules.front().title,
             component.note});
    return plan;
  }

private:
  struct Unit {
    UnitWays shapes;
    std::unique_ptr<StateWays> ways;
  };

  static std::map<std::string, Unit> read_units(const StageInput &input) {
    std::map<std::string, Unit> units;
    for (UnitWays &shapes : read_all_units(input, read_function_ways)) {
      Unit &unit = units[shapes.file];
      unit.shapes = std::move(shapes);
      unit.ways = std::make_unique<StateWays>(unit.shapes);
    }
    return units;
  }

  std::string obstacle(const std::string &path, const StaticUses &uses) const {
    const Unit &unit = units_.at(path);
    const std::vector<ModuleShape> &modules = unit.shapes.modules;
    if (uses.foreign)
      return "a header of another project makes it for each unit";
    if (modules.empty())
      return "its file defines no module, so that no function there finds the module's state";
    if (modules.size() > 1)
      return "its file defines several modules";
    if (std::string reason = module_obstacle(unit.shapes, modules.front()); !reason.empty())
      return reason;
    std::vector<std::string> users = uses.users;
    users.insert(users.end(), uses.silent.begin(), uses.silent.end());
    for (const std::string &user : users)
      if (const std::string reason = unit.ways->obstacle(user); !reason.empty())
        return user + (user.empty() ? "" : " has no way to the module's state: ") + reason;
    return {};
  }

  const StageInput &input_;
  std::map<std::string, Unit> units_; // by absolute path
  MovableStatics statics_;
};

} // namespace

std::unique_ptr<Stage> module_state_stage(const StageInput &input) { return std::make_unique<ModuleState>(input); }

} // namespace ringfence
