// What the values of a type can lead to (TypeFacts).
//
// A record's *content* is what its members hold by value, bases and nested records included. What it *reaches* is the
// content of every record that can be come to from there over pointers. Content has no cycles and is read once per
// record.
#pragma once

#include <map>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <llvm/ADT/DenseMap.h>

#include "facts/facts.h"
#include "knowledge/knowledge.h"

namespace ringfence {

class TypeReader {
public:
  TypeReader(clang::ASTContext &context, const Knowledge &knowledge);

  const TypeFacts &read(clang::QualType type);
  TypeFacts read(const clang::VarDecl &variable);
  // For facts' spellings: no source path in the names of anonymous types.
  std::string spell(clang::QualType type) const { return type.getAsString(policy_); }

private:
  struct Content {
    bool object_pointer = false, object = false, type = false, interpreter = false, owner = false;
    bool void_pointer = false, function_pointer = false, data_pointer = false, lock = false, handle = false;
    bool atomic = false, plain = false; // has a scalar that is atomic; one that is not
    bool writable = false;              // can be written through, or written, even where the whole is const
    std::vector<const clang::RecordDecl *> pointees;

    void add(const Content &other);
  };

  TypeFacts derive(clang::QualType type);
  KnownType::Is kind_of(const clang::NamedDecl &type);
  void add_type(clang::QualType type, Content &content);
  void add_pointee(clang::QualType pointee, Content &content);
  bool add_named(KnownType::Is kind, const clang::RecordDecl *record, Content &content);
  void add_arguments(const clang::RecordDecl &record, KnownType::Is kind, Content &content);
  const Content &content(const clang::RecordDecl &record);
  Content reached(const Content &from);
  const std::vector<std::uint32_t> &record_words(const clang::RecordDecl &record);
  void add_words(clang::QualType type, std::uint64_t offset, std::vector<std::uint32_t> &words);

  clang::ASTContext &context_;
  const Knowledge &knowledge_;
  clang::PrintingPolicy policy_;
  llvm::DenseMap<const clang::NamedDecl *, KnownType::Is> kinds_;
  std::map<void *, TypeFacts> known_; // by QualType::getAsOpaquePtr: a spelling belongs to the type as written
  std::map<const clang::RecordDecl *, Content> contents_; // stable addresses
  std::map<const clang::RecordDecl *, std::vector<std::uint32_t>> words_;
};

} // namespace ringfence
