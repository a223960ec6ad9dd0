// Objects that are tested as flags: what they announce to other threads, and those that stop a second load.
#include <algorithm>

#include "classify/index/load_guards.h"
#include "classify/predicates/object_facts.h"

namespace ringfence {

namespace {

// The writes of a flag, under a test of itself, in the function that writes something else after a test of it. Where
// there is none, another function decides, or the test follows: it does not say that this function has been here.
std::vector<Index> flag_writes(const ProgramIndex &index, Index flag, const Access &flagged) {
  std::vector<Index> own;
  for (const Index site : index.program.writes[flag].sites)
    if (index.access(site).function == flagged.function && index.access(site).tests_itself)
      own.push_back(site);
  return own;
}

// What a write stored is read: by another function, further on in its own, or where the flag was tested.
bool read_after(const ProgramIndex &index, Index flag, const Access &write) {
  const Range range = index.accesses_of[write.object];
  return std::any_of(index.program.accesses.begin() + range.first, index.program.accesses.begin() + range.last,
                     [&](const Access &access) {
                       const bool reads = &access != &write && access.kind != AccessKind::write &&
                                          access.kind != AccessKind::read_modify_write;
                       return reads && (access.function != write.function || access.location > write.location ||
                                        std::count(access.tested.begin(), access.tested.end(), flag) != 0);
                     });
}

// A write of plain data that is read afterwards, which a flag can thus announce.
bool announced(const ProgramIndex &index, Index flag, const Access &write) {
  const Object &written = index.program.objects[write.object];
  // A number that is counted beside it has its value from before.
  if (write.kind == AccessKind::read_modify_write && written.type.scalar)
    return false;
  // A member of the flag that is tested by itself is no payload of another.
  if (written.storage == Storage::member && written.record == index.program.objects[flag].type.record &&
      write.tests_itself)
    return false;
  return !write.atomic && !written.type.atomic && read_after(index, flag, write);
}

// The writes that a flag announces, by functions that test and set it.
std::vector<Index> payload_writes(const ProgramIndex &index, Index flag) {
  std::vector<Index> payload;
  for (const Index site : index.flagged_by[flag])
    if (const Access &access = index.access(site);
        announced(index, flag, access) && !flag_writes(index, flag, access).empty())
      payload.push_back(site);
  return payload;
}

bool tested_as_flag(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> payload = payload_writes(p, o);
  if (payload.empty())
    return false;
  const Access &first = p.access(payload.front());
  evidence.push_back(p.evidence(first, "tested before " + p.program.objects[first.object].name + " is written"));
  return true;
}

bool flags_whole_words(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> payload = payload_writes(p, o);
  const auto whole = [&](Index site) {
    const Access &access = p.access(site);
    const std::vector<Index> flags = flag_writes(p, o, access);
    return is_one_word(p.program.objects[access.object].type) && !p.program.objects[access.object].type.pointer &&
           access.kind == AccessKind::write && std::none_of(flags.begin(), flags.end(), [&](Index flag) {
             return p.access(flag).location < access.location;
           });
  };
  if (payload.empty() || !std::all_of(payload.begin(), payload.end(), whole))
    return false;
  const Access &last = p.access(payload.back());
  evidence.push_back(p.evidence(last, p.program.objects[last.object].name + " is stored at once, before the flag"));
  return true;
}

bool flags_objects(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (const Index site : p.flagged_by[o]) {
    const Access &access = p.access(site);
    Evidences unused;
    if (!announced(p, o, access) || !holds_object(p, access.object, {}, unused))
      continue;
    evidence.push_back(p.evidence(access, "tested before " + p.program.objects[access.object].name +
                                              " is written, which leads to Python objects"));
    return true;
  }
  return false;
}

// The size of a block, or whether there is one: its test decides whether memory is asked for, where it is set, too.
bool sizes_memory(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const auto &written_by = p.written_by;
  for (const Index site : p.flagged_by[o]) {
    const Access &write = p.access(site);
    const ApiEntry *api = stores_call(write.stored) ? p.api(write.stored.callee) : nullptr;
    if (!api || api->returns != "memory" || !p.program.objects[write.object].type.pointer || !runs_later(p, write) ||
        !std::binary_search(written_by[write.function].begin(), written_by[write.function].end(), o))
      continue;
    evidence.push_back(p.evidence(write, "decides whether " + p.program.objects[write.object].name +
                                             " gets memory from " + api->name));
    return true;
  }
  return false;
}

bool refuses_second_load(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *test = load_guard_test(p, o);
  if (test)
    evidence.push_back(p.evidence(*test, "where it is set, ImportError is raised"));
  return test != nullptr;
}

bool guards_load_too_early(const ProgramIndex &p, Index o, Word exception, Evidences &evidence) {
  return set_before_failure(p, o, exception, evidence);
}

constexpr ObjectPredicate table[] = {
    {"tested-as-flag", Takes::nothing,
     "plain objects, which are read afterwards, are written only after it was tested, by a function that tests and "
     "sets it",
     tested_as_flag},
    {"flags-whole-words", Takes::nothing,
     "what is written only after it was tested is one word each, no pointer, and written before it is set",
     flags_whole_words},
    {"flags-objects", Takes::nothing, "objects that lead to Python objects are written only after it was tested",
     flags_objects},
    {"sizes-memory", Takes::nothing,
     "a function that sets it tests it before it stores memory from an allocator in a pointer", sizes_memory},
    {"guards-load-too-early", Takes::word,
     "module init or an exec slot raises this exception where it is set, sets it, and then calls what can fail without "
     "taking it back",
     guards_load_too_early},
    {"refuses-second-load", Takes::nothing, "module initialisation sets it, and raises ImportError where it is set",
     refuses_second_load},
};

} // namespace

std::span<const ObjectPredicate> flag_predicates() { return table; }

} // namespace ringfence
