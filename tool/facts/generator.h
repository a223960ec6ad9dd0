// Which code generator wrote a file, told by the banner that it leaves in the first lines.
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

// "cython", "swig", "f2py", "argument-clinic", "mypyc", "sip"; empty where no banner is found.
std::string generator_in_banner(std::string_view content);

} // namespace ringfence
