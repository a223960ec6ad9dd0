// The enumerations that facts, the program and the report share.
#pragma once

namespace ringfence {

enum class Storage {
  file_static,      // internal linkage at file or namespace scope
  external,         // external linkage at file or namespace scope
  function_static,  // static in a function, lambda or block
  class_static,     // static data member
  inline_variable,  // C++17 inline variable, data member or not
  template_static,  // variable template, static member or local of a template
  compound_literal, // C compound literal at file scope
  member,           // no object: a member of a struct that threads reach by one pointer; only declared
};

enum class Severity { warning, error, fatal };

enum class UnitStatus {
  complete,
  partial, // errors: what could be read was read
  failed,  // nothing could be read
};

// When an object is written, over the whole program.
enum class WriteClass { never, init, exec, lazy, anywhere };

// How a module is initialised.
enum class InitKind { single_phase, multi_phase, export_slots, none };

} // namespace ringfence
