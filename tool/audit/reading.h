// What one file gave, and its way through a process's mailbox.
#pragma once

#include <string>
#include <vector>

#include "audit/audit.h"
#include "base/result.h"

namespace ringfence {

struct Reading {
  std::vector<AuditedLibrary> libraries; // one, or those of a wheel
  std::vector<std::string> notes;
};

std::string encode(const Reading &reading);
Result<Reading> decode_reading(const std::string &bytes);

} // namespace ringfence
