// What only the preprocessor sees: which files are read, comments that allow a finding, branches that are skipped.
#pragma once

#include <memory>
#include <vector>

#include "extract/declarations/registry.h"

namespace clang {
class FullSourceLoc;
class Preprocessor;
} // namespace clang

namespace ringfence {

class PreprocessorRecorder;

// Records into `files` and for the passes below while the preprocessor runs, which owns it.
PreprocessorRecorder &record_preprocessor(clang::Preprocessor &preprocessor, FileTable &files);

// Call after parsing: `roots` tell what lies inside of functions.
void read_inactive(Registry &registry, const PreprocessorRecorder &recorder, const Roots &roots);
// Objects that skipped branches name, and statements with errors, which begin in these lines.
void read_unread_names(Registry &registry, const PreprocessorRecorder &recorder,
                       const std::vector<clang::FullSourceLoc> &errors);
void read_allowances(Registry &registry, const PreprocessorRecorder &recorder);

} // namespace ringfence
