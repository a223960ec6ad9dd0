#include "extract/bodies/call_reader.h"

#include "extract/declarations/python_object.h"

namespace ringfence {

using namespace clang;

namespace {

bool is_wrapper(const Stmt &statement) {
  return llvm::isa<ParenExpr, FullExpr, CastExpr, MaterializeTemporaryExpr, CXXBindTemporaryExpr>(statement) ||
         (llvm::isa<CXXConstructExpr>(statement) &&
          llvm::cast<CXXConstructExpr>(statement).getConstructor()->isCopyOrMoveConstructor());
}

bool is_test(const Expr &expression) {
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(&expression))
    return binary->isComparisonOp() || binary->isLogicalOp();
  const auto *unary = llvm::dyn_cast<UnaryOperator>(&expression);
  return unary && unary->getOpcode() == UO_LNot;
}

} // namespace

// Functions that the project may define, and those that rules on objects in the wrong hands ask for.
bool CallReader::may_hand_on(const FunctionDecl *callee) const {
  if (!callee || registry_.in_project(callee->getLocation()))
    return callee != nullptr;
  const ApiEntry *api = registry_.knowledge().function(callee->getQualifiedNameAsString());
  return api && (api->has("message-bytes") || api->has("message-of-bytes") || api->has("to-interpreter") ||
                 api->has("capsule-new"));
}

// A struct of the project in the hands of one of its functions, in C.
bool CallReader::leads_to_own_struct(QualType type, const FunctionDecl *callee) const {
  if (!callee || registry_.context().getLangOpts().CPlusPlus || !registry_.in_project(callee->getLocation()))
    return false;
  const QualType pointee = type->isPointerType() ? type->getPointeeType() : QualType();
  const RecordDecl *record = pointee.isNull() ? nullptr : pointee->getAsRecordDecl();
  return record && (registry_.in_project(record->getLocation()) || is_python_object(*record, registry_.knowledge()));
}

CallArgument CallReader::argument(const Expr &expression, const FunctionDecl *callee) const {
  CallArgument argument = values_.argument(&expression);
  const bool untold = argument.kind == CallArgument::Kind::other || argument.kind == CallArgument::Kind::member;
  if (untold && objects_.takes_address(expression.getType()) && may_hand_on(callee))
    argument.string = objects_.read(expression);
  if (leads_to_own_struct(expression.getType(), callee)) {
    argument.made = values_.members().is_made_by_caller(expression);
    argument.parameter = argument.made ? 0 : values_.members().parameter(expression);
  }
  return argument;
}

// The first thing around the call that does something with its result.
ResultUse CallReader::result_use() const {
  const Stmt *child = frames_.back().statement;
  for (std::size_t depth = frames_.size() - 1; depth > 0; --depth, child = frames_[depth].statement) {
    const Stmt *parent = frames_[depth - 1].statement;
    if (!parent)
      return ResultUse::stored;
    const auto *cast = llvm::dyn_cast<CastExpr>(parent);
    if (cast && cast->getCastKind() == CK_ToVoid)
      return ResultUse::ignored;
    if (is_wrapper(*parent))
      continue;
    if (const auto *choice = llvm::dyn_cast<ConditionalOperator>(parent)) {
      if (choice->getCond() == child)
        return ResultUse::tested;
      continue;
    }
    if (const auto *comma = llvm::dyn_cast<BinaryOperator>(parent); comma && comma->getOpcode() == BO_Comma) {
      if (comma->getLHS() == child)
        return ResultUse::ignored;
      continue;
    }
    if (llvm::isa<ReturnStmt>(parent))
      return ResultUse::returned;
    if (llvm::isa<CallExpr, CXXConstructExpr>(parent))
      return ResultUse::passed;
    const auto *expression = llvm::dyn_cast<Expr>(parent);
    if (!expression)
      return condition_of(*parent) == child ? ResultUse::tested : ResultUse::ignored;
    if (is_test(*expression))
      return ResultUse::tested;
    const auto *assignment = llvm::dyn_cast<BinaryOperator>(expression);
    return assignment && assignment->getOpcode() == BO_Assign && assignment->getRHS() == child ? ResultUse::stored
                                                                                               : ResultUse::other;
  }
  return ResultUse::other;
}

void CallReader::read(const CallExpr &call, Index caller) {
  const FunctionDecl *callee = call.getDirectCallee();
  if (!callee && call.isTypeDependent())
    return; // what a template calls is known only where it is instantiated
  Call fact;
  fact.caller = caller;
  fact.location = registry_.location(call.getExprLoc());
  if (callee) {
    fact.callee = registry_.function(callee);
  } else {
    fact.pointer = spelled_path(call.getCallee());
    fact.pointer_object = values_.object(call.getCallee());
  }
  if (const auto *method = llvm::dyn_cast<CXXMemberCallExpr>(&call))
    fact.arguments.push_back(values_.argument(method->getImplicitObjectArgument()));
  for (const Expr *given : call.arguments())
    fact.arguments.push_back(argument(*given, callee));
  fact.result = result_use();
  if (fact.result == ResultUse::stored)
    stored_[&call] = registry_.facts().calls.size();
  add(std::move(fact));
}

void CallReader::test_result(const CallExpr &call) {
  if (const auto known = stored_.find(&call); known != stored_.end())
    registry_.facts().calls[known->second].result = ResultUse::tested;
}

void CallReader::read(const CXXConstructExpr &construction, Index caller) {
  if (construction.getConstructor()->isTrivial())
    return;
  Call fact;
  fact.caller = caller;
  fact.callee = registry_.function(construction.getConstructor());
  fact.location = registry_.location(construction.getExprLoc());
  CallArgument constructed;
  for (std::size_t depth = frames_.size() - 1; depth > 0; --depth) {
    const Frame &parent = frames_[depth - 1];
    if (parent.statement && is_wrapper(*parent.statement))
      continue;
    if (parent.variable && parent.variable->hasGlobalStorage()) {
      constructed.kind = CallArgument::Kind::object_address;
      constructed.target = registry_.object(parent.variable);
    }
    break;
  }
  fact.arguments.push_back(constructed);
  for (const Expr *argument : construction.arguments())
    fact.arguments.push_back(values_.argument(argument));
  fact.result = result_use();
  add(std::move(fact));
}

void CallReader::read_callback(const CallExpr &call, const Expr &callback, Index caller) {
  Value value = values_.read(&callback);
  Call fact;
  fact.caller = caller;
  fact.location = registry_.location(call.getExprLoc());
  if (value.kind == StoredValue::Kind::function) {
    fact.callee = registry_.function(value.function);
  } else {
    fact.pointer = spelled_path(&callback);
    fact.pointer_object = value.object;
  }
  fact.result = ResultUse::ignored;
  add(std::move(fact));
}

void CallReader::read_type(const MemberExpr &member, Index caller) {
  Call fact;
  fact.caller = caller;
  fact.pointer = "Py_TYPE";
  fact.location = registry_.location(member.getExprLoc());
  add(std::move(fact));
}

void CallReader::read_list_item(const MemberExpr &member, llvm::StringRef macro, Index caller) {
  const Expr *list = member.getBase()->IgnoreParenCasts();
  if (const auto *checked = llvm::dyn_cast<BinaryOperator>(list); checked && checked->getOpcode() == BO_Comma)
    list = checked->getRHS(); // an assertion stands before
  Call fact;
  fact.caller = caller;
  fact.pointer = macro.str();
  fact.arguments.push_back(values_.argument(list));
  fact.location = registry_.location(member.getExprLoc());
  add(std::move(fact));
}

void CallReader::add(Call call) {
  while (!call.arguments.empty() && call.arguments.back() == CallArgument{})
    call.arguments.pop_back();
  call.guards = guards_.held();
  registry_.facts().calls.push_back(std::move(call));
}

void CallReader::read_function_use(const FunctionDecl &function, Index user, const Use &use, SourceLocation place) {
  FunctionUse fact;
  fact.function = registry_.function(&function);
  fact.user = user;
  if (use.kind == AccessKind::argument) {
    fact.argument = use.argument;
    if (use.callee)
      fact.callee = registry_.facts().functions[registry_.function(use.callee)].id;
  } else {
    fact.path = use.kind == AccessKind::returned ? "return" : assigned_path(use);
  }
  fact.location = registry_.location(place);
  registry_.facts().function_uses.push_back(std::move(fact));
}

// The variable or expression that takes the function; for an element of a local table, the table.
std::string CallReader::assigned_path(const Use &use) const {
  if (use.kept_in)
    return use.kept_in->getNameAsString();
  if (use.target)
    return spelled_path(use.target);
  for (std::size_t depth = frames_.size(); depth > 0; --depth) {
    const Frame &frame = frames_[depth - 1];
    if (!frame.statement)
      return frame.variable ? frame.variable->getNameAsString() : "";
    if (!llvm::isa<Expr>(frame.statement))
      break;
    const auto *assignment = llvm::dyn_cast<BinaryOperator>(frame.statement);
    if (assignment && assignment->isAssignmentOp())
      return spelled_path(assignment->getLHS());
  }
  return "";
}

} // namespace ringfence
