// Whether what another world changes in the text of the project's files can concern a unit that includes them: a header
// with one condition on the GIL is read by many units which use nothing that stands there.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "extract/text/text_items.h"
#include "facts/facts.h"
#include "source/compile_unit.h"

namespace ringfence {

using Turns = std::function<Turn(std::string_view condition)>;

class WorldReach {
public:
  // What one other world makes of conditions. `full_path`: of a file as facts name it.
  WorldReach(const FileSystem &files, std::function<std::string(const std::string &)> full_path, Turns turns)
      : files_(files), full_path_(std::move(full_path)), turns_(std::move(turns)) {}

  // False where the changed text brings only what nothing in the unit mentions, and none of its errors stand there.
  bool reaches(const TuFacts &facts, const CompileUnit &unit);

private:
  const TextItems &items_of(const std::string &path, bool cplusplus);
  bool has_error_in(const TextItems &items, Index file, const TuFacts &facts) const;

  const FileSystem &files_;
  const std::function<std::string(const std::string &)> full_path_;
  const Turns turns_;
  std::map<std::string, TextItems> in_c_, in_cplusplus_; // by path
};

} // namespace ringfence
