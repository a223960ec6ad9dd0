#include "extract/bodies/main_interpreter.h"

#include <algorithm>
#include <iterator>

#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>

#include "extract/bodies/access_value.h"

namespace ringfence {

using namespace clang;

namespace {

constexpr unsigned max_steps = 16; // of nested conditions, locals and functions: a bound for hostile input

bool is_straight(const Stmt *statement) { return llvm::isa<DeclStmt, NullStmt, Expr>(statement); }

// What a function without branches returns; null for others.
const Expr *result_of(const FunctionDecl &function) {
  const CompoundStmt *body = body_of(&function);
  if (!body || body->body_empty() || !std::all_of(body->body_begin(), std::prev(body->body_end()), is_straight))
    return nullptr;
  const auto *result = llvm::dyn_cast<ReturnStmt>(body->body_back());
  return result ? result->getRetValue() : nullptr;
}

class Reader {
public:
  Reader(const LocalValues &locals, const Knowledge &knowledge) : locals_(locals), knowledge_(knowledge) {}

  bool implies(const Expr *condition, bool value, unsigned depth) const {
    if (!condition || depth > max_steps)
      return false;
    condition = strip(condition);
    if (const auto *unary = llvm::dyn_cast<UnaryOperator>(condition))
      return unary->getOpcode() == UO_LNot && implies(unary->getSubExpr(), !value, depth + 1);
    if (const auto *binary = llvm::dyn_cast<BinaryOperator>(condition))
      return implies(*binary, value, depth);
    if (const auto *call = llvm::dyn_cast<CallExpr>(condition))
      return implies(*call, value, depth);
    const VarDecl *local = named_local(condition);
    return local && implies(value_of(*local), value, depth + 1);
  }

private:
  bool calls_any_with(const Expr *expression, const char *trait) const {
    const auto *call = llvm::dyn_cast_or_null<CallExpr>(expression);
    const FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
    return callee && callee->getIdentifier() && knowledge_.has(callee->getName(), trait);
  }

  // The last value assigned, or, in a function that is seen through, the first.
  const Expr *value_of(const VarDecl &local) const {
    const Expr *last = locals_.last(&local);
    return last || llvm::isa<ParmVarDecl>(local) ? last : local.getInit();
  }

  bool implies(const BinaryOperator &binary, bool value, unsigned depth) const {
    if (binary.isEqualityOp())
      return (binary.getOpcode() == BO_EQ) == value && (is_main(binary.getLHS()) || is_main(binary.getRHS()));
    if (!binary.isLogicalOp())
      return false;
    const bool left = implies(binary.getLHS(), value, depth + 1), right = implies(binary.getRHS(), value, depth + 1);
    // Both operands have the value where `&&` is true and where `||` is false; otherwise one of them has.
    return (binary.getOpcode() == BO_LAnd) == value ? left || right : left && right;
  }

  bool implies(const CallExpr &call, bool value, unsigned depth) const {
    const FunctionDecl *callee = call.getDirectCallee();
    if (!callee)
      return false;
    if (callee->getBuiltinID() != 0) // __builtin_expect
      return call.getNumArgs() > 0 && implies(call.getArg(0), value, depth + 1);
    if (calls_any_with(&call, "tests-main-interpreter"))
      return value;
    return implies(result_of(*callee), value, depth + 1);
  }

  bool is_main(const Expr *expression) const {
    expression = strip(expression);
    if (const VarDecl *local = named_local(expression))
      if (const Expr *held = value_of(*local))
        expression = strip(held);
    return calls_any_with(expression, "gives-main-interpreter");
  }

  const LocalValues &locals_;
  const Knowledge &knowledge_;
};

} // namespace

bool implies_main_interpreter(const Expr *condition, bool value, const LocalValues &locals,
                              const Knowledge &knowledge) {
  return Reader(locals, knowledge).implies(condition, value, 0);
}

} // namespace ringfence
