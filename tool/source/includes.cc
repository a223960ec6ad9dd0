#include "source/includes.h"

#include <algorithm>
#include <tuple>

#include "base/path.h"
#include "base/text.h"
#include "source/normalise.h"

namespace ringfence {
namespace {

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

} // namespace

std::vector<IncludeLine> include_lines(std::string_view text) {
  std::vector<IncludeLine> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = trim(text.substr(begin, std::min<std::size_t>(end - begin, 4096)));
    begin = end + 1;
    if (!line.starts_with('#'))
      continue;
    line = trim(line.substr(1));
    constexpr std::string_view directive = "include";
    if (!line.starts_with(directive))
      continue;
    line = trim(line.substr(directive.size()));
    if (line.empty() || (line.front() != '"' && line.front() != '<'))
      continue;
    const bool angled = line.front() == '<';
    const std::size_t close = line.find(angled ? '>' : '"', 1);
    if (close != std::string_view::npos && close > 1)
      lines.push_back({std::string(line.substr(1, close - 1)), angled});
  }
  return lines;
}

IncludeGraph::IncludeGraph(const std::string &root, const TreeFiles &tree, const FileSystem &files) {
  for (const auto *list : {&tree.sources, &tree.headers})
    for (const std::string &path : *list) {
      files_.insert(path);
      by_name_[std::string(file_name(path))].push_back(path);
    }
  for (const std::string &path : files_) {
    const auto text = files.read(root + "/" + path);
    if (!text)
      continue; // the unit that needs it will say so
    std::vector<Edge> &edges = edges_[path];
    for (const IncludeLine &line : include_lines(*text)) {
      edges.push_back(resolve(path, line));
      if (source_language(edges.back().target) && edges.back().target != path)
        included_sources_.insert(edges.back().target);
    }
  }
}

IncludeGraph::Edge IncludeGraph::resolve(const std::string &includer, const IncludeLine &line) const {
  Edge edge;
  edge.line = line;
  const std::string beside = absolute_path(line.spelling, "/" + folder_of(includer)).substr(1);
  if (!line.angled && files_.contains(beside)) {
    edge.target = beside;
    return edge;
  }
  const auto named = by_name_.find(std::string(file_name(line.spelling)));
  if (named == by_name_.end() || line.spelling.find("..") != std::string::npos)
    return edge;
  // The nearest to the includer, then the one with the shortest path.
  const auto rank = [&](const std::string &path) {
    return std::tuple(-static_cast<long>(common_prefix(path, includer)), path.size(), path);
  };
  for (const std::string &path : named->second) {
    const bool matches = path == line.spelling || path.ends_with("/" + line.spelling);
    if (matches && (edge.target.empty() || rank(path) < rank(edge.target)))
      edge.target = path;
  }
  if (edge.target.empty())
    return edge;
  edge.searched = true;
  const std::size_t length = edge.target.size() - line.spelling.size();
  edge.folder = edge.target.substr(0, length == 0 ? 0 : length - 1);
  return edge;
}

Needs IncludeGraph::needs_of(const std::string &source) const {
  Needs needs;
  std::set<std::string> seen = {source};
  std::vector<std::string> pending = {source};
  while (!pending.empty()) {
    const auto edges = edges_.find(pending.back());
    pending.pop_back();
    if (edges == edges_.end())
      continue;
    for (const Edge &edge : edges->second) {
      if (edge.target.empty())
        needs.outside.insert(edge.line.spelling);
      else if (edge.line.angled)
        needs.own.insert(edge.line.spelling);
      if (edge.searched)
        (edge.line.angled ? needs.angled : needs.quoted).insert(edge.folder);
      if (!edge.target.empty() && seen.insert(edge.target).second)
        pending.push_back(edge.target);
    }
  }
  return needs;
}

} // namespace ringfence
