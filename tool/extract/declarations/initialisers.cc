#include "extract/declarations/initialisers.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/Support/JSON.h>

#include "extract/declarations/names.h"
#include "extract/declarations/python_object.h"

namespace ringfence {

namespace {

constexpr std::size_t max_string = 256; // bytes that are kept of a string: names fit, documentation is cut

class InitialiserReader {
public:
  InitialiserReader(Registry &registry, Index object) : registry_(registry), object_(object) {}

  // `path` leads to the subobject that `expression` initialises; `api`: it is a member of one of Python's records.
  void read(const clang::Expr *expression, const std::string &path, bool api);

private:
  void read_list(const clang::InitListExpr &list, const std::string &path, bool api_around);
  void read_value(const clang::Expr *expression, const std::string &path, bool api);
  bool read_address(const clang::Expr *expression, const std::string &path);
  std::string sized_type_of_objects(const clang::Expr *expression);
  void add(InitialiserEntry entry, const std::string &path, const clang::Expr *expression);

  Registry &registry_;
  Index object_;
};

std::string member_path(const std::string &path, const clang::FieldDecl &field) {
  return field.getDeclName() ? path + "." + field.getNameAsString() : path; // anonymous struct or union: no step
}

bool is_api_record(const clang::RecordDecl &record, const Knowledge &knowledge) {
  const clang::TypedefNameDecl *alias = record.getTypedefNameForAnonDecl();
  const KnownType *known = knowledge.type(alias ? alias->getNameAsString() : record_name(record));
  return known && known->is_of_api();
}

// The function that a lambda without captures turns into.
const clang::FunctionDecl *converted_lambda(const clang::Expr *expression) {
  const auto *call = llvm::dyn_cast<clang::CXXMemberCallExpr>(expression);
  const auto *conversion = call ? llvm::dyn_cast_or_null<clang::CXXConversionDecl>(call->getMethodDecl()) : nullptr;
  return conversion && conversion->getParent()->isLambda() ? conversion->getParent()->getLambdaCallOperator() : nullptr;
}

// What the compiler wraps around an expression without changing its value.
const clang::Expr *unwrap(const clang::Expr *expression) {
  for (;;) {
    const clang::Expr *inner = expression->IgnoreParens();
    if (const auto *full = llvm::dyn_cast<clang::FullExpr>(inner))
      inner = full->getSubExpr();
    else if (const auto *temporary = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(inner))
      inner = temporary->getSubExpr();
    else if (const auto *bound = llvm::dyn_cast<clang::CXXBindTemporaryExpr>(inner))
      inner = bound->getSubExpr();
    else if (const auto *elements = llvm::dyn_cast<clang::CXXStdInitializerListExpr>(inner))
      inner = elements->getSubExpr();
    else if (const auto *standard = llvm::dyn_cast<clang::CXXDefaultInitExpr>(inner))
      inner = standard->getExpr();
    if (inner == expression)
      return expression;
    expression = inner;
  }
}

// Whether a value leads to what it names: an address does, a copy of an object's value does not.
bool is_address(const clang::Expr *expression) {
  expression = unwrap(expression);
  if (const auto *cast = llvm::dyn_cast<clang::CastExpr>(expression)) {
    clang::CastKind kind = cast->getCastKind();
    return kind == clang::CK_ArrayToPointerDecay || kind == clang::CK_FunctionToPointerDecay ||
           (kind != clang::CK_LValueToRValue && is_address(cast->getSubExpr()));
  }
  if (const auto *unary = llvm::dyn_cast<clang::UnaryOperator>(expression))
    return unary->getOpcode() == clang::UO_AddrOf ||
           (unary->getOpcode() != clang::UO_Deref && is_address(unary->getSubExpr()));
  if (const auto *sum = llvm::dyn_cast<clang::BinaryOperator>(expression))
    return sum->isAdditiveOp() && (is_address(sum->getLHS()) || is_address(sum->getRHS()));
  if (const auto *choice = llvm::dyn_cast<clang::ConditionalOperator>(expression))
    return is_address(choice->getTrueExpr()) || is_address(choice->getFalseExpr());
  return expression->isGLValue() || converted_lambda(expression); // a reference is bound to it
}

// Tables of them are long, and nothing is recorded outside of Python's records.
bool is_number(const clang::Expr *expression) {
  return expression && llvm::isa<clang::IntegerLiteral, clang::CharacterLiteral, clang::FloatingLiteral>(
                           expression->IgnoreParenImpCasts());
}

void InitialiserReader::read(const clang::Expr *expression, const std::string &path, bool api) {
  if (!expression)
    return;
  expression = unwrap(expression);
  if (const auto *list = llvm::dyn_cast<clang::InitListExpr>(expression)) {
    read_list(list->isSemanticForm() || !list->getSemanticForm() ? *list : *list->getSemanticForm(), path, api);
  } else if (const auto *construct = llvm::dyn_cast<clang::CXXConstructExpr>(expression)) {
    bool copies = construct->getConstructor()->isCopyOrMoveConstructor();
    for (unsigned i = 0; i < construct->getNumArgs(); ++i)
      if (const clang::Expr *argument = unwrap(construct->getArg(i)); !copies || !argument->isLValue())
        read(argument, construct->getNumArgs() == 1 ? path : path + "(" + std::to_string(i) + ")", api);
  } else {
    read_value(expression, path, api);
  }
}

void InitialiserReader::read_list(const clang::InitListExpr &list, const std::string &path, bool api_around) {
  const clang::RecordDecl *record = list.getType()->getAsRecordDecl();
  if (!record || record->isDependentType()) {
    bool scalar = list.getType()->isScalarType();
    for (unsigned i = 0; i < list.getNumInits(); ++i)
      if (!is_number(list.getInit(i)))
        read(list.getInit(i), scalar ? path : path + "[" + std::to_string(i) + "]", false);
    return;
  }
  bool api = is_api_record(*record, registry_.knowledge()) || (api_around && record->isAnonymousStructOrUnion());
  if (record->isUnion()) {
    if (const clang::FieldDecl *field = list.getInitializedFieldInUnion(); field && list.getNumInits() > 0)
      read(list.getInit(0), member_path(path, *field), api);
    return;
  }
  unsigned next = 0;
  if (const auto *cxx = llvm::dyn_cast<clang::CXXRecordDecl>(record))
    for (unsigned base = 0; base < cxx->getNumBases() && next < list.getNumInits(); ++base)
      read(list.getInit(next++), path, api);
  for (const clang::FieldDecl *field : record->fields()) {
    if (field->isUnnamedBitField() || next >= list.getNumInits())
      continue;
    const clang::Expr *value = list.getInit(next++);
    if (api || !is_number(value))
      read(value, member_path(path, *field), api);
  }
}

// True where the value is an address, or leads through one.
bool InitialiserReader::read_address(const clang::Expr *expression, const std::string &path) {
  expression = unwrap(unwrap(expression)->IgnoreParenCasts())->IgnoreParenCasts();
  if (const auto *unary = llvm::dyn_cast<clang::UnaryOperator>(expression))
    return read_address(unary->getSubExpr(), path);
  if (const auto *member = llvm::dyn_cast<clang::MemberExpr>(expression))
    return !member->isArrow() && read_address(member->getBase(), path);
  if (const auto *element = llvm::dyn_cast<clang::ArraySubscriptExpr>(expression))
    return read_address(element->getBase(), path);
  if (const auto *choice = llvm::dyn_cast<clang::ConditionalOperator>(expression)) {
    bool first = read_address(choice->getTrueExpr(), path);
    return read_address(choice->getFalseExpr(), path) || first;
  }
  if (const auto *sum = llvm::dyn_cast<clang::BinaryOperator>(expression); sum && sum->isAdditiveOp())
    return read_address(sum->getLHS(), path) || read_address(sum->getRHS(), path);
  if (const clang::FunctionDecl *lambda = converted_lambda(expression)) {
    add({.kind = InitialiserEntry::Kind::function, .target = registry_.function(lambda)}, path, expression);
    return true;
  }
  if (const auto *literal = llvm::dyn_cast<clang::CompoundLiteralExpr>(expression)) {
    Index target = registry_.object(literal, registry_.facts().objects[object_].name);
    if (target != none)
      add({.kind = InitialiserEntry::Kind::object, .target = target}, path, expression);
    return target != none;
  }
  const auto *reference = llvm::dyn_cast<clang::DeclRefExpr>(expression);
  if (!reference)
    return false;
  if (const auto *function = llvm::dyn_cast<clang::FunctionDecl>(reference->getDecl())) {
    add({.kind = InitialiserEntry::Kind::function, .target = registry_.function(function)}, path, expression);
    return true;
  }
  Index target = registry_.object(reference->getDecl());
  if (target != none)
    add({.kind = InitialiserEntry::Kind::object, .target = target}, path, expression);
  return target != none;
}

void InitialiserReader::read_value(const clang::Expr *expression, const std::string &path, bool api) {
  clang::ASTContext &context = registry_.context();
  const clang::Expr *bare = expression->IgnoreParenCasts();
  if (const auto *text = llvm::dyn_cast<clang::StringLiteral>(bare)) {
    if (api && text->getCharByteWidth() == 1)
      add({.kind = InitialiserEntry::Kind::string,
           .string = llvm::json::fixUTF8(text->getBytes().take_front(max_string))},
          path, expression);
    return;
  }
  if (is_address(expression) && read_address(expression, path))
    return;
  clang::Expr::EvalResult value;
  if (api && !bare->isValueDependent() && bare->getType()->isIntegralOrEnumerationType() &&
      !llvm::isa<clang::ImplicitValueInitExpr>(bare) && bare->EvaluateAsInt(value, context)) {
    std::int64_t integer = value.Val.getInt().extOrTrunc(64).getSExtValue();
    bool pointer = expression->getType()->isPointerType();
    if (!pointer || integer != 0) // a null pointer leads nowhere
      add({.kind = InitialiserEntry::Kind::integer, .integer = integer, .string = sized_type_of_objects(bare)}, path,
          expression);
  }
}

// "spam_state" for sizeof(spam_state), where values of the type lead to Python objects; otherwise empty.
std::string InitialiserReader::sized_type_of_objects(const clang::Expr *expression) {
  const auto *size = llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(expression);
  if (!size || size->getKind() != clang::UETT_SizeOf)
    return {};
  const TypeFacts type = registry_.type(size->getTypeOfArgument());
  return type.reaches_object || type.object_by_value || type.type_by_value ? type.spelling : std::string();
}

void InitialiserReader::add(InitialiserEntry entry, const std::string &path, const clang::Expr *expression) {
  entry.object = object_;
  entry.path = path;
  entry.location = registry_.location(expression->getBeginLoc());
  registry_.facts().initialisers.push_back(std::move(entry));
}

} // namespace

void read_initialisers(Registry &registry) {
  // What an initialiser names may be a new object with an initialiser of its own.
  for (Index object = 0; object < registry.facts().objects.size(); ++object)
    if (const clang::Expr *initialiser = registry.initialiser(object);
        initialiser && !registry.facts().objects[object].outside)
      InitialiserReader(registry, object).read(initialiser, "", false);
}

} // namespace ringfence
