#include "gate/cpython_lists.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/text.h"
#include "report/subject.h"

namespace ringfence {
namespace {

constexpr std::string_view debt_list = "globals-to-fix.tsv", accepted_list = "ignored.tsv";
constexpr std::string_view header = "filename\tfuncname\tname\treason";
constexpr std::string_view nothing = "-"; // an empty column

std::string or_nothing(const std::string &text) { return text.empty() ? std::string(nothing) : text; }

// Sorts as the number does.
std::string order_of(std::size_t row) {
  char text[16];
  std::snprintf(text, sizeof text, "%05zu", row);
  return text;
}

// The headings and comments that stand above the rows.
class Headings {
public:
  void read(std::string_view line) {
    const std::string_view text = trim(line.substr(std::min(line.find_first_not_of('#'), line.size())));
    if (text.empty() || text.find_first_not_of('-') == std::string_view::npos) {
      // An empty line ends a comment; a ruler opens a heading of its level: "###" the first, "##---" the second.
      comment_.clear();
      if (line.starts_with("##"))
        level_ = text.empty() ? 0 : 1;
      if (line.starts_with("##"))
        titles_.resize(std::min(titles_.size(), level_));
      return;
    }
    if (!line.starts_with("##")) {
      if (std::exchange(row_stands_below_, false))
        comment_.clear();
      comment_.emplace_back(text);
      return;
    }
    comment_.clear();
    row_stands_below_ = false;
    titles_.resize(std::min(titles_.size(), level_));
    titles_.emplace_back(text);
    level_ = titles_.size() < 2 ? titles_.size() : 2;
  }

  // For a row at this place.
  std::string reason() {
    row_stands_below_ = true;
    std::string text = join(titles_, " / ");
    if (!comment_.empty())
      text += (text.empty() ? "" : ": ") + join(comment_, " ");
    return text;
  }

private:
  std::vector<std::string> titles_, comment_; // outermost first
  std::size_t level_ = 0;                     // of the next title
  bool row_stands_below_ = false;             // the next comment begins anew
};

std::string line_of(const BaselineRow &row) {
  const Subject subject = subject_parts(row.subject);
  const std::string note = row.list.empty() ? row.reason : row.note;
  std::string reason;
  for (const char c : or_nothing(note))
    reason += c == '\t' || c == '\n' ? ' ' : c;
  return subject.path + "\t" + or_nothing(subject.function) + "\t" + subject.name + "\t" + reason + "\n";
}

bool is_variable(const BaselineRow &row) {
  const Subject subject = subject_parts(row.subject);
  return !subject.path.empty() && !subject.name.empty() && (row.rule.empty() || !row.kind.empty());
}

} // namespace

Section section_of_list(std::string_view list) { return list == debt_list ? Section::debt : Section::accepted; }

Result<Baseline> import_list(const std::string &list, std::string_view text) {
  Baseline baseline;
  Headings headings;
  std::string between;
  std::size_t number = 0, rows = 0;
  const auto keep = [&] {
    if (!between.empty())
      baseline.list_texts.push_back({list, order_of(rows), std::move(between)});
    between.clear();
  };
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, rest[end] == '\n' ? end : end + 1);
    rest.remove_prefix(end + 1);
    ++number;
    if (trim(line).empty() || line.starts_with('#') || line == header) {
      between += std::string(line) + '\n';
      if (line != header)
        headings.read(line);
      continue;
    }
    const std::vector<std::string_view> columns = split(line, '\t');
    if (columns.size() != 4 || columns[0].empty() || columns[1].empty() || columns[2].empty())
      return fail("line " + std::to_string(number) +
                  ": expected file name, function, name and reason, separated by tabs");
    keep();
    BaselineRow row;
    row.section = section_of_list(list);
    row.subject = Subject{SubjectKind::object, std::string(columns[0]),
                          std::string(columns[1] == nothing ? "" : columns[1]), std::string(columns[2])}
                      .id();
    row.note = columns[3] == nothing ? "" : std::string(columns[3]);
    const std::string above = headings.reason();
    row.reason = row.note.empty() ? above : row.note;
    if (row.reason.empty())
      row.reason = "in " + list;
    row.list = list;
    row.order = order_of(rows++);
    baseline.rows.push_back(std::move(row));
  }
  keep();
  if (valid_utf8(text) != text)
    return fail("the list has a byte that is not UTF-8: save it as UTF-8");
  std::size_t left_out = 0;
  if (export_lists(baseline, left_out)[list] != text)
    return fail("the list cannot be given back unchanged: it has an empty column or no line "
                "break at its end");
  return baseline;
}

std::map<std::string, std::string> export_lists(const Baseline &baseline, std::size_t &left_out) {
  std::map<std::string, std::map<std::string, std::string>> parts; // by list and order
  std::map<std::string, std::vector<std::string>> added;
  left_out = 0;
  for (const ListText &text : baseline.list_texts)
    parts[text.list][text.order] += text.text;
  std::vector<BaselineRow> rows = baseline.rows;
  std::sort(rows.begin(), rows.end());
  for (const BaselineRow &row : rows) {
    if (!row.list.empty())
      parts[row.list][row.order] += line_of(row);
    else if (is_variable(row))
      added[std::string(row.section == Section::debt ? debt_list : accepted_list)].push_back(line_of(row));
    else
      ++left_out;
  }
  std::map<std::string, std::string> lists;
  for (auto &[list, by_order] : parts)
    for (const auto &[order, text] : by_order)
      lists[list] += text;
  for (auto &[list, lines] : added) {
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    lists[list] = (lists.contains(list) ? lists[list] : std::string(header) + "\n") + join(lines, "");
  }
  return lists;
}

} // namespace ringfence
