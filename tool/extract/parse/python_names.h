// What Python added to the names of its C API (rules/tables/python-names.json), as text that declares them.
#pragma once

#include <set>
#include <string>

namespace ringfence {

// The text of rules/tables/python-names.json.
const char *embedded_python_names();

bool is_python_name(const std::string &name);

// Declares these names, and the types that their declarations use. Other names are left out.
std::string declare_python_names(const std::set<std::string> &names);

// Declares other names as numbers from first_unread on (facts/unread.h): an initialiser that uses one is read for the
// sake of its other entries.
std::string declare_placeholders(const std::set<std::string> &names);

// Text for the end of a Python.h: where the macro RINGFENCE_PYTHON has a PY_VERSION_HEX, the names that Python had then
// and this one lacks, and that version's own macros.
const std::string &python_of_another_version();

} // namespace ringfence
