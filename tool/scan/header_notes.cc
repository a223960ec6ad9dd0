#include "scan/header_notes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include "base/path.h"
#include "base/process.h"
#include "base/text.h"

namespace ringfence {
namespace {

constexpr std::size_t listed_headers = 5, listed_packages = 3;

// "3.11" as 11.
std::optional<unsigned> minor_of(std::string_view version) {
  if (!version.starts_with("3.") || version.size() < 3 || version.size() > 5 ||
      !std::all_of(version.begin() + 2, version.end(), is_digit))
    return std::nullopt;
  return static_cast<unsigned>(std::stoul(std::string(version.substr(2))));
}

// Paths of submodules that nothing was fetched for.
std::vector<std::string> empty_submodules(const SourceTree &tree, const FileSystem &files) {
  std::vector<std::string> empty;
  std::istringstream text(files.read(tree.root + "/.gitmodules").value_or(""));
  for (std::string line; std::getline(text, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || trim(std::string_view(line).substr(0, equals)) != "path")
      continue;
    const std::string path(trim(std::string_view(line).substr(equals + 1)));
    const auto entries = files.list(absolute_path(path, tree.root));
    if (!entries || entries->empty())
      empty.push_back(path);
  }
  return empty;
}

// Where a list ends: not at the bracket of "setuptools_scm[toml]", which stands between quotes.
std::size_t end_of_list(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (quote != 0)
      quote = text[i] == quote ? 0 : quote;
    else if (text[i] == '"' || text[i] == '\'')
      quote = text[i];
    else if (text[i] == ']')
      return i;
  return std::string_view::npos;
}

// What stands in lists of packages: requires = ["setuptools", "cppy>=1.3"], dependencies = [...].
std::string required_packages(const std::string &metadata) {
  std::string packages;
  for (const std::string key : {"requires", "dependencies"})
    for (std::size_t at = metadata.find(key); at != std::string::npos; at = metadata.find(key, at + 1)) {
      const std::string_view above = std::string_view(metadata).substr(0, at);
      if (!above.substr(0, above.find_last_not_of(" \t") + 1).ends_with('\n')) // no key: within a line
        continue;
      const std::string_view rest = trim(std::string_view(metadata).substr(at + key.size()));
      if (rest.starts_with('=') && trim(rest.substr(1)).starts_with('['))
        packages += rest.substr(0, end_of_list(rest));
    }
  return packages;
}

class Explainer {
public:
  Explainer(const SourceTree &tree, const FileSystem &files, const PackageIndex &packages)
      : tree_(tree), files_(files), packages_(packages), submodules_(empty_submodules(tree, files)) {}

  std::string what_brings(const std::string &header) const {
    const auto named = std::find_if(submodules_.begin(), submodules_.end(), [&](const std::string &path) {
      return header.find(file_name(path)) != std::string::npos;
    });
    if (named != submodules_.end())
      return "the submodule " + *named + " is empty: git submodule update --init";
    if (const std::string from = generated_from(header); !from.empty())
      return "the build makes it (" + from + "): build first, or record the build with `ringfence capture`";
    std::vector<std::string> packages = packages_(header);
    if (!packages.empty()) {
      packages.resize(std::min(packages.size(), listed_packages));
      return "in the package " + join(packages, " or ");
    }
    if (!submodules_.empty())
      return "perhaps in a submodule that is empty (" + submodules_.front() + "): git submodule update --init";
    if (const std::string package = required_package(header); !package.empty())
      return "pyproject.toml names the package " + package + ": `python3 -m pip install " + package +
             "` in an environment, then --python of that environment, or record the build with `ringfence capture`";
    return "install what brings it, say -I and its folder, or record the build with `ringfence capture`";
  }

private:
  // The package that the project's metadata names as the header's first folder is: "cppy" of "cppy/cppy.h".
  std::string required_package(const std::string &header) const {
    const std::string package = header.substr(0, std::min(header.find('/'), header.find('.')));
    const std::string packages = required_packages(files_.read(tree_.root + "/pyproject.toml").value_or(""));
    for (const char quote : {'"', '\''})
      for (const char *end : {"\"", "'", ">", "=", "<", "~", "[", " ", ";", "!"})
        if (contains(packages, quote + package + end))
          return package;
    return "";
  }

  // The template, or the build file that speaks of it.
  std::string generated_from(const std::string &header) const {
    const std::string name(file_name(header));
    for (const std::string &path : tree_.builds)
      if (file_name(path).starts_with(name + "."))
        return path;
    for (const std::string &path : tree_.builds) {
      const std::string text = files_.read(tree_.root + "/" + path).value_or("");
      for (const char *quote : {"\"", "'"})
        if (contains(text, quote + name + quote) || contains(text, "/" + name + quote))
          return path;
    }
    return "";
  }

  const SourceTree &tree_;
  const FileSystem &files_;
  const PackageIndex &packages_;
  std::vector<std::string> submodules_;
};

void warn_of_old_headers(const SourceTree &tree, const std::string &min_python, const FileSystem &files,
                         std::vector<std::string> &notes) {
  const auto wanted = minor_of(min_python), found = minor_of_headers(tree.units, files);
  if (wanted && found && *found < *wanted)
    notes.push_back("warning: Python's headers are of 3." + std::to_string(*found) + "; the project requires " +
                    min_python);
}

void warn_of_gaps(const std::vector<UnitSummary> &units, std::vector<std::string> &notes) {
  const auto count = [&](UnitStatus status) {
    return std::count_if(units.begin(), units.end(), [&](const UnitSummary &unit) { return unit.status == status; });
  };
  const auto gaps = static_cast<std::size_t>(count(UnitStatus::partial) + count(UnitStatus::failed));
  if (2 * gaps > units.size())
    notes.push_back("warning: " + std::to_string(gaps) + " of " + count_of(units.size(), "unit") +
                    " not read in full: what follows is of the rest");
}

// Those that one thing brings.
struct MissingHeaders {
  std::string brought_by;
  std::vector<std::string> names;
  std::set<std::string> units;
};

void list_missing(const std::vector<UnitSummary> &units, const SourceTree &tree, const FileSystem &files,
                  const PackageIndex &packages, std::vector<std::string> &notes) {
  std::map<std::string, std::set<std::string>> lacking; // units by header
  for (const UnitSummary &unit : units)
    for (const Diagnostic &diagnostic : unit.diagnostics)
      if (std::string header = missing_header(diagnostic); !header.empty())
        lacking[std::move(header)].insert(unit.id);
  std::vector<std::pair<std::string, std::set<std::string>>> ranked(lacking.begin(), lacking.end());
  if (ranked.empty())
    return;
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto &a, const auto &b) { return a.second.size() > b.second.size(); });
  const Explainer explainer(tree, files, packages);
  std::vector<MissingHeaders> together; // in the order of their first
  for (std::size_t i = 0; i < std::min(ranked.size(), listed_headers); ++i) {
    const std::string brought_by = explainer.what_brings(ranked[i].first);
    auto same = std::ranges::find(together, brought_by, &MissingHeaders::brought_by);
    if (same == together.end())
      same = together.insert(same, {brought_by, {}, {}});
    same->names.push_back(ranked[i].first);
    same->units.merge(ranked[i].second);
  }
  for (const MissingHeaders &each : together)
    notes.push_back((each.names.size() == 1 ? "missing header " : "missing headers ") + join(each.names, ", ") + " (" +
                    count_of(each.units.size(), "unit") + "): " + each.brought_by);
  if (ranked.size() > listed_headers)
    notes.push_back("missing headers: " + std::to_string(ranked.size() - listed_headers) + " more");
}

// "pkg" of each line "pkg:amd64: /usr/include/x.h", those of headers alone first, then the shortest.
std::vector<std::string> packages_in(const std::string &answer, const std::string &header) {
  std::set<std::string> names;
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t colon = line.find(':'); colon != std::string::npos && line.ends_with("/" + header) &&
                                                  line.find("/asm/") == line.npos &&
                                                  line.find("/linux/") == line.npos) // the kernel's own
      names.insert(line.substr(0, colon));
  std::vector<std::string> packages(names.begin(), names.end());
  const auto rank = [](const std::string &name) { return std::pair(!name.ends_with("-dev"), name.size()); };
  std::stable_sort(packages.begin(), packages.end(),
                   [&](const std::string &a, const std::string &b) { return rank(a) < rank(b); });
  return packages;
}

} // namespace

std::string missing_header(const Diagnostic &diagnostic) {
  const std::string &text = diagnostic.message;
  const std::size_t end = text.find("' file not found");
  return text.starts_with('\'') && end != std::string::npos ? text.substr(1, end - 1) : "";
}

PackageIndex system_packages() {
  return [](const std::string &header) -> std::vector<std::string> {
    constexpr std::chrono::seconds limit(10);
    if (header.find_first_of("*?[]\\'\"") != std::string::npos || header.starts_with('-'))
      return {};
    for (const auto &[program, arguments] :
         {std::pair("dpkg-query", std::pair("-S", "*/")), std::pair("apt-file", std::pair("find", "/"))}) {
      const std::string path = find_program(program);
      if (path.empty())
        continue;
      const auto answer = output_of({path, arguments.first, arguments.second + header}, limit);
      if (auto packages = packages_in(answer.value_or(""), header); !packages.empty())
        return packages;
    }
    return {};
  };
}

std::vector<std::string> notes_on_headers(const std::vector<UnitSummary> &units, const SourceTree &tree,
                                          const std::string &min_python, const FileSystem &files,
                                          const PackageIndex &packages) {
  std::vector<std::string> notes;
  warn_of_old_headers(tree, min_python, files, notes);
  warn_of_gaps(units, notes);
  list_missing(units, tree, files, packages, notes);
  return notes;
}

} // namespace ringfence
