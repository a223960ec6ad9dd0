// The #include lines of a tree, read as text, and where in the tree they lead: what an inferred unit needs as search
// paths.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "source/tree.h"

namespace ringfence {

struct IncludeLine {
  std::string spelling;
  bool angled = false;
  auto operator<=>(const IncludeLine &) const = default;
};

// Every #include with a literal name, in order; conditions are not looked at.
std::vector<IncludeLine> include_lines(std::string_view text);

// What one source file needs, over everything that it includes.
struct Needs {
  std::set<std::string> quoted; // root-relative folders, "" for the root
  std::set<std::string> angled;
  std::set<std::string> own;     // spellings in angle brackets of headers that the tree has
  std::set<std::string> outside; // spellings that nothing in the tree matches
};

class IncludeGraph {
public:
  IncludeGraph(const std::string &root, const TreeFiles &tree, const FileSystem &files);

  Needs needs_of(const std::string &source) const;
  // Sources that another file includes: parts of a unit, no units themselves.
  const std::set<std::string> &included_sources() const { return included_sources_; }

private:
  struct Edge {
    std::string target;    // root-relative; empty where nothing in the tree matches
    std::string folder;    // search path that makes the spelling lead to the target
    bool searched = false; // false: the target lies beside the includer
    IncludeLine line;
  };

  Edge resolve(const std::string &includer, const IncludeLine &line) const;

  std::set<std::string> files_;
  std::map<std::string, std::vector<std::string>> by_name_; // bare name to root-relative paths
  std::map<std::string, std::vector<Edge>> edges_;          // by includer
  std::set<std::string> included_sources_;
};

} // namespace ringfence
