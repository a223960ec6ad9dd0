#include "facts/guard_kinds.h"

namespace ringfence {

bool is_lock(Guard::Kind kind) {
  switch (kind) {
  case Guard::Kind::gil:
  case Guard::Kind::main_interpreter:
  case Guard::Kind::once:
    return false;
  case Guard::Kind::critical_section:
  case Guard::Kind::mutex:
  case Guard::Kind::spin:
  case Guard::Kind::other:
    return true;
  }
  return false;
}

bool protects(const Guard &guard) { return is_once(guard) || (is_lock(guard.kind) && guard.object != none); }

} // namespace ringfence
