#include "extract/spans/type_tables.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/path.h"
#include "base/text.h"
#include "extract/spans/semantic_walk.h"
#include "extract/spans/source_spans.h"
#include "extract/spans/written_lists.h"
#include "knowledge/source_names.h"

namespace ringfence {
namespace {

using clang::SourceLocation;

bool is_type_object(const clang::VarDecl &variable) { return record_of(variable.getType()) == "_typeobject"; }

bool is_sub_table(const clang::VarDecl &variable) {
  return is_one_of(source_name::protocol_tables, record_of(variable.getType()));
}

// What the expression is or has the address of, by name, without casts.
const clang::ValueDecl *referred(const clang::Expr *value) {
  const clang::DeclRefExpr *name = name_in(value);
  return name ? name->getDecl() : nullptr;
}

class TypeReader : public SemanticWalk<TypeReader> {
  using Base = SemanticWalk<TypeReader>;

public:
  TypeReader(SourceSpans spans, UnitTypes &result) : spans_(std::move(spans)), result_(result) {}

  bool TraverseVarDecl(clang::VarDecl *variable) {
    if (variable->isFileVarDecl() && spans_.in_main_file(variable->getLocation()))
      read_variable(*variable);
    else if (variable->isFileVarDecl() && is_type_object(*variable))
      types_[variable->getNameAsString()].in_headers.push_back(statement_of(*variable));
    const clang::VarDecl *outer = variable->hasGlobalStorage() ? std::exchange(initialised_, variable) : initialised_;
    const bool go_on = Base::TraverseVarDecl(variable);
    initialised_ = outer;
    return go_on;
  }
  bool TraverseStmt(clang::Stmt *statement) {
    if (!statement)
      return true;
    parents_.push_back(statement);
    const bool go_on = Base::TraverseStmt(statement);
    parents_.pop_back();
    return go_on;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr *name) {
    const clang::ValueDecl *declaration = name->getDecl();
    if (const auto *function = llvm::dyn_cast<clang::FunctionDecl>(declaration))
      ++functions_[function->getNameAsString()];
    const auto *variable = llvm::dyn_cast<clang::VarDecl>(declaration);
    if (!variable || !variable->isFileVarDecl())
      return true;
    ++variables_[variable->getNameAsString()];
    if (is_type_object(*variable))
      read_use(*name, *variable);
    return true;
  }

  bool VisitCallExpr(clang::CallExpr *call) {
    const clang::FunctionDecl *callee = call->getDirectCallee();
    if (!callee || call->getNumArgs() != 2 || callee->getName() != llvm::StringRef(source_name::has_attribute))
      return true;
    const Span name = spans_.token(call->getCallee()->getBeginLoc());
    const std::string asked = spans_.text(spans_.as_written(call->getArg(0)->getSourceRange()));
    if (contains(asked, source_name::type_of_object) && name.file == result_.file)
      result_.asked_types.push_back(name);
    return true;
  }

  void read_function(const clang::FunctionDecl &function) {
    if (!function.doesThisDeclarationHaveABody() || !spans_.in_main_file(function.getLocation()))
      return;
    SlotFunction &shape = result_.functions[function.getNameAsString()];
    shape.name = function.getNameAsString();
    for (const clang::ParmVarDecl *parameter : function.parameters())
      shape.parameters.push_back(parameter->getNameAsString());
    if (function.getNumParams() > 0)
      shape.self_type = function.getParamDecl(0)->getType().getAsString();
    const auto *body = llvm::dyn_cast<clang::CompoundStmt>(function.getBody());
    if (!body || body->getBeginLoc().isMacroID())
      return;
    shape.body = spans_.as_written(body->getSourceRange());
    shape.declared = spans_.as_written(function.getSourceRange()).begin;
    shape.begin = shape.body.begin + 1;
    for (const clang::Stmt *statement : body->body()) {
      if (!llvm::isa<clang::DeclStmt>(statement))
        break;
      shape.begin = spans_.statement(*statement).end;
    }
    if (!body->body_empty())
      shape.last = spans_.statement(*body->body_back());
    shape.returns = has_return(*body);
    shape.gives_type_up = drops_type(*body);
  }

  void finish(const UnreadText &unread) {
    for (auto &[name, shape] : types_) {
      find_ready(shape);
      std::ranges::sort(shape.statements);
      if (!shape.definition.file.empty())
        add_unread_uses(shape, unread);
      std::ranges::sort(shape.uses, {}, [](const TypeUse &use) { return use.span; });
    }
    for (auto &[name, shape] : types_)
      if (shape.definition.file.empty() && is_bound(name, shape))
        result_.bound.insert(name);
    for (auto &[name, shape] : types_)
      if (!shape.definition.file.empty())
        result_.types.push_back(std::move(shape));
    std::ranges::sort(result_.types, {}, [](const TypeShape &shape) { return shape.definition.begin; });
    for (auto &[name, table] : result_.tables)
      table.uses = variables_[name];
    for (auto &[name, function] : result_.functions)
      function.uses = functions_[name];
  }

private:
  // Whether more is done with another file's type than to take its address and to read it.
  bool is_bound(const std::string &name, const TypeShape &shape) const {
    using Kind = TypeUse::Kind;
    return !shape.statements.empty() || !shape.obstacles.empty() || !bases_of(name).empty() ||
           std::ranges::any_of(shape.uses,
                               [](const TypeUse &use) { return use.kind == Kind::ready || use.kind == Kind::assign; });
  }

  // PyModule_AddType makes a type ready where nothing else does.
  static void find_ready(TypeShape &shape) {
    if (std::ranges::find(shape.uses, TypeUse::Kind::ready, &TypeUse::kind) != shape.uses.end())
      return;
    for (TypeUse &use : shape.uses)
      if (use.callee == source_name::readies_and_adds_type && !use.field.text.empty())
        use.kind = TypeUse::Kind::ready, use.span = use.statement;
  }

  static bool has_return(const clang::Stmt &statement) {
    return llvm::isa<clang::ReturnStmt>(statement) ||
           std::any_of(statement.child_begin(), statement.child_end(),
                       [](const clang::Stmt *child) { return child && has_return(*child); });
  }

  static bool is_type(const clang::Expr &value) {
    return record_of(value.getType()->getPointeeType()) == "_typeobject";
  }

  // Whether a call drops a reference to a type, or to a variable that holds one.
  static bool drops_type(const clang::Stmt &statement) {
    if (const auto *call = llvm::dyn_cast<clang::CallExpr>(&statement);
        call && call->getDirectCallee() && call->getNumArgs() > 0 &&
        call->getDirectCallee()->getName().ends_with(source_name::drops)) {
      const clang::Expr *value = call->getArg(0)->IgnoreParenCasts();
      const auto *name = llvm::dyn_cast<clang::DeclRefExpr>(value);
      const auto *variable = name ? llvm::dyn_cast<clang::VarDecl>(name->getDecl()) : nullptr;
      if (is_type(*value) || (variable && variable->getInit() && is_type(*variable->getInit()->IgnoreParenCasts())))
        return true;
    }
    return std::any_of(statement.child_begin(), statement.child_end(),
                       [](const clang::Stmt *child) { return child && drops_type(*child); });
  }

  // The declaration with its semicolon; no file where it declares more, or a macro makes a part of it.
  Span statement_of(const clang::VarDecl &variable) const {
    const Span span = spans_.as_written({variable.getOuterLocStart(), variable.getEndLoc()});
    const auto next = spans_.next_token(spans_.end_of(variable.getEndLoc()));
    if (span.file.empty() || variable.getLocation().isMacroID() || !next || next->isNot(clang::tok::semi))
      return {};
    return {span.file, span.begin, spans_.sources().getFileOffset(next->getEndLoc())};
  }

  void read_variable(const clang::VarDecl &variable) {
    const bool defines = variable.hasInit() && list_of(variable.getInit());
    if (is_type_object(variable)) {
      TypeShape &shape = types_[variable.getNameAsString()];
      shape.name = variable.getNameAsString();
      shape.external = variable.isExternallyVisible();
      const Span statement = statement_of(variable);
      if (statement.file.empty())
        shape.obstacles.push_back(spans_.place(variable.getLocation()) +
                                  ": one statement declares it with others, or a macro makes a part of it");
      shape.statements.push_back(statement);
      if (!defines)
        return;
      shape.line = spans_.line(variable.getLocation());
      shape.definition = statement;
      read_head(*list_of(variable.getInit()), shape);
      shape.fields = read_fields(*list_of(variable.getInit()), shape.obstacles);
    } else if (is_sub_table(variable)) {
      SubTable &table = result_.tables[variable.getNameAsString()];
      table.name = variable.getNameAsString();
      table.statements.push_back(statement_of(variable));
      std::vector<std::string> obstacles;
      if (defines)
        table.fields = read_fields(*list_of(variable.getInit()), obstacles);
    } else if (const auto *array = variable.getType()->getAsArrayTypeUnsafe();
               array && defines && is_one_of(source_name::attribute_tables, record_of(array->getElementType()))) {
      const clang::InitListExpr *list = list_of(variable.getInit());
      AttributeTable &table = result_.attributes[variable.getNameAsString()];
      if (list->getNumInits() > 0)
        table.first = spans_.as_written(list->getInit(0)->getSourceRange()).begin;
      for (const clang::Expr *element : list->inits())
        if (const clang::InitListExpr *entry = list_of(element); entry && entry->getNumInits() > 0)
          if (const auto *name = llvm::dyn_cast<clang::StringLiteral>(entry->getInit(0)->IgnoreParenCasts())) {
            const Span written = element_of(*entry, *element, variable.getASTContext());
            std::string text = spans_.text(written);
            std::erase_if(text, [](unsigned char c) { return std::isspace(c); });
            table.attributes.push_back({name->getString().str(), std::move(text), written});
          }
    }
  }

  // An attribute that can be read, as written.
  Span element_of(const clang::InitListExpr &entry, const clang::Expr &element,
                  const clang::ASTContext &context) const {
    const bool read = entry.getNumInits() > 1 && !is_zero(*entry.getInit(1), context);
    return read && !element.getBeginLoc().isMacroID() ? spans_.as_written(element.getSourceRange()) : Span();
  }

  // A metaclass of its own is no heap type that PyType_FromModuleAndSpec makes.
  void read_head(const clang::InitListExpr &list, TypeShape &shape) {
    const clang::Expr *head = list.getNumInits() > 0 ? list.getInit(0) : nullptr;
    bool own = false;
    const auto look = [&](auto &self, const clang::Stmt *node) -> void {
      if (const auto *name = llvm::dyn_cast_or_null<clang::DeclRefExpr>(node))
        own |= name->getDecl()->getName() != llvm::StringRef(source_name::type_of_types);
      if (node)
        for (const clang::Stmt *child : node->children())
          self(self, child);
    };
    look(look, head);
    if (own)
      shape.obstacles.push_back(spans_.place(list.getBeginLoc()) + ": it has a metaclass of its own");
  }

  std::vector<TypeField> read_fields(const clang::InitListExpr &list, std::vector<std::string> &obstacles) const {
    std::vector<TypeField> fields;
    const clang::RecordDecl *record = list.getType()->getAsRecordDecl();
    unsigned number = 0;
    for (const clang::FieldDecl *member : record->fields()) {
      const unsigned at = number++;
      if (at >= list.getNumInits() || member->getName() == "ob_base")
        continue;
      const clang::Expr *value = list.getInit(at);
      if (!llvm::isa<clang::ImplicitValueInitExpr>(value) && !is_zero(*value, member->getASTContext()))
        fields.push_back(read_field(member->getNameAsString(), *value, obstacles));
    }
    return fields;
  }

  static bool is_zero(const clang::Expr &value, const clang::ASTContext &context) {
    clang::Expr::EvalResult result;
    return value.isNullPointerConstant(const_cast<clang::ASTContext &>(context),
                                       clang::Expr::NPC_ValueDependentIsNotNull) ||
           value.IgnoreParenCasts()->isNullPointerConstant(const_cast<clang::ASTContext &>(context),
                                                           clang::Expr::NPC_ValueDependentIsNotNull) ||
           (value.getType()->isIntegerType() && value.EvaluateAsInt(result, context) && result.Val.getInt().isZero());
  }

  TypeField read_field(const std::string &name, const clang::Expr &value, std::vector<std::string> &obstacles) const {
    TypeField field;
    field.name = name;
    const clang::ValueDecl *declaration = referred(&value);
    const clang::Expr &plain = declaration ? *value.IgnoreParenCasts() : value;
    const Span span = spans_.as_written(plain.getSourceRange());
    if (span.file.empty())
      obstacles.push_back(spans_.place(value.getBeginLoc()) + ": a macro makes a part of its " + name);
    field.text = spans_.text(span);
    field.at = span.begin;
    if (declaration)
      field.refers = declaration->getNameAsString();
    if (llvm::isa_and_nonnull<clang::FunctionDecl>(declaration) && field.text.starts_with('&'))
      field.text = field.refers;
    const auto *literal = llvm::dyn_cast<clang::StringLiteral>(value.IgnoreParenCasts());
    field.string = literal != nullptr;
    field.dotted = literal && literal->getString().contains('.');
    return field;
  }

  // The i-th node above the one that is visited, without parentheses.
  const clang::Stmt *parent(std::size_t i) const {
    for (std::size_t at = parents_.size() - 1; at > 0; --at)
      if (!llvm::isa<clang::ParenExpr, clang::ImplicitCastExpr>(parents_[at - 1]) && i-- == 0)
        return parents_[at - 1];
    return nullptr;
  }

  Span block_statement() const {
    for (std::size_t at = parents_.size() - 1; at > 0; --at)
      if (llvm::isa<clang::CompoundStmt>(parents_[at - 1]))
        return spans_.as_written(parents_[at]->getSourceRange());
    return {};
  }

  const clang::CallExpr *call_with_it() const {
    for (std::size_t i = 1; const clang::Stmt *node = parent(i); ++i) {
      if (const auto *call = llvm::dyn_cast<clang::CallExpr>(node))
        return call;
      if (!llvm::isa<clang::CastExpr, clang::ParenExpr>(node))
        return nullptr;
    }
    return nullptr;
  }

  void read_use(const clang::DeclRefExpr &name, const clang::VarDecl &variable) {
    TypeShape &shape = types_[variable.getNameAsString()];
    const auto obstacle = [&](const std::string &why) {
      shape.obstacles.push_back(spans_.place(name.getLocation()) + ": " + why);
    };
    TypeUse use;
    if (function_)
      use.function = function_->getNameAsString();
    if (function_ && function_->getNumParams() > 0)
      use.parameter = function_->getParamDecl(0)->getNameAsString();
    const Span token = spans_.token(name.getLocation());
    const auto *address = llvm::dyn_cast_or_null<clang::UnaryOperator>(parent(0));
    const auto *member = llvm::dyn_cast_or_null<clang::MemberExpr>(parent(0));
    if (initialised_ && !function_) {
      if (!is_type_object(*initialised_))
        obstacle("a static initialiser takes its address");
      return; // a base: the field says so
    }
    if (address && address->getOpcode() == clang::UO_AddrOf)
      read_address(*address, token, use, obstacle);
    else if (member && !member->isArrow())
      read_member(*member, token, use, obstacle);
    else
      return obstacle("it is used as a whole");
    if (use.span.file.empty())
      return obstacle("a macro makes a part of a use");
    if (use.span.file != result_.file) {
      shape.header_use = spans_.place(name.getLocation()) + ": code of another file uses it";
      return;
    }
    shape.uses.push_back(std::move(use));
  }

  static bool is_type_of_types(const clang::Expr &value) {
    const clang::ValueDecl *type = referred(&value);
    return type && type->getName() == llvm::StringRef(source_name::type_of_types);
  }

  template <class Obstacle>
  void read_address(const clang::UnaryOperator &address, const Span &token, TypeUse &use, Obstacle obstacle) {
    use.span = spans_.joined(spans_.token(address.getOperatorLoc()), token);
    if (use.span.end <= use.span.begin || use.span.end - use.span.begin > token.end - token.begin + 8)
      use.span = {};
    const clang::CallExpr *call = call_with_it();
    const clang::FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
    if (!callee)
      return;
    use.callee = callee->getNameAsString();
    use.statement = block_statement();
    if (use.callee == source_name::sets_type && call->getNumArgs() > 1 &&
        referred(call->getArg(0)) == referred(&address) && !is_type_of_types(*call->getArg(1)))
      obstacle("it has a metaclass of its own");
    if (use.callee == source_name::readies_and_adds_type && !call->getBeginLoc().isMacroID()) {
      use.field.text = spans_.text(spans_.as_written(call->getArg(0)->getSourceRange()));
      use.statement = spans_.as_written(call->getSourceRange());
    }
    if (use.callee != source_name::readies_type)
      return;
    use.kind = TypeUse::Kind::ready;
    use.span = call->getBeginLoc().isMacroID() ? Span() : spans_.as_written(call->getSourceRange());
  }

  template <class Obstacle>
  void read_member(const clang::MemberExpr &member, const Span &token, TypeUse &use, Obstacle obstacle) {
    const clang::Stmt *above = parent(1);
    const auto *binary = llvm::dyn_cast_or_null<clang::BinaryOperator>(above);
    const auto *unary = llvm::dyn_cast_or_null<clang::UnaryOperator>(above);
    const bool changes = binary && binary->isAssignmentOp() && binary->getLHS()->IgnoreParenImpCasts() == &member;
    if (changes && binary->getOpcode() == clang::BO_Assign && llvm::isa_and_nonnull<clang::CompoundStmt>(parent(2))) {
      use.kind = TypeUse::Kind::assign;
      use.span = binary->getBeginLoc().isMacroID() ? Span() : spans_.statement(*binary);
      std::vector<std::string> obstacles;
      use.field = read_field(member.getMemberDecl()->getNameAsString(), *binary->getRHS(), obstacles);
      return;
    }
    if (changes || (unary && (unary->isIncrementDecrementOp() || unary->getOpcode() == clang::UO_AddrOf)))
      obstacle("code changes its " + member.getMemberDecl()->getNameAsString());
    use.kind = TypeUse::Kind::member;
    use.span = spans_.joined(token, spans_.token(member.getOperatorLoc()));
  }

  // Functions in which a branch that was not read only uses the type: it is made elsewhere.
  std::vector<Span> bodies_without_ready(const TypeShape &shape) const {
    std::vector<Span> bodies;
    for (const auto &[name, function] : result_.functions)
      if (std::ranges::none_of(
              shape.uses, [&](const TypeUse &use) { return use.kind == TypeUse::Kind::ready && use.function == name; }))
        bodies.push_back(function.body);
    return bodies;
  }

  // Names in text that no walk saw. A base's name in such text stands in its own table, or is set to a member.
  void add_unread_uses(TypeShape &shape, const UnreadText &unread) {
    std::vector<Span> seen = shape.statements;
    for (const TypeUse &use : shape.uses)
      seen.push_back(use.span);
    for (const Span &base : bases_of(shape.name))
      seen.push_back({shape.definition.file, base.begin, base.end});
    const llvm::StringRef text = spans_.sources().getBufferData(spans_.sources().getMainFileID());
    for (Span span : unread_uses(spans_, unread, shape.name, seen, bodies_without_ready(shape), shape.obstacles)) {
      const std::size_t before = text.substr(0, span.begin).find_last_not_of(' ');
      if (before == llvm::StringRef::npos || text[before] != '&')
        shape.obstacles.push_back(*path_below(shape.definition.file, spans_.root()) + ": " +
                                  "its name stands in a branch that was not read, and not for its address");
      span.begin = static_cast<unsigned>(before);
      TypeUse use;
      use.kind = TypeUse::Kind::unread;
      use.span = span;
      shape.uses.push_back(std::move(use));
    }
  }

  // Where other types' tables and assignments name it as their base.
  std::vector<Span> bases_of(const std::string &name) const {
    std::vector<Span> spans;
    for (const auto &[other, shape] : types_) {
      for (const TypeField &field : shape.fields)
        if (field.refers == name)
          spans.push_back({"", field.at, field.at + static_cast<unsigned>(field.text.size())});
      for (const TypeUse &use : shape.uses)
        if (use.field.refers == name)
          spans.push_back(use.span);
    }
    return spans;
  }

  SourceSpans spans_;
  UnitTypes &result_;
  std::map<std::string, TypeShape> types_;
  std::map<std::string, unsigned> functions_, variables_;
  const clang::VarDecl *initialised_ = nullptr;
  std::vector<clang::Stmt *> parents_;
};

} // namespace

UnitTypes read_type_tables(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files) {
  UnitTypes result;
  result.file = absolute_path(unit.file, unit.directory);
  UnreadText unread;
  parse_unit(
      unit, files, [&](clang::CompilerInstance &compiler) { watch_unread(compiler, result.file, unread); },
      [&](clang::CompilerInstance &compiler, clang::ASTContext &context, bool errors) {
        TypeReader reader(SourceSpans(compiler, unit.directory, paths.root), result);
        reader.TraverseDecl(context.getTranslationUnitDecl());
        each_function(*context.getTranslationUnitDecl(),
                      [&](const clang::FunctionDecl &function) { reader.read_function(function); });
        reader.finish(unread);
        result.read_in_full = !errors;
        result.cxx = context.getLangOpts().CPlusPlus;
      });
  return result;
}

} // namespace ringfence
