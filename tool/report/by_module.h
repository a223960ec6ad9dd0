// Which module a problem belongs to, for reports that are ordered or counted by module.
#pragma once

#include <map>
#include <string>

#include "report/problem.h"

namespace ringfence {

class ModuleNames {
public:
  explicit ModuleNames(const Report &report);

  // Of an object, what the report says; of a module, its own name; of anything else, the only module of its file. Empty
  // where several modules share it or none leads to it.
  std::string of(const Problem &problem) const;

private:
  void add(const std::string &file, const std::string &module);

  std::map<std::string, std::string> by_subject_;
  std::map<std::string, std::string> by_file_; // empty: several
};

} // namespace ringfence
