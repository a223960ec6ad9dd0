#include "report/formats/formats.h"

#include <algorithm>

#include "report/formats/gcc.h"
#include "report/formats/github.h"
#include "report/formats/gitlab.h"
#include "report/formats/junit.h"
#include "report/formats/markdown.h"
#include "report/formats/sarif.h"
#include "report/formats/tsv.h"
#include "report/json_write.h"

namespace ringfence {
namespace {

std::vector<Problem> with_suppressed(const Rendering &r) {
  std::vector<Problem> all = r.problems;
  all.insert(all.end(), r.suppressed.begin(), r.suppressed.end());
  return all;
}

using R = const Rendering &;

constexpr OutputFormat table[] = {
    {"text", Shows::report, Needs::terminal, [](R r) { return to_text(r.report, r.text); }},
    {"gcc", Shows::report, Needs::nothing,
     [](R r) {
       return to_gcc(r.problems, r.report.profiles, {r.text.folders, r.here});
     }},
    {"json", Shows::report, Needs::nothing, [](R r) { return to_json(r.report); }},
    {"tsv", Shows::report, Needs::nothing, [](R r) { return to_tsv(r.report); }},
    {"csv", Shows::report, Needs::nothing, [](R r) { return to_csv(r.report); }},
    {"html", Shows::report, Needs::history,
     [](R r) {
       return to_html(r.report, {r.text.files, r.text.folders, r.history, r.rules});
     }},
    {"sarif", Shows::states, Needs::const_places,
     [](R r) { return to_sarif(r.report, with_suppressed(r), r.states, r.const_places, r.rules); }},
    {"github", Shows::problems, Needs::step_summary, [](R r) { return to_github(r.problems, r.report.profiles); }},
    {"gitlab", Shows::problems, Needs::nothing, [](R r) { return to_gitlab(r.problems, r.report.profiles); }},
    {"junit", Shows::problems, Needs::nothing, [](R r) { return to_junit(r.report, with_suppressed(r)); }},
    {"markdown", Shows::problems, Needs::nothing, [](R r) { return to_markdown(r.report, with_suppressed(r)); }},
};

} // namespace

std::span<const OutputFormat> output_formats() { return table; }

const OutputFormat &output_format(std::string_view name) {
  return *std::ranges::find(table, name, &OutputFormat::name);
}

} // namespace ringfence
