#include "extract/declarations/python_object.h"

#include <algorithm>

#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>

#include "extract/declarations/names.h"

namespace ringfence {

namespace {

// Calls below a destructor that are followed to find the release: reset() calls clear() calls Py_XDECREF.
constexpr int max_call_depth = 3;

bool has_field(const clang::RecordDecl &record, llvm::StringRef name) {
  for (const clang::FieldDecl *field : record.fields()) {
    if (field->getDeclName()
            ? field->getName() == name
            : field->getType()->getAsRecordDecl() && has_field(*field->getType()->getAsRecordDecl(), name))
      return true;
  }
  return false;
}

// The record that lies at the start of another.
const clang::RecordDecl *leading_record(const clang::RecordDecl &record) {
  if (const auto *cxx = llvm::dyn_cast<clang::CXXRecordDecl>(&record);
      cxx && cxx->hasDefinition() && cxx->getNumBases() > 0)
    return cxx->bases_begin()->getType()->getAsRecordDecl();
  auto first = record.field_begin();
  return first == record.field_end() ? nullptr : first->getType()->getAsRecordDecl();
}

bool calls_release(const clang::Stmt *statement, const Knowledge &knowledge, int depth) {
  if (!statement)
    return false;
  if (const auto *call = llvm::dyn_cast<clang::CallExpr>(statement))
    if (const clang::FunctionDecl *callee = call->getDirectCallee()) {
      if (callee->getDeclName().isIdentifier() && knowledge.has(callee->getName(), "releases-object"))
        return true;
      if (depth > 0 && calls_release(callee->getBody(), knowledge, depth - 1))
        return true;
    }
  for (const clang::Stmt *child : statement->children())
    if (calls_release(child, knowledge, depth))
      return true;
  return false;
}

bool calls_anything(const clang::Stmt *statement) {
  if (!statement)
    return false;
  return llvm::isa<clang::CallExpr, clang::CXXDeleteExpr>(statement) ||
         std::any_of(statement->child_begin(), statement->child_end(), calls_anything);
}

bool holds_object_pointer(const clang::RecordDecl &record, const Knowledge &knowledge) {
  for (const clang::FieldDecl *field : record.fields())
    if (field->getType()->isPointerType())
      if (const clang::RecordDecl *pointee = field->getType()->getPointeeType()->getAsRecordDecl())
        if (is_python_object(*pointee, knowledge))
          return true;
  return false;
}

} // namespace

std::string record_name(const clang::RecordDecl &record) {
  if (!record.getDeclName() && !record.getTypedefNameForAnonDecl())
    return {};
  return qualified_name(record);
}

std::string tag_name(const clang::RecordDecl &record) {
  const clang::TypedefNameDecl *alias = record.getTypedefNameForAnonDecl();
  return alias ? alias->getNameAsString() : record_name(record);
}

const KnownType *known_type(const clang::NamedDecl &type, const Knowledge &knowledge) {
  if (type.getIdentifier() && type.getDeclContext()->isTranslationUnit())
    return knowledge.type(type.getName()); // as all types of C outside of functions: no string is made
  const auto *record = llvm::dyn_cast<clang::RecordDecl>(&type);
  return knowledge.type(record ? record_name(*record) : qualified_name(type));
}

bool is_python_object(const clang::RecordDecl &declared, const Knowledge &knowledge) {
  const clang::RecordDecl *record = &declared;
  for (int depth = 0; record && depth < 32; ++depth) {
    const clang::RecordDecl *definition = record->getDefinition();
    if (const KnownType *known = known_type(*record, knowledge); known && known->is == KnownType::Is::object)
      return true;
    if (!definition)
      return false;
    if (has_field(*definition, "ob_type") && has_field(*definition, "ob_refcnt"))
      return true;
    record = leading_record(*definition);
  }
  return false;
}

bool is_type_object(const clang::RecordDecl &record, const Knowledge &knowledge) {
  const KnownType *known = known_type(record, knowledge);
  return known && known->has("static-type");
}

bool releases_object(const clang::CXXRecordDecl &record, const Knowledge &knowledge) {
  if (!holds_object_pointer(record, knowledge) || !record.hasUserDeclaredDestructor())
    return false;
  const clang::CXXDestructorDecl *destructor = record.getDestructor();
  if (!destructor || destructor->isDefaulted() || destructor->isDeleted())
    return false;
  const clang::Stmt *body = destructor->getBody();
  return !body || calls_release(body, knowledge, max_call_depth); // what is not seen is taken to release
}

bool deletes(clang::QualType deleter) {
  const clang::CXXRecordDecl *record = deleter->getAsCXXRecordDecl();
  if (!record || !record->hasDefinition())
    return true;
  bool some = false;
  for (const clang::CXXMethodDecl *method : record->methods()) {
    if (method->getOverloadedOperator() != clang::OO_Call)
      continue;
    some = true;
    if (!method->getBody() || calls_anything(method->getBody()))
      return true;
  }
  return !some; // a template's operator is not followed
}

} // namespace ringfence
