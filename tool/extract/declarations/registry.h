// Declarations of one translation unit as indices into its facts: each object and function is entered on first use, be
// it defined or merely referenced, and once however often it is redeclared or instantiated.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/Mangle.h>

#include "extract/declarations/type_facts.h"
#include "extract/parse/file_table.h"
#include "facts/facts.h"
#include "knowledge/knowledge.h"

namespace ringfence {

// The project's declarations at file and namespace scope in the order of the source, headers' included.
using Roots = std::vector<clang::Decl *>;

class Registry {
public:
  Registry(clang::ASTContext &context, FileTable &files, TuFacts &facts, const Knowledge &knowledge);

  // A variable with static or thread storage duration, or a binding to a part of one; `none` for any other declaration.
  Index object(const clang::ValueDecl *decl);
  // A declaration of an object that the unit neither defines nor refers to, as most that headers hold: no object unless
  // one is asked for.
  void leave(const clang::VarDecl &variable) { left_.push_back(&variable); }
  const std::vector<const clang::VarDecl *> &left() const { return left_; }
  // A compound literal at file scope, named after the object that it initialises; `none` for one inside a function.
  Index object(const clang::CompoundLiteralExpr *literal, const std::string &initialised);
  // A member of a struct, down a path of members by value; the first belongs to the struct.
  Index member(llvm::ArrayRef<const clang::FieldDecl *> path, Holder holder);
  bool is_member(Index object) const { return object != none && facts_.objects[object].storage == Storage::member; }
  // Code names a member of the object, at this path (Access::path).
  void name_member(Index object, llvm::StringRef path);
  Index function(const clang::FunctionDecl *decl);
  // A declaration of the object; null for a compound literal.
  const clang::VarDecl *variable(Index object) const { return variables_[object]; }
  // Null for an object without one; for a compound literal, its list.
  const clang::Expr *initialiser(Index object) const { return initialisers_[object]; }

  Index file(clang::FileID id) { return files_.file(id); }
  Location location(clang::SourceLocation place) { return files_.location(place); }
  bool in_project(clang::SourceLocation place) { return files_.in_project(place); }
  bool in_main_file(clang::SourceLocation place) const { return files_.in_main_file(place); }
  TypeFacts type(clang::QualType type) { return types_.read(type); }

  clang::ASTContext &context() { return context_; }
  TuFacts &facts() { return facts_; }
  const Knowledge &knowledge() const { return knowledge_; }

private:
  Index add_object(const clang::VarDecl &variable);
  static void add_instance(TypeFacts &all, const TypeFacts &instance);
  Index add_function(const clang::FunctionDecl &function);
  bool is_of_api(const clang::RecordDecl &record) const;
  std::string unique_object_id(std::string id);
  std::string path_of(clang::SourceLocation place);
  std::string function_id(const clang::FunctionDecl &function);
  std::string lambda_name(const clang::FunctionDecl &call);

  clang::ASTContext &context_;
  FileTable &files_;
  TuFacts &facts_;
  TypeReader types_;
  clang::ASTNameGenerator mangler_;
  llvm::DenseMap<const clang::Decl *, Index> objects_, functions_;
  llvm::DenseMap<const clang::Expr *, Index> literals_;
  std::vector<const clang::VarDecl *> variables_; // parallel to the facts' objects, as are the initialisers
  std::vector<const clang::Expr *> initialisers_;
  std::vector<const clang::VarDecl *> left_;
  std::map<std::vector<const clang::FieldDecl *>, Index> members_;
  std::set<std::pair<Index, std::string>> named_members_;
  std::map<unsigned, Index> locals_; // function-local statics by source location: instantiations share their pattern's
  std::set<std::string> object_ids_;
  std::map<std::string, unsigned> lambdas_; // by enclosing function: how many have been named
  const Knowledge &knowledge_;
};

} // namespace ringfence
