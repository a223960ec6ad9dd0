// "Code Quality report format" of GitLab's documentation: description, check_name, fingerprint, severity, location.

#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "base/text.h"
#include "report/formats/gitlab.h"
#include "report/names.h"

namespace ringfence {

std::string to_gitlab(const std::vector<Problem> &problems, const std::vector<Profile> &profiles) {
  using Json = nlohmann::ordered_json;
  Json issues = Json::array();
  for (const Problem &problem : problems) {
    const Risk risk = highest_risk(problem.risk, profiles);
    issues.push_back(
        {{"description", valid_utf8(problem.message + ". " + problem.advice)},
         {"check_name", problem.rule},
         {"fingerprint", problem.fingerprint},
         {"severity", risk == Risk::high     ? "critical"
                      : risk == Risk::medium ? "major"
                                             : "minor"},
         {"location", {{"path", valid_utf8(problem.place.file)}, {"lines", {{"begin", problem.place.line}}}}}});
  }
  return escape_json(issues.dump(2)) + '\n';
}

} // namespace ringfence
