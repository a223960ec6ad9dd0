#include "classify/words.h"

namespace ringfence {

std::string_view storage_word(Storage storage) {
  switch (storage) {
  case Storage::file_static:
    return "file-static";
  case Storage::external:
    return "external";
  case Storage::function_static:
    return "function-static";
  case Storage::class_static:
    return "class-static";
  case Storage::inline_variable:
    return "inline";
  case Storage::template_static:
    return "template-static";
  case Storage::compound_literal:
    return "compound-literal";
  case Storage::member:
    return "member";
  }
  return {};
}

std::string_view write_class_word(WriteClass writes) {
  switch (writes) {
  case WriteClass::never:
    return "never";
  case WriteClass::init:
    return "init";
  case WriteClass::exec:
    return "exec";
  case WriteClass::lazy:
    return "lazy";
  case WriteClass::anywhere:
    return "anywhere";
  }
  return {};
}

std::string_view init_word(InitKind init) {
  switch (init) {
  case InitKind::single_phase:
    return "single-phase";
  case InitKind::multi_phase:
    return "multi-phase";
  case InitKind::export_slots:
    return "export-slots";
  case InitKind::none:
    return "none";
  }
  return {};
}

std::string_view status_word(UnitStatus status) {
  switch (status) {
  case UnitStatus::complete:
    return "complete";
  case UnitStatus::partial:
    return "partial";
  case UnitStatus::failed:
    return "failed";
  }
  return {};
}

std::string_view origin_word(UnitOrigin origin) {
  switch (origin) {
  case UnitOrigin::database:
    return "database";
  case UnitOrigin::inferred:
    return "inferred";
  }
  return {};
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
  case Severity::warning:
    return "warning";
  case Severity::error:
    return "error";
  case Severity::fatal:
    return "fatal";
  }
  return {};
}

} // namespace ringfence
