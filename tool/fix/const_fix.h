// The repair for the verdict effectively-constant: `const`, written in place into every declaration of the object.
//
// A candidate is only as good as the compiler says: the caller parses the edited files in every unit that reads them
// and hands back the places of new diagnostics; reject() then drops the objects at fault, all declarations at once.
// Dropping one only takes qualifiers away, so that a unit that was clean stays clean.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "link/program.h"
#include "report/report.h"

namespace ringfence {

class ConstFix {
public:
  // The objects of the verdict effectively-constant whose declarations all stand in files of the tree (not of the build
  // folder) where `const` can be written.
  ConstFix(const Program &program, const Report &report);

  // Root-relative paths of the files that the edits change.
  std::set<std::string> files() const;
  // The file with the edits of all objects that are left.
  std::string apply(const std::string &file, const std::string &content) const;
  // New errors of one unit with the edits, and the files that it reads.
  struct Errors {
    std::vector<Place> places;
    std::set<std::string> files; // root-relative
  };

  // Drops the objects that the errors can be about: those accessed or declared on the line of one, else in its file,
  // else in any file that the unit reads; all where nothing leads to any. False where none was left to drop.
  bool reject(const std::vector<Errors> &units);
  // Ids of the objects that are left, sorted.
  std::vector<std::string> objects() const;
  // Where the edits of each object that is left go, by its id; columns count bytes from 1.
  std::map<std::string, std::vector<Place>> places() const;

private:
  struct Line {
    std::string file;
    unsigned line;
    auto operator<=>(const Line &) const = default;
  };

  std::set<Index> suspects(const Place &place) const;
  std::set<Index> suspects(const Errors &unit) const;

  const Program &program_;
  std::set<Index> objects_;                  // those that are left
  std::map<Line, std::set<Index>> mentions_; // where candidates are declared or accessed
};

} // namespace ringfence
