// What is known of names that a program uses but does not define, for extraction, linking and rules alike: functions of
// CPython, the C library and other libraries, record types and public objects. Data, read from rules/tables/*.json;
// each entry names its source.
//
// A table file:
//   { "schema": "ringfence-table/1", "about": "...",
//     "functions": { "PyImport_ImportModule": {"returns": "new-object", "traits": ["import"], "parameters": ["read"],
//                                                "source": "..."} },
//     "records":   { "PyMethodDef": {"traits": ["api-table"], "source": "..."} },
//     "objects":   { "_Py_NoneStruct": {"traits": ["immortal"], "source": "..."} } }
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringfence {

// What a function does with the memory that a pointer argument leads to.
enum class ParameterUse {
  unknown,
  read,         // only looks at it, and forgets it on return
  written,      // may write to it, and forgets it on return
  retained,     // keeps the address: may write later
  synchronised, // a lock, once or atomic function: changes it safely
};

// When a function that is passed as an argument is called.
enum class CallbackUse {
  unknown, // at any time
  during,  // before the call returns (qsort)
  once,    // before the call returns, and once in the life of the process (pthread_once)
  at_end,  // when an object, module, interpreter or the process ends
};

struct ApiEntry {
  std::string name;    // as called: "PyDict_New", "std::call_once"
  std::string returns; // "new-object", "borrowed-object", "immortal-object", "memory", "static-buffer", "plain", or
                       // empty where it does not matter
  std::vector<std::string>
      traits; // what rules ask for: "import", "exception", "string", "heap-type", "lock-acquire", ...; sorted
  std::vector<ParameterUse> parameters; // by position; those beyond the last are like the last where `variadic`
  bool variadic = false;
  std::string since;       // first Python that has it; empty: all
  std::string alternative; // what to call instead; empty where nothing better exists
  std::string source;      // where this was read
  std::string note;        // one sentence for a message

  bool has(std::string_view trait) const;
  ParameterUse parameter(std::size_t position) const;
  // The last of `parameters` stands for that argument and all that follow.
  bool is_variadic_at(std::size_t position) const { return variadic && position + 1 >= parameters.size(); }
  CallbackUse callbacks() const;
};

// What a call of a function does to a lock, or an object of a class for as long as it lives. A table's section "locks":
//   "pthread_rwlock_wrlock": {"does": "acquire", "kind": "mutex", "family": "pthread_rwlock", "source": "..."}
struct KnownLock {
  enum class Does { acquire, release, once, hold };
  enum class Kind {
    mutex,
    shared, // keeps writers out at most: of a read-write lock, of a semaphore
    spin,
    critical_section,
    gil,
  };
  Does does = Does::acquire;
  Kind kind = Kind::mutex;
  std::string family; // an acquire and a release of one family belong together
  int argument = 0;   // position of the argument that names the lock; -1: none does
  int callback = 1;   // for once: position of the function that is called
  std::string source;
};

class Knowledge {
public:
  // Adds one table file; entries of a later file replace those of the same name and section.
  Result<void> add(const std::string &file, std::string_view text);

  void add_function(ApiEntry entry);

  // Null where nothing is known.
  const ApiEntry *function(std::string_view name) const;
  const ApiEntry *record(std::string_view name) const;
  const ApiEntry *object(std::string_view name) const;
  // By the name without namespaces for a function, with them for a method or a class. A function that a table names in
  // "functions" alone, with the trait lock-acquire, lock-acquire-shared, lock-release or once, is one too.
  const KnownLock *lock(std::string_view name) const;
  // Of all that was added: facts that were read with the same have the same.
  const std::string &hash() const { return hash_; }

  // Of functions, known or not.
  ParameterUse parameter_use(std::string_view function, std::size_t position) const;
  bool is_variadic_at(std::string_view function, std::size_t position) const;
  CallbackUse callback_use(std::string_view function) const;
  // Starts, ends or forks the runtime, or must be called before it starts: no other thread is in it.
  bool is_lifecycle(std::string_view function) const;

  const std::map<std::string, KnownLock, std::less<>> &locks() const { return locks_; }
  const std::map<std::string, ApiEntry, std::less<>> &functions() const { return functions_; }
  // Every trait that some entry has, sorted: the words that predicates accept.
  std::vector<std::string> traits() const;

private:
  std::map<std::string, ApiEntry, std::less<>> functions_, records_, objects_;
  std::map<std::string, KnownLock, std::less<>> locks_;
  std::string hash_;
};

} // namespace ringfence
