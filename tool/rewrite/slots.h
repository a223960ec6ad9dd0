// Stage `slots` of a migration: statics become members of one struct for each interpreter, which the runtime library
// keeps (runtime/include/ringfence.h). An object moves with all of its declarations and uses, or not at all.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "extract/object_uses.h"
#include "knowledge/knowledge.h"
#include "link/program.h"
#include "report/report.h"

namespace ringfence {

struct Refusal {
  std::string object; // id
  std::string reason; // with the place that shows it
};

struct MovedObject {
  std::string object, member, slot; // "src/a.c:cache", "cache", "spam"
  bool released = false;            // its reference is dropped when the interpreter ends
  std::string note;                 // why it is not, for a Python object
};

// One file of C.
struct FileMigration {
  std::string file; // root-relative
  std::string slot; // name in RF_STATE
  std::vector<MovedObject> moved;
};

struct SlotsPlan {
  std::vector<FileMigration> files; // that change
  std::vector<Refusal> refused;     // by object
};

// What the stage is told.
struct SlotsRequest {
  Risk at_least = Risk::medium;  // under a GIL per interpreter: objects below it stay
  std::vector<std::string> only; // ids or names of objects; empty: all
};

class SlotsMigration {
public:
  // `units`: of all units of the tree, each file's own uses; `sources`: the text of the files, by absolute path.
  SlotsMigration(const Program &program, const Report &report, const Knowledge &tables, const std::string &root,
                 const std::vector<UnitUses> &units, const SlotsRequest &request);

  SlotsPlan plan() const;
  // Absolute paths of the files that change.
  std::vector<std::string> files() const;
  // The file after the stage; `header` is how it names ringfence.h.
  std::string apply(const std::string &file, const std::string &content, const std::string &header) const;
  // What the compiler says of the file after the stage.
  struct Complaint {
    std::string message;
    unsigned line = 0;    // of the file as it was; 0: of a line that the stage wrote
    std::string new_line; // its text after the stage
  };
  // Leaves where they are the objects that a complaint is about, by the line: all of the file where it tells none.
  void reject(const std::string &file, const std::string &content, const Complaint &complaint);
  bool empty() const { return components_.empty(); }

private:
  struct Component {
    std::string id, member, note;
    bool released = false;
    StaticUses uses;
  };
  struct File {
    std::string slot;
    std::vector<Component> components; // by place
    std::vector<Span> top_level;
    std::vector<BodySpan> bodies;
  };

  // Why the object stays; empty where it can move. `unit` and `uses` are NULL where none is its own.
  std::string refusal_of(const ReportedObject &object, const UnitUses *unit, const StaticUses *uses) const;
  std::string single_phase_module_of(const std::string &file) const;
  void decide_ownership(const ReportedObject &object, Component &component) const;
  bool asks_once(const BodySpan &body, const std::vector<Span> &uses, const std::string &content) const;
  void name_members(File &file) const;

  const Program &program_;
  const Knowledge &tables_;
  std::string root_;
  std::map<std::string, File> components_; // by absolute path
  std::vector<Refusal> refused_;
};

} // namespace ringfence
