#include "extract/bodies/access_walker.h"

#include <clang/AST/Attr.h>
#include <clang/Basic/Stack.h>

#include "extract/bodies/main_interpreter.h"

namespace ringfence {

using namespace clang;

bool ends_flow(const Stmt *statement) {
  while (statement) {
    if (llvm::isa<ReturnStmt, GotoStmt, IndirectGotoStmt, BreakStmt, ContinueStmt, CXXThrowExpr>(statement))
      return true;
    if (const auto *compound = llvm::dyn_cast<CompoundStmt>(statement))
      statement = compound->body_empty() ? nullptr : compound->body_back();
    else if (const auto *label = llvm::dyn_cast<LabelStmt>(statement))
      statement = label->getSubStmt();
    else if (const auto *choice = llvm::dyn_cast<SwitchCase>(statement))
      statement = choice->getSubStmt();
    else if (const auto *attributed = llvm::dyn_cast<AttributedStmt>(statement))
      statement = attributed->getSubStmt();
    else if (const auto *once = llvm::dyn_cast<DoStmt>(statement))
      statement = once->getBody(); // do { return x; } while (0)
    else if (const auto *full = llvm::dyn_cast<FullExpr>(statement))
      statement = full->getSubExpr();
    else if (const auto *branch = llvm::dyn_cast<IfStmt>(statement)) {
      if (!branch->getElse() || !ends_flow(branch->getThen()))
        return false;
      statement = branch->getElse();
    } else {
      const auto *call = llvm::dyn_cast<CallExpr>(statement);
      const FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
      return callee && callee->isNoReturn();
    }
  }
  return false;
}

AccessWalker::AccessWalker(Registry &registry, std::function<void(Decl *)> read_declaration)
    : registry_(registry), read_declaration_(std::move(read_declaration)),
      cplusplus_(registry.context().getLangOpts().CPlusPlus), callees_(registry.knowledge()),
      values_(registry, callees_, locals_), objects_(registry, locals_),
      calls_(registry, values_, objects_, frames_, guards_) {}

void AccessWalker::start() {
  frames_.clear();
  locals_.clear();
  parameters_.clear();
  objects_.clear();
  conditions_.clear();
  guards_.clear();
  written_.clear();
  loaded_.clear();
  calls_.clear();
  label_guards_.clear();
  function_ = none;
  lambda_guards_ = switch_guards_ = nullptr;
}

void AccessWalker::walk_function(const FunctionDecl &function) {
  start();
  function_ = registry_.function(&function);
  first_access_ = registry_.facts().accesses.size();
  watch_parameters(function);
  if (const auto *constructor = llvm::dyn_cast<CXXConstructorDecl>(&function))
    for (const CXXCtorInitializer *initialiser : constructor->inits()) {
      frames_.push_back({});
      visit(initialiser->getInit());
      frames_.pop_back();
    }
  visit(function.getBody());
}

void AccessWalker::walk_initialiser(const VarDecl &variable) {
  start();
  visit_variable(variable);
}

void AccessWalker::visit(const Stmt *statement) {
  if (!statement)
    return;
  clang::runWithSufficientStackSpace([] {},
                                     [&] {
                                       frames_.push_back({.statement = statement});
                                       dispatch(*statement);
                                       frames_.pop_back();
                                     });
}

void AccessWalker::visit_children(const Stmt &statement) {
  for (const Stmt *child : statement.children())
    visit(child);
}

void AccessWalker::dispatch(const Stmt &statement) {
  switch (statement.getStmtClass()) {
  case Stmt::CompoundStmtClass:
    return visit_compound(llvm::cast<CompoundStmt>(statement));
  case Stmt::DeclStmtClass:
    return visit_declarations(llvm::cast<DeclStmt>(statement));
  case Stmt::IfStmtClass:
    return visit_if(llvm::cast<IfStmt>(statement));
  case Stmt::WhileStmtClass: {
    const auto &loop = llvm::cast<WhileStmt>(statement);
    return visit_loop(nullptr, loop.getConditionVariableDeclStmt(), loop.getCond(), loop.getBody(), nullptr);
  }
  case Stmt::ForStmtClass: {
    const auto &loop = llvm::cast<ForStmt>(statement);
    return visit_loop(loop.getInit(), loop.getConditionVariableDeclStmt(), loop.getCond(), loop.getBody(),
                      loop.getInc());
  }
  case Stmt::SwitchStmtClass:
    return visit_switch(llvm::cast<SwitchStmt>(statement));
  case Stmt::CaseStmtClass:
    return visit(llvm::cast<CaseStmt>(statement).getSubStmt());
  case Stmt::GotoStmtClass:
    label_guards_.try_emplace(llvm::cast<GotoStmt>(statement).getLabel(), guards_.state());
    return;
  case Stmt::CoroutineBodyStmtClass:
    return visit(llvm::cast<CoroutineBodyStmt>(statement).getBody());
  default:
    if (!visit_expression(statement))
      visit_children(statement);
  }
}

void AccessWalker::visit_compound(const CompoundStmt &compound) {
  Conditions::State conditions = conditions_.state();
  guards_.enter_scope();
  enter_critical_section(compound);
  bool ended = false;
  for (const Stmt *statement : compound.body()) {
    // Behind a return, a label has the locks of the goto that leads there, a case those of its switch.
    if (ended) {
      const auto *label = llvm::dyn_cast<LabelStmt>(statement);
      if (auto known = label ? label_guards_.find(label->getDecl()) : label_guards_.end(); known != label_guards_.end())
        guards_.restore(known->second);
      else if (llvm::isa<SwitchCase>(statement))
        guards_.restore(switch_guards_);
    }
    visit(statement);
    ended = ends_flow(statement);
  }
  guards_.leave_scope();
  conditions_.restore(conditions);
}

Conditions::Objects AccessWalker::visit_condition(const Stmt *condition) {
  conditions_.begin(frames_.size());
  visit(condition);
  return conditions_.end();
}

void AccessWalker::visit_under(const Conditions::Objects &condition, const Stmt *statement) {
  Conditions::State outer = conditions_.state();
  conditions_.enter(condition);
  visit(statement);
  conditions_.restore(outer);
}

// The objects x of `!x && failed()`: who falls through an early return on that knows nothing of them.
void AccessWalker::add_negated(const Expr *condition, bool in_conjunction, Conditions::Objects &objects) const {
  condition = strip(condition);
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(condition); binary && binary->getOpcode() == BO_LAnd) {
    add_negated(binary->getLHS(), true, objects);
    add_negated(binary->getRHS(), true, objects);
  } else if (const auto *unary = llvm::dyn_cast<UnaryOperator>(condition);
             in_conjunction && unary && unary->getOpcode() == UO_LNot) {
    if (Index object = values_.object(unary->getSubExpr()); object != none)
      objects.push_back(object);
  }
}

void AccessWalker::visit_if(const IfStmt &branch) {
  visit(branch.getInit());
  Conditions::Objects variable = visit_condition(branch.getConditionVariableDeclStmt());
  Conditions::Objects condition = visit_condition(branch.getCond());
  condition.append(variable.begin(), variable.end());
  Conditions::State outer = conditions_.state();
  // Only a test before the first write decides whether the write is made: `x = f(); if (!x) return;` does not.
  Conditions::Objects undecided, negated;
  add_negated(branch.getCond(), false, negated);
  for (Index object : condition)
    if (!written_.contains(object) && !llvm::is_contained(negated, object))
      undecided.push_back(object);

  conditions_.enter(condition);
  visit_branch(branch, branch.getThen(), true);
  visit_branch(branch, branch.getElse(), false);
  conditions_.restore(outer);
  bool then_ends = ends_flow(branch.getThen()), else_ends = ends_flow(branch.getElse());
  if (then_ends || else_ends)
    conditions_.enter(undecided); // until the end of the block around
  if (then_ends != else_ends && implies_main_interpreter(branch.getCond(), else_ends, locals_, registry_.knowledge()))
    enter_main_interpreter(*branch.getCond(), true);
}

// A branch that does not come back takes its locking and unlocking with it.
void AccessWalker::visit_branch(const IfStmt &branch, const Stmt *statement, bool condition) {
  GuardTracker::State guards = guards_.state();
  bool main = statement && implies_main_interpreter(branch.getCond(), condition, locals_, registry_.knowledge());
  if (main)
    enter_main_interpreter(*branch.getCond(), false);
  visit(statement);
  if (ends_flow(statement))
    guards_.restore(guards);
  else if (main)
    guards_.release(main_interpreter_family, "");
}

void AccessWalker::visit_loop(const Stmt *initialiser, const Stmt *variable, const Stmt *condition, const Stmt *body,
                              const Stmt *increment) {
  visit(initialiser);
  Conditions::Objects objects = visit_condition(variable);
  Conditions::Objects more = visit_condition(condition);
  objects.append(more.begin(), more.end());
  visit_under(objects, body);
  visit_under(objects, increment);
  take_spun_lock(condition, body);
}

void AccessWalker::visit_switch(const SwitchStmt &choice) {
  visit(choice.getInit());
  Conditions::Objects objects = visit_condition(choice.getConditionVariableDeclStmt());
  Conditions::Objects more = visit_condition(choice.getCond());
  objects.append(more.begin(), more.end());
  GuardTracker::State outer = std::exchange(switch_guards_, guards_.state());
  visit_under(objects, choice.getBody());
  switch_guards_ = outer;
}

void AccessWalker::visit_declarations(const DeclStmt &statement) {
  for (Decl *decl : statement.decls()) {
    if (const auto *variable = llvm::dyn_cast<VarDecl>(decl))
      visit_variable(*variable);
    else if (llvm::isa<CXXRecordDecl>(decl))
      read_declaration_(decl);
  }
}

void AccessWalker::visit_variable(const VarDecl &variable) {
  Index object = registry_.object(&variable);
  const Expr *initialiser = variable.getInit();
  if (!initialiser)
    return;
  GuardTracker::State guards = guards_.state();
  bool dynamic = object != none && registry_.facts().objects[object].initialiser == Initialiser::dynamic;
  // [stmt.dcl]: the first to come initialises it, others wait.
  if (dynamic && variable.isStaticLocal() && variable.getTLSKind() == VarDecl::TLS_None)
    guards_.acquire({.kind = Guard::Kind::once, .api = "static initialisation", .object = object, .text = {}}, "once",
                    "", false);
  frames_.push_back({.variable = &variable});
  // A constant initialiser is no part of what the function around it does.
  Index function = std::exchange(function_, object == none || dynamic ? function_ : none);
  visit(initialiser);
  if (dynamic)
    add_dynamic_write(variable, object);
  function_ = function;
  frames_.pop_back();
  guards_.restore(guards);
  if (object != none)
    return;
  assign(variable, *initialiser);
  objects_.initialise(variable, *initialiser);
  keep_in_initialised(variable, *initialiser);
  take_scoped_lock(variable);
}

} // namespace ringfence
