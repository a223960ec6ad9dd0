// Facts of an object that predicates, verdicts and checks of calls ask alike.
#pragma once

#include <string>

#include "classify/predicates/predicate.h"

namespace ringfence {

// The first write to the object of which a test holds; null where there is none.
template <class Holds> const Access *find_write(const ProgramIndex &index, Index object, Holds holds) {
  for (const Index site : index.program.writes[object].sites)
    if (holds(index.access(site)))
      return &index.access(site);
  return nullptr;
}

// Whether code does it that can run after init.
bool runs_later(const ProgramIndex &index, const Access &access);

// Words of rules on objects and on members.
bool pointer(const ProgramIndex &index, Index object, Word, Evidences &);
bool scalar(const ProgramIndex &index, Index object, Word, Evidences &);

bool is_one_word(const TypeFacts &type);
bool stores_call(const StoredValue &stored);
// The call whose result a write stores: on its line, or the next ones where it is written over several, else the last
// before it; null where there is none.
const Call *call_stored_by(const ProgramIndex &index, const Access &write);
// The name of the function whose result an access stores; empty for null.
std::string stored_callee(const ProgramIndex &index, const Access *access);

// Shows the access as evidence; false for null.
bool show(const ProgramIndex &index, const Access *access, Evidences &evidence, const std::string &what);
// Shows the declaration where the fact holds, and returns whether it does.
bool show_declared(bool holds, const ProgramIndex &index, Index object, Evidences &evidence, const char *what);

// Predicates that others are made of.
bool reaches_object(const ProgramIndex &index, Index object, const std::string &word, Evidences &evidence);
bool stores_object(const ProgramIndex &index, Index object, const std::string &word, Evidences &evidence);
bool stores_static_object(const ProgramIndex &index, Index object, const std::string &word, Evidences &evidence);
bool holds_object(const ProgramIndex &index, Index object, const std::string &word, Evidences &evidence);

} // namespace ringfence
