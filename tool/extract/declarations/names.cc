#include "extract/declarations/names.h"

#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Mangle.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

namespace ringfence {

namespace {

std::string bare_name(const clang::NamedDecl &decl) {
  if (const auto *tag = llvm::dyn_cast<clang::TagDecl>(&decl); tag && !tag->getDeclName()) {
    const clang::TypedefNameDecl *alias = tag->getTypedefNameForAnonDecl();
    return alias ? alias->getNameAsString() : "(anonymous)";
  }
  if (const auto *bindings = llvm::dyn_cast<clang::DecompositionDecl>(&decl)) {
    std::string names = "[";
    for (const clang::BindingDecl *binding : bindings->bindings())
      names += (names.size() > 1 ? ", " : "") + binding->getNameAsString();
    return names + "]";
  }
  if (decl.getDeclName())
    return decl.getNameAsString();
  if (const auto *variable = llvm::dyn_cast<clang::VarDecl>(&decl)) // an anonymous union: named by its first member
    if (const clang::RecordDecl *record = variable->getType()->getAsRecordDecl())
      for (const clang::FieldDecl *field : record->fields())
        if (field->getDeclName())
          return "(anonymous union of " + field->getNameAsString() + ")";
  return "(anonymous)";
}

bool is_lambda_call(const clang::FunctionDecl &function) {
  const auto *method = llvm::dyn_cast<clang::CXXMethodDecl>(&function);
  return method && method->getParent()->isLambda();
}

} // namespace

std::string qualified_name(const clang::NamedDecl &decl) {
  std::string name = bare_name(decl);
  for (const clang::DeclContext *scope = decl.getDeclContext(); scope; scope = scope->getParent()) {
    if (const auto *space = llvm::dyn_cast<clang::NamespaceDecl>(scope)) {
      if (!space->isAnonymousNamespace() && !space->isInline())
        name = space->getNameAsString() + "::" + name;
    } else if (const auto *tag = llvm::dyn_cast<clang::TagDecl>(scope)) {
      name = bare_name(*tag) + "::" + name;
    } else if (const auto *function = llvm::dyn_cast<clang::FunctionDecl>(scope)) {
      name = function_name(*function) + "()::" + name;
    }
  }
  return name;
}

const clang::FunctionDecl *enclosing_function(const clang::Decl &decl) {
  const clang::FunctionDecl *found = nullptr;
  for (const clang::DeclContext *scope = decl.getDeclContext(); scope; scope = scope->getParent()) {
    const auto *function = llvm::dyn_cast<clang::FunctionDecl>(scope);
    if (!function)
      continue;
    found = function;
    if (!is_lambda_call(*function))
      break;
  }
  return found;
}

std::string function_name(const clang::FunctionDecl &function) {
  return is_lambda_call(function) ? "(lambda)" : function.getNameAsString();
}

const clang::VarDecl &pattern_of(const clang::VarDecl &variable) {
  const clang::VarDecl *pattern = variable.getTemplateInstantiationPattern();
  return pattern ? *pattern : variable;
}

const clang::FunctionDecl &pattern_of(const clang::FunctionDecl &function) {
  const clang::FunctionDecl *pattern = function.getTemplateInstantiationPattern();
  return pattern ? *pattern : function;
}

bool is_templated(const clang::Decl &decl) { return decl.isTemplated(); }

std::string symbol_of(const clang::NamedDecl &decl, clang::ASTNameGenerator &mangler) {
  if (is_templated(decl) || (!decl.getDeclName() && !llvm::isa<clang::DecompositionDecl>(decl)))
    return {};
  bool plain_c = !decl.getASTContext().getLangOpts().CPlusPlus && !decl.hasAttr<clang::AsmLabelAttr>();
  if (const auto *variable = llvm::dyn_cast<clang::VarDecl>(&decl); variable && variable->isStaticLocal() && plain_c) {
    const clang::FunctionDecl *function = enclosing_function(decl);
    return (function ? function_name(*function) + "." : "") + decl.getNameAsString();
  }
  return plain_c ? decl.getNameAsString() : mangler.getName(&decl);
}

std::string outermost_macro(clang::SourceLocation location, const clang::ASTContext &context) {
  if (!location.isMacroID())
    return {};
  const clang::SourceManager &sources = context.getSourceManager();
  clang::SourceLocation start = sources.getExpansionLoc(location);
  llvm::SmallString<64> buffer;
  bool invalid = false;
  llvm::StringRef name = clang::Lexer::getSpelling(start, buffer, sources, context.getLangOpts(), &invalid);
  return invalid ? std::string() : name.str();
}

} // namespace ringfence
