// Walks a function's body or an object's initialiser once, in the order of the source, and reads what it does to
// objects and which functions it calls. It keeps its own stack of parents; what becomes of each reference is found by
// climbing that stack (access_use.h).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallSet.h>

#include "extract/bodies/access_conditions.h"
#include "extract/bodies/access_use.h"
#include "extract/bodies/access_value.h"
#include "extract/bodies/call_reader.h"
#include "extract/bodies/callee_traits.h"
#include "extract/bodies/guard_tracker.h"
#include "extract/bodies/local_values.h"
#include "extract/bodies/lock_inference.h"
#include "extract/bodies/lock_wrappers.h"
#include "extract/declarations/registry.h"

namespace ringfence {

class AccessWalker {
public:
  // `read_declaration` is given the classes that stand inside function bodies.
  AccessWalker(Registry &registry, std::function<void(clang::Decl *)> read_declaration);

  void walk_function(const clang::FunctionDecl &function); // a definition
  void walk_initialiser(const clang::VarDecl &variable);   // of an object at file, namespace or class scope

private:
  void start();

  // ---- statements (access_walker.cc)
  void visit(const clang::Stmt *statement);
  void visit_children(const clang::Stmt &statement);
  void dispatch(const clang::Stmt &statement);
  void visit_compound(const clang::CompoundStmt &compound);
  void visit_if(const clang::IfStmt &branch);
  void visit_loop(const clang::Stmt *initialiser, const clang::Stmt *variable, const clang::Stmt *condition,
                  const clang::Stmt *body, const clang::Stmt *increment);
  void visit_switch(const clang::SwitchStmt &choice);
  void visit_branch(const clang::IfStmt &branch, const clang::Stmt *statement, bool condition);
  void visit_variable(const clang::VarDecl &variable);
  void visit_declarations(const clang::DeclStmt &statement);
  void add_negated(const clang::Expr *condition, bool in_conjunction, Conditions::Objects &objects) const;
  Conditions::Objects visit_condition(const clang::Stmt *condition);
  void visit_under(const Conditions::Objects &condition, const clang::Stmt *statement);

  // ---- expressions (access_expressions.cc)
  bool visit_expression(const clang::Stmt &statement); // false: it is of no special kind
  void visit_reference(const clang::Expr &reference, const clang::ValueDecl &decl);
  void visit_local(const clang::Expr &reference, const clang::VarDecl &local);
  void visit_call(const clang::CallExpr &call);
  void visit_result(const clang::CallExpr &call, const clang::FunctionDecl *callee);
  void visit_lambda(const clang::LambdaExpr &lambda);
  void visit_lambda_body(const clang::FunctionDecl &operation, const clang::Stmt *body);
  void visit_binary(const clang::BinaryOperator &binary);
  void assign(const clang::VarDecl &local, const clang::Expr &value);
  // What a mention of a local stands for that holds, or refers to, the target.
  static Standing standing(const clang::VarDecl &local, const Target &target);
  void climb(const clang::Expr &reference, Index object, Standing place, bool through_alias);

  // ---- parameters (access_parameters.cc)
  void watch_parameters(const clang::FunctionDecl &function);
  void visit_parameter(const clang::Expr &reference, const clang::VarDecl &local);
  void visit_this(const clang::CXXThisExpr &reference);
  void visit_kept_parameter(const clang::MemberExpr &member);
  void add_parameter_access(Index function, unsigned parameter, const Use &use, const clang::Expr &reference,
                            llvm::StringRef local);

  // ---- members that threads share (access_members.cc)
  void visit_member(const clang::MemberExpr &member);
  bool is_known(Access &access) const;
  bool is_in_atomic_macro(const clang::Expr &reference) const;
  // An address in a member of a local struct: what is done through it here, and to whom the struct goes.
  void keep_in_local_struct(const clang::Expr &target, Target kept);
  void keep_in_initialised(const clang::VarDecl &local, const clang::Expr &initialiser);
  void visit_member_of_local(const clang::MemberExpr &member);
  void pass_local_structs(const clang::CallExpr &call, const clang::FunctionDecl &callee);

  void add_access(const clang::Expr &reference, Index object, const Use &use, bool through_alias);
  void add_dynamic_write(const clang::VarDecl &variable, Index object);
  bool is_tested();
  bool reads_type(const clang::MemberExpr &member) const;
  llvm::StringRef borrowing_macro(const clang::MemberExpr &member) const;
  bool is_followed(const clang::Expr &reference) const;

  // ---- pointers used after an unlock (access_late.cc)
  void keep_loaded(const clang::VarDecl &local, Index object, const clang::Expr &reference);
  void visit_loaded(const clang::Expr &reference, const clang::VarDecl &local);
  void forget_loaded(Index object);

  // ---- locks (access_locks.cc)
  bool is_of_open_section(const clang::CallExpr &call, const LockUse &use) const;
  void apply_lock(const clang::CallExpr &call, const LockUse &use);
  const clang::Expr *spun_on(const clang::Stmt *condition) const;
  const clang::Expr *find_spun(const clang::Stmt &statement) const;
  const clang::Expr *spun_in(const clang::Stmt *condition, const clang::Stmt *body) const;
  const clang::Expr *spun_by(const clang::Stmt &statement) const;
  const clang::Expr *cleared_by(const clang::Stmt &statement);
  void take_spun_lock(const clang::Stmt *condition, const clang::Stmt *body);
  void take_scoped_lock(const clang::VarDecl &variable);
  void take_guard_object(const clang::VarDecl &variable, const clang::CXXConstructExpr &construction);
  void enter_critical_section(const clang::CompoundStmt &compound);
  Guard guard_of(Guard::Kind kind, std::string api, const clang::Expr *lock) const;
  std::string text_of(const clang::Expr &expression) const;
  static constexpr std::size_t wrapper_levels = 2; // a wrapper may call another one
  const LockUse *lock_use_of(const clang::FunctionDecl *function, std::size_t level = wrapper_levels);
  std::optional<Guard::Kind> guard_in_member(const clang::CXXConstructorDecl &constructor);
  void take_unread_guard(const clang::VarDecl &variable, const clang::CXXConstructExpr &construction);
  std::optional<LockUse> inferred_use(const clang::FunctionDecl &function);
  void enter_main_interpreter(const clang::Expr &condition, bool scoped);

  Registry &registry_;
  std::function<void(clang::Decl *)> read_declaration_;
  bool cplusplus_;
  CalleeTable callees_;
  std::unordered_map<const clang::FunctionDecl *, std::optional<LockUse>>
      lock_uses_[wrapper_levels + 1]; // by level, then by canonical declaration
  std::set<std::string> families_;    // of inferred locks

  // of the body in hand
  std::vector<Frame> frames_;
  LocalValues locals_;
  LocalValues parameters_; // which parameters' addresses locals hold; a target's object is the parameter's number
  ValueReader values_;
  GivenObjects objects_;
  Conditions conditions_;
  GuardTracker guards_;
  CallReader calls_;
  Index function_ = none;
  std::size_t first_parameter_access_ = 0; // of the function in hand
  std::size_t first_access_ = 0;           // likewise
  Index method_ = none;                    // the function in hand, where its object is watched as parameter 0
  llvm::SmallSet<Index, 8> written_;       // objects that a write stands before
  struct Loaded {
    Index object = none;
    Guard lock; // under which
  };
  std::map<const clang::VarDecl *, Loaded> loaded_; // local pointers, while no reference to what they hold is taken
  GuardTracker::State lambda_guards_ = nullptr;     // which hold inside of lambdas that are met here
  GuardTracker::State switch_guards_ = nullptr;     // which held where the innermost switch was entered
  llvm::DenseMap<const clang::LabelDecl *, GuardTracker::State> label_guards_; // at the first goto
};

// Whether control never comes to what follows.
bool ends_flow(const clang::Stmt *statement);

} // namespace ringfence
