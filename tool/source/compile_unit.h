// A compile unit: one translation unit to be analysed, with arguments that are safe to give to Clang.
#pragma once

#include <string>
#include <vector>

namespace ringfence {

enum class UnitOrigin; // source/unit_origin.h

enum class Language { c, cxx };

struct CompileUnit {
  std::string id;   // unique in a scan and free of absolute paths: root-relative file, then "#N" or "@config" where one
                    // file has several units
  std::string file; // absolute path of the main source file
  std::string directory; // absolute working directory of the command
  // Normalised driver arguments without compiler, input and output: only options of the allow list of
  // source/normalise.h, so that nothing in them loads code, runs a program or writes a file.
  std::vector<std::string> arguments;
  UnitOrigin origin{};
  Language language = Language::c;
  std::string config; // name of the --config this unit belongs to; empty for the tree's own

  bool operator==(const CompileUnit &) const = default;
};

} // namespace ringfence
