// A wheel, read as an archive: its shared libraries, and what its metadata says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringfence {

struct WheelMember {
  std::string name; // in the archive
  std::string bytes;
};

struct Wheel {
  std::string package;                    // "numpy 2.3.1"
  std::vector<std::string> tags;          // "cp314-cp314t-manylinux_2_28_x86_64"
  std::vector<WheelMember> members;       // shared libraries, in the archive's order
  bool classifier_free_threading = false; // Programming Language :: Python :: Free Threading :: ...
};

// `bytes` is the whole file. Fails on what is no wheel, is damaged, or would unpack to more than 4 GiB.
Result<Wheel> read_wheel(std::string_view bytes);

// Whether a file is a shared library by its name: .so, .so.1, .pyd, .dll, .dylib.
bool is_shared_library(std::string_view name);

} // namespace ringfence
