// What a migration does and what it leaves, and its formats.
#pragma once

#include <string>
#include <vector>

namespace ringfence {

struct Refusal {
  std::string object;                    // id, or a module's name
  std::string reason;                    // with the place that shows it
  std::vector<std::string> used_by = {}; // as of Moved
};

struct Moved {
  std::string object;  // id, or a module's name
  std::string becomes; // "RF_GET(spam)->cache"
  std::string note;    // what the reader should know; may be empty
  // Other files whose code uses the object; of a module, all that are compiled into it. Sorted; the driver fills it in.
  std::vector<std::string> used_by = {};
  std::string read_in_part =
      {}; // a file of which only a part was read, so that the plan may change; the driver fills it in
};

struct StagePlan {
  std::vector<Moved> moved;     // by file and place
  std::vector<Refusal> refused; // by object
};

struct StageResult {
  std::string name; // "multi-phase"
  StagePlan plan;
};

// A source whose extension must get the runtime library's by hand.
struct ToBuild {
  std::string source; // root-relative
  std::string why;    // the build file and the line that names it in no known form; empty: there is no build file
};

struct MigrationPlan {
  std::string path; // of the tree, as on the command line
  std::vector<StageResult> stages;
  std::string runtime_source; // root-relative; empty: the runtime library is not needed
  std::vector<ToBuild> to_build;
  std::vector<std::string> missing = {}; // headers that were not found, and what brings each
  bool only_planned = false;             // the tree stays as it is

  std::size_t moved() const;
  std::size_t refused() const;
  bool needs_hands() const;        // something is refused, or a build file is to be edited by hand
  std::size_t provisional() const; // of those that move: what was read in part
};

std::string plan_text(const MigrationPlan &plan);
// Tasks of a size for one pull request, in an order in which each lands alone, and what is left for hands, by reason.
std::string plan_markdown(const MigrationPlan &plan);
std::string plan_json(const MigrationPlan &plan); // rules/migrate.schema.json

} // namespace ringfence
