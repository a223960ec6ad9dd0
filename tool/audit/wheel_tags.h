// What names and tags say of the Pythons that a file or a wheel is for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.h"
#include "audit/wheel.h"

namespace ringfence {

// "cp313", "cp314t", "abi3", "pypy310" of the file's name; empty where it says nothing.
std::string abi_of_file(std::string_view file);

// The ABI that all tags of a wheel agree on; empty where they do not.
std::string abi_of_tags(const std::vector<std::string> &tags);

// Where a wheel's tags and classifiers say otherwise than its modules: a sentence each, which begins with "is" or "says".
std::vector<std::string> doubts_of(const Wheel &wheel, const std::vector<AuditedLibrary> &libraries);

} // namespace ringfence
