// What becomes of a reference: found by climbing from it through the expressions around it until something is done with
// it. One climb per reference, over the walker's own stack of parents.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <clang/AST/Decl.h>
#include <clang/AST/Stmt.h>

#include "extract/bodies/callee_traits.h"
#include "facts/facts.h"

namespace ringfence {

// One level of the way from a body or initialiser down to the place in hand.
struct Frame {
  const clang::Stmt *statement = nullptr;   // null where a declaration or a constructor's member is initialised
  const clang::VarDecl *variable = nullptr; // which is initialised; null for a member
};

// What an expression on the way up stands for.
struct Standing {
  enum class Form {
    lvalue,           // the subobject itself
    address,          // a pointer to it
    value,            // what was loaded from it
    pointer_variable, // a local pointer variable that holds its address
  };
  std::string path; // of the subobject, as in Access::path
  Form form = Form::lvalue;
  bool element = false; // an address or pointer of an array's element: "[]" follows when it is dereferenced
};

struct Use {
  AccessKind kind = AccessKind::read;
  std::string path = {};
  bool atomic = false;
  bool compared = false;                       // for read: only its address is looked at
  bool tested = false;                         // for read: the value is compared or tested, and goes nowhere
  const clang::FunctionDecl *callee = nullptr; // for argument, and read for one; null through a pointer
  unsigned argument = 0;
  bool const_parameter = false;
  const clang::Expr *stored = nullptr; // for write and read_modify_write: what is stored, where that is an expression
  const clang::Expr *copied = nullptr; // for argument: from where the callee copies to it
  const clang::Expr *target = nullptr; // for stored: what it is stored into, where that is an expression
  const clang::VarDecl *kept_in = nullptr; // the local variable that now holds the address, or for read the value
  bool element = false;                    // where an address is kept: see Standing
};

// The local variable that an expression is; null for others.
const clang::VarDecl *local_variable(const clang::Expr *expression);

// Of an `if`, loop or `switch`; null for other statements and where there is none.
const clang::Expr *condition_of(const clang::Stmt &statement);

class Climb {
public:
  using Sink = std::function<void(const Use &)>;

  Climb(const std::vector<Frame> &frames, CalleeTable &callees, const Sink &sink)
      : frames_(frames), callees_(callees), sink_(sink) {}

  // `place`: what the innermost frame stands for.
  void run(Standing place);

private:
  enum class Step { on, stop };

  Step step(const Frame &parent, const clang::Expr &child, std::size_t depth);
  Step into_declaration(const clang::VarDecl *variable);
  Step into_cast(const clang::CastExpr &cast);
  Step into_unary(const clang::UnaryOperator &unary);
  Step into_binary(const clang::BinaryOperator &binary, const clang::Expr &child);
  Step into_assignment(const clang::BinaryOperator &assignment, const clang::Expr &child);
  Step into_member(const clang::MemberExpr &member);
  Step into_subscript(const clang::ArraySubscriptExpr &subscript, const clang::Expr &child);
  Step into_call(const clang::CallExpr &call, const clang::Expr &child);
  Step into_method(const clang::CallExpr &call, const clang::CXXMethodDecl &method);
  Step into_result(const clang::CXXMethodDecl &method);
  Step into_iterator(const clang::CXXOperatorCallExpr &call, unsigned position);
  Step into_argument(const clang::FunctionDecl *callee, clang::QualType parameter, unsigned number,
                     const clang::Expr *copied = nullptr);
  Step into_atomic_call(AtomicOperation operation, const clang::Expr *stored);
  Step into_atomic(const clang::AtomicExpr &atomic, const clang::Expr &child);
  Step into_construction(const clang::CXXConstructExpr &construction, const clang::Expr &child);
  Step into_new(const clang::CXXNewExpr &created, const clang::Expr &child);
  Step into_lambda(const clang::LambdaExpr &lambda, const clang::Expr &child);
  Step into_list(const clang::InitListExpr &list);
  Step into_asm(const clang::GCCAsmStmt &statement, const clang::Expr &child);

  void dereference();
  void append_member(const clang::ValueDecl &member);
  // Ends the climb: a value or object is read; an address is used as `kind` says.
  Step end(AccessKind kind = AccessKind::address);
  Step end_compared();
  Step discard();
  Step keep(const clang::VarDecl &variable);
  void emit(Use use);

  const std::vector<Frame> &frames_;
  CalleeTable &callees_;
  const Sink &sink_;
  Standing place_;
  bool quiet_ = false; // what follows has been told already
  bool atomic_ = false;
};

} // namespace ringfence
