// What a manifest needs of a shared object: its build id and its data symbols.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ringfence {

struct DataSymbol {
  std::string name;      // as in the symbol table: mangled in C++
  std::string source;    // bare name of the unit's source file, for local symbols; empty where the table does not say
  std::string section;   // ".data"
  std::uint64_t offset;  // in the section; for thread-locals too
  std::uint64_t address; // relative to where the file is loaded; for thread-locals the offset in their block
  std::uint64_t size;    // in bytes, never 0
  bool thread_local_storage;
  bool operator==(const DataSymbol &) const = default;
};

struct SharedObject {
  std::string file;                // as named on the command line
  std::string build_id;            // hexadecimal, empty where the file has none
  bool stripped = false;           // only exported symbols are left
  std::vector<DataSymbol> symbols; // by address, then name
};

// `bytes` is the whole file. Fails on what is no ELF shared object; a damaged table gives an error, or fewer symbols,
// never one outside of its section.
Result<SharedObject> read_shared_object(std::string file, std::string bytes);

} // namespace ringfence
