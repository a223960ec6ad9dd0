#include "classify/verdicts/struct_members.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "classify/predicates/object_facts.h"
#include "classify/verdicts/verdict.h"
#include "report/names.h"

namespace ringfence {

namespace {

unsigned sum(const Risks &risks) {
  return std::accumulate(risks.begin(), risks.end(), 0U,
                         [](unsigned all, Risk risk) { return all + static_cast<unsigned>(risk); });
}

bool is_worse(const ReportedObject &a, const ReportedObject &b) {
  const Risk most_of_a = *std::max_element(a.risk.begin(), a.risk.end()),
             most_of_b = *std::max_element(b.risk.begin(), b.risk.end());
  if (most_of_a != most_of_b)
    return most_of_a > most_of_b;
  return sum(a.risk) != sum(b.risk) ? sum(a.risk) > sum(b.risk) : a.subject < b.subject;
}

// "pool.head" of a member of a struct within.
std::string member_name(const ReportedObject &whole, const ReportedObject &member) {
  return member.name.substr(whole.name.size() + 1);
}

ReportedMember member_of(const ReportedObject &whole, const ReportedObject &object) {
  return {member_name(whole, object),
          object.place,
          object.type,
          object.kind,
          object.verdict,
          object.risk,
          object.writes,
          object.guard,
          object.rule,
          object.fingerprint};
}

// Whether a path is of the struct, or of a struct within of which some members are judged.
bool is_of_several(std::string_view path, const ReportedObject &whole, const std::vector<ReportedObject *> &members) {
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i)
    if (path[i] == '[')
      i = std::min(path.find(']', i), path.size());
    else
      name += path[i];
  return name.empty() || std::any_of(members.begin(), members.end(), [&](const ReportedObject *member) {
           return ("." + member_name(whole, *member)).starts_with(name + ".");
         });
}

// Whether code that can run later does something to the struct that is not to one member alone.
bool is_used_as_a_whole(const ProgramIndex &index, Index object, const ReportedObject &whole,
                        const std::vector<ReportedObject *> &members) {
  const WriteSummary &summary = index.program.writes[object];
  const auto is_whole = [&](Index site) {
    const Access &access = index.access(site);
    return is_of_several(access.path, whole, members) && runs_later(index, access);
  };
  return std::any_of(summary.sites.begin(), summary.sites.end(), is_whole) ||
         std::any_of(summary.escape_sites.begin(), summary.escape_sites.end(), is_whole);
}

// Whether one function writes several members after a test of the struct: one of them says that others are ready.
bool has_flag_within(const ProgramIndex &index, Index object) {
  std::map<Index, std::set<std::string>> written; // by function
  for (const Index site : index.program.writes[object].sites)
    if (const Access &access = index.access(site); access.tests_itself && runs_later(index, access))
      written[access.function].insert(access.path.substr(0, access.path.find('[', 1)));
  return std::any_of(written.begin(), written.end(), [](const auto &each) { return each.second.size() > 1; });
}

// Its risk where that is not the whole's.
Evidence verdict_line(const ReportedObject &whole, const ReportedObject &member) {
  const Evidence &shown = member.write_sites.empty() ? Evidence{member.place, "", ""} : member.write_sites.front();
  std::string risks;
  for (const Profile profile : all_profiles)
    if (const Risk risk = risk_of(member.risk, profile); risk != Risk::none && member.risk != whole.risk)
      risks += (risks.empty() ? "" : ", ") + std::string(to_string(profile)) + " " + std::string(to_string(risk));
  return {shown.place, shown.function,
          "member " + member_name(whole, member) + ": " + member.rule + (risks.empty() ? "" : " (" + risks + ")")};
}

// `keeps`: the struct's own verdict counts beside those of its members.
void join(ReportedObject &whole, const std::vector<ReportedObject *> &members, bool keeps) {
  // Under one lock, or written once, members belong together: a count beside what it counts is no counter.
  const bool is_one = whole.guard != Protection::none || whole.writes != WriteClass::anywhere;
  keeps |= is_one;
  Risks risk = keeps ? whole.risk : Risks{};
  for (const ReportedObject *member : members)
    for (std::size_t profile = 0; profile < risk.size() && !is_one; ++profile)
      risk[profile] = std::max(risk[profile], member->risk[profile]);
  const ReportedObject &worst = *members.front();
  const bool by_member = risk != whole.risk && (!keeps || is_worse(worst, whole));
  whole.risk = risk;
  if (by_member) {
    whole.verdict = worst.verdict;
    whole.kind = worst.kind;
    whole.level = worst.level;
    whole.rule = worst.rule;
    whole.risk_note = worst.risk_note;
    whole.advice = worst.advice;
    whole.evidence = worst.evidence;
    whole.fingerprint = object_fingerprint(worst.rule.substr(0, worst.rule.find(' ')), whole.subject, whole.kind);
  }
  if (whole.rule == worst.rule)
    whole.message = worst.message;
  constexpr std::size_t shown = 12;
  for (std::size_t i = 0; i < std::min(members.size(), shown); ++i)
    whole.evidence.push_back(verdict_line(whole, *members[i]));
}

} // namespace

void join_struct_members(const ProgramIndex &index, std::vector<ReportedObject> &objects) {
  std::map<Index, std::vector<ReportedObject *>> members;
  for (Index i = 0; i < index.program.struct_of.size(); ++i)
    if (const Index whole = index.program.struct_of[i]; whole != none)
      members[whole].push_back(&objects[i]);
  for (auto &[object, of_object] : members) {
    ReportedObject &whole = objects[object];
    const bool as_a_whole = is_used_as_a_whole(index, object, whole, of_object);
    if (as_a_whole) // what looks as if nobody wrote it is written with the rest
      std::erase_if(of_object, [](const ReportedObject *member) { return member->writes == WriteClass::never; });
    if (of_object.empty())
      continue;
    std::sort(of_object.begin(), of_object.end(),
              [](const ReportedObject *a, const ReportedObject *b) { return is_worse(*a, *b); });
    for (const ReportedObject *member : of_object)
      whole.members.push_back(member_of(whole, *member));
    if (!index.program.is_of_interpreter(index.program.objects[object].location.file)) // its runtime is judged as one
      join(whole, of_object, as_a_whole || has_flag_within(index, object));
  }
}

} // namespace ringfence
