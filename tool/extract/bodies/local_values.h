// What a function's local variables hold: addresses of objects, values loaded from objects, the last value assigned.
//
// Addresses accumulate: a pointer that is assigned several addresses may hold any of them. The order is that of the
// source; what a later turn of a loop would bring is not followed back.
#pragma once

#include <string>

#include <clang/AST/Decl.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>

#include "facts/facts.h"

namespace ringfence {

struct Target {
  Index object = none;
  std::string path;
  bool element = false; // see Standing::element
  bool operator==(const Target &) const = default;
};

class LocalValues {
public:
  void keep_address(const clang::VarDecl *local, Target target) {
    auto &targets = targets_[local];
    if (targets.size() < max_targets && !llvm::is_contained(targets, target))
      targets.push_back(std::move(target));
  }
  llvm::SmallVector<Target, 1> targets(const clang::VarDecl *local) const { return targets_.lookup(local); }

  // The address lies in a member of a local struct.
  void keep_in_member(const clang::VarDecl *local, const clang::FieldDecl *member, Target target) {
    auto &kept = members_[local];
    if (kept.size() < max_targets)
      kept.push_back({member, std::move(target)});
  }
  struct MemberTarget {
    const clang::FieldDecl *member;
    Target target;
  };
  llvm::SmallVector<MemberTarget, 1> member_targets(const clang::VarDecl *local) const {
    return members_.lookup(local);
  }

  // A later value replaces those before; `none` for a value that is of no object.
  void keep_value(const clang::VarDecl *local, Index object) { values_[local] = object; }
  Index value(const clang::VarDecl *local) const {
    auto known = values_.find(local);
    return known == values_.end() ? none : known->second;
  }

  void assign(const clang::VarDecl *local, const clang::Expr *value) { last_[local] = value; }
  const clang::Expr *last(const clang::VarDecl *local) const { return last_.lookup(local); }

  void clear() {
    targets_.clear();
    values_.clear();
    last_.clear();
    members_.clear();
  }

private:
  static constexpr std::size_t max_targets = 8; // a bound for hostile input

  llvm::DenseMap<const clang::VarDecl *, llvm::SmallVector<Target, 1>> targets_;
  llvm::DenseMap<const clang::VarDecl *, llvm::SmallVector<MemberTarget, 1>> members_;
  llvm::DenseMap<const clang::VarDecl *, Index> values_;
  llvm::DenseMap<const clang::VarDecl *, const clang::Expr *> last_;
};

} // namespace ringfence
