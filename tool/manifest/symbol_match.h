// Which symbols of a shared object are an object of the report. The two meet in names only: a compiler writes a
// function's static as `name.1` (GCC) or `function.name` (Clang), and C++ names are mangled.
#pragma once

#include <vector>

#include "manifest/elf_symbols.h"
#include "report/report.h"

namespace ringfence {

// Indices into `symbols`. Several where the object exists once per unit (a header's static), or where the compiler's
// numbering leaves it open which function's static is meant.
std::vector<std::size_t> matching_symbols(const ReportedObject &object, const std::vector<DataSymbol> &symbols);

} // namespace ringfence
