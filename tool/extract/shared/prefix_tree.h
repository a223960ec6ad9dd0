// Units that begin alike, as trees: what they share stands towards the root, so that it can be parsed once.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "extract/shared/leading_directives.h"
#include "source/compile_unit.h"

namespace ringfence {

// A leading directive as units may share it.
struct SharedDirective {
  std::string text;
  std::string folder; // the unit's, where a name included with quotes is found beside the unit; else empty

  auto operator<=>(const SharedDirective &) const = default;
};

struct PrefixNode {
  std::vector<std::string> options;        // -I and -D of all units below that those of the nodes above have not
  std::vector<SharedDirective> directives; // after those of the nodes above
  std::vector<PrefixNode> children;        // each with two units or more, or with options
  std::vector<std::size_t> units;          // numbers of those that share nothing further
  std::size_t size = 0;                    // units at and below this node
};

// A unit of the subtree that has exactly the node's options, to parse its prefix with.
std::size_t representative_unit(const PrefixNode &node);

// Numbers of all units at and below the node.
std::vector<std::size_t> units_below(const PrefixNode &node);

// The leading directives of the unit's text.
std::vector<LeadingDirective> directives_of(const CompileUnit &unit, const std::string &text);

SharedDirective shared(const LeadingDirective &directive, const CompileUnit &unit, const FileSystem &files);

// A tree for each set of units that agree on all but their file, the largest first; those that differ by options -I and
// -D alone are joined where they begin alike. A unit that can share nothing is a tree of its own.
std::vector<PrefixNode> prefix_trees(const std::vector<CompileUnit> &units, const FileSystem &files);

// The same for some of them, none joined.
std::vector<PrefixNode> prefix_trees_apart(const std::vector<CompileUnit> &units, const std::vector<std::size_t> &some,
                                           const FileSystem &files);

} // namespace ringfence
