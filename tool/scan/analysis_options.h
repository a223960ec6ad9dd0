// What a tree is analysed by, whoever asks for it.
#pragma once

#include <string>
#include <vector>

#include "extract/shared/extract_all.h"
#include "report/report.h"
#include "settings/settings.h"
#include "source/source.h"

namespace ringfence {

struct AnalysisOptions {
  SourceOptions source;
  std::vector<std::string> parts; // files of facts to take instead of parsing; `source.path` is for source lines alone
  std::vector<Profile> profiles;  // in the order of the enum, without duplicates
  std::string rules;              // --rules DIR; empty: the embedded rules alone
  std::string changed_since;      // a git revision: report what its changes touch; empty: everything
  std::string min_python;         // "3.9"; empty: found in the tree, else not restricted
  std::string cache;              // folder of the facts of earlier runs; empty: every unit is parsed
  unsigned jobs = 1;
  bool shared_parse = true; // ExtractPlan::shared_parse
  UnitLimits unit_limits;
  Settings settings; // of the project; what they say of options is in the members above
};

} // namespace ringfence
