// A stage of a migration: what it moves, what it leaves and why, and each file after it. The driver parses the tree
// with the result in memory and has the stage leave out what does not compile.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "knowledge/knowledge.h"
#include "link/program.h"
#include "report/report.h"
#include "rewrite/plan.h"
#include "source/source.h"

namespace ringfence {

// What the compiler says of a file after the stage.
struct Complaint {
  std::string message;
  unsigned line = 0;    // of the file as it was; 0: of a line that the stage wrote
  std::string new_line; // its text after the stage
};

// What all stages read. All must outlive the stage.
struct StageInput {
  const Program &program;
  const Report &report;
  const Knowledge &tables;
  const SourceTree &tree;
  const FileSystem &files;          // the tree as the stages before left it
  std::vector<std::string> only;    // ids or names of what may change; empty: all
  std::vector<std::string> modules; // names of modules whose files may change; empty: all
  unsigned jobs = 1;
  bool provisional = false;                        // what was read in part counts as read: for a plan alone
  std::map<std::string, std::string> staying = {}; // types that stay static, by id, and why
};

class Stage {
public:
  virtual ~Stage() = default;

  // Absolute paths of the files that change.
  virtual std::vector<std::string> files() const = 0;
  virtual std::string apply(const std::string &file, const std::string &content) const = 0;
  // Leaves where it is what a complaint is about, by the line: all of the file where it tells none.
  virtual void reject(const std::string &file, const std::string &content, const Complaint &complaint) = 0;
  virtual StagePlan plan() const = 0;
};

std::unique_ptr<Stage> multi_phase_stage(const StageInput &input);
std::unique_ptr<Stage> heap_types_stage(const StageInput &input);
std::unique_ptr<Stage> module_state_stage(const StageInput &input);
std::unique_ptr<Stage> claims_stage(const StageInput &input);
// Why a claim of a GIL per interpreter does not hold, in any world where it is made; empty where it does.
std::string reason_not_to_hold(const ReportedModule &module);
// `folder`: where ringfence.h lies or will lie, absolute; empty: beside the first file that changes.
std::unique_ptr<Stage> slots_stage(const StageInput &input, const std::string &folder);

// Whether `only` and `modules` let an object change, by its id, its name and its file.
bool is_asked_for(const StageInput &input, const std::string &id, const std::string &name, const std::string &file);
// Whether the variable is asked for, or nothing is and its risk is medium at least.
bool is_to_move(const StageInput &input, const ReportedObject &object);

} // namespace ringfence
