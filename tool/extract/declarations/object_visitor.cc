#include "extract/declarations/object_visitor.h"

#include <clang/AST/Attr.h>

#include "extract/declarations/allowance_text.h"
#include "extract/declarations/visitor.h"

namespace ringfence {

namespace {

// Of a function of C: whatever it declares is its context's, but for parameters of a prototype.
bool is_empty(const clang::FunctionDecl &function) {
  const auto matters = [](const clang::Decl *decl) {
    const auto *variable = llvm::dyn_cast<clang::VarDecl>(decl);
    return decl->hasAttrs() || llvm::isa<clang::TagDecl>(decl) || (variable && variable->hasGlobalStorage());
  };
  return llvm::none_of(function.decls(), matters) && llvm::none_of(function.parameters(), matters);
}

class ObjectVisitor final : public FactVisitor<ObjectVisitor> {
public:
  using FactVisitor::FactVisitor;

  // Much of what headers declare are functions of C in which there is nothing to find: their walk is most of the work.
  bool TraverseFunctionDecl(clang::FunctionDecl *function) {
    return !registry_.context().getLangOpts().CPlusPlus && is_empty(*function)
               ? WalkUpFromFunctionDecl(function)
               : FactVisitor::TraverseFunctionDecl(function);
  }

  bool VisitVarDecl(clang::VarDecl *variable) {
    if (variable->isThisDeclarationADefinition() == clang::VarDecl::DeclarationOnly && !variable->isReferenced())
      registry_.leave(*variable);
    else if (Index index = registry_.object(variable); index != none)
      initialised_ = index;
    return true;
  }

  // The variable behind an anonymous union is implicit, so that it is not visited.
  bool VisitDeclStmt(clang::DeclStmt *statement) {
    for (clang::Decl *decl : statement->decls())
      if (decl->isImplicit())
        registry_.object(llvm::dyn_cast<clang::VarDecl>(decl));
    return true;
  }

  bool VisitCompoundLiteralExpr(clang::CompoundLiteralExpr *literal) {
    if (initialised_ != none)
      registry_.object(literal, registry_.facts().objects[initialised_].name);
    return true;
  }

  // __attribute__((annotate("ringfence: allow RULE reason"))). Findings on a function stand at its definition.
  bool VisitNamedDecl(clang::NamedDecl *decl) {
    if (!decl->hasAttr<clang::AnnotateAttr>())
      return true;
    if (const auto *function = llvm::dyn_cast<clang::FunctionDecl>(decl);
        function && !function->isThisDeclarationADefinition())
      return true;
    for (const clang::AnnotateAttr *annotation : decl->specific_attrs<clang::AnnotateAttr>()) {
      Allowance about;
      about.location = registry_.location(decl->getLocation());
      about.line = about.last_line = about.location.line;
      about.object = registry_.object(llvm::dyn_cast<clang::VarDecl>(decl));
      add_allowances(annotation->getAnnotation(), about, registry_.facts().allowances);
    }
    return true;
  }

private:
  Index initialised_ = none; // the object visited last: a literal at file scope can only stand in its initialiser
};

} // namespace

bool declares_no_object(const clang::Decl &decl) {
  if (decl.getASTContext().getLangOpts().CPlusPlus || decl.hasAttr<clang::AnnotateAttr>())
    return false;
  if (const auto *function = llvm::dyn_cast<clang::FunctionDecl>(&decl))
    return !function->isThisDeclarationADefinition() && is_empty(*function);
  if (const auto *tag = llvm::dyn_cast<clang::TagDecl>(&decl))
    return llvm::all_of(tag->decls(), [](const clang::Decl *member) { return declares_no_object(*member); });
  return llvm::isa<clang::TypedefDecl, clang::FieldDecl, clang::IndirectFieldDecl, clang::EnumConstantDecl>(decl);
}

void read_objects(Registry &registry, const Roots &roots) {
  ObjectVisitor visitor(registry);
  for (clang::Decl *root : roots)
    if (root->isImplicit())
      registry.object(llvm::dyn_cast<clang::VarDecl>(root));
    else
      visitor.TraverseDecl(root);
}

} // namespace ringfence
