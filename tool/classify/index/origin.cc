#include "classify/index/origin.h"

#include "knowledge/code_origin.h"

namespace ringfence {

CodeOrigin origin_of(const ProgramIndex &index, Index object) {
  const Object &declared = index.program.objects[object];
  if (declared.outside)
    return CodeOrigin::header;
  const std::string path = index.place(declared.location).file;
  if (is_vendored_code(path))
    return CodeOrigin::vendored;
  if (is_test_code(path))
    return CodeOrigin::test;
  return CodeOrigin::project;
}

} // namespace ringfence
