#include "audit/render.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/path.h"
#include "base/printable.h"
#include "base/text.h"
#include "report/formats/text_style.h"
#include "report/names.h"

namespace ringfence {
namespace {

struct Row {
  const AuditedLibrary *library;
  const BinaryModule *module;
  std::vector<Answer> answers; // one a profile
  int weight = 0;              // sum of the outcomes: what blocks most comes first
};

std::vector<Row> rows_of(const Audit &audit, const std::vector<Profile> &profiles) {
  std::vector<Row> rows;
  for (const AuditedLibrary &library : audit.libraries)
    for (const BinaryModule &module : library.modules) {
      Row row{&library, &module, {}, 0};
      for (const Profile profile : profiles) {
        row.answers.push_back(answer(module, profile));
        row.weight += static_cast<int>(row.answers.back().outcome);
      }
      rows.push_back(std::move(row));
    }
  std::ranges::stable_sort(rows, std::ranges::greater(), &Row::weight);
  return rows;
}

std::string_view in_words(Outcome outcome) {
  switch (outcome) {
  case Outcome::loads:
    return "loads";
  case Outcome::at_own_risk:
    return "at its own risk";
  case Outcome::gil_on:
    return "switches the GIL on";
  case Outcome::not_read:
    return "not read";
  case Outcome::refused:
    return "refused";
  }
  return "";
}

std::string package_of(const AuditedLibrary &library) {
  return library.package.empty() ? std::string(file_name(library.file)) : library.package;
}

std::string table(const std::vector<std::vector<std::string>> &rows) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows[0].size());
  for (const auto &row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto &row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += " " + left(row[i], widths[i]) + " ";
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// A header and a row for each module that does not load in all profiles.
std::vector<std::vector<std::string>> cells_of(const std::vector<Row> &rows, const std::vector<Profile> &profiles) {
  std::vector<std::vector<std::string>> cells(1, {"package", "module", "init", "made by"});
  for (const Profile profile : profiles)
    cells[0].emplace_back(to_string(profile));
  for (const Row &row : rows) {
    if (row.weight == 0)
      continue;
    auto &cell = cells.emplace_back();
    cell = {escape_terminal(package_of(*row.library)), escape_terminal(row.module->name),
            std::string(to_string(row.module->init)), escape_terminal(row.library->made_by)};
    for (const Answer &answer : row.answers)
      cell.emplace_back(in_words(answer.outcome));
  }
  return cells;
}

// Why modules do not simply load: each reason once, with how many modules it is true of and some of their names.
std::string reasons_text(const std::vector<Row> &rows, const std::vector<Profile> &profiles) {
  std::map<std::string, std::vector<std::string>> modules;
  for (const Row &row : rows)
    for (std::size_t i = 0; i < profiles.size(); ++i)
      if (row.answers[i].outcome != Outcome::loads)
        modules[std::string(to_string(profiles[i])) + ": " + row.answers[i].reason].push_back(row.module->name);
  std::string text;
  for (const auto &[reason, names] : modules) {
    constexpr std::size_t shown = 4;
    std::vector<std::string> first(names.begin(),
                                   names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), shown)));
    text += "  " + reason + "\n      " + count_of(names.size(), "module") + ": " + escape_terminal(join(first, ", ")) +
            (names.size() > shown ? ", ..." : "") + "\n";
  }
  return text;
}

std::string calls_text(const Audit &audit) {
  std::map<std::string, std::set<std::string>> users;
  for (const AuditedLibrary &library : audit.libraries)
    for (const std::string &call : library.calls)
      users[call].insert(package_of(library));
  std::string text;
  for (const auto &[call, packages] : users)
    text += "  " + call + ": " +
            escape_terminal(join(std::vector<std::string>(packages.begin(), packages.end()), ", ")) + "\n";
  return text;
}

std::string problems_text(const Audit &audit) {
  std::string text;
  for (const AuditedLibrary &library : audit.libraries)
    if (!library.error.empty())
      text += "  " + escape_terminal(library.file + ": " + library.error) + "\n";
  for (const std::string &note : audit.notes)
    text += "  " + escape_terminal(note) + "\n";
  return text;
}

std::string heading(const Audit &audit, const std::vector<Row> &rows) {
  std::set<std::string> packages;
  for (const Row &row : rows)
    packages.insert(package_of(*row.library));
  std::string text = count_of(rows.size(), "extension module") + " in " + count_of(packages.size(), "package");
  const auto others = std::ranges::count_if(
      audit.libraries, [](const AuditedLibrary &library) { return library.modules.empty() && library.error.empty(); });
  if (others > 0)
    text +=
        ", and " + std::to_string(others) + (others == 1 ? " library" : " libraries") + " that Python does not import";
  return text + "; read without running them";
}

std::string_view next_steps =
    "\nnext:\n"
    "  python -m ringfence exercise MODULE --gil own                 runs one in many interpreters: what breaks, and "
    "whose fault it is\n"
    "  python -m ringfence exercise MODULE --gil own --private-copy  where it is refused: a copy of it for each "
    "interpreter\n"
    "  ringfence scan SOURCES                                        what in its sources stands against it\n";

std::string_view meaning =
    "own-gil: an interpreter with a GIL of its own. free-threaded: a Python built without the GIL.\n"
    "shared-gil: several interpreters under one GIL. multi-init: a second Py_Initialize, or a second import.\n"
    "This is what the modules say, not whether it is true: `ringfence scan` checks a claim against the sources,\n"
    "and `python -m ringfence exercise MODULE` runs it in many interpreters.\n";

} // namespace

bool is_blocked(const BinaryModule &module, const std::vector<Profile> &profiles) {
  return std::ranges::any_of(profiles, [&](Profile profile) {
    const Outcome outcome = answer(module, profile).outcome;
    return outcome == Outcome::refused || outcome == Outcome::gil_on;
  });
}

std::string audit_text(const Audit &audit, const std::vector<Profile> &profiles) {
  const std::vector<Row> rows = rows_of(audit, profiles);
  std::string text = heading(audit, rows) + "\n\n";
  if (const auto cells = cells_of(rows, profiles); cells.size() > 1)
    text += table(cells) + "\n";
  if (const auto fine = std::ranges::count(rows, 0, &Row::weight); fine > 0)
    text += count_of(static_cast<std::size_t>(fine), "module") +
            " not listed: to load in all of these is what they say.\n\n";
  if (const std::string reasons = reasons_text(rows, profiles); !reasons.empty())
    text += "Why:\n" + reasons + "\n";
  if (const std::string calls = calls_text(audit); !calls.empty())
    text += "Functions that belong to one interpreter or to the process, and who calls them:\n" + calls + "\n";
  if (const std::string problems = problems_text(audit); !problems.empty())
    text += "Not read, or in doubt:\n" + problems + "\n";
  return rows.empty() ? text : text.append(meaning).append(next_steps);
}

std::string audit_markdown(const Audit &audit, const std::vector<Profile> &profiles) {
  const std::vector<Row> rows = rows_of(audit, profiles);
  std::string text = "**" + heading(audit, rows) + "**\n\n";
  const auto cells = cells_of(rows, profiles);
  for (std::size_t i = 0; i < cells.size() && !rows.empty(); ++i) {
    for (std::string cell : cells[i]) {
      for (std::size_t at = 0; (at = cell.find_first_of("|<`*_[", at)) != std::string::npos; at += 2)
        cell.insert(at, 1, '\\');
      text += "| " + cell + " ";
    }
    text += "|\n";
    for (std::size_t column = 0; i == 0 && column < cells[0].size(); ++column)
      text += column + 1 < cells[0].size() ? "|---" : "|---|\n";
  }
  return text;
}

std::string audit_json(const Audit &audit, const std::vector<Profile> &profiles) {
  using Json = nlohmann::ordered_json;
  const auto bytes = [](const std::string &text) { return Json(valid_utf8(text)); };
  const auto list = [&](const std::vector<std::string> &texts) {
    Json json = Json::array();
    for (const std::string &text : texts)
      json.push_back(bytes(text));
    return json;
  };
  Json libraries = Json::array();
  for (const AuditedLibrary &library : audit.libraries) {
    Json modules = Json::array();
    for (const BinaryModule &module : library.modules) {
      Json answers = Json::object();
      for (const Profile profile : profiles) {
        const Answer given = answer(module, profile);
        answers[to_string(profile)] = {{"outcome", to_string(given.outcome)}, {"reason", given.reason}};
      }
      modules.push_back({{"name", bytes(module.name)},
                         {"init", to_string(module.init)},
                         {"state_size", module.state_size ? Json(*module.state_size) : Json(nullptr)},
                         {"claims", {{"interpreters", to_string(module.interpreters)}, {"gil", to_string(module.gil)}}},
                         {"answers", answers}});
    }
    libraries.push_back({{"file", bytes(library.file)},
                         {"package", library.package.empty() ? Json(nullptr) : bytes(library.package)},
                         {"error", library.error.empty() ? Json(nullptr) : bytes(library.error)},
                         {"format", library.format},
                         {"machine", library.machine},
                         {"limited_api", library.limited_api},
                         {"made_by", library.made_by.empty() ? Json(nullptr) : bytes(library.made_by)},
                         {"modules", modules},
                         {"calls", list(library.calls)},
                         {"libraries", list(library.libraries)},
                         {"writable_bytes", library.writable_bytes}});
  }
  const Json json = {{"schema", "ringfence-audit/1"}, {"libraries", libraries}, {"notes", list(audit.notes)}};
  return escape_json(json.dump(1)) + "\n";
}

} // namespace ringfence
