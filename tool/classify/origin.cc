#include "classify/origin.h"

#include "knowledge/code_origin.h"

namespace ringfence {

std::string origin_of(const Context &context, Index object) {
  const Object &declared = context.program.objects[object];
  if (declared.outside)
    return "header";
  const std::string path = context.place(declared.location).file;
  if (is_vendored_code(path))
    return "vendored";
  if (is_test_code(path))
    return "test";
  return {};
}

} // namespace ringfence
