// The report's spelling of facts that are no enumerations of the report.
#pragma once

#include <string_view>

#include "link/program.h"

namespace ringfence {

std::string_view storage_word(Storage storage);       // "file-static", "external", "function-static", ...
std::string_view write_class_word(WriteClass writes); // "never", "init", "exec", "lazy", "anywhere"
std::string_view init_word(InitKind init);            // "single-phase", "multi-phase", "export-slots", "none"
std::string_view status_word(UnitStatus status);      // "complete", "partial", "failed"
std::string_view origin_word(UnitOrigin origin);      // "database", "inferred"
std::string_view severity_word(Severity severity);    // "warning", "error", "fatal"

} // namespace ringfence
