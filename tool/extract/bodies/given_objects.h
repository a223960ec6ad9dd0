// Python objects in what a call is given for a `void *`, or for an integer that an address fits into: by their type, or by what
// the function in hand has put into its local variables.
//
// Limits: what a local struct or array was given stays in it; memory that other functions fill is read by its type alone.
#pragma once

#include <string>

#include <clang/AST/Expr.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>

#include "extract/bodies/local_values.h"
#include "extract/declarations/registry.h"

namespace ringfence {

class GivenObjects {
public:
  GivenObjects(Registry &registry, const LocalValues &locals) : registry_(registry), locals_(locals) {}

  // `void *`, or an integer that an address fits into.
  bool takes_address(clang::QualType type) const;

  // In the order of the source: an assignment, and the initialiser of a local variable.
  void assign(const clang::Expr &target, const clang::Expr &value);
  void initialise(const clang::VarDecl &local, const clang::Expr &initialiser);
  void clear() { kept_.clear(); }

  // "object": a Python object; "objects": the address of words that hold some; "struct NAME": the address of a struct that does,
  // by its type; "parameter N", "&parameter N": the value or the address of the function's own parameter, counted as
  // Access::argument, that may be any of these. Empty for all else.
  std::string read(const clang::Expr &given) const;

private:
  // A member of a local struct, or of the struct that a local points to; null: any element of an array.
  struct Place {
    const clang::VarDecl *root = nullptr;
    const clang::FieldDecl *member = nullptr;
  };
  static Place place_of(const clang::Expr &expression);
  bool holds_object(const clang::Expr &initialiser) const;
  std::string read(const clang::Expr &given, unsigned depth) const;
  std::string read_by_type(clang::QualType type) const;
  std::string read_address(const clang::Expr &of, unsigned depth) const;
  std::string read_local(const clang::VarDecl &local, unsigned depth) const;
  std::string read_element(const clang::Expr &expression) const;
  bool is_object(clang::QualType type) const;

  Registry &registry_;
  const LocalValues &locals_;
  llvm::DenseMap<const clang::VarDecl *, llvm::SmallVector<const clang::FieldDecl *, 2>>
      kept_; // where objects were put
};

} // namespace ringfence
