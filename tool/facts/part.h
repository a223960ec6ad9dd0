// A part of a scan as a file: `ringfence extract` writes it, perhaps on one machine of many, and `ringfence merge`
// makes one report of all parts.
//
// Layout: a line with the version, one with the digest of all that follows (hash_hex), then blocks, each after a line with its length in bytes: what concerns the whole
// tree as CBOR, then the facts of each unit (codec.h). Contents are the same wherever the tree lies, but for `path` and
// `notes`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/facts.h"

namespace ringfence {

struct Part {
  std::string tool_version;                  // that wrote it
  std::string tables;                        // hash of the tables of names that it was read with
  std::size_t shard = 1, shards = 1;         // the I-th of N
  std::string path;                          // of the tree, as on the command line
  std::vector<std::string> exclude;          // SourceOptions::exclude
  std::string min_python;                    // that the tree supports, "3.9"; empty: it does not say
  std::vector<std::string> notes;            // SourceTree::notes
  std::map<std::string, std::string> worlds; // in which units were read besides the build: name to Python's headers;
                                             // such units carry the name as their configuration
  std::vector<std::string> uncovered;        // SourceTree::uncovered; the first part's alone
  std::vector<TuFacts> units;                // of this part

  bool operator==(const Part &) const = default;
};

std::string to_bytes(const Part &part);

// Refuses other versions and damaged bytes.
Result<Part> part_from_bytes(std::string_view bytes);

// One part of all. Fails where parts are missing, given twice, or of different trees or versions of ringfence.
Result<Part> merge(std::vector<Part> parts);

} // namespace ringfence
