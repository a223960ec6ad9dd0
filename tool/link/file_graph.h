// Which file refers to which: over accesses, calls, addresses of functions and initialisers.
#pragma once

#include <set>
#include <vector>

#include "link/program.h"

namespace ringfence {

using FileGraph = std::vector<std::set<Index>>; // parallel to Program::files

FileGraph file_references(const Program &program);

// What the files `from` lead to, themselves included. The walk does not enter `blocked` files, but may begin in one.
std::set<Index> reachable_files(const FileGraph &graph, std::vector<Index> from, const std::set<Index> &blocked);

// The files with a module's init function, or its definition where it has none.
std::set<Index> module_files(const Program &program);

} // namespace ringfence
