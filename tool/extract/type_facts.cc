#include "extract/type_facts.h"

namespace ringfence {

TypeFacts TypeReader::read(clang::QualType type) {
  TypeFacts facts;
  facts.spelling = type.getAsString(context_.getPrintingPolicy());
  return facts;
}

TypeFacts TypeReader::read(const clang::VarDecl &variable) { return read(variable.getType()); }

} // namespace ringfence
