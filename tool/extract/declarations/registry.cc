#include "extract/declarations/registry.h"

#include <clang/AST/Attr.h>

#include "extract/declarations/initial_value.h"
#include "extract/declarations/names.h"
#include "extract/declarations/python_object.h"

namespace ringfence {

namespace {

// The declaration that says most: the definition, else the tentative one that stands for it, else the first.
const clang::VarDecl &leading_declaration(const clang::VarDecl &variable) {
  if (const clang::VarDecl *definition = variable.getDefinition())
    return *definition;
  for (const clang::VarDecl *declaration : variable.redecls()) // it may be asked of a tentative one only
    if (const clang::VarDecl *tentative = declaration->getActingDefinition())
      return *tentative;
  return *variable.getFirstDecl();
}

Storage storage_of(const clang::VarDecl &variable, bool from_template) {
  if (from_template || llvm::isa<clang::VarTemplateSpecializationDecl>(variable) || variable.getDescribedVarTemplate())
    return Storage::template_static;
  if (variable.isStaticLocal())
    return Storage::function_static;
  if (variable.isInline())
    return Storage::inline_variable;
  if (variable.isStaticDataMember())
    return Storage::class_static;
  return variable.getFormalLinkage() == clang::Linkage::Internal || variable.isInAnonymousNamespace()
             ? Storage::file_static
             : Storage::external;
}

Definition definition_of(const clang::VarDecl &variable) {
  switch (variable.isThisDeclarationADefinition()) {
  case clang::VarDecl::Definition:
    return Definition::definition;
  case clang::VarDecl::TentativeDefinition:
    return Definition::tentative;
  default:
    return Definition::declaration;
  }
}

// The variable whose address a pointer is initialised with; null where it is none.
const clang::VarDecl *pointed_to(const clang::VarDecl &pointer) {
  const clang::Expr *value = pointer.getAnyInitializer();
  const auto *address = value ? llvm::dyn_cast<clang::UnaryOperator>(value->IgnoreParenCasts()) : nullptr;
  const auto *reference = address && address->getOpcode() == clang::UO_AddrOf
                              ? llvm::dyn_cast<clang::DeclRefExpr>(address->getSubExpr()->IgnoreParens())
                              : nullptr;
  const auto *variable = reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  return variable && variable->hasGlobalStorage() ? variable : nullptr;
}

} // namespace

namespace {

struct InnerMember {
  std::string name; // "pool.head" of a struct within; without elements of arrays
  const clang::FieldDecl *field = nullptr;
  bool in_array = false; // a struct around it is an element
};

// Follows a path into structs by value, up to one that is judged as one.
InnerMember innermost_member(clang::QualType type, llvm::StringRef path, const clang::ASTContext &context,
                             llvm::function_ref<bool(const clang::RecordDecl &)> is_judged_as_one) {
  InnerMember found;
  while (!path.empty()) {
    const llvm::StringRef name = path.take_until([](char c) { return c == '.' || c == '['; });
    const clang::RecordDecl *record = context.getBaseElementType(type)->getAsRecordDecl();
    if (!record || is_judged_as_one(*record))
      break;
    const auto field = llvm::find_if(record->fields(), [&](const clang::FieldDecl *each) {
      return each->getIdentifier() && each->getName() == name;
    });
    if (field == record->field_end())
      break;
    found.in_array |= found.field && found.field->getType()->isArrayType();
    found.field = *field;
    found.name += (found.name.empty() ? "" : ".") + name.str();
    type = field->getType();
    path = path.drop_front(name.size());
    while (path.consume_front("["))
      path = path.drop_front(std::min(path.find(']'), path.size() - 1) + 1);
    path.consume_front(".");
  }
  return found;
}

} // namespace

Registry::Registry(clang::ASTContext &context, FileTable &files, TuFacts &facts, const Knowledge &knowledge)
    : context_(context), files_(files), facts_(facts), types_(context, knowledge), mangler_(context),
      knowledge_(knowledge) {}

// A template's object stands for all its instances: what one of them leads to counts.
void Registry::add_instance(TypeFacts &all, const TypeFacts &instance) {
  constexpr bool TypeFacts::*leads_to[] = {&TypeFacts::reaches_object, &TypeFacts::object_by_value,
                                           &TypeFacts::type_by_value,  &TypeFacts::reaches_interpreter,
                                           &TypeFacts::reaches_void,   &TypeFacts::function_pointer,
                                           &TypeFacts::data_pointer,   &TypeFacts::lock,
                                           &TypeFacts::handle,         &TypeFacts::owns_object};
  for (bool TypeFacts::*fact : leads_to)
    all.*fact |= instance.*fact;
}

Index Registry::object(const clang::ValueDecl *decl) {
  if (const auto *binding = llvm::dyn_cast_or_null<clang::BindingDecl>(decl))
    decl = llvm::dyn_cast_or_null<clang::VarDecl>(binding->getDecomposedDecl());
  const auto *variable = llvm::dyn_cast_or_null<clang::VarDecl>(decl);
  if (!variable || !variable->hasGlobalStorage())
    return none;
  if (auto known = objects_.find(variable); known != objects_.end())
    return known->second;
  const clang::Decl *canonical = pattern_of(*variable).getCanonicalDecl();
  Index index = none;
  if (auto known = objects_.find(canonical); known != objects_.end())
    index = known->second;
  else
    index = add_object(pattern_of(*variable));
  if (&pattern_of(*variable) != variable)
    add_instance(facts_.objects[index].type, types_.read(*variable));
  objects_[canonical] = index;
  return objects_[variable] = index;
}

Index Registry::add_object(const clang::VarDecl &variable) {
  if (variable.isStaticLocal())
    if (auto known = locals_.find(variable.getLocation().getRawEncoding()); known != locals_.end()) {
      add_instance(facts_.objects[known->second].type, types_.read(variable));
      return known->second;
    }
  const clang::VarDecl &leading = leading_declaration(variable);
  Object object;
  object.name = leading.getDeclName() ? leading.getNameAsString() : qualified_name(leading);
  std::string path = path_of(leading.getLocation());
  if (const clang::FunctionDecl *function = leading.isStaticLocal() ? enclosing_function(leading) : nullptr) {
    object.function = function_name(*function);
    object.id = unique_object_id(path + ":" + object.function + "():" + object.name);
  } else {
    object.id = unique_object_id(path + ":" + qualified_name(leading));
  }
  object.symbol = symbol_of(leading, mangler_);
  object.macro = outermost_macro(leading.getLocation(), context_);
  object.storage = storage_of(leading, is_templated(leading));
  object.definition = definition_of(leading);
  object.initialiser = initial_value(leading, context_);
  object.external_linkage = leading.isExternallyVisible();
  object.hidden = object.external_linkage && leading.getVisibility() == clang::HiddenVisibility;
  object.thread_local_storage = leading.getTLSKind() != clang::VarDecl::TLS_None;
  object.in_header = !files_.in_main_file(leading.getLocation());
  object.outside = !files_.in_project(leading.getLocation());
  object.type = types_.read(leading);
  object.location = files_.location(leading.getLocation());
  Index index = static_cast<Index>(facts_.objects.size());
  facts_.objects.push_back(std::move(object));
  variables_.push_back(&leading);
  initialisers_.push_back(leading.getAnyInitializer());
  if (variable.isStaticLocal())
    locals_[variable.getLocation().getRawEncoding()] = index;
  return index;
}

Index Registry::object(const clang::CompoundLiteralExpr *literal, const std::string &initialised) {
  if (!literal->isFileScope())
    return none;
  auto [known, fresh] = literals_.try_emplace(literal, static_cast<Index>(facts_.objects.size()));
  if (!fresh)
    return known->second;
  Object object;
  object.name = "(compound literal of " + initialised + ")";
  object.id = unique_object_id(path_of(literal->getBeginLoc()) + ":" + object.name);
  object.macro = outermost_macro(literal->getBeginLoc(), context_);
  object.storage = Storage::compound_literal;
  object.initialiser = initial_value(*literal->getInitializer(), context_);
  object.in_header = !files_.in_main_file(literal->getBeginLoc());
  object.outside = !files_.in_project(literal->getBeginLoc());
  object.type = types_.read(literal->getType());
  object.location = files_.location(literal->getBeginLoc());
  facts_.objects.push_back(std::move(object));
  variables_.push_back(nullptr);
  initialisers_.push_back(literal->getInitializer());
  return known->second;
}

Index Registry::member(llvm::ArrayRef<const clang::FieldDecl *> path, Holder holder) {
  const auto [known, fresh] =
      members_.try_emplace({path.begin(), path.end()}, static_cast<Index>(facts_.objects.size()));
  if (!fresh) {
    Holder &said = facts_.objects[known->second].holder;
    said = std::max(said, holder);
    return known->second;
  }
  const clang::RecordDecl &record = *path.front()->getParent();
  Object object;
  object.record = tag_name(record);
  for (const clang::FieldDecl *field : path)
    if (field->getIdentifier())
      object.name += (object.name.empty() ? "" : ".") + field->getNameAsString();
  object.id = unique_object_id(path_of(record.getLocation()) + ":" + object.record + "::" + object.name);
  object.storage = Storage::member;
  object.definition = Definition::declaration;
  object.holder = is_python_object(record, knowledge_) ? Holder::instance : holder;
  object.in_header = !files_.in_main_file(record.getLocation());
  object.outside = !files_.in_project(record.getLocation());
  object.type = types_.read(path.back()->getType());
  object.location = files_.location(path.back()->getLocation());
  facts_.objects.push_back(std::move(object));
  variables_.push_back(nullptr);
  initialisers_.push_back(nullptr);
  return known->second;
}

void Registry::name_member(Index object, llvm::StringRef path) {
  path.consume_front("[]");
  const clang::VarDecl *variable = variables_[object];
  if (!variable || !(path.starts_with(".") || path.starts_with("->")))
    return;
  if (path.consume_front("->")) { // by a pointer that leads to it from the start
    variable = pointed_to(*variable);
    if (!variable)
      return;
    object = this->object(variable);
  } else {
    path.consume_front(".");
  }
  path = path.take_front(path.find("->"));
  if (!named_members_.emplace(object, path.str()).second)
    return;
  const auto is_judged_as_one = [&](const clang::RecordDecl &record) {
    return record.isUnion() || is_of_api(record) || is_python_object(record, knowledge_);
  };
  const auto [name, field, in_array] = innermost_member(variable->getType(), path, context_, is_judged_as_one);
  if (!field || !named_members_.emplace(object, "." + name).second)
    return;
  TypeFacts type = types_.read(field->getType());
  type.array |= in_array;
  facts_.struct_members.push_back({object, name, std::move(type), files_.location(field->getLocation())});
}

// Structs of Python's API, and objects, are judged as wholes.
bool Registry::is_of_api(const clang::RecordDecl &record) const {
  const KnownType *known = knowledge_.type(tag_name(record));
  return known && known->is_of_api();
}

Index Registry::function(const clang::FunctionDecl *decl) {
  if (!decl)
    return none;
  if (auto known = functions_.find(decl); known != functions_.end())
    return known->second;
  const clang::FunctionDecl &pattern = pattern_of(*decl);
  const clang::Decl *canonical = pattern.getCanonicalDecl();
  Index index = none;
  if (auto known = functions_.find(canonical); known != functions_.end())
    index = known->second;
  else
    index = add_function(pattern);
  functions_[canonical] = index;
  return functions_[decl] = index;
}

Index Registry::add_function(const clang::FunctionDecl &declared) {
  const clang::FunctionDecl *definition = declared.getDefinition();
  const clang::FunctionDecl &leading = definition ? *definition : *declared.getFirstDecl();
  Function function;
  function.id = function_id(leading);
  function.name = qualified_name(leading);
  function.defined = definition != nullptr;
  function.external_linkage = leading.isExternallyVisible();
  function.hidden = function.external_linkage && leading.getVisibility() == clang::HiddenVisibility;
  function.in_header = !files_.in_main_file(leading.getLocation());
  function.outside = !files_.in_project(leading.getLocation());
  function.constructor_attribute =
      leading.hasAttr<clang::ConstructorAttr>() || leading.hasAttr<clang::DestructorAttr>();
  function.macro = outermost_macro(leading.getLocation(), context_);
  function.return_type = types_.spell(leading.getReturnType());
  for (const clang::ParmVarDecl *parameter : leading.parameters())
    function.parameter_types.push_back(types_.spell(parameter->getType()));
  function.location = files_.location(leading.getLocation());
  facts_.functions.push_back(std::move(function));
  return static_cast<Index>(facts_.functions.size() - 1);
}

// Overloads of a template have no symbol to tell them apart: their parameters do.
std::string Registry::function_id(const clang::FunctionDecl &function) {
  const auto *method = llvm::dyn_cast<clang::CXXMethodDecl>(&function);
  if (method && method->getParent()->isLambda())
    return lambda_name(function);
  if (is_templated(function)) {
    std::string id = path_of(function.getLocation()) + ":" + qualified_name(function) + "(";
    for (const clang::ParmVarDecl *parameter : function.parameters())
      id += (id.back() == '(' ? "" : ", ") + types_.spell(parameter->getType());
    return id + ")";
  }
  std::string symbol = symbol_of(function, mangler_);
  return function.isExternallyVisible() ? symbol : path_of(function.getLocation()) + ":" + symbol;
}

// Numbered within the function around it, in the order in which they are met.
std::string Registry::lambda_name(const clang::FunctionDecl &call) {
  const clang::FunctionDecl *around = enclosing_function(call);
  std::string scope = path_of(call.getLocation()) + ":" + (around ? qualified_name(*around) + "()::" : "");
  return scope + "(lambda #" + std::to_string(++lambdas_[scope]) + ")";
}

std::string Registry::path_of(clang::SourceLocation place) {
  const Index file = files_.file(place);
  return file == none ? "<built-in>" : facts_.files[file].path;
}

// Objects of one name in different blocks of a function, in overloads, or in an anonymous namespace and beside it: the
// second and later get "#2", "#3" in the order of the source.
std::string Registry::unique_object_id(std::string id) {
  if (object_ids_.insert(id).second)
    return id;
  for (unsigned number = 2;; ++number)
    if (std::string candidate = id + "#" + std::to_string(number); object_ids_.insert(candidate).second)
      return candidate;
}

} // namespace ringfence
