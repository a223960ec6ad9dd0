// Stage `claims`: the slot that denies support becomes one that claims it, where the report has nothing against the
// module in any world. Written only with a proof (rewrite/proof.h), and where the tree with the claim scans `holds`.
#include <algorithm>
#include <map>

#include "base/keys_of.h"
#include "base/text.h"
#include "knowledge/source_names.h"
#include "report/names.h"
#include "rewrite/edits.h"
#include "rewrite/stage.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

constexpr std::string_view denial = source_name::denies_interpreters, support = source_name::claims_own_gil;

class Claims final : public Stage {
public:
  explicit Claims(const StageInput &input) : input_(input) {
    for (const ReportedModule &module : input.report.modules) {
      const std::string path = input.tree.root + "/" + module.place.file;
      const std::string text = input.files.read(path).value_or("");
      if (!is_asked_for(input, module.name, module.name, module.place.file) || !has_word(text, denial))
        continue;
      if (std::string reason = reason_against(module); !reason.empty())
        refused_.push_back({module.name, module.place.file + ":" + std::to_string(module.place.line) + ": " + reason});
      else
        modules_[path].push_back(module.name);
    }
  }

  std::vector<std::string> files() const override { return keys_of(modules_); }

  std::string apply(const std::string &, const std::string &content) const override {
    std::vector<Edit> edits;
    for (std::size_t at = content.find(denial); at != std::string::npos; at = content.find(denial, at + 1))
      edits.push_back({static_cast<unsigned>(at), static_cast<unsigned>(at + denial.size()), std::string(support)});
    return apply_edits(content, std::move(edits));
  }

  void reject(const std::string &path, const std::string &, const Complaint &complaint) override {
    for (const std::string &name : modules_[path])
      refused_.push_back({name, "it does not compile with the claim: " + complaint.message});
    modules_.erase(path);
  }

  StagePlan plan() const override {
    StagePlan plan{{}, refused_};
    for (const auto &[path, names] : modules_)
      for (const std::string &name : names)
        plan.moved.push_back({name, "a module that claims a GIL per interpreter", ""});
    return plan;
  }

private:
  static std::string against(const std::map<std::string, ReportedModule::Verification> &verified) {
    const auto own = verified.find("own-gil");
    if (own == verified.end())
      return "the profile own-gil was not asked for";
    if (own->second.verdict == ClaimVerdict::not_read)
      return "not all of its code was read: " + own->second.reason;
    return own->second.refuted_by.empty() ? std::string()
                                          : own->second.refuted_by.front() + " stands against the claim";
  }

  // In the worlds where the denial is read, the build's own where there is no other.
  static std::string reason_against(const ReportedModule &module) {
    bool read = false;
    for (const ReportedModule::World &world : module.worlds) {
      if (!world.claims.contains("multiple-interpreters"))
        continue;
      read = true;
      if (std::string reason = against(world.verified); !reason.empty())
        return reason;
    }
    return read ? std::string() : against(module.verified);
  }

  const StageInput &input_;
  std::map<std::string, std::vector<std::string>> modules_; // names, by absolute path
  std::vector<Refusal> refused_;
};

} // namespace

std::unique_ptr<Stage> claims_stage(const StageInput &input) { return std::make_unique<Claims>(input); }

std::string reason_not_to_hold(const ReportedModule &module) {
  bool made = false;
  const auto check = [&](const auto &reading) -> std::string {
    const auto claim = reading.claims.find("multiple-interpreters");
    if (claim == reading.claims.end() || claim->second != "per-interpreter-gil")
      return {};
    made = true;
    const auto own = reading.verified.find("own-gil");
    if (own == reading.verified.end() || own->second.verdict != ClaimVerdict::holds)
      return "the claim would not hold" + (own == reading.verified.end() || own->second.refuted_by.empty()
                                               ? std::string()
                                               : ": " + own->second.refuted_by.front());
    return {};
  };
  std::string reason = check(module);
  for (const ReportedModule::World &world : module.worlds)
    if (reason.empty())
      reason = check(world);
  return reason.empty() && !made ? "the claim was not read back" : reason;
}

} // namespace ringfence
