#include "extract/spans/function_ways.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/path.h"
#include "base/sort_unique.h"
#include "base/text.h"
#include "extract/spans/semantic_walk.h"
#include "extract/spans/source_spans.h"
#include "extract/spans/written_lists.h"
#include "knowledge/slot_names.h"
#include "knowledge/source_names.h"

namespace ringfence {
namespace {

using clang::SourceLocation;

const clang::Expr *element(const clang::InitListExpr *list, unsigned number) {
  return list && number < list->getNumInits() ? list->getInit(number) : nullptr;
}

template <class Declaration> const Declaration *named_in(const clang::Expr *value) {
  const clang::DeclRefExpr *name = name_in(value);
  return name ? llvm::dyn_cast<Declaration>(name->getDecl()->getCanonicalDecl()) : nullptr;
}

long long number_in(const clang::Expr *value, const clang::ASTContext &context) {
  clang::Expr::EvalResult result;
  return value && !value->isValueDependent() && value->EvaluateAsInt(result, context)
             ? result.Val.getInt().getExtValue()
             : 0;
}

bool is_null(const clang::Expr *value, const clang::ASTContext &context) {
  return value && value->IgnoreParenCasts()->isNullPointerConstant(const_cast<clang::ASTContext &>(context),
                                                                   clang::Expr::NPC_ValueDependentIsNotNull);
}

// What the functions of a type's slot are called with.
Way way_of_slot(const std::string &slot) {
  const auto of = [&](std::span<const std::string_view> names) { return is_one_of(names, slot); };
  if (of(source_name::ending_slots))
    return {WayKind::none, "it stands in " + slot + ", which runs when the type may have lost its module"};
  if (of(source_name::making_slots))
    return {WayKind::type, ""};
  if (of(source_name::ternary_slots))
    return {WayKind::none, "it stands in " + slot + ", where any of three operands may be of the type"};
  return {of(source_name::binary_slots) ? WayKind::either : WayKind::instance, ""};
}

// A call that gets a PyType_Spec.
struct SpecCall {
  const clang::CallExpr *call;
  const clang::FunctionDecl *callee, *caller;
};

class WayReader : public SemanticWalk<WayReader> {
  using Base = SemanticWalk<WayReader>;

public:
  WayReader(SourceSpans spans, clang::ASTContext &context, UnitWays &result)
      : spans_(std::move(spans)), context_(context), result_(result) {}

  bool TraverseFunctionDecl(clang::FunctionDecl *function) {
    if (function->doesThisDeclarationHaveABody())
      read_function(*function);
    return Base::TraverseFunctionDecl(function);
  }
  bool TraverseVarDecl(clang::VarDecl *variable) {
    if (variable->hasGlobalStorage() && variable->hasInit())
      read_variable(*variable);
    return Base::TraverseVarDecl(variable);
  }
  bool VisitCallExpr(clang::CallExpr *call) {
    const clang::FunctionDecl *callee = call->getDirectCallee();
    const auto *name = llvm::dyn_cast<clang::DeclRefExpr>(call->getCallee()->IgnoreParenImpCasts());
    if (!callee || !name)
      return true;
    called_.insert(name);
    read_call(*call, *callee, *name);
    if (std::any_of(call->arg_begin(), call->arg_end(), [](const clang::Expr *argument) {
          const auto *variable = named_in<clang::VarDecl>(argument);
          return variable && record_of(variable->getType()) == source_name::type_spec;
        }))
      spec_calls_.push_back({call, callee->getCanonicalDecl(), function_});
    all_calls_[function_ ? function_->getCanonicalDecl() : nullptr].push_back(call);
    if (callee->getName() == llvm::StringRef(source_name::adds_functions) && call->getNumArgs() == 2)
      if (const clang::DeclRefExpr *table = name_in(call->getArg(1)))
        module_tables_.insert(table->getDecl()->getCanonicalDecl()), known_.insert(table);
    return true;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr *name) {
    names_.push_back(name);
    return true;
  }

  void finish(const UnreadText &unread) {
    read_module_functions();
    read_types();
    std::map<std::string, std::vector<Span>> spelled;
    for (const clang::DeclRefExpr *name : names_) {
      const auto *function = llvm::dyn_cast<clang::FunctionDecl>(name->getDecl());
      if (!function)
        continue;
      spelled[function->getNameAsString()].push_back(spans_.token(name->getLocation()));
      if (!called_.contains(name) && !known_.contains(name))
        add_way(*function, {WayKind::none, at(*name) + "its address is taken"});
    }
    for (auto &[name, shape] : result_.functions) {
      if (!shape.own_file || !shape.internal)
        continue;
      sort_unique(spelled[name]);
      if (!unread_uses(spans_, unread, name, spelled[name], {}, shape.obstacles).empty() && shape.obstacles.empty())
        shape.obstacles.push_back("a macro that nothing expands, or a branch for Python 2, names it");
    }
  }

private:
  std::string at(const clang::Stmt &node) const { return spans_.place(node.getBeginLoc()) + ": "; }

  // ---- functions

  void read_function(const clang::FunctionDecl &function) {
    FunctionShape &shape = result_.functions[function.getNameAsString()];
    if (!shape.name.empty())
      shape.ways.push_back({WayKind::none, at(*function.getBody()) + "another function has its name"});
    shape.name = function.getNameAsString();
    shape.internal = !function.isExternallyVisible();
    const clang::Stmt *body = function.getBody();
    if (body && !body->getBeginLoc().isMacroID() && !body->getEndLoc().isMacroID() &&
        spans_.sources().getFileID(body->getBeginLoc()) == spans_.sources().getMainFileID()) {
      shape.body = spans_.as_written(body->getSourceRange());
      shape.own_file = !shape.body.file.empty();
    }
    for (const clang::FunctionDecl *declaration : function.redecls()) {
      const clang::FunctionTypeLoc type = declaration->getFunctionTypeLoc();
      const bool editable = type && !type.getLParenLoc().isMacroID() && !type.getRParenLoc().isMacroID() &&
                            spans_.in_main_file(type.getLParenLoc());
      shape.heads.push_back(editable ? spans_.as_written({type.getLParenLoc(), type.getRParenLoc()}) : Span());
    }
    sort_unique(shape.heads);
    for (const clang::ParmVarDecl *parameter : function.parameters())
      shape.parameters.push_back(read_parameter(*parameter));
  }

  Parameter read_parameter(const clang::ParmVarDecl &variable) const {
    Parameter parameter;
    parameter.name = variable.getNameAsString();
    parameter.object = record_of(variable.getType()->getPointeeType()) == "_object";
    parameter.type = record_of(variable.getType()->getPointeeType()) == "_typeobject";
    if (parameter.name.empty())
      return parameter;
    parameter.written = spans_.as_written({variable.getLocation(), variable.getLocation()});
    // Py_UNUSED(self) makes another name.
    const std::string text = spans_.text(parameter.written);
    if (const std::size_t open = text.find('('); open != std::string::npos && text.ends_with(')'))
      parameter.name = text.substr(open + 1, text.size() - open - 2);
    return parameter;
  }

  FunctionShape *shape_of(const clang::FunctionDecl &function) {
    const clang::FunctionDecl *definition = function.getDefinition();
    return definition ? &result_.functions[definition->getNameAsString()] : nullptr;
  }

  void add_way(const clang::FunctionDecl &function, const Way &way) {
    if (FunctionShape *shape = shape_of(function))
      shape->ways.push_back(way);
  }

  // ---- calls

  void read_call(const clang::CallExpr &call, const clang::FunctionDecl &callee, const clang::DeclRefExpr &name) {
    if (!callee.getDefinition())
      return;
    NamedCall found{callee.getNameAsString(),
                    function_ ? function_->getNameAsString() : "",
                    {},
                    call.getNumArgs() > 0,
                    NamedCall::First::other,
                    spans_.place(call.getBeginLoc())};
    if (const Span word = spans_.token(name.getLocation());
        !word.file.empty() && spans_.text(word) == found.callee &&
        spans_.sources().isInMainFile(spans_.sources().getSpellingLoc(name.getLocation())))
      if (const auto next = spans_.next_token(spans_.sources().getSpellingLoc(name.getLocation()));
          next && next->is(clang::tok::l_paren)) {
        const unsigned behind = spans_.sources().getFileOffset(next->getEndLoc());
        found.arguments = {word.file, behind, behind};
      }
    if (call.getNumArgs() > 0) {
      const auto *parameter = named_in<clang::ParmVarDecl>(call.getArg(0));
      if (is_null(call.getArg(0), context_))
        found.first = NamedCall::First::null;
      else if (parameter && function_ && function_->getNumParams() > 0 &&
               parameter == function_->getParamDecl(0)->getCanonicalDecl())
        found.first = NamedCall::First::own;
    }
    result_.calls.push_back(std::move(found));
  }

  // ---- tables

  void read_variable(const clang::VarDecl &variable) {
    const clang::Decl *key = variable.getCanonicalDecl();
    const clang::InitListExpr *list = list_of(variable.getInit());
    if (!list)
      return;
    const clang::ArrayType *array = variable.getType()->getAsArrayTypeUnsafe();
    const std::string record = record_of(array ? array->getElementType() : variable.getType());
    if (record == "_typeobject")
      result_.other_types = true;
    if (record == source_name::module_definition)
      read_module(variable, *list);
    if (record == source_name::type_spec && !array) {
      known(element(list, 4));
      if (const auto *slots = named_in<clang::VarDecl>(element(list, 4)))
        specs_[key] = slots;
    }
    if (array && is_one_of(source_name::reached_tables, record)) {
      tables_[key] = {record, list};
      for (const clang::Expr *entry : list->inits())
        for (unsigned i = 0; list_of(entry) && i < list_of(entry)->getNumInits(); ++i)
          known(element(list_of(entry), i));
    }
  }

  void known(const clang::Expr *value) {
    if (const clang::DeclRefExpr *name = name_in(value))
      known_.insert(name);
  }

  // Calls `use` with each entry of the table that `value` names.
  template <class Use> void each_entry(const clang::Decl *table, std::string_view record, Use use) const {
    if (const auto found = tables_.find(table); found != tables_.end() && found->second.first == record)
      for (const clang::Expr *entry : found->second.second->inits())
        if (const clang::InitListExpr *values = list_of(entry))
          use(*values);
  }

  void add_methods(const clang::Decl *table, bool of_module, const std::string &why_not) {
    each_entry(table, source_name::method_entry, [&](const clang::InitListExpr &entry) {
      const auto *function = named_in<clang::FunctionDecl>(element(&entry, 1));
      const long long flags = number_in(element(&entry, 2), context_);
      constexpr long long of_class = 0x10, of_nothing = 0x20, gets_class = 0x200;
      Way way{of_module ? WayKind::module : WayKind::instance, ""};
      if (!why_not.empty())
        way = {WayKind::none, why_not};
      else if (flags & of_nothing)
        way = {WayKind::none, at(entry) + "it is a static method"};
      else if (flags & gets_class)
        way.kind = WayKind::defining;
      else if (flags & of_class)
        way.kind = WayKind::type;
      if (function)
        add_way(*function, way);
    });
    reached_.insert(table);
  }

  // ---- the module

  void read_module(const clang::VarDecl &variable, const clang::InitListExpr &list) {
    ModuleShape shape;
    shape.name = variable.getNameAsString();
    shape.line = spans_.line(variable.getLocation());
    shape.at_file_scope = variable.isFileVarDecl();
    shape.own_file = spans_.in_main_file(variable.getLocation()) && !variable.getLocation().isMacroID();
    const Span span = spans_.as_written({variable.getOuterLocStart(), variable.getEndLoc()});
    if (const auto next = spans_.next_token(spans_.end_of(variable.getEndLoc())); next && next->is(clang::tok::semi))
      shape.statement = {span.file, span.begin, spans_.sources().getFileOffset(next->getEndLoc())};
    if (const auto *title = llvm::dyn_cast_or_null<clang::StringLiteral>(
            element(&list, 1) ? element(&list, 1)->IgnoreParenCasts() : nullptr))
      shape.title = title->getString();
    read_values(list, shape);
    read_state_type(element(&list, 3), shape);
    constexpr unsigned methods = 4, slots = 5;
    for (unsigned member = methods; member <= 8; ++member)
      known(element(&list, member));
    if (const auto *table = named_in<clang::VarDecl>(element(&list, methods)))
      module_tables_.insert(table);
    if (const auto *table = named_in<clang::VarDecl>(element(&list, slots))) {
      shape.has_slots = true;
      module_slots_.push_back({result_.modules.size(), table});
    }
    for (unsigned member = slots + 1; member <= 8; ++member)
      if (const auto *function = named_in<clang::FunctionDecl>(element(&list, member)))
        module_hooks_.insert(function);
    result_.modules.push_back(std::move(shape));
  }

  void read_values(const clang::InitListExpr &semantic, ModuleShape &shape) const {
    const WrittenDefinition definition = written_definition(semantic);
    shape.designated = definition.designated;
    shape.given = definition.given;
    for (const auto &[member, value] : definition.members) {
      const Span span = spans_.as_written(value->getSourceRange());
      if (span.file.empty())
        shape.statement = {};
      shape.last = span.end;
      const auto *named = named_in<clang::NamedDecl>(value);
      shape.members[member] = {span, is_null(value, context_) ? "NULL" : spans_.text(span),
                               named ? named->getNameAsString() : ""};
    }
  }

  // `sizeof(state)` or `sizeof(struct state)`.
  void read_state_type(const clang::Expr *size, ModuleShape &shape) const {
    const auto *trait = size ? llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(size->IgnoreParenImpCasts()) : nullptr;
    if (!trait || trait->getKind() != clang::UETT_SizeOf || !trait->isArgumentType())
      return;
    const clang::TypeLoc type = trait->getArgumentTypeInfo()->getTypeLoc();
    shape.state_type = spans_.text(spans_.as_written(type.getSourceRange()));
    const clang::RecordDecl *record = trait->getArgumentType().getCanonicalType()->getAsRecordDecl();
    record = record ? record->getDefinition() : nullptr;
    if (record && !record->getBraceRange().getEnd().isMacroID() && spans_.in_main_file(record->getLocation()))
      shape.state_end = spans_.sources().getFileOffset(record->getBraceRange().getEnd());
  }

  void read_module_functions() {
    for (const clang::Decl *table : module_tables_)
      add_methods(table, true, "");
    for (const clang::FunctionDecl *hook : module_hooks_)
      add_way(*hook, {WayKind::module, ""});
    for (const auto &[number, table] : module_slots_) {
      ModuleShape &shape = result_.modules[number];
      reached_.insert(table);
      if (const auto found = tables_.find(table);
          found != tables_.end() && !found->second.second->getBeginLoc().isMacroID())
        shape.slots_begin = spans_.as_written(found->second.second->getSourceRange()).begin + 1;
      each_entry(table, source_name::module_slot, [&](const clang::InitListExpr &entry) {
        const std::string slot = slot_name(SlotTable::module_def, number_in(element(&entry, 0), context_));
        const auto *function = named_in<clang::FunctionDecl>(element(&entry, 1));
        shape.creates |= slot == slot::create;
        if (function)
          add_way(*function, slot == slot::exec ? Way{WayKind::module, ""}
                                                : Way{WayKind::none, at(entry) + "it runs before there is a module"});
      });
    }
  }

  // ---- types

  // The argument that holds the module where argument `spec` holds a spec; none where it makes types without one.
  std::optional<unsigned> module_argument(const clang::FunctionDecl &function, unsigned spec, int depth = 0) const {
    const llvm::StringRef name = function.getName();
    for (const auto &maker : source_name::type_makers)
      if (name == llvm::StringRef(maker.function))
        return maker.module;
    const auto calls = all_calls_.find(function.getCanonicalDecl());
    const clang::FunctionDecl *definition = function.getDefinition();
    if (calls == all_calls_.end() || !definition || depth > 4)
      return std::nullopt;
    const auto number_of = [&](const clang::Expr *argument) -> std::optional<unsigned> {
      const auto *parameter = named_in<clang::ParmVarDecl>(argument);
      for (unsigned i = 0; parameter && i < definition->getNumParams(); ++i)
        if (definition->getParamDecl(i)->getCanonicalDecl() == parameter)
          return i;
      return std::nullopt;
    };
    for (const clang::CallExpr *call : calls->second)
      for (unsigned i = 0; i < call->getNumArgs(); ++i)
        if (number_of(call->getArg(i)) == spec && call->getDirectCallee())
          if (const auto module = module_argument(*call->getDirectCallee(), i, depth + 1);
              module && *module < call->getNumArgs())
            return number_of(call->getArg(*module));
    return std::nullopt;
  }

  // Whether the call makes a type of the spec, with its module.
  bool makes_with_module(const SpecCall &made, const clang::Decl *spec) const {
    for (unsigned i = 0; i < made.call->getNumArgs(); ++i)
      if (named_in<clang::VarDecl>(made.call->getArg(i)) == spec)
        if (const auto module = module_argument(*made.callee, i); module && *module < made.call->getNumArgs())
          return !is_null(made.call->getArg(*module), context_);
    return false;
  }

  void read_types() {
    for (const auto &[spec, slots] : specs_) {
      std::string why = "its type is made in a way that is not known";
      for (const SpecCall &made : spec_calls_)
        for (const clang::Expr *argument : made.call->arguments())
          if (named_in<clang::VarDecl>(argument) == spec) {
            why = makes_with_module(made, spec) ? "" : at(*made.call) + "its type is made without the module";
            known(argument);
          }
      add_type(slots, why);
      result_.other_types |= !why.empty();
    }
    for (const clang::DeclRefExpr *name : names_) {
      const clang::Decl *named = name->getDecl()->getCanonicalDecl();
      if (known_.contains(name))
        continue;
      if (const auto spec = specs_.find(named); spec != specs_.end())
        result_.other_types = true, add_type(spec->second, at(*name) + "its type is made in a way that is not known");
      else if (tables_.contains(named))
        add_table(named, at(*name) + "its table is used in a way that is not known");
    }
    std::vector<const clang::Decl *> unused;
    for (const auto &[table, entries] : tables_)
      if (!reached_.contains(table))
        unused.push_back(table);
    for (const clang::Decl *table : unused)
      add_table(table, "its table is used in a way that is not known");
  }

  void add_type(const clang::Decl *slots, const std::string &why) {
    reached_.insert(slots);
    each_entry(slots, source_name::type_slot, [&](const clang::InitListExpr &entry) {
      const std::string slot = slot_name(SlotTable::type, number_in(element(&entry, 0), context_));
      if (const auto *table = named_in<clang::VarDecl>(element(&entry, 1)))
        add_attributes(table, why);
      if (const auto *function = named_in<clang::FunctionDecl>(element(&entry, 1)))
        add_way(*function, why.empty() ? with_place(way_of_slot(slot), entry) : Way{WayKind::none, why});
    });
  }

  Way with_place(Way way, const clang::Stmt &node) const {
    if (way.kind == WayKind::none)
      way.why = at(node) + way.why;
    return way;
  }

  void add_attributes(const clang::Decl *table, const std::string &why) {
    add_methods(table, false, why);
    each_entry(table, source_name::getset_entry, [&](const clang::InitListExpr &entry) {
      for (unsigned i : {1u, 2u})
        if (const auto *function = named_in<clang::FunctionDecl>(element(&entry, i)))
          add_way(*function, {why.empty() ? WayKind::instance : WayKind::none, why});
    });
  }

  // All functions of a table whose reader is not known.
  void add_table(const clang::Decl *table, const std::string &why) {
    for (const clang::Expr *entry : tables_.at(table).second->inits())
      for (unsigned i = 0; list_of(entry) && i < list_of(entry)->getNumInits(); ++i)
        if (const auto *function = named_in<clang::FunctionDecl>(element(list_of(entry), i)))
          add_way(*function, {WayKind::none, why});
  }

  SourceSpans spans_;
  clang::ASTContext &context_;
  UnitWays &result_;
  std::vector<const clang::DeclRefExpr *> names_;
  std::set<const clang::DeclRefExpr *> called_, known_; // names whose meaning is read elsewhere
  std::map<const clang::Decl *, std::pair<std::string, const clang::InitListExpr *>> tables_; // record, entries
  std::map<const clang::Decl *, const clang::Decl *> specs_;                                  // to their slots
  std::set<const clang::Decl *> module_tables_, reached_;
  std::set<const clang::FunctionDecl *> module_hooks_;
  std::vector<std::pair<std::size_t, const clang::Decl *>> module_slots_; // number of the module, its table
  std::vector<SpecCall> spec_calls_;
  std::map<const clang::FunctionDecl *, std::vector<const clang::CallExpr *>> all_calls_; // by caller
};

} // namespace

UnitWays read_function_ways(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files) {
  UnitWays result;
  result.file = absolute_path(unit.file, unit.directory);
  UnreadText unread;
  parse_unit(
      unit, files, [&](clang::CompilerInstance &compiler) { watch_unread(compiler, result.file, unread); },
      [&](clang::CompilerInstance &compiler, clang::ASTContext &context, bool errors) {
        WayReader reader(SourceSpans(compiler, unit.directory, paths.root), context, result);
        reader.TraverseDecl(context.getTranslationUnitDecl());
        reader.finish(unread);
        result.read_in_full = !errors;
        result.cxx = context.getLangOpts().CPlusPlus;
      });
  return result;
}

} // namespace ringfence
