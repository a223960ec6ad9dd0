#include "extract/bodies/access_pass.h"

#include <clang/AST/DeclFriend.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/Stack.h>
#include <llvm/ADT/DenseSet.h>

#include "extract/bodies/access_walker.h"
#include "extract/bodies/unproven_locks.h"
#include "extract/declarations/initial_value.h"
#include "extract/declarations/names.h"

namespace ringfence {

using namespace clang;

namespace {

template <class Test> bool any_static_local(const FunctionDecl &function, Test test) {
  return llvm::any_of(function.decls(), [&](const Decl *decl) {
    const auto *variable = llvm::dyn_cast<VarDecl>(decl);
    return variable && variable->isStaticLocal() && test(*variable);
  });
}

bool mentions(const Stmt *statement, const llvm::DenseSet<const Decl *> &objects) {
  if (!statement)
    return false;
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(statement))
    return objects.contains(reference->getDecl()->getCanonicalDecl());
  bool found = false;
  clang::runWithSufficientStackSpace(
      [] {},
      [&] {
        found = llvm::any_of(statement->children(), [&](const Stmt *child) { return mentions(child, objects); });
      });
  return found;
}

class AccessPass {
public:
  explicit AccessPass(Registry &registry)
      : registry_(registry), walker_(registry, [this](Decl *decl) { postponed_.push_back(decl); }) {}

  void read(Decl *root) {
    read_declaration(root);
    // Classes inside of function bodies wait until the body around them is done.
    while (!postponed_.empty()) {
      Decl *decl = postponed_.back();
      postponed_.pop_back();
      read_declaration(decl);
    }
  }

private:
  void read_declaration(Decl *decl) {
    if (auto *functions = llvm::dyn_cast<FunctionTemplateDecl>(decl))
      read_template(*functions);
    else if (auto *variables = llvm::dyn_cast<VarTemplateDecl>(decl))
      read_template(*variables);
    else if (auto *classes = llvm::dyn_cast<ClassTemplateDecl>(decl))
      read_template(*classes);
    else if (const auto *function = llvm::dyn_cast<FunctionDecl>(decl))
      read_function(*function);
    else if (const auto *variable = llvm::dyn_cast<VarDecl>(decl))
      read_variable(*variable);
    else if (auto *record = llvm::dyn_cast<CXXRecordDecl>(decl))
      read_record(*record);
    else if (auto *friends = llvm::dyn_cast<FriendDecl>(decl); friends && friends->getFriendDecl())
      read_declaration(friends->getFriendDecl());
    else if (llvm::isa<LinkageSpecDecl, NamespaceDecl, ExportDecl>(decl))
      for (Decl *child : llvm::cast<DeclContext>(decl)->decls())
        read_declaration(child);
  }

  template <class Template> void read_template(Template &declared) {
    bool instantiated = false;
    for (auto *specialisation : declared.specializations()) {
      instantiated = true;
      read_declaration(specialisation);
    }
    if (instantiated)
      return;
    bool outer = std::exchange(in_pattern_, true);
    read_declaration(declared.getTemplatedDecl());
    in_pattern_ = outer;
  }

  void read_record(CXXRecordDecl &record) {
    if (!record.isThisDeclarationADefinition() || record.isLambda() || is_left_out(record, record.isDependentContext()))
      return;
    for (Decl *member : record.decls())
      if (!llvm::isa<CXXRecordDecl>(member) || !member->isImplicit()) // a class holds its own name as a member
        read_declaration(member);
  }

  void read_function(const FunctionDecl &function) {
    if (!function.doesThisDeclarationHaveABody() && function.getMostRecentDecl() == function.getFirstDecl())
      return; // declared once: most of what headers hold
    const FunctionDecl *definition = function.getDefinition();
    if (!definition || !definition->doesThisDeclarationHaveABody() ||
        is_left_out(*definition, definition->isDependentContext()) || is_unused_in_header(*definition))
      return;
    walker_.walk_function(*definition);
  }

  void read_variable(const VarDecl &variable) {
    if (!variable.hasInit() || is_left_out(variable, variable.getDeclContext()->isDependentContext()))
      return;
    const Type *element = variable.getType()->getBaseElementTypeUnsafe();
    if (!registry_.context().getLangOpts().CPlusPlus && element->isArithmeticType())
      return; // a constant expression of numbers
    walker_.walk_initialiser(variable);
  }

  // Also true when it has been read before.
  bool is_left_out(const Decl &decl, bool dependent) {
    return (dependent && !in_pattern_) || !registry_.in_project(decl.getLocation()) || !read_.insert(&decl).second;
  }

  // No code is made for an inline function of a header that the unit does not use; one that makes objects is read.
  bool is_unused_in_header(const FunctionDecl &function) const {
    if (function.isReferenced() || in_pattern_ || registry_.in_main_file(function.getLocation()))
      return false;
    if (!function.isInlined() && function.getFormalLinkage() != Linkage::Internal)
      return false;
    return !any_static_local(function, [](const VarDecl &) { return true; });
  }

  Registry &registry_;
  AccessWalker walker_;
  std::vector<Decl *> postponed_;
  llvm::DenseSet<const Decl *> read_;
  bool in_pattern_ = false; // of a template that is never instantiated
};

} // namespace

void read_accesses(Registry &registry, const Roots &roots) {
  AccessPass pass(registry);
  for (Decl *root : roots)
    pass.read(root);
  drop_unproven_locks(registry.facts());
}

void read_outside_functions(Registry &registry, const std::vector<const FunctionDecl *> &functions,
                            const std::vector<VarDecl *> &injected) {
  AccessWalker walker(registry, [](Decl *) {});
  llvm::DenseSet<const Decl *> objects;
  for (const VarDecl *variable : injected)
    objects.insert(variable->getCanonicalDecl());
  for (const FunctionDecl *function : functions) {
    if (!any_static_local(*function, [](const VarDecl &variable) { return !is_constant(variable); }) &&
        (objects.empty() || !mentions(function->getBody(), objects)))
      continue;
    for (const Decl *decl : pattern_of(*function).decls())
      registry.object(llvm::dyn_cast<VarDecl>(decl));
    walker.walk_function(*function);
  }
}

} // namespace ringfence
