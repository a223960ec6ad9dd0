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

// Offsets of the words that hold a PyObject *, from the object's type as declared. Nothing where the type does not
// tell.
std::vector<std::uint64_t> object_words(const ReportedObject &object, std::uint64_t size);

} // namespace ringfence
