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

bool flags_numbers(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> payload = payload_writes(p, o);
  const auto is_number = [&](Index site) {
    const TypeFacts &type = p.program.objects[p.access(site).object].type;
    return !type.pointer && !type.data_pointer && !type.function_pointer && !type.reaches_void && !type.handle &&
           !type.reaches_object && type.scalar;
  };
  return !payload.empty() && std::all_of(payload.begin(), payload.end(), is_number) &&
         show(p, &p.access(payload.front()), evidence, "numbers alone, each stored at once");
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

// Static types are the same for all interpreters, and judged themselves.
bool flags_types_alone(const ProgramIndex &p, Index o, Word, Evidences &) {
  const std::vector<Index> payload = payload_writes(p, o);
  return !payload.empty() && std::all_of(payload.begin(), payload.end(), [&](Index site) {
    return p.program.objects[p.access(site).object].type.type_by_value;
  });
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

bool is_plain_pointer(const Object &object) {
  return object.type.scalar && object.type.pointer && object.type.data_pointer && !object.type.reaches_object &&
         !object.thread_local_storage;
}

// The first use of a pointer beside a read of the number, by code that can run later: on the same line, or on the next
// where it is not followed.
const Access *used_beside(const ProgramIndex &p, Index number, Index pointer) {
  const auto is_beside = [](const Location &a, const Access &b) {
    const std::uint32_t lines = std::max(a.line, b.location.line) - std::min(a.line, b.location.line);
    return a.file == b.location.file && lines <= (b.path.empty() ? 1 : 0);
  };
  for (Index i = p.accesses_of[number].first; i < p.accesses_of[number].last; ++i) {
    const Access &size = p.access(i);
    if (size.kind != AccessKind::read || !runs_later(p, size))
      continue;
    for (Index j = p.accesses_of[pointer].first; j < p.accesses_of[pointer].last; ++j)
      if (const Access &use = p.access(j); use.function == size.function && !use.compared &&
                                           use.kind != AccessKind::write && is_beside(size.location, use))
        return &use;
  }
  return nullptr;
}

// Whether a function that can run later finds out both.
bool is_set_beside(const ProgramIndex &p, Index number, Index pointer) {
  const auto finds = [&](const Access &write) {
    return runs_later(p, write) && write.stored.kind != StoredValue::Kind::null &&
           write.stored.kind != StoredValue::Kind::constant && write.stored.kind != StoredValue::Kind::parameter;
  };
  return find_write(p, number, [&](const Access &write) {
           return finds(write) && find_write(p, pointer, [&](const Access &other) {
                    return other.function == write.function && finds(other);
                  });
         }) != nullptr;
}

// The size of a block that is found with its address, and used with it.
bool found_beside_pointer(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (const Index site : p.program.writes[o].sites) {
    const Access &write = p.access(site);
    if (!runs_later(p, write))
      continue;
    for (const Index other : p.written_by[write.function]) {
      if (other == o || !is_plain_pointer(p.program.objects[other]) || !is_set_beside(p, o, other))
        continue;
      if (const Access *use = used_beside(p, o, other)) {
        evidence.push_back(p.evidence(write, "found out beside " + p.program.objects[other].name));
        evidence.push_back(p.evidence(*use, "both are used"));
        return true;
      }
    }
  }
  return false;
}

// Given to a function that the tables know to write it, as PyErr_Fetch.
bool is_filled(const ProgramIndex &p, const Access &access) {
  const ApiEntry *api = access.kind == AccessKind::argument ? p.api(access.callee) : nullptr;
  return api && api->parameter(access.argument) == ParameterUse::written;
}

// No value lives longer than the call that wrote it.
bool written_before_read(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const std::vector<Index> &sites = p.program.writes[o].sites;
  const auto is_set_before = [&](const Access &read) {
    return std::any_of(sites.begin(), sites.end(), [&](Index site) {
      const Access &write = p.access(site);
      return (write.kind == AccessKind::write || is_filled(p, write)) && write.function == read.function &&
             !write.tests_itself && write.tested.empty() && write.location < read.location;
    });
  };
  const Access *shown = nullptr;
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    if (access.kind == AccessKind::write || is_filled(p, access))
      continue;
    if (access.function == none || !is_set_before(access))
      return false;
    shown = &access;
  }
  return shown && runs_later(p, *shown) && show(p, shown, evidence, "read after the same call has written it");
}

// What is kept for a value that a caller gave, and found again for the next: `if (key == last_key) return last;`
bool kept_for_parameter(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *kept = find_write(p, o, [&](const Access &write) {
    return std::any_of(write.tested.begin(), write.tested.end(), [&](Index key) {
      return find_write(p, key, [&](const Access &other) {
               return other.function == write.function && other.stored.kind == StoredValue::Kind::parameter;
             }) != nullptr;
    });
  });
  return show(p, kept, evidence, "kept for what a caller gave");
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

constexpr ObjectPredicate flag_rows[] = {
    {"tested-as-flag", Takes::nothing,
     "plain objects, which are read afterwards, are written only after it was tested, by a function that tests and "
     "sets it",
     tested_as_flag},
    {"flags-numbers", Takes::nothing, "what is written only after it was tested is one number each", flags_numbers},
    {"flags-objects", Takes::nothing, "objects that lead to Python objects are written only after it was tested",
     flags_objects},
    {"flags-types-alone", Takes::nothing, "what is written only after it was tested are static types",
     flags_types_alone},
    {"sizes-memory", Takes::nothing,
     "a function that sets it tests it before it stores memory from an allocator in a pointer", sizes_memory},
    {"found-beside-pointer", Takes::nothing,
     "one function finds out its value and a pointer to plain memory, and another place uses both",
     found_beside_pointer},
    {"written-before-read", Takes::nothing, "each function that reads it, and there is one, has written it before",
     written_before_read},
    {"kept-for-parameter", Takes::nothing,
     "written after a test of another object, in which the same function stores its parameter", kept_for_parameter},
    {"guards-load-too-early", Takes::word,
     "module init or an exec slot raises this exception where it is set, sets it, and then calls what can fail without "
     "taking it back",
     guards_load_too_early},
    {"refuses-second-load", Takes::nothing, "module initialisation sets it, and raises ImportError where it is set",
     refuses_second_load},
};

} // namespace

std::span<const ObjectPredicate> flag_predicates() { return flag_rows; }

} // namespace ringfence
