// Mutations that keep the form, so that what lies behind a format's first check is reached: of JSON a key, a value, an
// element or a branch is changed; of sealed bytes the digest is made anew. Each fuzzer that wants one defines
// LLVMFuzzerCustomMutator by it. Every fourth mutation is libFuzzer's own, on bare bytes.
#pragma once

#include <cstddef>

namespace ringfence::fuzz {

// All work in place: `data` holds `size` bytes and has room for `room`. They return the new size.

// One JSON document. What is none is mutated as bytes.
std::size_t mutate_json(unsigned char *data, std::size_t size, std::size_t room, unsigned seed);

// A JSON document on each line: a line is changed, doubled, moved or dropped.
std::size_t mutate_json_lines(unsigned char *data, std::size_t size, std::size_t room, unsigned seed);

// Stored facts of a unit (facts/codec.h), and a part of a scan (facts/part.h), whose blocks are also doubled and dropped.
std::size_t mutate_facts(unsigned char *data, std::size_t size, std::size_t room, unsigned seed);
std::size_t mutate_part(unsigned char *data, std::size_t size, std::size_t room, unsigned seed);

} // namespace ringfence::fuzz
