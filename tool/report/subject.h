// What a verdict or a finding speaks of, as a value: its parts are known where it is made, and nobody takes its id apart.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace ringfence {

// A member is of a struct that threads share: classify/index/shared_members.h.
enum class SubjectKind { object, module, type, call, function, unit, allowance, member, generator };

struct Subject {
  SubjectKind kind = SubjectKind::object;
  std::string path;     // root-relative; empty for a unit, a generator, and a type that no object is
  std::string function; // around an object or a call: its bare name; empty at file scope
  std::string name;     // with classes and namespaces; of a call: the callee's; of an allowance: its rule and reason

  // What reports and baselines know it by (docs/report.md): "path:name", "path:function():name", "path:name()" of a
  // function.
  std::string id() const;
  // The same without the path.
  std::string in_file() const;
  // The function that it is, or that it stands in; empty where there is none.
  std::string_view in_function() const { return kind == SubjectKind::function ? name : function; }

  bool operator==(const Subject &) const = default;
  // Ordered as their ids are.
  std::strong_ordering operator<=>(const Subject &other) const;
};

// What speaks for all that a generator's code has of one rule: "<cython>/static-pyobject".
Subject generator_subject(const std::string &generator, const std::string &rule_name);

// The subject of an id as text: of a baseline's row, or in a report of version 1. `file`: where the subject lies; empty
// where that is not told: then a path may hold colons, but its last component none. The kind is as far as the id tells.
Subject subject_parts(const std::string &id, const std::string &file = {});

} // namespace ringfence
