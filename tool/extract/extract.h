// One compile unit in, its facts out. The only part of ringfence that uses Clang; its headers name no Clang type.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "base/file_system.h"
#include "extract/parse/project_paths.h"
#include "facts/dependencies.h"
#include "facts/facts.h"
#include "source/compile_unit.h"

namespace ringfence {

// Parses the unit and reads its facts. Never throws and never fails: a unit that cannot be read yields facts with the
// status `failed` and the reason as a diagnostic. Safe to call from several threads at once. `dependencies` (null:
// not recorded) gets every path that was looked for.
TuFacts extract(const CompileUnit &unit, const ProjectPaths &paths, Dependencies *dependencies = nullptr);

// What one parse gives.
struct ParsedUnit {
  TuFacts facts;
  std::size_t errors = 0;
  std::set<std::string> undeclared, unknown; // names of Python's API; others, in expressions
};

// As extract(), whose first parse of the unit gave this.
TuFacts extract_after(ParsedUnit first, const CompileUnit &unit, const ProjectPaths &paths, Dependencies *dependencies);

// Contents that files shall have instead of their own, by absolute path.
using EditedFiles = std::map<std::string, std::string>;

// As extract(), but reads the edited files and counts a warning about a lost `const` as an error.
TuFacts extract_edited(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles &edited);

// Of a tree whose files are not this machine's: as extract_edited() where `edited` is not null, else as extract().
TuFacts extract_given(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files,
                      const EditedFiles *edited = nullptr);

// "19.1.7": the Clang that this program was built with.
std::string clang_version();

// With the build of Clang's library that runs now, as "Debian clang version 19.1.7 (3~deb12u1)".
std::string parser_version();

} // namespace ringfence
