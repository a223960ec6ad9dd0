// Reads calls, constructions and the functions whose address is taken.
#pragma once

#include <vector>

#include <clang/AST/ExprCXX.h>

#include "extract/bodies/access_use.h"
#include "extract/bodies/access_value.h"
#include "extract/bodies/given_objects.h"
#include "extract/bodies/guard_tracker.h"
#include "extract/declarations/registry.h"

namespace ringfence {

class CallReader {
public:
  CallReader(Registry &registry, const ValueReader &values, const GivenObjects &objects,
             const std::vector<Frame> &frames, GuardTracker &guards)
      : registry_(registry), values_(values), objects_(objects), frames_(frames), guards_(guards) {}

  // The innermost frame is the call itself.
  void read(const clang::CallExpr &call, Index caller);
  void read(const clang::CXXConstructExpr &construction, Index caller);
  // A call that another function makes at once: what call_once is given.
  void read_callback(const clang::CallExpr &call, const clang::Expr &callback, Index caller);

  // A read of an object's type, as the call of Py_TYPE() that it is in later Pythons.
  void read_type(const clang::MemberExpr &member, Index caller);
  // Likewise of a list's item, by a macro that borrows it.
  void read_list_item(const clang::MemberExpr &member, llvm::StringRef macro, Index caller);

  // A local variable that was given the call's result decides a condition.
  void test_result(const clang::CallExpr &call);
  void clear() { stored_.clear(); }

  // The innermost frame is a reference to `function`, and `use` what became of it.
  void read_function_use(const clang::FunctionDecl &function, Index user, const Use &use, clang::SourceLocation place);

private:
  ResultUse result_use() const;
  // Of the kinds `other` and `member`, with what GivenObjects says as its string.
  CallArgument argument(const clang::Expr &expression, const clang::FunctionDecl *callee) const;
  bool may_hand_on(const clang::FunctionDecl *callee) const;
  bool leads_to_own_struct(clang::QualType type, const clang::FunctionDecl *callee) const;
  std::string assigned_path(const Use &use) const;
  void add(Call call);

  Registry &registry_;
  const ValueReader &values_;
  const GivenObjects &objects_;
  const std::vector<Frame> &frames_;
  GuardTracker &guards_;
  llvm::DenseMap<const clang::CallExpr *, std::size_t> stored_; // calls of the body in hand, into the facts' calls
};

} // namespace ringfence
