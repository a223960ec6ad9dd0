#include "extract/bodies/member_reader.h"

#include <clang/AST/ExprCXX.h>

#include "extract/bodies/access_value.h"
#include "extract/declarations/python_object.h"

namespace ringfence {

using namespace clang;

namespace {

constexpr unsigned max_followed = 8; // locals and members that are followed to where a pointer comes from

bool creates(llvm::StringRef name) {
  constexpr llvm::StringRef words[] = {"new", "alloc", "create", "make", "init", "clone", "copy"};
  return llvm::any_of(words, [&](llvm::StringRef word) { return name.contains_insensitive(word); });
}

// What the last statement of a function's body returns; null where that is none.
const Expr *last_result(const FunctionDecl *function) {
  const CompoundStmt *body = body_of(function);
  const auto *result = body && !body->body_empty() ? llvm::dyn_cast<ReturnStmt>(body->body_back()) : nullptr;
  return result && result->getRetValue() ? strip(result->getRetValue()) : nullptr;
}

unsigned count_returns(const Stmt *statement) {
  unsigned all = statement && llvm::isa<ReturnStmt>(statement) ? 1 : 0;
  if (statement)
    for (const Stmt *child : statement->children())
      all += count_returns(child);
  return all;
}

// The global that an expression names; null for others.
const VarDecl *named_global(const Expr *expression) {
  const auto *reference = llvm::dyn_cast_or_null<DeclRefExpr>(expression);
  const auto *variable = reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  return variable && variable->hasGlobalStorage() ? variable : nullptr;
}

// The global that it returns; null where it returns something else.
const VarDecl *returned_variable(const FunctionDecl *function) { return named_global(last_result(function)); }

// The global whose address, or that of whose element, an expression is; null for others.
const VarDecl *addressed_global(const Expr *expression) {
  if (!expression || expression->getType()->isArrayType())
    return named_global(expression);
  const auto *taken = llvm::dyn_cast<UnaryOperator>(expression);
  if (!taken || taken->getOpcode() != UO_AddrOf)
    return nullptr;
  const Expr *target = taken->getSubExpr()->IgnoreParens();
  const auto *element = llvm::dyn_cast<ArraySubscriptExpr>(target);
  return named_global(element ? strip(element->getBase()) : target);
}

// `static inline Box *as_box(PyObject *object) { return (Box *)object; }`
bool returns_parameter(const FunctionDecl &function) {
  const auto *value = llvm::dyn_cast_or_null<DeclRefExpr>(last_result(&function));
  return value && llvm::isa<ParmVarDecl>(value->getDecl());
}

// Whether a body calls a function with this trait, in any of its expressions.
bool calls_with(const Stmt *statement, llvm::StringRef trait, const Knowledge &knowledge) {
  if (!statement)
    return false;
  const auto *call = llvm::dyn_cast<CallExpr>(statement);
  const FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
  const ApiEntry *known = callee && callee->getIdentifier() ? knowledge.function(callee->getName()) : nullptr;
  return (known && known->has(trait)) ||
         llvm::any_of(statement->children(), [&](const Stmt *child) { return calls_with(child, trait, knowledge); });
}

// A function of one module that gives its state: `static box *state_of(PyObject *m) { return PyModule_GetState(m); }`
bool gives_state(const FunctionDecl &function, const Knowledge &knowledge) {
  constexpr unsigned most = 6; // statements, assertions among them
  const CompoundStmt *body = body_of(&function);
  return body && body->size() <= most && function.getReturnType()->isPointerType() &&
         calls_with(body, "module-state", knowledge);
}

// What an atomic exchange that leaves null behind takes is the taker's alone: `__atomic_exchange_n(&head, NULL, order)`,
// or a function that only does so with its own parameter.
bool takes_all(const CallExpr &call, const ASTContext &context) {
  const FunctionDecl *callee = call.getDirectCallee();
  const auto *atomic = llvm::dyn_cast_or_null<AtomicExpr>(last_result(callee));
  if (!atomic || !atomic->getOpAsString().contains("_exchange") || atomic->isCmpXChg())
    return false;
  const auto *left = llvm::dyn_cast<DeclRefExpr>(strip(atomic->getVal1()));
  const auto *parameter = left ? llvm::dyn_cast<ParmVarDecl>(left->getDecl()) : nullptr;
  return parameter && parameter->getFunctionScopeIndex() < call.getNumArgs() &&
         call.getArg(parameter->getFunctionScopeIndex())
             ->isNullPointerConstant(const_cast<ASTContext &>(context), Expr::NPC_ValueDependentIsNotNull);
}

// `(struct scope *)Py_None`: an object of CPython's own, which stands for one that could not be made.
bool stands_for_none(const Expr *value, const Knowledge &knowledge) {
  value = value ? strip(value) : nullptr;
  if (const auto *address = llvm::dyn_cast_or_null<UnaryOperator>(value); address && address->getOpcode() == UO_AddrOf)
    value = strip(address->getSubExpr());
  const auto *reference = llvm::dyn_cast_or_null<DeclRefExpr>(value);
  const ApiEntry *known = reference && llvm::isa<VarDecl>(reference->getDecl())
                              ? knowledge.object(reference->getDecl()->getName())
                              : nullptr;
  return known && known->has("immortal");
}

const RecordDecl *pointee(QualType type) {
  if (const QualType inner = type->getPointeeType(); !inner.isNull())
    type = inner;
  return type->getAsRecordDecl();
}

} // namespace

MemberReader::Origin MemberReader::origin(const Expr *pointer, unsigned depth) const {
  if (!pointer || depth > max_followed)
    return Origin::own;
  pointer = strip(pointer);
  if (llvm::isa<CXXThisExpr>(pointer))
    return Origin::found;
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(pointer)) {
    const auto *variable = llvm::dyn_cast<VarDecl>(reference->getDecl());
    if (!variable)
      return Origin::own;
    if (const auto *parameter = llvm::dyn_cast<ParmVarDecl>(variable))
      return origin_of_parameter(*parameter, depth);
    if (variable->hasGlobalStorage())
      return Origin::found;
    return origin_of_local(*variable, depth);
  }
  if (const auto *member = llvm::dyn_cast<MemberExpr>(pointer))
    return origin_of_member(*member, depth);
  if (const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(pointer))
    return origin(subscript->getBase(), depth + 1);
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(pointer))
    return origin(unary->getSubExpr(), depth + 1);
  if (const auto *call = llvm::dyn_cast<CallExpr>(pointer))
    return origin_of_call(*call, depth);
  return Origin::own;
}

// What it was given last; where that only stands for what could not be made, all that it was given.
MemberReader::Origin MemberReader::origin_of_local(const VarDecl &variable, unsigned depth) const {
  if (!variable.getType()->isPointerType() && !variable.getType()->isReferenceType())
    return Origin::own;
  const Expr *last = locals_.last(&variable); // of another function, an accessor, what it begins with
  if (!last)
    last = variable.getInit();
  if (!stands_for_none(last, registry_.knowledge()))
    return origin(last, depth + 1);
  llvm::SmallVector<const Expr *, 4> values(sites_.values_of(variable));
  values.push_back(variable.getInit());
  for (const Expr *value : values)
    if (const Origin from = stands_for_none(value, registry_.knowledge()) ? Origin::own : origin(value, depth + 1);
        from != Origin::own)
      return from;
  return Origin::own;
}

// What a generator's own struct holds, its variables among it, one thread at a time uses; not what these lead to.
MemberReader::Origin MemberReader::origin_of_member(const MemberExpr &member, unsigned depth) const {
  const Origin base = origin(member.getBase(), depth + 1);
  const VarDecl *local = named_local(strip(member.getBase()));
  return base == Origin::own || (base == Origin::sole && local && llvm::isa<ParmVarDecl>(local)) ? base : Origin::found;
}

unsigned MemberReader::parameter(const Expr &expression) const {
  const Expr *at = &expression;
  for (unsigned depth = 0; at && depth < max_followed; ++depth) {
    at = strip(at);
    if (const auto *member = llvm::dyn_cast<MemberExpr>(at)) {
      const RecordDecl *record = member->getType()->isPointerType() ? pointee(member->getType()) : nullptr;
      if (record && is_python_object(*record, registry_.knowledge()))
        return 0; // others have it, too
      at = member->getBase();
    } else if (const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(at)) {
      at = subscript->getBase();
    } else if (const auto *unary = llvm::dyn_cast<UnaryOperator>(at)) {
      at = unary->getSubExpr();
    } else if (const VarDecl *local = named_local(at)) {
      const auto *parameter = llvm::dyn_cast<ParmVarDecl>(local);
      const Expr *last = locals_.last(local);
      if (parameter && !last)
        return parameter->getFunctionScopeIndex() + 1;
      at = last ? last : local->getInit();
    } else {
      return 0;
    }
  }
  return 0;
}

// In C, where objects are made by one function and filled in by another.
MemberReader::Origin MemberReader::origin_of_parameter(const ParmVarDecl &parameter, unsigned depth) const {
  const auto *function = llvm::dyn_cast<FunctionDecl>(parameter.getDeclContext());
  if (function && function->getIdentifier() && parameter.getFunctionScopeIndex() == 0 &&
      !registry_.knowledge().generator_of_name(&Generator::single_names, function->getName()).empty())
    return Origin::sole;
  if (!function || registry_.context().getLangOpts().CPlusPlus)
    return Origin::found;
  if (const auto [known, is_new] = parameters_.try_emplace(&parameter, Origin::found); !is_new)
    return known->second; // found: while its own callers are looked at
  const auto calls = sites_.calls_of(*function);
  const unsigned position = parameter.getFunctionScopeIndex();
  const auto is_made = [&](const CallExpr *call) {
    return position < call->getNumArgs() && is_made_by_caller(call->getArg(position), depth + 1);
  };
  const bool own = !calls.empty() && sites_.values_of(parameter).empty() && llvm::all_of(calls, is_made);
  return parameters_[&parameter] = own ? Origin::own : Origin::found;
}

// A local variable that never has anything but what its function makes, or the caller's own parameter of that kind.
bool MemberReader::is_made_by_caller(const Expr *argument, unsigned depth) const {
  argument = strip(argument);
  if (const auto *address = llvm::dyn_cast<UnaryOperator>(argument); address && address->getOpcode() == UO_AddrOf)
    argument = strip(address->getSubExpr());
  const VarDecl *local = named_local(argument);
  if (!local || depth > max_followed)
    return false;
  if (const auto *parameter = llvm::dyn_cast<ParmVarDecl>(local))
    return origin_of_parameter(*parameter, depth) == Origin::own;
  if (!local->getType()->isPointerType())
    return true; // on the caller's stack
  llvm::SmallVector<const Expr *, 4> values(sites_.values_of(*local));
  if (local->hasInit())
    values.push_back(local->getInit());
  const auto is_null = [&](const Expr *value) {
    return value && value->isNullPointerConstant(registry_.context(), Expr::NPC_ValueDependentIsNotNull);
  };
  return !llvm::all_of(values, is_null) && llvm::all_of(values, [&](const Expr *value) {
    const auto *call = value ? llvm::dyn_cast<CallExpr>(strip(value)) : nullptr;
    return is_null(value) || (call && origin_of_call(*call, depth + 1) == Origin::own);
  });
}

// A part of what the caller has just made: `entry = lookup(table, key)`.
bool MemberReader::finds_in_own(const CallExpr &call, unsigned depth) const {
  bool any = false;
  for (const Expr *argument : call.arguments())
    if (const RecordDecl *record = pointee(argument->getType());
        record && registry_.in_project(record->getLocation())) {
      if (origin(argument, depth + 1) != Origin::own)
        return false;
      any = true;
    }
  return any;
}

MemberReader::Origin MemberReader::origin_of_call(const CallExpr &call, unsigned depth) const {
  const FunctionDecl *callee = call.getDirectCallee();
  if (!callee || !callee->getIdentifier())
    return Origin::own; // type->tp_alloc()
  if (returned_address(callee) != none)
    return Origin::own; // a global, which is judged itself
  if (call.getNumArgs() == 1 && (callees_[callee].passes_first || returns_parameter(*callee)))
    return origin(call.getArg(0), depth + 1);
  if (takes_all(call, registry_.context()))
    return Origin::own;
  if (const ApiEntry *known = registry_.knowledge().function(callee->getName()))
    return known->has("module-state")                                     ? Origin::state
           : known->returns == "new-object" || known->returns == "memory" ? Origin::own
                                                                          : Origin::called;
  if (gives_state(*callee, registry_.knowledge()))
    return Origin::state;
  const RecordDecl *record = pointee(callee->getReturnType());
  return (record && is_python_object(*record, registry_.knowledge())) || creates(callee->getName()) ||
                 finds_in_own(call, depth)
             ? Origin::own
             : Origin::called;
}

// Of C++ classes only Python objects, and what a function finds: others belong to what holds them, which threads share
// or not.
bool MemberReader::is_wanted(const RecordDecl &record, Origin origin) const {
  if (origin == Origin::own || origin == Origin::sole)
    return false;
  return !registry_.context().getLangOpts().CPlusPlus || origin != Origin::found ||
         is_python_object(record, registry_.knowledge());
}

Index MemberReader::member(const MemberExpr &expression) const {
  llvm::SmallVector<const FieldDecl *, 4> path;
  const MemberExpr *member = &expression;
  for (;;) {
    const auto *field = llvm::dyn_cast<FieldDecl>(member->getMemberDecl());
    if (!field)
      return none;
    path.insert(path.begin(), field);
    const auto *outer = llvm::dyn_cast<MemberExpr>(member->getBase()->IgnoreParens());
    if (member->isArrow() || !outer)
      break;
    member = outer;
  }
  if (path.back()->getType().isConstQualified())
    return none;
  const RecordDecl &record = *path.front()->getParent();
  if (record.isUnion() || !registry_.in_project(record.getLocation()))
    return none;
  const Origin from = origin(member->getBase(), 0);
  if (!is_wanted(record, from))
    return none;
  return registry_.member(path, from == Origin::state ? Holder::state : Holder::structure);
}

Index MemberReader::value(const Expr *expression) const {
  for (unsigned depth = 0; expression && depth < max_followed; ++depth) {
    expression = strip(expression);
    if (const auto *member = llvm::dyn_cast<MemberExpr>(expression))
      return this->member(*member);
    if (const auto *call = llvm::dyn_cast<CallExpr>(expression)) {
      expression = last_result(call->getDirectCallee());
      continue;
    }
    const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression);
    const auto *local = reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
    if (!local || local->hasGlobalStorage())
      return none;
    expression = locals_.last(local);
  }
  return none;
}

Index MemberReader::object_in_project(const VarDecl *variable) const {
  return variable && registry_.in_project(variable->getLocation()) ? registry_.object(variable) : none;
}

Index MemberReader::returned_reference(const FunctionDecl *function) const {
  return object_in_project(returned_variable(function));
}

Index MemberReader::returned_address(const FunctionDecl *function) const {
  const VarDecl *variable = addressed_global(last_result(function));
  return variable && count_returns(body_of(function)) == 1 ? object_in_project(variable) : none;
}

Index MemberReader::returned_global(const FunctionDecl *function) const {
  const VarDecl *variable = returned_variable(function);
  return variable && variable->getType()->isPointerType() ? registry_.object(variable) : none;
}

} // namespace ringfence
