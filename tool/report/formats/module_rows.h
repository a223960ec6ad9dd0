// The modules of a report as rows of a table, for all formats that show one: what is unsafe in most worlds first, and
// where many modules are alike they are one row.
#pragma once

#include <string>
#include <vector>

#include "report/plain_words.h"

namespace ringfence {

struct ModuleRow {
  std::vector<WorldWords> words;               // the module's own first
  std::vector<const ReportedModule *> modules; // never empty
};

std::vector<ModuleRow> module_rows(const Report &report);

// "shared-gil, several interpreters that take turns under one GIL; own-gil, ...": the worlds of the report.
std::string worlds_text(const Report &report);
// Each word that stands in the rows, worst first.
std::vector<PlainWord> words_in(const std::vector<ModuleRow> &rows);

} // namespace ringfence
