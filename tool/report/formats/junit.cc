// JUnit XML as continuous integration services read it: testsuites, testsuite, testcase, failure, skipped (what the
// source allows).

#include <algorithm>
#include <sstream>

#include <pugixml.hpp>

#include "base/text.h"
#include "report/formats/junit.h"
#include "report/names.h"

namespace ringfence {
namespace {

pugi::xml_node add_case(pugi::xml_node suite, const std::string &group, const std::string &name) {
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("classname") = escape_terminal(group).c_str();
  test.append_attribute("name") = escape_terminal(name).c_str();
  return test;
}

void add_failure(pugi::xml_node test, const std::string &message, const std::string &detail) {
  pugi::xml_node failure = test.append_child("failure");
  failure.append_attribute("message") = escape_terminal(message).c_str();
  failure.text() = escape_terminal(detail).c_str();
}

pugi::xml_node add_suite(pugi::xml_node suites, const char *name, std::size_t tests, std::size_t failures) {
  pugi::xml_node suite = suites.append_child("testsuite");
  suite.append_attribute("name") = name;
  suite.append_attribute("tests") = static_cast<unsigned long long>(tests);
  suite.append_attribute("failures") = static_cast<unsigned long long>(failures);
  return suite;
}

} // namespace

std::string to_junit(const Report &report, const std::vector<Problem> &problems) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  suites.append_attribute("name") = "ringfence";

  std::size_t failed_units = 0;
  for (const ReportedUnit &unit : report.units)
    failed_units += unit.status != UnitStatus::complete;
  const pugi::xml_node units = add_suite(suites, "units", report.units.size(), failed_units);
  for (const ReportedUnit &unit : report.units) {
    const std::string first = unit.diagnostics.empty() ? "" : unit.diagnostics.front().message;
    const pugi::xml_node test = add_case(units, unit.file, "analysed");
    if (unit.status != UnitStatus::complete)
      add_failure(test, std::string(to_string(unit.status)) + ": " + first, first);
  }

  const auto suppressed = static_cast<std::size_t>(std::count_if(
      problems.begin(), problems.end(), [](const Problem &problem) { return problem.suppressed.has_value(); }));
  pugi::xml_node state = add_suite(suites, "global state", problems.size(), problems.size() - suppressed);
  state.append_attribute("skipped") = static_cast<unsigned long long>(suppressed);
  for (const Problem &problem : problems) {
    pugi::xml_node test = add_case(state, problem.place.file, problem.subject.id() + " " + problem.rule);
    if (problem.suppressed)
      test.append_child("skipped").text() = escape_terminal(problem.suppressed->reason).c_str();
    else
      add_failure(test, problem.message,
                  problem.place.file + ":" + std::to_string(problem.place.line) + ": " + problem.advice);
  }

  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

} // namespace ringfence
