// AccessWalker: references, calls and what else in expressions needs more than a walk over the children.
#include "extract/bodies/access_walker.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/Lex/Lexer.h>

namespace ringfence {

using namespace clang;

bool AccessWalker::visit_expression(const Stmt &statement) {
  switch (statement.getStmtClass()) {
  case Stmt::IntegerLiteralClass:
  case Stmt::StringLiteralClass:
  case Stmt::CharacterLiteralClass:
  case Stmt::FloatingLiteralClass:
  case Stmt::UnaryExprOrTypeTraitExprClass: // operands that are not evaluated
  case Stmt::OffsetOfExprClass:
  case Stmt::CXXNoexceptExprClass:
  case Stmt::TypeTraitExprClass:
  case Stmt::RequiresExprClass:
  case Stmt::ConceptSpecializationExprClass:
  case Stmt::OpaqueValueExprClass: // stands for an expression that is walked elsewhere
    return true;
  case Stmt::CXXTypeidExprClass:
    return !llvm::cast<CXXTypeidExpr>(statement).isPotentiallyEvaluated();
  case Stmt::DeclRefExprClass: {
    const auto &reference = llvm::cast<DeclRefExpr>(statement);
    if (const auto *binding = llvm::dyn_cast<BindingDecl>(reference.getDecl()))
      visit(binding->getBinding());
    else
      visit_reference(reference, *reference.getDecl());
    return true;
  }
  case Stmt::MemberExprClass: {
    const auto &member = llvm::cast<MemberExpr>(statement);
    if (llvm::isa<VarDecl>(member.getMemberDecl()))
      visit_reference(member, *member.getMemberDecl());
    visit_kept_parameter(member);
    visit_member(member);
    visit_member_of_local(member);
    if (reads_type(member))
      calls_.read_type(member, function_);
    else if (const llvm::StringRef macro = borrowing_macro(member); !macro.empty())
      calls_.read_list_item(member, macro, function_);
    return false;
  }
  case Stmt::CXXThisExprClass:
    visit_this(llvm::cast<CXXThisExpr>(statement));
    return true;
  case Stmt::BinaryOperatorClass:
    visit_binary(llvm::cast<BinaryOperator>(statement));
    return true;
  case Stmt::ConditionalOperatorClass: {
    const auto &choice = llvm::cast<ConditionalOperator>(statement);
    Conditions::Objects condition = visit_condition(choice.getCond());
    visit_under(condition, choice.getTrueExpr());
    visit_under(condition, choice.getFalseExpr());
    return true;
  }
  case Stmt::BinaryConditionalOperatorClass: {
    const auto &choice = llvm::cast<BinaryConditionalOperator>(statement);
    visit_under(visit_condition(choice.getCommon()), choice.getFalseExpr());
    return true;
  }
  case Stmt::CallExprClass:
  case Stmt::CXXMemberCallExprClass:
  case Stmt::CXXOperatorCallExprClass:
  case Stmt::UserDefinedLiteralClass:
    visit_call(llvm::cast<CallExpr>(statement));
    return true;
  case Stmt::CXXConstructExprClass:
  case Stmt::CXXTemporaryObjectExprClass:
    visit_children(statement);
    calls_.read(llvm::cast<CXXConstructExpr>(statement), function_);
    return true;
  case Stmt::LambdaExprClass:
    visit_lambda(llvm::cast<LambdaExpr>(statement));
    return true;
  case Stmt::BlockExprClass:
    visit(llvm::cast<BlockExpr>(statement).getBody());
    return true;
  case Stmt::CXXDefaultArgExprClass:
    visit(llvm::cast<CXXDefaultArgExpr>(statement).getExpr());
    return true;
  case Stmt::CXXDefaultInitExprClass:
    visit(llvm::cast<CXXDefaultInitExpr>(statement).getExpr());
    return true;
  case Stmt::GenericSelectionExprClass: {
    const auto &selection = llvm::cast<GenericSelectionExpr>(statement);
    if (!selection.isResultDependent())
      visit(selection.getResultExpr());
    return true;
  }
  case Stmt::ChooseExprClass: {
    const auto &choice = llvm::cast<ChooseExpr>(statement);
    if (!choice.isConditionDependent())
      visit(choice.getChosenSubExpr());
    return true;
  }
  case Stmt::PseudoObjectExprClass:
    visit(llvm::cast<PseudoObjectExpr>(statement).getSyntacticForm());
    return true;
  default:
    return false;
  }
}

void AccessWalker::visit_binary(const BinaryOperator &binary) {
  if (binary.isLogicalOp()) {
    visit_under(visit_condition(binary.getLHS()), binary.getRHS());
    return;
  }
  visit_children(binary);
  if (binary.getOpcode() != BO_Assign)
    return;
  objects_.assign(*binary.getLHS(), *binary.getRHS());
  const auto *target = llvm::dyn_cast<DeclRefExpr>(binary.getLHS()->IgnoreParens());
  const auto *local = target ? llvm::dyn_cast<VarDecl>(target->getDecl()) : nullptr;
  if (local && !local->hasGlobalStorage())
    assign(*local, *binary.getRHS());
}

// What a temporary holds is what it was given then: it is used again, and cleared, afterwards. Null replaces no value: it
// stands for a failure, or says that what was there has moved; nor does a constant in a branch.
void AccessWalker::assign(const VarDecl &local, const Expr &value) {
  const auto *reference = llvm::dyn_cast<DeclRefExpr>(strip(&value));
  const auto *other = reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  const Expr *given = other && !other->hasGlobalStorage() ? locals_.last(other) : nullptr;
  const bool in_branch = llvm::any_of(
      frames_, [](const Frame &frame) { return llvm::isa_and_nonnull<IfStmt, SwitchStmt>(frame.statement); });
  const StoredValue::Kind kind = locals_.last(&local) ? values_.read(&value).kind : StoredValue::Kind::expression;
  const bool clears = kind == StoredValue::Kind::null || (in_branch && kind == StoredValue::Kind::constant);
  if (!clears)
    locals_.assign(&local, given ? given : &value);
}

// ---- references ----------------------------------------------------------------------------------------------------

void AccessWalker::visit_reference(const Expr &reference, const ValueDecl &decl) {
  if (const auto *variable = llvm::dyn_cast<VarDecl>(&decl)) {
    if (!variable->hasGlobalStorage())
      return visit_local(reference, *variable);
    if (variable->isConstexpr() && !registry_.in_project(variable->getLocation()))
      return; // std::memory_order_relaxed and its kin
    Index object = registry_.object(variable);
    if (object != none) {
      Standing place;
      if (variable->getType()->isReferenceType())
        place.path = "->";
      climb(reference, object, std::move(place), false);
    }
    return;
  }
  const auto *function = llvm::dyn_cast<FunctionDecl>(&decl);
  if (!function)
    return;
  for (const Frame &frame : frames_)
    if (frame.variable && frame.variable->hasGlobalStorage())
      return; // an entry of an initialiser
  Climb::Sink sink = [&](const Use &use) {
    if (!use.compared && use.kind != AccessKind::read)
      calls_.read_function_use(*function, function_, use, reference.getExprLoc());
  };
  Climb(frames_, callees_, sink).run({});
}

Standing AccessWalker::standing(const VarDecl &local, const Target &target) {
  bool is_reference = local.getType()->isReferenceType();
  return {.path = target.path,
          .form = is_reference ? Standing::Form::lvalue : Standing::Form::pointer_variable,
          .element = target.element};
}

// What Py_TYPE() is: up to Python 3.10 a macro that reads the member.
bool AccessWalker::reads_type(const MemberExpr &member) const {
  const auto *field = llvm::dyn_cast<FieldDecl>(member.getMemberDecl());
  return field && field->getIdentifier() && field->getName() == "ob_type" &&
         !registry_.in_project(field->getLocation());
}

// The macro that borrows an item by reading a list's member; empty for other reads.
llvm::StringRef AccessWalker::borrowing_macro(const MemberExpr &member) const {
  const auto *field = llvm::dyn_cast<FieldDecl>(member.getMemberDecl());
  const SourceLocation place = member.getExprLoc();
  if (!field || !field->getIdentifier() || field->getName() != "ob_item" || !place.isMacroID())
    return {};
  const llvm::StringRef macro =
      Lexer::getImmediateMacroName(place, registry_.context().getSourceManager(), registry_.context().getLangOpts());
  const ApiEntry *known = registry_.knowledge().function(macro);
  return known && known->has("borrowed-item") ? macro : llvm::StringRef();
}

// Whether a pointer is followed, so that what it leads to is tested and not the pointer.
bool AccessWalker::is_followed(const Expr &reference) const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    const Stmt *around = frame->statement;
    if (!around || around == &reference || llvm::isa<ImplicitCastExpr, ParenExpr>(around))
      continue;
    const auto *dereferenced = llvm::dyn_cast<UnaryOperator>(around);
    return llvm::isa<MemberExpr, ArraySubscriptExpr>(around) || (dereferenced && dereferenced->getOpcode() == UO_Deref);
  }
  return false;
}

void AccessWalker::visit_local(const Expr &reference, const VarDecl &local) {
  if (conditions_.is_open() && is_tested()) {
    if (Index object = locals_.value(&local); object != none)
      conditions_.read(object);
    const Expr *last = locals_.last(&local);
    if (const auto *call = last && !is_followed(reference) ? llvm::dyn_cast<CallExpr>(strip(last)) : nullptr)
      calls_.test_result(*call);
  }
  if (!loaded_.empty())
    visit_loaded(reference, local);
  for (const Target &target : locals_.targets(&local))
    climb(reference, target.object, standing(local, target), true);
  visit_parameter(reference, local);
}

void AccessWalker::climb(const Expr &reference, Index object, Standing place, bool through_alias) {
  Climb::Sink sink = [&](const Use &use) {
    if (use.kept_in && use.kind == AccessKind::address) {
      locals_.keep_address(use.kept_in, {object, use.path, use.element});
      return;
    }
    if (use.kept_in) {
      const bool own = use.path.find("->") == std::string::npos;
      locals_.keep_value(use.kept_in, own ? object : none);
      if (own && use.path.find('.') == std::string::npos)
        keep_loaded(*use.kept_in, object, reference);
    }
    if (use.kind == AccessKind::stored && use.target)
      keep_in_local_struct(*use.target, {object, use.path, use.element});
    if (!use.compared || !through_alias) // `if (p)` asks for no object
      add_access(reference, object, use, through_alias);
  };
  Climb(frames_, callees_, sink).run(std::move(place));
}

// Whether the value of the innermost frame decides the current condition, and is not merely an argument of a call in
// it.
bool AccessWalker::is_tested() {
  for (std::size_t depth = frames_.size(); depth > conditions_.depth(); --depth) {
    const auto *call = llvm::dyn_cast_or_null<CallExpr>(frames_[depth - 1].statement);
    if (!call || llvm::isa<CXXOperatorCallExpr>(call))
      continue;
    bool is_callee = depth < frames_.size() && frames_[depth].statement == call->getCallee();
    CalleeTraits traits = callees_[call->getDirectCallee()];
    if (!is_callee && traits.atomic == AtomicOperation::fence && !traits.passes_first)
      return false;
  }
  return true;
}

void AccessWalker::add_access(const Expr &reference, Index object, const Use &use, bool through_alias) {
  Access access;
  access.object = object;
  access.function = function_;
  access.kind = use.kind;
  access.path = use.path;
  access.atomic = use.atomic || (registry_.is_member(object) && is_in_atomic_macro(reference));
  access.compared = use.tested;
  access.through_alias = through_alias;
  conditions_.describe(object, access.tests_itself, access.tested);
  if (!registry_.is_member(object))
    std::erase_if(access.tested, [&](Index other) { return registry_.is_member(other); });
  if (use.kind == AccessKind::argument) {
    if (use.callee)
      access.callee = registry_.facts().functions[registry_.function(use.callee)].id;
    access.argument = use.argument;
    access.const_parameter = use.const_parameter;
    if (use.copied)
      access.stored = values_.copied(use.copied);
  }
  bool writes = use.kind == AccessKind::write || use.kind == AccessKind::read_modify_write;
  if (writes)
    access.stored =
        use.stored ? values_.stored(use.stored) : StoredValue{StoredValue::Kind::expression, {}, none, false};
  if (!cplusplus_ && registry_.is_member(object)) {
    const auto *member = llvm::dyn_cast<MemberExpr>(&reference);
    access.parameter = values_.members().parameter(member ? *member->getBase() : reference);
  }
  access.guards = guards_.held();
  if (use.atomic && use.kind == AccessKind::write)
    for (const Guard &guard : access.guards)
      if (guard.kind == Guard::Kind::spin && guard.object == object)
        guards_.release(spin_family, guard.text);
  access.location = registry_.location(reference.getExprLoc());
  registry_.name_member(object, use.path);
  if (!is_known(access))
    registry_.facts().accesses.push_back(std::move(access));

  bool reads = (use.kind == AccessKind::read && !use.compared) || use.kind == AccessKind::read_modify_write;
  if (reads && conditions_.is_open() && is_tested())
    conditions_.read(object);
  if (writes) {
    written_.insert(object);
    forget_loaded(object);
  }
}

// What a dynamic initialiser computes is stored at load time or at first use.
void AccessWalker::add_dynamic_write(const VarDecl &variable, Index object) {
  Access access;
  access.object = object;
  access.function = function_;
  access.kind = AccessKind::write;
  access.stored = values_.stored(variable.getInit());
  access.guards = guards_.held();
  access.location = registry_.location(variable.getLocation());
  registry_.facts().accesses.push_back(std::move(access));
}

// ---- calls ---------------------------------------------------------------------------------------------------------

void AccessWalker::visit_call(const CallExpr &call) {
  const FunctionDecl *callee = call.getDirectCallee();
  if (callees_[callee].ignores_arguments)
    return;
  const LockUse *use = lock_use_of(callee);
  if (use && use->effect.kind == LockEffect::Kind::once) {
    const LockEffect &effect = use->effect;
    GuardTracker::State outer = guards_.state();
    const Expr *flag = call.getNumArgs() > effect.lock ? call.getArg(effect.lock) : nullptr;
    guards_.acquire(guard_of(effect.guard, callee->getQualifiedNameAsString(), flag), effect.family, "", false);
    GuardTracker::State outer_lambda = std::exchange(lambda_guards_, guards_.state());
    if (call.getNumArgs() > effect.callback)
      calls_.read_callback(call, *call.getArg(effect.callback), function_);
    guards_.restore(outer);
    visit_children(call);
    lambda_guards_ = outer_lambda;
  } else {
    visit_children(call);
  }
  if (callee && callee->getBuiltinID() != 0 && callee->getName().starts_with("__"))
    return;
  if (callee)
    pass_local_structs(call, *callee);
  calls_.read(call, function_);
  visit_result(call, callee);
  if (use && is_of_open_section(call, *use))
    registry_.facts().calls.back().guards.pop_back(); // the section that it begins itself
  if (use)
    apply_lock(call, *use);
}

// What an accessor gives is the object itself: `state()->calls++`, `*current() = 1`.
void AccessWalker::visit_result(const CallExpr &call, const FunctionDecl *callee) {
  if (!callee)
    return;
  if (callee->getReturnType()->isLValueReferenceType()) {
    if (const Index object = values_.members().returned_reference(callee); object != none)
      climb(call, object, {}, true);
  } else if (callee->getReturnType()->isPointerType()) {
    if (const Index object = values_.members().returned_address(callee); object != none)
      climb(call, object, {.form = Standing::Form::address, .element = registry_.facts().objects[object].type.array},
            true);
  }
}

// Its body is a function of its own, run at another time: conditions and locks around it do not hold there.
void AccessWalker::visit_lambda(const LambdaExpr &lambda) {
  for (const Expr *initialiser : lambda.capture_inits())
    visit(initialiser);
  const CXXMethodDecl *operation = lambda.getCallOperator();
  Climb::Sink sink = [&](const Use &use) {
    const auto *method = llvm::dyn_cast_or_null<CXXMethodDecl>(use.callee);
    const bool called = use.kind == AccessKind::argument && method && method->getParent() == lambda.getLambdaClass();
    if (!use.compared && use.kind != AccessKind::read && !called)
      calls_.read_function_use(*operation, function_, use, lambda.getBeginLoc());
  };
  Climb(frames_, callees_, sink).run({.path = {}, .form = Standing::Form::address});

  const FunctionTemplateDecl *generic = lambda.getDependentCallOperator();
  if (!generic || generic->specializations().empty())
    return visit_lambda_body(*operation, lambda.getBody());
  for (const FunctionDecl *instantiated : generic->specializations())
    visit_lambda_body(*instantiated, instantiated->getBody());
}

void AccessWalker::visit_lambda_body(const FunctionDecl &operation, const Stmt *body) {
  Index function = std::exchange(function_, registry_.function(&operation));
  Conditions::State conditions = conditions_.state();
  GuardTracker::State guards = guards_.state();
  conditions_.restore(nullptr);
  guards_.restore(lambda_guards_);
  visit(body);
  guards_.restore(guards);
  conditions_.restore(conditions);
  function_ = function;
}

} // namespace ringfence
