// The text of the runtime library's two files, as they are copied into a tree.
#pragma once

#include <string>

namespace ringfence {

std::string runtime_header(); // ringfence.h
std::string runtime_source(); // ringfence.c

} // namespace ringfence
