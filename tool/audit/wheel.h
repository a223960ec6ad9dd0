// A wheel, read as an archive: its shared libraries, and what its metadata says.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringfence {

struct Wheel {
  std::string package;                    // "numpy 2.3.1"
  std::vector<std::string> tags;          // "cp314-cp314t-manylinux_2_28_x86_64"
  bool classifier_free_threading = false; // Programming Language :: Python :: Free Threading :: ...
};

// `bytes` is the whole file. Hands on each shared library with its name in the archive, in the archive's order, one at a
// time. Fails on what is no wheel, is damaged, or would unpack to more than a hundred times its size or 4 GiB.
Result<Wheel> read_wheel(std::string_view bytes,
                         const std::function<void(const std::string &name, std::string_view bytes)> &library);

// Whether a file is a shared library by its name: .so, .so.1, .pyd, .dll, .dylib.
bool is_shared_library(std::string_view name);

} // namespace ringfence
