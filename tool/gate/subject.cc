#include "gate/subject.h"

namespace ringfence {

SubjectParts subject_parts(const std::string &id) {
  const std::size_t slash = id.rfind('/');
  const std::size_t colon = id.find(':', slash == std::string::npos ? 0 : slash);
  if (colon == std::string::npos)
    return {"", "", id};
  const std::string scope = id.substr(colon + 1);
  const std::size_t call = scope.find("():");
  if (call == std::string::npos)
    return {id.substr(0, colon), "", scope};
  return {id.substr(0, colon), scope.substr(0, call), scope.substr(call + 3)};
}

} // namespace ringfence
