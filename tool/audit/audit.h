// An audit of installed packages: their extension modules, read from files, folders and wheels without running them.
#pragma once

#include <string>
#include <vector>

#include "audit/answer.h"
#include "audit/module_definitions.h"
#include "base/file_system.h"

namespace ringfence {

struct AuditedLibrary {
  std::string file;    // as found: below the folder that was named, or WHEEL!/member
  std::string package; // "numpy 2.3.1" by the environment's metadata; empty where nothing says
  std::string error;   // why it was not read; empty: it was
  std::string format, machine;
  std::string abi;                   // "cp314t", "abi3": by its name, else by the wheel's tags; empty: nothing says
  std::string import_folder;         // "lxml." where its modules are imported as lxml.NAME
  std::string made_by;               // "Cython 3.1.2", "pybind11"; empty: nothing shows
  std::vector<BinaryModule> modules; // empty: a library that Python does not import
  std::vector<BinaryModule> inner_modules; // others of the file, which import does not find by its name
  std::vector<std::string> calls;          // functions that tie code to one interpreter or process
  std::vector<std::string> libraries;      // needed
  std::vector<std::string> shared_state;   // of these, what keeps state of the process that several interpreters share
  std::uint64_t writable_bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> writable; // symbols of such data with sizes, where a table is left

  std::string import_name(const BinaryModule &module) const { return import_folder + module.name; }
};

struct Audit {
  std::vector<AuditedLibrary> libraries; // by file
  std::vector<std::string> notes;        // what was passed over, and doubts about a wheel's tags

  bool incomplete() const;
};

// Each of `paths` is a shared library, a wheel or a folder (an environment, site-packages), which is searched. Files
// are read in up to `jobs` processes at once. Fails where a path is missing; a file that cannot be read becomes a library with an
// error.
Result<Audit> audit(const FileSystem &files, const std::vector<std::string> &paths, unsigned jobs);

} // namespace ringfence
