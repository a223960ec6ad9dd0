#include "audit/render.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "audit/ways_out.h"
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
        row.answers.push_back(answer(module, library.abi, profile));
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
  case Outcome::other_build:
    return "another file";
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
    cell = {escape_terminal(package_of(*row.library)), escape_terminal(row.library->import_name(*row.module)),
            std::string(to_string(row.module->init)), escape_terminal(row.library->made_by)};
    for (const Answer &answer : row.answers)
      cell.emplace_back(in_words(answer.outcome));
  }
  return cells;
}

std::string reason_of(Profile profile, const Answer &answer) {
  std::string text = std::string(to_string(profile)) + ": " + answer.reason;
  if (const std::string way = way_out(answer.outcome, profile); !way.empty())
    text += "\n      way out: " + way;
  return text;
}

// Releases that fare better, of packages of which several versions were audited.
std::string releases_text(const Audit &audit, const std::vector<Row> &rows, const std::vector<Profile> &profiles) {
  std::set<std::string> lines;
  for (const Row &row : rows)
    for (const Profile profile : profiles)
      if (const std::string better = better_release(audit, *row.library, *row.module, profile); !better.empty())
        lines.insert("  " + escape_terminal(row.library->package) + ", " + std::string(to_string(profile)) + ": " +
                     escape_terminal(better) + "\n");
  std::string text;
  for (const std::string &line : lines)
    text += line;
  return text;
}

// Why modules do not simply load: each reason once, with how many modules it is true of and some of their names.
std::string reasons_text(const std::vector<Row> &rows, const std::vector<Profile> &profiles) {
  std::map<std::string, std::vector<std::string>> modules;
  for (const Row &row : rows)
    for (std::size_t i = 0; i < profiles.size(); ++i)
      if (row.answers[i].outcome != Outcome::loads)
        modules[reason_of(profiles[i], row.answers[i])].push_back(row.library->import_name(*row.module));
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

// "  WHAT: PACKAGE, PACKAGE" for each of what `list` holds.
std::string users_text(const Audit &audit, std::vector<std::string> AuditedLibrary::*list) {
  std::map<std::string, std::set<std::string>> users;
  for (const AuditedLibrary &library : audit.libraries)
    for (const std::string &each : library.*list)
      users[each].insert(package_of(library));
  std::string text;
  for (const auto &[each, packages] : users)
    text += "  " +
            escape_terminal(each + ": " + join(std::vector<std::string>(packages.begin(), packages.end()), ", ")) +
            "\n";
  return text;
}

std::string inner_text(const Audit &audit) {
  std::string text;
  for (const AuditedLibrary &library : audit.libraries) {
    std::vector<std::string> names(library.inner_modules.size());
    std::ranges::transform(library.inner_modules, names.begin(), &BinaryModule::name);
    if (!names.empty())
      text += "  " + escape_terminal(library.file + ": " + join(names, ", ")) + "\n";
  }
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
    "  python -m ringfence audit --exercise PATH                     runs all of these in many interpreters\n"
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

bool any_fares(const Audit &audit, const std::vector<Profile> &profiles, Outcome outcome) {
  const auto fares = [&](const AuditedLibrary &library, const BinaryModule &module) {
    return std::ranges::any_of(profiles, [&](Profile profile) {
      const Outcome given = answer(module, library.abi, profile).outcome;
      return given == Outcome::refused || given == Outcome::gil_on ||
             (outcome == Outcome::at_own_risk && given >= outcome);
    });
  };
  return std::ranges::any_of(audit.libraries, [&](const AuditedLibrary &library) {
    return std::ranges::any_of(library.modules, [&](const BinaryModule &module) { return fares(library, module); });
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
  if (const std::string releases = releases_text(audit, rows, profiles); !releases.empty())
    text += "Newer releases among these that fare better:\n" + releases + "\n";
  if (const std::string calls = users_text(audit, &AuditedLibrary::calls); !calls.empty())
    text += "Functions that belong to one interpreter or to the process, and who calls them:\n" + calls + "\n";
  if (const std::string shared = users_text(audit, &AuditedLibrary::shared_state); !shared.empty())
    text += "Libraries underneath that keep state of the process, and who needs them:\n" + shared + "\n";
  if (const std::string inner = inner_text(audit); !inner.empty())
    text += "Modules that import does not find by their file's name: the file's own code makes them. Judged in JSON "
            "alone:\n" +
            inner + "\n";
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
  const auto judged = [&](const AuditedLibrary &library, const std::vector<BinaryModule> &modules) {
    Json rows = Json::array();
    for (const BinaryModule &module : modules) {
      Json answers = Json::object();
      for (const Profile profile : profiles) {
        const Answer given = answer(module, library.abi, profile);
        const std::string way = way_out(given.outcome, profile);
        const std::string better = better_release(audit, library, module, profile);
        answers[to_string(profile)] = {{"outcome", to_string(given.outcome)},
                                       {"reason", given.reason},
                                       {"way_out", way.empty() ? Json(nullptr) : Json(way)},
                                       {"better_release", better.empty() ? Json(nullptr) : bytes(better)}};
      }
      rows.push_back({{"name", bytes(module.name)},
                      {"import", bytes(library.import_name(module))},
                      {"init", to_string(module.init)},
                      {"state_size", module.state_size ? Json(*module.state_size) : Json(nullptr)},
                      {"claims", {{"interpreters", to_string(module.interpreters)}, {"gil", to_string(module.gil)}}},
                      {"answers", answers}});
    }
    return rows;
  };
  Json libraries = Json::array();
  for (const AuditedLibrary &library : audit.libraries) {
    Json writable = Json::array();
    for (const auto &[name, size] : library.writable)
      writable.push_back({{"name", bytes(name)}, {"size", size}});
    libraries.push_back({{"file", bytes(library.file)},
                         {"package", library.package.empty() ? Json(nullptr) : bytes(library.package)},
                         {"error", library.error.empty() ? Json(nullptr) : bytes(library.error)},
                         {"format", library.format},
                         {"machine", library.machine},
                         {"abi", library.abi.empty() ? Json(nullptr) : bytes(library.abi)},
                         {"made_by", library.made_by.empty() ? Json(nullptr) : bytes(library.made_by)},
                         {"modules", judged(library, library.modules)},
                         {"inner_modules", judged(library, library.inner_modules)},
                         {"calls", list(library.calls)},
                         {"libraries", list(library.libraries)},
                         {"shared_state", list(library.shared_state)},
                         {"writable_bytes", library.writable_bytes},
                         {"writable", writable}});
  }
  const Json json = {{"schema", "ringfence-audit/1"}, {"libraries", libraries}, {"notes", list(audit.notes)}};
  return escape_json(json.dump(1)) + "\n";
}

} // namespace ringfence
