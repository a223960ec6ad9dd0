// The lists that CPython's Tools/c-analyzer keeps of its own global variables, as rows of a baseline and back.
//
// A list is a table of four columns, separated by tabs: file name, function ("-" at file scope), name, reason ("-"
// where the heading above says it). Between the rows stand headings ("## text", lines of "#" or "-"), comments ("#
// text") and empty lines. globals-to-fix.tsv holds debt, ignored.tsv what is accepted.
//
// A row becomes a baseline row without a rule: it accepts whatever is said of its variable. Its reason is the last
// column, or the headings and comments above it. All other text is kept beside the rows, so that the export of an
// import gives the same bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gate/baseline.h"

namespace ringfence {

// Debt for globals-to-fix.tsv, accepted for any other name.
Section section_of_list(std::string_view list);

// `list`: the file's name. Fails, with the line, where the text is no such list or could not be given back unchanged.
Result<Baseline> import_list(const std::string &list, std::string_view text);

// The lists' texts by name. Rows that were not imported follow at the end of the list of their section; those whose
// subject is no variable cannot be written: `left_out` counts them.
std::map<std::string, std::string> export_lists(const Baseline &baseline, std::size_t &left_out);

} // namespace ringfence
