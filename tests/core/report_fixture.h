// A small report in which every field has a value, for the tests of report formats.
#pragma once

#include "report/accounting.h"
#include "report/names.h"
#include "source/unit_origin.h"

namespace ringfence {

inline Report sample_report() {
  Report report;
  report.tool_version = "0.1.0";
  report.clang_version = "19.1.7";
  report.root = "tree";
  report.profiles.assign(all_profiles.begin(), all_profiles.end());
  report.units = {{"a.c", "", UnitStatus::complete, UnitOrigin::database, {}},
                  {"b.c",
                   "debug",
                   UnitStatus::partial,
                   UnitOrigin::inferred,
                   {{{"b.c", 3, 1}, Severity::error, "unknown type name 'x'"}}}};
  ReportedObject cache;
  cache.subject = {SubjectKind::object, "a.c", "f", "cache"};
  cache.name = "cache";
  cache.place = {"a.c", 7, 20};
  cache.type = "PyObject *";
  cache.storage = Storage::function_static;
  cache.generated_by = "cython";
  cache.macro = "CACHE";
  cache.origin = CodeOrigin::vendored;
  cache.module = "pkg._a";
  cache.configs = {"debug"};
  cache.kind = "cached-import";
  cache.verdict = "object-cache";
  cache.level = Level::module;
  cache.risk = {Risk::high, Risk::high, Risk::medium, Risk::low};
  cache.holds_objects = true;
  cache.writes = WriteClass::lazy;
  cache.write_sites = {{{"a.c", 9, 5}, "f", "the result of PyImport_ImportModule"}};
  cache.rule = "RF103 cached-import";
  cache.message = "cache keeps something imported: the result of PyImport_ImportModule";
  cache.advice = "Keep it in the module's state.";
  cache.fingerprint = "00112233445566778899aabbccddeeff";
  cache.evidence = cache.write_sites;
  cache.observed = {"changed in CPython 3.12.1: own GIL, at once"};
  cache.risk_note = "low under multi-init: cleared in m_free";
  ReportedObject table;
  table.subject = {SubjectKind::object, "a.c", "", "table"};
  table.name = "table";
  table.place = {"a.c", 2, 12};
  table.type = "const int[2]";
  table.kind = "table";
  table.verdict = "constant";
  table.level = Level::constant;
  table.rule = "RF190 constant";
  table.fingerprint = "ffeeddccbbaa99887766554433221100";
  report.objects = {cache, table};
  report.modules = {{"pkg._a",
                     {"a.c", 20, 1},
                     InitKind::multi_phase,
                     -1,
                     "pybind11",
                     {{"multiple-interpreters", "per-interpreter-gil"}, {"gil", "not-used"}},
                     {{"own-gil", {ClaimVerdict::refuted, {"a.c:f():cache"}}}}}};
  report.types = {{"a.c:T", "pkg.T", true, {"a.c", 12, 14}}};
  report.findings = {{"RF305 false-claim",
                      {SubjectKind::module, "a.c", "", "pkg._a"},
                      {"a.c", 20, 1},
                      "The module claims its own GIL.",
                      "Withdraw the claim.",
                      {Risk::none, Risk::high, Risk::none, Risk::none},
                      {{{"a.c", 9, 5}, "f", "written"}},
                      "0123456789abcdef0123456789abcdef",
                      std::nullopt}};
  report.inactive = {{{"a.c", 30, 12}, "defined(MS_WINDOWS)", "handle"}};
  report.notes = {"No compile database was found."};
  report.accounting = account(report, {"c.c"});
  return report;
}

} // namespace ringfence
