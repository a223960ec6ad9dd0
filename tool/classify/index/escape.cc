#include "classify/index/escape.h"

namespace ringfence {

namespace {

bool harmless(const ProgramIndex &index, const Access &access) {
  if (access.kind != AccessKind::argument)
    return false;
  const ApiEntry *api = index.api(access.callee);
  const ParameterUse use = api ? api->parameter(access.argument) : ParameterUse::unknown;
  return use == ParameterUse::read || use == ParameterUse::synchronised;
}

} // namespace

const Access *first_escape(const ProgramIndex &index, Index object) {
  for (const Index site : index.program.writes[object].escape_sites)
    if (const Access &access = index.access(site); !harmless(index, access))
      return &access;
  return nullptr;
}

std::string describe_escape(const ProgramIndex &index, const Access &access) {
  if (access.kind == AccessKind::argument)
    return access.callee.empty() ? "its address is passed through a function pointer"
                                 : "its address is passed to " + std::string(index.function_name(access.callee)) +
                                       ", which may write to it";
  if (access.kind == AccessKind::stored)
    return "its address is stored elsewhere, from where it may be written";
  if (access.kind == AccessKind::returned)
    return "its address is returned to callers that may write to it";
  return "its address is used in a way that a write cannot be excluded";
}

} // namespace ringfence
