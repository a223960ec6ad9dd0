// The fields of the JSON report, in their order: each struct's are listed once, and who writes and who reads walk the
// same list.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

#include "report/report.h"

namespace ringfence {

inline constexpr std::string_view report_schema = "ringfence-report/1";

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// A string or an enumeration's word that is null in JSON where it is empty.
template <class T> struct Nullable { T &value; };
template <class T> Nullable(T &) -> Nullable<T>;

void fields(auto &f, Is<Place> auto &place) {
  f("file", place.file);
  f("line", place.line);
  f("column", place.column);
}

void fields(auto &f, Is<Evidence> auto &evidence) {
  fields(f, evidence.place);
  f("function", Nullable{evidence.function});
  f("text", evidence.text);
}

void fields(auto &f, Is<Suppression> auto &suppression) {
  f("reason", suppression.reason);
  fields(f, suppression.place);
}

void fields(auto &f, Is<ReportedDiagnostic> auto &diagnostic) {
  f("severity", diagnostic.severity);
  f("message", diagnostic.message);
  fields(f, diagnostic.place);
}

void fields(auto &f, Is<ReportedUnit> auto &unit) {
  f("file", unit.file);
  f("config", Nullable{unit.config});
  f("status", unit.status);
  f("origin", unit.origin);
  f("diagnostics", unit.diagnostics);
}

void fields(auto &f, Is<ReportedMember> auto &member) {
  f("name", member.name);
  fields(f, member.place);
  f("type", member.type);
  f("kind", member.kind);
  f("verdict", member.verdict);
  f("risk", member.risk);
  f("writes", member.writes);
  f("guard", member.guard);
  f("rule", member.rule);
  f("fingerprint", member.fingerprint);
}

void fields(auto &f, Is<ReportedObject> auto &object) {
  f("id", object.subject);
  f("name", object.name);
  f("function", Nullable{object.subject.function});
  fields(f, object.place);
  f("type", object.type);
  f("storage", object.storage);
  f("thread_local", object.thread_local_storage);
  f("generated_by", Nullable{object.generated_by});
  f("macro", Nullable{object.macro});
  f("origin", Nullable{object.origin});
  f("module", Nullable{object.module});
  f("configs", object.configs);
  f("kind", object.kind);
  f("verdict", object.verdict);
  f("level", object.level);
  f("risk", object.risk);
  f("risk_note", Nullable{object.risk_note});
  f("holds_objects", object.holds_objects);
  f.group("writes", [&](auto &g) {
    g("class", object.writes);
    g("sites", object.write_sites);
  });
  f("guard", object.guard);
  f("rule", object.rule);
  f("advice", object.advice);
  f("evidence", object.evidence);
  f("observed", object.observed);
  f.optional("members", object.members);
  f("suppressed", object.suppressed);
  f("fingerprint", object.fingerprint);
}

void fields(auto &f, Is<ReportedModule::Verification> auto &verification) {
  f("verdict", verification.verdict);
  f("refuted_by", verification.refuted_by);
  f.optional("reason", Nullable{verification.reason});
}

void fields(auto &f, Is<ReportedModule::World> auto &world) {
  f("name", world.name);
  f("claims", world.claims);
  f("verified", world.verified);
}

void fields(auto &f, Is<ReportedModule> auto &module) {
  f("name", module.name);
  fields(f, module.place);
  f("init", module.init);
  f("state_size", module.state_size);
  f("binding", Nullable{module.binding});
  f("claims", module.claims);
  f("verified", module.verified);
  f.optional("worlds", module.worlds);
}

void fields(auto &f, Is<ReportedType> auto &type) {
  f("id", type.id);
  f("name", type.name);
  f("static", type.is_static);
  fields(f, type.place);
}

void fields(auto &f, Is<Finding> auto &finding) {
  f("rule", finding.rule);
  f("subject", finding.subject);
  fields(f, finding.place);
  f("message", finding.message);
  f("advice", finding.advice);
  f("risk", finding.risk);
  f("evidence", finding.evidence);
  f("suppressed", finding.suppressed);
  f("fingerprint", finding.fingerprint);
}

void fields(auto &f, Is<ReportedInactive> auto &inactive) {
  fields(f, inactive.place);
  f("condition", inactive.condition);
  f("name", inactive.name);
}

void fields(auto &f, Is<Accounting> auto &sums) {
  f("units", sums.units);
  f("units_by_status", sums.units_by_status);
  f("objects", sums.objects);
  f("objects_by_verdict", sums.objects_by_verdict);
  f("findings", sums.findings);
  f("findings_by_rule", sums.findings_by_rule);
  f("suppressed", sums.suppressed);
  f("uncovered", sums.uncovered);
}

// The top level; `tool` and `accounting` are objects, the lists come one entry per line.
void fields(auto &f, Is<Report> auto &report) {
  f("root", report.root);
  f("profiles", report.profiles);
  f("units", report.units);
  f("objects", report.objects);
  f("modules", report.modules);
  f("types", report.types);
  f("findings", report.findings);
  f("inactive", report.inactive);
  f("notes", report.notes);
  f("accounting", report.accounting);
}

} // namespace ringfence
