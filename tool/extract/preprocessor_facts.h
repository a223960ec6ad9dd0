// What only the preprocessor sees: which files are read, comments that allow a finding, branches that are skipped.
#pragma once

#include <memory>

#include "extract/passes.h"

namespace clang {
class Preprocessor;
}

namespace ringfence {

class PreprocessorRecorder;

// Records into `files` and for the passes below while the preprocessor runs, which owns it.
PreprocessorRecorder &record_preprocessor(clang::Preprocessor &preprocessor, FileTable &files);

// Call after parsing: `roots` tell what lies inside of functions.
void read_inactive(Registry &registry, const PreprocessorRecorder &recorder, const Roots &roots);
void read_allowances(Registry &registry, const PreprocessorRecorder &recorder);

// "ringfence: allow RULE reason": adds what the text allows. `line`: that of the code it speaks of.
void add_allowances(llvm::StringRef text, const Location &location, std::uint32_t line,
                    std::vector<Allowance> &allowances);

} // namespace ringfence
