// The statics of C sources that may move, wherever they go: each with all of its declarations and uses.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "extract/spans/object_uses.h"
#include "rewrite/edits.h"
#include "rewrite/stage.h"

namespace ringfence {

struct Component {
  std::string id, member, note;
  bool released = false; // the static owns its reference, as far as all that is stored there says
  StaticUses uses;
};

struct FileStatics {
  std::vector<Component> components; // by place
  std::vector<Span> top_level;
  std::vector<BodySpan> bodies;
};

// Why an object cannot move to where a stage moves it, with a place; empty where it can.
using Obstacle = std::function<std::string(const ReportedObject &, const std::string &path, const StaticUses &)>;

// Why the object stays wherever it would go, by what the program knows of it and whoever uses it; empty: nothing does.
std::string refusal_by_facts(const StageInput &input, const ReportedObject &object);
// Sets whether the static owns its reference, or the note that says why that is not known.
void decide_ownership(const StageInput &input, Component &component);

class SharedStatics;

class MovableStatics {
public:
  // Those of the report that can move, and for which `obstacle` has nothing, without those of `shared` (NULL: none).
  MovableStatics(const StageInput &input, const std::vector<UnitUses> &units, const Obstacle &obstacle,
                 const SharedStatics *shared = nullptr);

  std::map<std::string, FileStatics> files; // by absolute path; without empty ones

  // What stays, sorted by object.
  std::vector<Refusal> refused() const;
  // Takes out what is at fault for a complaint about the file: all of it where it does not tell. False: nothing of it moves.
  bool reject(const std::string &path, const std::string &content, const Complaint &complaint);

private:
  void add(const UnitUses &unit, Component component);
  void move_foreign(const ReportedObject &object, const std::vector<const UnitUses *> &units, const Obstacle &obstacle);
  void drop_torn_names();

  const StageInput &input_;
  std::map<Span, std::set<std::string>> pasted_; // what stands before `##`: the names that are made of it
  std::vector<Refusal> refused_;
};

// The member's declaration with its name in the struct.
std::string member_text(const Component &component);
// A line of the struct, with the comment of the declaration.
std::string member_line(const Component &component, const std::string &content);
// Statements that give the member of `*owner` its first value; empty where that is zero.
std::string first_value(const Component &component, const std::string &owner);

// Takes from each statement the declarators that move, and the statement where all do.
void remove_declarations(const FileStatics &file, const std::string &content, std::vector<Edit> &edits);

} // namespace ringfence
