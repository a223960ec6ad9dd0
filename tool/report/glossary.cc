#include "report/glossary.h"

#include <algorithm>

namespace ringfence {
namespace {

constexpr Term terms[] = {
    // Worlds (profiles).
    {"shared-gil",
     "A world: several interpreters in one process that take turns under one GIL (the global interpreter lock), as in "
     "mod_wsgi and on every Python before 3.12. State that is not per interpreter is mixed up between them; two of "
     "them "
     "never run at once."},
    {"own-gil", "A world: several interpreters in one process, each with a GIL of its own, so that they run at once "
                "(Python 3.12 and "
                "later, PEP 684). State that is not per interpreter is mixed up between them and is a data race; the "
                "reference count "
                "of an object that two of them touch is wrong sooner or later."},
    {"free-threaded",
     "A world: a Python without the GIL (3.13t and later, PEP 703). The threads of one interpreter run at once: state "
     "that is not constant, atomic or guarded by a lock is a data race."},
    {"multi-init",
     "A world: Python ends and starts again in one process, or a module is initialised more than once. State that "
     "outlives its interpreter holds objects that are gone."},
    // What a module does in a world, for people.
    {"unsafe", "Of a module in a world: it loads there, and something of high risk breaks. The report names what."},
    {"not read", "Of a module in a world: the line with which it may say whether it works there, or code that could "
                 "stand against it, was not read. The report names the line."},
    {"incomplete", "Of a module in a world: it says that it works there and nothing was found against it, but not all "
                   "of its code was "
                   "read."},
    {"unclaimed", "Of a module in a world: it does not say whether it works there. Python decides by its defaults: "
                  "interpreters with a "
                  "GIL of their own refuse single-phase modules, a Python without the GIL switches it on."},
    {"refused", "Of a module in a world: it says that it does not work there, and Python refuses to import it or takes "
                "precautions; or it is single-phase, which isolated interpreters do not import."},
    {"ok", "Of a module in a world: it says that it works there, all of its code was read, and nothing was found "
           "against it."},
    // Verdicts on claims.
    {"holds", "Of a claim: what the module says of itself agrees with its code. The claim may be that it works in that "
              "world, or that "
              "it does not."},
    {"false", "Of a claim: the module says that it works in that world, and an object, a call or a type of high risk "
              "stands against "
              "it. It takes away the protection that Python would give."},
    {"could-claim-more",
     "Of a claim: the module says that it does not work in that world, and nothing was found that keeps it from "
     "working there."},
    {"missing", "Of a claim: the module makes none about that world."},
    {"not-read",
     "Of a claim: the table that would make it, or code that could stand against it, was not read in full. The reason "
     "names the line."},
    // When a variable is written.
    {"never", "Of the writes of a variable: nothing writes it after it was initialised."},
    {"init", "Of the writes of a variable: written by the module's init function, PyInit_NAME, alone."},
    {"exec",
     "Of the writes of a variable: written by the exec slots of a module, which run once for each interpreter."},
    {"lazy", "Of the writes of a variable: written at first use, by code that Python code can reach at any time."},
    {"anywhere",
     "Of the writes of a variable: written by code that Python code can reach at any time, again and again."},
    // What keeps threads apart.
    {"lock", "Of the guard of a variable: a lock is held on all ways to its writes."},
    {"atomic", "Of the guard of a variable: it is read and written by atomic operations alone."},
    {"once", "Of the guard of a variable: it is written by a function that runs once in the process (pthread_once)."},
    {"thread-local", "Of the guard of a variable: each thread has one of its own."},
    // Initialisation.
    {"single-phase",
     "PyInit_NAME returns a finished module. There is one such module in the process, or a copy of its dictionary; "
     "interpreters with a GIL of their own refuse to import it."},
    {"multi-phase", "PyInit_NAME returns a definition with slots (PEP 489), from which each interpreter makes a module "
                    "of its own, with "
                    "state of its own."},
    {"export-slots",
     "PyModExport_NAME returns slots (Python 3.15, PEP 793): multi-phase initialisation without a static definition."},
    // What a report counts and reads.
    {"GIL", "The global interpreter lock: one thread at a time runs Python code under it. Since Python 3.12 an "
            "interpreter can have one of its own (PEP 684); a free-threaded Python has none (PEP 703)."},
    {"world", "A way to run a module: shared-gil, own-gil, free-threaded or multi-init (options call it a profile); "
              "also the Python that a file is read for, as 3.14t."},
    {"claim", "What a module says of itself: that it works in several interpreters (the slot "
              "Py_mod_multiple_interpreters), that it needs no GIL (Py_mod_gil, PyUnstable_Module_SetGIL)."},
    {"unit", "A source file with all that it includes, as one compile command reads it."},
    {"partial", "Of a unit: read, but for what stands at or behind an error, a header that was not found among them."},
    {"build-macros", "Of a unit without a compile command: read once more with macros that its build may define."},
};

} // namespace

std::span<const Term> glossary() { return terms; }

const Term *find_term(std::string_view word) {
  const auto found = std::ranges::find(terms, word, &Term::word);
  return found == std::ranges::end(terms) ? nullptr : &*found;
}

} // namespace ringfence
