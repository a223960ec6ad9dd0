// What an expression's value is, as far as one look tells: where a stored value or an argument comes from.
#pragma once

#include <string>

#include <clang/AST/Expr.h>

#include "extract/bodies/callee_traits.h"
#include "extract/bodies/local_values.h"
#include "extract/bodies/member_reader.h"
#include "extract/declarations/registry.h"
#include "facts/facts.h"

namespace ringfence {

struct Value {
  StoredValue::Kind kind = StoredValue::Kind::expression;
  const clang::FunctionDecl *function = nullptr; // for call and function; null for a call through a pointer
  Index object = none;
  bool address = false;
};

class ValueReader {
public:
  ValueReader(Registry &registry, CalleeTable &callees, const LocalValues &locals)
      : registry_(registry), callees_(callees), locals_(locals), members_(registry, callees, locals) {}

  Value read(const clang::Expr *expression) const { return read(expression, 0); }
  StoredValue stored(const clang::Expr *expression) const;
  // What lies where `pointer` leads, for what is copied from there; of the kind `nothing` where that is not known.
  StoredValue copied(const clang::Expr *pointer) const;
  CallArgument argument(const clang::Expr *expression) const;
  // The object of which `expression` is the value, a subobject or the address; `none` where it leads through a pointer.
  Index object(const clang::Expr *expression) const {
    const Index object = read(expression).object;
    return registry_.is_member(object) ? none : object;
  }
  const MemberReader &members() const { return members_; }

private:
  Value read(const clang::Expr *expression, unsigned depth) const;
  Value read_reference(const clang::ValueDecl *decl, unsigned depth) const;
  Value read_call(const clang::CallExpr *call, unsigned depth) const;
  Value read_unary(const clang::UnaryOperator *unary, unsigned depth) const;
  Value read_binary(const clang::BinaryOperator *binary, unsigned depth) const;
  Value read_subobject(const clang::Expr *base, bool through_pointer, clang::QualType type, unsigned depth) const;
  Value better(Value first, Value second) const;
  Value behind_pointer(const clang::Expr *expression) const;
  StoredValue fact(const Value &value) const;

  Registry &registry_;
  CalleeTable &callees_;
  const LocalValues &locals_;
  const MemberReader members_;
};

// Without parentheses, casts and the nodes that Clang wraps around values.
const clang::Expr *strip(const clang::Expr *expression);
// The body that a function has in this unit; null where it has none, or one that is a `try` alone.
const clang::CompoundStmt *body_of(const clang::FunctionDecl *function);
// The local variable that an expression names, whose parentheses and casts are off already; null for others.
const clang::VarDecl *named_local(const clang::Expr *bare);

// As a path that a reader knows: "ob->tp_new", "table[].call", "get()->hook"; empty for what has no name.
std::string spelled_path(const clang::Expr *expression);

} // namespace ringfence
