#include "extract/declarations/type_facts.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecordLayout.h>
#include <llvm/ADT/SmallPtrSet.h>

#include "extract/declarations/names.h"
#include "extract/declarations/python_object.h"

namespace ringfence {

namespace {

constexpr std::size_t max_object_words = 64;

// Of the typedefs that a type is written with, the one nearest to what they name: "PyTypeObject", not an alias of it.
std::string innermost_typedef(clang::QualType type) {
  std::string name;
  while (const auto *alias = type->getAs<clang::TypedefType>()) {
    name = qualified_name(*alias->getDecl());
    type = alias->desugar();
  }
  return name;
}

const clang::RecordDecl *definition_of(const clang::RecordDecl *record) {
  const clang::RecordDecl *definition = record ? record->getDefinition() : nullptr;
  return definition && !definition->isInvalidDecl() && !definition->isDependentType() ? definition : nullptr;
}

bool has_size(clang::QualType type) {
  if (type->isDependentType() || type->isIncompleteType() || type->isUndeducedType() || type->isFunctionType())
    return false;
  const clang::RecordDecl *record = type->getBaseElementTypeUnsafe()->getAsRecordDecl();
  return !record || definition_of(record);
}

// What a record is called in reports and rules.
std::string display_name(clang::QualType element, const clang::RecordDecl &record) {
  if (llvm::isa<clang::ClassTemplateSpecializationDecl>(record))
    return qualified_name(record);
  std::string alias = innermost_typedef(element);
  return alias.empty() ? record_name(record) : alias;
}

} // namespace

TypeReader::TypeReader(clang::ASTContext &context, const Knowledge &knowledge)
    : context_(context), knowledge_(knowledge), policy_(context.getPrintingPolicy()) {
  policy_.AnonymousTagLocations = false;
}

void TypeReader::Content::add(const Content &other) {
  object_pointer |= other.object_pointer;
  object |= other.object;
  type |= other.type;
  interpreter |= other.interpreter;
  owner |= other.owner;
  void_pointer |= other.void_pointer;
  function_pointer |= other.function_pointer;
  data_pointer |= other.data_pointer;
  lock |= other.lock;
  handle |= other.handle;
  atomic |= other.atomic;
  plain |= other.plain;
  writable |= other.writable;
  pointees.insert(pointees.end(), other.pointees.begin(), other.pointees.end());
}

KnownType::Is TypeReader::kind_of(const clang::NamedDecl &type) {
  const auto [slot, fresh] = kinds_.try_emplace(&type, KnownType::Is::unknown);
  if (fresh)
    if (const KnownType *known = known_type(type, knowledge_))
      slot->second = known->is;
  return slot->second;
}

// True where the name says all there is to know.
bool TypeReader::add_named(KnownType::Is kind, const clang::RecordDecl *record, Content &content) {
  switch (kind) {
  case KnownType::Is::interpreter:
    return content.interpreter = content.writable = true;
  case KnownType::Is::lock_flag:
    content.atomic = true;
    [[fallthrough]];
  case KnownType::Is::lock:
    return content.lock = content.writable = true;
  case KnownType::Is::handle:
    return content.handle = content.writable = true;
  case KnownType::Is::owner:
  case KnownType::Is::borrower:
    content.owner |= kind == KnownType::Is::owner;
    return content.object_pointer = content.writable = true;
  case KnownType::Is::crossing:
    return content.writable = content.plain = true;
  case KnownType::Is::callable:
    return content.function_pointer = content.plain = true;
  case KnownType::Is::wrapper:
  case KnownType::Is::pointer:
    if (record)
      add_arguments(*record, kind, content);
    return record != nullptr;
  default:
    return false;
  }
}

// A library's template is read by its arguments: its members say how it stores them, not what.
void TypeReader::add_arguments(const clang::RecordDecl &record, KnownType::Is kind, Content &content) {
  const auto *specialization = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&record);
  if (!specialization)
    return;
  content.plain = true;
  const clang::TemplateArgumentList &arguments = specialization->getTemplateArgs();
  for (unsigned i = 0; i < arguments.size(); ++i) {
    if (arguments[i].getKind() != clang::TemplateArgument::Type)
      continue;
    clang::QualType type = arguments[i].getAsType();
    if (type->isFunctionType() || type->isVoidType())
      continue;
    if (kind != KnownType::Is::pointer) {
      add_type(type, content);
    } else if (i == 0) {
      add_pointee(type, content);
      const clang::RecordDecl *pointee = type->getAsRecordDecl();
      const bool by_default = arguments.size() < 2 || arguments[1].getKind() != clang::TemplateArgument::Type;
      const bool owns =
          pointee && (is_python_object(*pointee, knowledge_) || kind_of(*pointee) == KnownType::Is::owner);
      content.owner |= owns && (by_default || deletes(arguments[1].getAsType()));
    }
  }
}

void TypeReader::add_pointee(clang::QualType pointee, Content &content) {
  content.plain = true;
  if (pointee->isFunctionType()) {
    content.function_pointer = true;
    return;
  }
  bool all_const = true;
  for (;;) {
    for (clang::QualType sugar = pointee; const auto *alias = sugar->getAs<clang::TypedefType>();
         sugar = alias->desugar()) {
      KnownType::Is kind = kind_of(*alias->getDecl());
      if (kind == KnownType::Is::lock || kind == KnownType::Is::handle || kind == KnownType::Is::interpreter) {
        add_named(kind, nullptr, content);
        return;
      }
    }
    pointee = context_.getBaseElementType(pointee);
    all_const &= pointee.isConstQualified();
    clang::QualType next = pointee->getPointeeType();
    if (next.isNull())
      break;
    pointee = next;
  }
  content.writable |= !all_const && !pointee->isFunctionType();
  if (pointee->isVoidType()) {
    content.void_pointer = true;
  } else if (pointee->isFunctionType()) {
    content.function_pointer = true;
  } else if (const clang::RecordDecl *record = pointee->getAsRecordDecl()) {
    if (is_python_object(*record, knowledge_)) {
      content.object_pointer = content.writable = true;
      return;
    }
    KnownType::Is kind = kind_of(*record);
    if ((kind == KnownType::Is::lock || kind == KnownType::Is::handle || kind == KnownType::Is::interpreter) &&
        add_named(kind, record, content))
      return;
    if (definition_of(record))
      content.pointees.push_back(definition_of(record));
    else if (!record->isDependentType())
      content.handle |= !all_const;
    content.data_pointer |= !all_const;
  } else {
    content.data_pointer |= !all_const;
  }
}

void TypeReader::add_type(clang::QualType type, Content &content) {
  type = context_.getBaseElementType(type);
  for (clang::QualType sugar = type; const auto *alias = sugar->getAs<clang::TypedefType>(); sugar = alias->desugar()) {
    KnownType::Is kind = kind_of(*alias->getDecl());
    if (kind != KnownType::Is::unknown && kind != KnownType::Is::object &&
        add_named(kind, type->getAsRecordDecl(), content))
      return;
  }
  if (const auto *atomic = type->getAs<clang::AtomicType>()) {
    Content inner;
    add_type(atomic->getValueType(), inner);
    inner.plain = false;
    inner.atomic = true;
    content.add(inner);
    return;
  }
  if (type->isPointerType() || type->isReferenceType() || type->isBlockPointerType()) {
    add_pointee(type->getPointeeType(), content);
    return;
  }
  if (type->isMemberPointerType() || type->isNullPtrType()) {
    content.plain = true;
    content.function_pointer |= type->isMemberFunctionPointerType();
    return;
  }
  if (const clang::RecordDecl *record = definition_of(type->getAsRecordDecl())) {
    content.add(this->content(*record));
    return;
  }
  content.plain = true;
  if (const auto *enumeration = type->getAs<clang::EnumType>())
    add_named(kind_of(*enumeration->getDecl()), nullptr, content);
}

const TypeReader::Content &TypeReader::content(const clang::RecordDecl &record) {
  auto [slot, fresh] = contents_.try_emplace(&record);
  if (!fresh)
    return slot->second;
  Content content;
  const auto *cxx = llvm::dyn_cast<clang::CXXRecordDecl>(&record);
  bool standard = cxx && cxx->isInStdNamespace();
  KnownType::Is kind = kind_of(record);
  if (standard && record.getName() == "atomic") {
    add_arguments(record, KnownType::Is::wrapper, content);
    content.atomic = true;
    content.plain = false;
  } else if (kind != KnownType::Is::object && add_named(kind, &record, content)) {
    // The name said it.
  } else if (standard && cxx->isEmpty()) {
    // std::allocator and the like: they hold nothing of what they are for.
  } else if (standard && llvm::isa<clang::ClassTemplateSpecializationDecl>(record)) {
    add_arguments(record, KnownType::Is::wrapper, content);
    content.data_pointer |= !cxx->isTriviallyCopyable();
  } else {
    content.object = is_python_object(record, knowledge_);
    content.type = is_type_object(record, knowledge_);
    if (cxx) {
      for (const clang::CXXBaseSpecifier &base : cxx->bases())
        add_type(base.getType(), content);
      content.owner |= releases_object(*cxx, knowledge_);
    }
    for (const clang::FieldDecl *field : record.fields()) {
      add_type(field->getType(), content);
      content.writable |= field->isMutable();
    }
    if (record.isUnion()) // no member's destructor runs for it
      content.owner = cxx && releases_object(*cxx, knowledge_);
  }
  llvm::sort(content.pointees);
  content.pointees.erase(std::unique(content.pointees.begin(), content.pointees.end()), content.pointees.end());
  return slot->second = std::move(content);
}

// What lies behind the pointers of `from`, itself included: its content, then that of every record it leads to.
TypeReader::Content TypeReader::reached(const Content &from) {
  Content all = from;
  std::vector<const clang::RecordDecl *> pending = std::move(all.pointees);
  all.pointees.clear();
  llvm::SmallPtrSet<const clang::RecordDecl *, 32> seen;
  while (!pending.empty()) {
    const clang::RecordDecl *record = pending.back();
    pending.pop_back();
    if (!seen.insert(record).second)
      continue;
    const Content &next = content(*record);
    pending.insert(pending.end(), next.pointees.begin(), next.pointees.end());
    all.object_pointer |= next.object_pointer || next.object;
    all.interpreter |= next.interpreter;
    all.writable |= next.writable;
  }
  return all;
}

const std::vector<std::uint32_t> &TypeReader::record_words(const clang::RecordDecl &record) {
  auto [slot, fresh] = words_.try_emplace(&record);
  if (!fresh)
    return slot->second;
  std::vector<std::uint32_t> words;
  const clang::ASTRecordLayout &layout = context_.getASTRecordLayout(&record);
  if (const auto *cxx = llvm::dyn_cast<clang::CXXRecordDecl>(&record))
    for (const clang::CXXBaseSpecifier &base : cxx->bases())
      if (const clang::CXXRecordDecl *of = base.getType()->getAsCXXRecordDecl(); of && !base.isVirtual())
        add_words(base.getType(), layout.getBaseClassOffset(of).getQuantity(), words);
  for (const clang::FieldDecl *field : record.fields())
    if (words.size() < max_object_words && !field->isBitField())
      add_words(field->getType(), layout.getFieldOffset(field->getFieldIndex()) / 8, words);
  llvm::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  if (words.size() > max_object_words)
    words.resize(max_object_words);
  return slot->second = std::move(words);
}

void TypeReader::add_words(clang::QualType type, std::uint64_t offset, std::vector<std::uint32_t> &words) {
  std::uint64_t count = 1;
  while (const clang::ConstantArrayType *array = context_.getAsConstantArrayType(type)) {
    count *= array->getZExtSize();
    type = array->getElementType();
  }
  if (type->isArrayType())
    return; // a flexible member: nothing by value
  if (const auto *atomic = type->getAs<clang::AtomicType>())
    type = atomic->getValueType();
  llvm::ArrayRef<std::uint32_t> of_element;
  if (type->isPointerType()) {
    const clang::RecordDecl *pointee = type->getPointeeType()->getAsRecordDecl();
    static constexpr std::uint32_t start = 0;
    if (pointee && is_python_object(*pointee, knowledge_))
      of_element = start;
  } else if (const clang::RecordDecl *record = definition_of(type->getAsRecordDecl())) {
    of_element = record_words(*record);
  }
  if (of_element.empty())
    return;
  std::uint64_t size = context_.getTypeSizeInChars(type).getQuantity();
  for (std::uint64_t i = 0; i < count && words.size() < max_object_words; ++i)
    for (std::uint32_t word : of_element)
      if (std::uint64_t place = offset + i * size + word; words.size() < max_object_words && place <= UINT32_MAX)
        words.push_back(static_cast<std::uint32_t>(place));
}

const TypeFacts &TypeReader::read(clang::QualType type) {
  const auto [slot, fresh] = known_.try_emplace(type.getAsOpaquePtr());
  if (fresh)
    slot->second = derive(type);
  return slot->second;
}

TypeFacts TypeReader::derive(clang::QualType type) {
  TypeFacts facts;
  facts.spelling = spell(type);
  clang::QualType element = context_.getBaseElementType(type);
  const auto *atomic = element->getAs<clang::AtomicType>();
  clang::QualType value = atomic ? atomic->getValueType() : element;
  if (const clang::RecordDecl *record = element->getAsRecordDecl())
    facts.record = display_name(element, *record);
  const clang::QualType pointee = value->getPointeeType();
  if (const clang::RecordDecl *record = (pointee.isNull() ? value : pointee)->getAsRecordDecl())
    facts.leads_to = tag_name(*record);
  if (has_size(type))
    facts.size = context_.getTypeSizeInChars(type).getQuantity();
  facts.array = type->isArrayType();
  facts.pointer = value->isPointerType() || value->isReferenceType() || value->isBlockPointerType();
  facts.scalar = !facts.array && (value->isScalarType() || value->isReferenceType());
  facts.top_const = element.isConstQualified() || element->isReferenceType();
  facts.is_volatile = element.isVolatileQualified();
  Content direct;
  add_type(type, direct);
  Content all = reached(direct);
  facts.deep_const = facts.top_const && !all.writable;
  facts.atomic = direct.atomic && !direct.plain;
  facts.reaches_object = all.object_pointer || direct.object;
  facts.object_by_value = direct.object;
  facts.type_by_value = direct.type;
  facts.reaches_interpreter = all.interpreter;
  facts.reaches_void = direct.void_pointer;
  facts.function_pointer = direct.function_pointer;
  facts.data_pointer = direct.data_pointer;
  facts.lock = direct.lock;
  facts.handle = direct.handle;
  facts.owns_object = direct.owner;
  if (facts.reaches_object && facts.size > 0)
    add_words(type, 0, facts.object_words);
  return facts;
}

// Whether an initialiser makes a smart pointer of the standard library whose deleter does nothing: `[](T *) {}`.
static bool is_never_deleted(const clang::Expr &initialiser) {
  const auto *made = llvm::dyn_cast<clang::CXXConstructExpr>(initialiser.IgnoreUnlessSpelledInSource());
  return made && made->getNumArgs() > 1 && made->getConstructor()->getParent()->isInStdNamespace() &&
         !deletes(made->getArg(1)->IgnoreUnlessSpelledInSource()->getType());
}

TypeFacts TypeReader::read(const clang::VarDecl &variable) {
  TypeFacts facts = read(variable.getType());
  if (variable.isConstexpr() && !facts.top_const) // an array of an incomplete instantiation
    facts.top_const = true;
  if (facts.owns_object && variable.getAnyInitializer() && is_never_deleted(*variable.getAnyInitializer()))
    facts.owns_object = false;
  return facts;
}

} // namespace ringfence
