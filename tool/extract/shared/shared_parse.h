// Parses what several units begin with once. At each place where they part, the process forks, and each child goes on
// with its own text from the parser's state: there is no other way to copy that.
//
// To the parser, the main file is a synthetic file with the directives that all units share. Its last line includes one
// that does not exist until someone asks for it. Then the process forks, and in each child that file has the next shared
// directives, or includes the unit's own file. There the shared directives are blanks, so that all else keeps its place.
//
// The facts are those of a plain parse, or there are none: a unit whose text depends on being the main file
// (main_file_dependence.h), or with an error in what is shared, is left to a plain parse. One that depends on options which it got in
// the middle (mid_parse_options.h) or on functions of intrinsics that were cut out (intrinsics.h) may be read again in a
// tree that does without these.
#pragma once

#include <functional>
#include <vector>

#include "base/process_tree.h"
#include "extract/shared/extract_all.h"
#include "extract/shared/intrinsics.h"
#include "extract/shared/prefix_tree.h"

namespace ringfence {

// Why a shared parse gave no facts; the unit is read again without this.
enum class WhyReread : char { mid_parse_options = 'o', cut_intrinsics = 'f' };

struct SharedUse {
  // This process goes on for these units alone; should it go over its limits, so would a plain parse of each.
  std::function<void(std::vector<std::size_t>)> begin;
  UseFacts facts;                                        // of a unit
  std::function<void(std::size_t, WhyReread)> on_reread; // the number of a unit
};

// Becomes one process for each unit of the tree, and returns in some of them. `intrinsics`: headers that are shown so.
void read_tree(const PrefixNode &tree, const std::vector<CompileUnit> &units, const ProjectPaths &paths,
               const Intrinsics &intrinsics, ProcessTree &processes, bool want_dependencies, const SharedUse &use);

} // namespace ringfence
