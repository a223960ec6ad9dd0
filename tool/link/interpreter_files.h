// Which files are the interpreter itself, where the tree is CPython's own.
//
// A module that calls PyList_New leads to everything behind it, but what it finds there is the interpreter's business
// and says nothing of the module. In the tree of an extension, the boundary is the edge of the program; in CPython's,
// which has Python.h among its own files, it runs between the files that define functions of the public C API, with
// what belongs to them, and the modules.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

// The folder of the tree's own Python.h, with a slash at the end; nothing in any other tree than CPython's.
std::optional<std::string> own_api_folder(const Program &program);

// Parallel to Program::files. The files that define functions of the C API, and what these lead to, except that a file
// with a module's init function leads no further, and is the interpreter's only where it defines such functions too
// (as signalmodule.c does). Empty where Python.h is not of the project. `program.modules` must stand.
std::vector<bool> find_interpreter_files(const Program &program, const Knowledge &api);

// One of them that makes no module: what a module's file keeps in objects of its own is the module's, though it defines
// functions of the API, too (as posixmodule.c does).
bool is_interpreter_alone(const Program &program, Index file);

} // namespace ringfence
