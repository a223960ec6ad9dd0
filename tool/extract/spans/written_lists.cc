#include "extract/spans/written_lists.h"

#include <iterator>
#include <string_view>

namespace ringfence {

std::string record_of(clang::QualType type) {
  const clang::RecordDecl *record = type.isNull() ? nullptr : type.getCanonicalType()->getAsRecordDecl();
  if (!record)
    return {};
  if (const clang::TypedefNameDecl *name = record->getTypedefNameForAnonDecl())
    return name->getName().str();
  return record->getName().str();
}

const clang::InitListExpr *list_of(const clang::Expr *value) {
  const auto *list = value ? llvm::dyn_cast<clang::InitListExpr>(value->IgnoreParenImpCasts()) : nullptr;
  return list && !list->isSemanticForm() && list->getSemanticForm() ? list->getSemanticForm() : list;
}

const clang::DeclRefExpr *name_in(const clang::Expr *value) {
  value = value ? value->IgnoreParenCasts() : nullptr;
  if (const auto *address = llvm::dyn_cast_or_null<clang::UnaryOperator>(value);
      address && address->getOpcode() == clang::UO_AddrOf)
    value = address->getSubExpr()->IgnoreParenCasts();
  return llvm::dyn_cast_or_null<clang::DeclRefExpr>(value);
}

WrittenDefinition written_definition(const clang::InitListExpr &list) {
  constexpr std::string_view names[] = {"m_base",  "m_name",     "m_doc",   "m_size", "m_methods",
                                        "m_slots", "m_traverse", "m_clear", "m_free"};
  const clang::InitListExpr *written =
      list.isSemanticForm() && list.getSyntacticForm() ? list.getSyntacticForm() : &list;
  WrittenDefinition definition;
  for (const clang::Expr *value : written->inits()) {
    std::string name = definition.given < std::size(names) ? std::string(names[definition.given]) : "";
    if (const auto *designated = llvm::dyn_cast<clang::DesignatedInitExpr>(value)) {
      definition.designated = true;
      if (designated->size() == 1 && designated->getDesignator(0)->isFieldDesignator())
        name = designated->getDesignator(0)->getFieldName()->getName();
      value = designated->getInit();
    } else {
      ++definition.given;
    }
    definition.members.push_back({std::move(name), value});
  }
  return definition;
}

} // namespace ringfence
