#include "extract/spans/module_inits.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <clang/AST/ParentMap.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include "base/path.h"
#include "base/text.h"
#include "extract/spans/source_spans.h"
#include "extract/spans/written_lists.h"
#include "knowledge/api_names.h"
#include "knowledge/source_names.h"

namespace ringfence {
namespace {

using clang::SourceLocation;

// The name that an init function gives to its module; empty for other functions.
std::string module_of(const clang::FunctionDecl &function) {
  const std::optional<InitName> name = init_name(function.getName());
  return name && !name->exports_slots ? std::string(name->module) : std::string();
}

bool makes_module(const clang::CallExpr &call) {
  const clang::FunctionDecl *callee = call.getDirectCallee();
  return callee && is_one_of(source_name::makes_module, callee->getName());
}

const clang::VarDecl *variable_of(const clang::Expr *expression) {
  const auto *name = expression ? llvm::dyn_cast<clang::DeclRefExpr>(expression->IgnoreParenCasts()) : nullptr;
  return name ? llvm::dyn_cast<clang::VarDecl>(name->getDecl()) : nullptr;
}

// `&def` or `def`.
const clang::VarDecl *addressed(const clang::Expr *expression) {
  const clang::Expr *inner = expression->IgnoreParenCasts();
  if (const auto *address = llvm::dyn_cast<clang::UnaryOperator>(inner);
      address && address->getOpcode() == clang::UO_AddrOf)
    inner = address->getSubExpr();
  return variable_of(inner);
}

// All nodes below, depth first.
template <class Node, class Use> void each(const clang::Stmt *statement, Use use) {
  if (!statement)
    return;
  if (const auto *node = llvm::dyn_cast<Node>(statement))
    use(*node);
  for (const clang::Stmt *child : statement->children())
    each<Node>(child, use);
}

// What the preprocessor says of macros in the unit's own file: where each is defined, where it is expanded.
struct MacroPlaces {
  struct Macro {
    unsigned begin = 0, end = 0;      // of its body
    std::vector<unsigned> expansions; // offsets, in the unit's own file
  };
  std::vector<Macro> macros;
};

class MacroWatcher final : public clang::PPCallbacks {
public:
  MacroWatcher(const clang::SourceManager &sources, MacroPlaces &places) : sources_(sources), places_(places) {}

  void MacroDefined(const clang::Token &, const clang::MacroDirective *directive) override {
    const clang::MacroInfo *info = directive->getMacroInfo();
    if (!info || info->getNumTokens() == 0 || !sources_.isInMainFile(info->getDefinitionLoc()))
      return;
    index_[info] = places_.macros.size();
    places_.macros.push_back({sources_.getFileOffset(info->tokens_begin()->getLocation()),
                              sources_.getFileOffset(info->getDefinitionEndLoc()) + 1,
                              {}});
  }
  void MacroExpands(const clang::Token &, const clang::MacroDefinition &definition, clang::SourceRange range,
                    const clang::MacroArgs *) override {
    if (const auto found = index_.find(definition.getMacroInfo()); found != index_.end())
      places_.macros[found->second].expansions.push_back(
          sources_.getFileOffset(sources_.getExpansionLoc(range.getBegin())));
  }

private:
  const clang::SourceManager &sources_;
  MacroPlaces &places_;
  std::map<const clang::MacroInfo *, std::size_t> index_;
};

// Reads one init function and its maker.
class InitReader {
public:
  InitReader(const SourceSpans &spans, const MacroPlaces &macros, const clang::FunctionDecl &init,
             const std::vector<const clang::FunctionDecl *> &functions)
      : spans_(spans), macros_(macros), init_(init), functions_(functions) {}

  // None where it makes no module by PyModule_Create.
  std::optional<InitShape> read() {
    shape_.module = module_of(init_);
    shape_.line = spans_.line(init_.getLocation());
    if (!find_maker())
      return std::nullopt;
    shape_.maker = maker_->getName();
    shape_.init = head_of(init_);
    shape_.init_body = spans_.as_written(init_.getBody()->getSourceRange());
    shape_.body = spans_.as_written(maker_->getBody()->getSourceRange());
    if (shape_.init.whole.file.empty() || shape_.init_body.file.empty() || shape_.body.file.empty() ||
        !spans_.in_main_file(maker_->getLocation()))
      obstacle(init_.getLocation(), "a macro makes a part of the function");
    if (maker_ != &init_)
      read_heads();
    read_body();
    return shape_;
  }

private:
  void obstacle(SourceLocation at, const std::string &why) {
    shape_.obstacles.push_back(spans_.place(at) + ": " + why);
  }

  const clang::CallExpr *creation_in(const clang::FunctionDecl &function) const {
    const clang::CallExpr *found = nullptr;
    each<clang::CallExpr>(function.getBody(), [&](const clang::CallExpr &call) {
      if (makes_module(call) && !found)
        found = &call;
    });
    return found;
  }

  bool find_maker() {
    if ((creation_ = creation_in(init_))) {
      maker_ = &init_;
      return true;
    }
    // `return maker();` and nothing else.
    const auto *body = llvm::dyn_cast<clang::CompoundStmt>(init_.getBody());
    const auto *result = body->size() == 1 ? llvm::dyn_cast<clang::ReturnStmt>(body->body_front()) : nullptr;
    const auto *call = result && result->getRetValue()
                           ? llvm::dyn_cast<clang::CallExpr>(result->getRetValue()->IgnoreParenImpCasts())
                           : nullptr;
    const clang::FunctionDecl *callee = call && call->getNumArgs() == 0 ? call->getDirectCallee() : nullptr;
    const clang::FunctionDecl *definition = callee ? callee->getDefinition() : nullptr;
    if (!definition || !(creation_ = creation_in(*definition)))
      return false;
    maker_ = definition;
    return true;
  }

  HeadShape head_of(const clang::FunctionDecl &function) const {
    HeadShape head;
    head.defines = function.doesThisDeclarationHaveABody();
    const clang::FunctionTypeLoc type = function.getFunctionTypeLoc();
    if (!type)
      return head;
    head.whole = spans_.as_written({function.getOuterLocStart(), type.getRParenLoc()});
    const Span name = spans_.as_written({function.getLocation(), function.getLocation()});
    head.parameters = spans_.as_written({type.getLParenLoc(), type.getRParenLoc()});
    head.type = {head.whole.file, head.whole.begin, name.begin};
    return head;
  }

  // Every declaration of the maker; everything else that names it stands in the way.
  void read_heads() {
    if (maker_->isExternallyVisible())
      obstacle(maker_->getLocation(), "other units may call " + shape_.maker);
    if (maker_->getNumParams() > 0)
      obstacle(maker_->getLocation(), shape_.maker + " has parameters");
    for (const clang::FunctionDecl *declaration : maker_->redecls()) {
      shape_.heads.push_back(head_of(*declaration));
      if (shape_.heads.back().parameters.file.empty())
        obstacle(declaration->getLocation(), "a macro makes a part of the declaration");
    }
    for (const clang::FunctionDecl *function : functions_)
      each<clang::DeclRefExpr>(function->getBody(), [&](const clang::DeclRefExpr &name) {
        if (name.getDecl()->getCanonicalDecl() == maker_->getCanonicalDecl() && function != &init_)
          obstacle(name.getLocation(), "the function that makes the module is used in " + function->getNameAsString());
      });
  }

  void read_body() {
    clang::ParentMap parents(maker_->getBody());
    parents_ = &parents;
    const clang::VarDecl *definition = creation_->getNumArgs() > 0 ? addressed(creation_->getArg(0)) : nullptr;
    if (!definition || !definition->hasGlobalStorage())
      return obstacle(creation_->getBeginLoc(), "its module definition is no variable of its own");
    read_definition(*definition);
    std::size_t creations = 0;
    each<clang::CallExpr>(maker_->getBody(), [&](const clang::CallExpr &call) { creations += makes_module(call); });
    if (creations > 1)
      obstacle(creation_->getBeginLoc(), "it makes the module in several places");
    remove_creation();
    read_variable();
    read_imports();
    read_returns();
    shape_.works = has_work(*maker_->getBody());
    parents_ = nullptr;
  }

  // The outermost statement below a block, a label or an `if`.
  const clang::Stmt *statement_of(const clang::Stmt &node) const {
    const clang::Stmt *at = &node;
    for (const clang::Stmt *parent = parents_->getParent(at); parent; parent = parents_->getParent(at)) {
      if (llvm::isa<clang::CompoundStmt, clang::LabelStmt>(parent))
        return at;
      if (const auto *test = llvm::dyn_cast<clang::IfStmt>(parent); test && test->getCond() != at)
        return at;
      at = parent;
    }
    return at;
  }

  void remove(const clang::Stmt &statement) {
    const Span span = spans_.statement(statement);
    if (span.file.empty())
      return obstacle(statement.getBeginLoc(), "a macro makes a part of the statement");
    if (!removed_.insert(&statement).second)
      return;
    // The body of an `if` leaves its semicolon there.
    const clang::Stmt *parent = parents_->getParent(&statement);
    shape_.removed.push_back(
        llvm::isa_and_nonnull<clang::CompoundStmt>(parent) ? span : Span{span.file, span.begin, span.end - 1});
  }

  // Whether the statement does nothing but return NULL, braces or not.
  static bool returns_null(const clang::Stmt *statement) {
    if (const auto *block = llvm::dyn_cast_or_null<clang::CompoundStmt>(statement); block && block->size() == 1)
      statement = block->body_front();
    const auto *result = llvm::dyn_cast_or_null<clang::ReturnStmt>(statement);
    return result && is_null(result->getRetValue());
  }
  static bool is_null(const clang::Expr *value) {
    value = value ? value->IgnoreParenCasts() : nullptr;
    const auto *literal = llvm::dyn_cast_or_null<clang::IntegerLiteral>(value);
    return (literal && literal->getValue().isZero()) ||
           llvm::isa_and_nonnull<clang::GNUNullExpr, clang::CXXNullPtrLiteralExpr>(value);
  }

  // `m == NULL`, `!m`, with or without the assignment in it.
  bool tests_module(const clang::Expr *condition) const {
    condition = condition->IgnoreParenImpCasts();
    const clang::Expr *tested = nullptr;
    if (const auto *unary = llvm::dyn_cast<clang::UnaryOperator>(condition);
        unary && unary->getOpcode() == clang::UO_LNot)
      tested = unary->getSubExpr();
    if (const auto *binary = llvm::dyn_cast<clang::BinaryOperator>(condition);
        binary && binary->getOpcode() == clang::BO_EQ)
      tested = is_null(binary->getRHS()) ? binary->getLHS() : is_null(binary->getLHS()) ? binary->getRHS() : nullptr;
    if (!tested)
      return false;
    tested = tested->IgnoreParenImpCasts();
    if (const auto *assigned = llvm::dyn_cast<clang::BinaryOperator>(tested); assigned && assigned->isAssignmentOp())
      tested = assigned->getLHS();
    return variable_of(tested) == variable_;
  }

  void remove_creation() {
    const clang::Stmt *statement = statement_of(*creation_);
    if (const auto *result = llvm::dyn_cast<clang::ReturnStmt>(statement)) {
      if (result->getRetValue()->IgnoreParenCasts() != creation_)
        obstacle(creation_->getBeginLoc(), "it returns the module in a way that is not known");
      shape_.successes.push_back(spans_.as_written(result->getRetValue()->getSourceRange()));
      done_.insert(result);
      return;
    }
    const clang::Stmt *parent = parents_->getParentIgnoreParenCasts(const_cast<clang::CallExpr *>(creation_));
    if (const auto *assigned = llvm::dyn_cast_or_null<clang::BinaryOperator>(parent);
        assigned && assigned->isAssignmentOp())
      variable_ = variable_of(assigned->getLHS());
    if (const auto *declared = llvm::dyn_cast_or_null<clang::DeclStmt>(parent))
      variable_ = declared->isSingleDecl() ? llvm::dyn_cast<clang::VarDecl>(declared->getSingleDecl()) : nullptr;
    if (!variable_ || variable_->hasGlobalStorage())
      return obstacle(creation_->getBeginLoc(), "it keeps the module in no local variable");
    shape_.variable = variable_->getName();
    const auto *test = llvm::dyn_cast<clang::IfStmt>(statement);
    if (statement == parent)
      remove(*statement);
    else if (test && !test->getElse() && tests_module(test->getCond()) && returns_null(test->getThen()))
      remove_with_return(*test);
    else
      obstacle(creation_->getBeginLoc(), "it makes the module inside of another expression");
  }

  void remove_with_return(const clang::IfStmt &test) {
    remove(test);
    each<clang::ReturnStmt>(&test, [&](const clang::ReturnStmt &result) { done_.insert(&result); });
  }

  // Of a statement that declares others, too: `*m, ` in `PyObject *m, *d;`, `, *m` in `PyObject *d, *m;`.
  void remove_declarator(const clang::VarDecl &variable) {
    const SourceLocation at = variable.getLocation();
    Span own = spans_.of(at, at);
    const auto next = at.isMacroID() ? std::nullopt : spans_.next_token(at);
    if (own.file.empty() || variable.hasInit() || !next || !next->isOneOf(clang::tok::comma, clang::tok::semi))
      return obstacle(at, "one statement declares the module with other variables");
    const std::string before = spans_.text({own.file, 0, own.begin});
    std::size_t begin = before.find_last_not_of("* \t\n");
    if (before[begin] == ',')
      own.begin = static_cast<unsigned>(begin);
    else {
      own.begin = static_cast<unsigned>(before.find_first_not_of(" \t\n", begin + 1));
      own.begin = std::min(own.begin, spans_.of(at, at).begin);
      own.end = spans_.of(next->getLocation(), next->getLocation()).end;
      if (const auto other = spans_.next_token(next->getLocation()))
        own.end = spans_.of(other->getLocation(), other->getLocation()).begin;
    }
    shape_.removed.push_back(own);
  }

  // The module is the function's parameter now: its declaration goes, so does what gives it up.
  void read_variable() {
    if (!variable_)
      return;
    each<clang::DeclStmt>(maker_->getBody(), [&](const clang::DeclStmt &statement) {
      if (std::find(statement.decl_begin(), statement.decl_end(), variable_) == statement.decl_end())
        return;
      if (statement.isSingleDecl())
        remove(statement);
      else
        remove_declarator(*variable_);
    });
    each<clang::IfStmt>(maker_->getBody(), [&](const clang::IfStmt &test) {
      if (!test.getElse() && tests_module(test.getCond()) && returns_null(test.getThen()))
        remove_with_return(test);
    });
    each<clang::DeclRefExpr>(maker_->getBody(), [&](const clang::DeclRefExpr &name) {
      if (name.getDecl() == variable_)
        read_use(name);
    });
  }

  void read_use(const clang::DeclRefExpr &name) {
    const clang::Stmt *statement = statement_of(name);
    if (removed_.contains(statement))
      return;
    const std::string text = spans_.text(spans_.as_written(statement->getSourceRange()));
    const std::string_view callee = trim(std::string_view(text).substr(0, text.find('(')));
    if (is_one_of(source_name::drops_reference, callee))
      return remove(*statement);
    const clang::Stmt *parent = parents_->getParentIgnoreParenImpCasts(const_cast<clang::DeclRefExpr *>(&name));
    const auto *assigned = llvm::dyn_cast_or_null<clang::BinaryOperator>(parent);
    const auto *unary = llvm::dyn_cast_or_null<clang::UnaryOperator>(parent);
    if ((assigned && assigned->isAssignmentOp() && variable_of(assigned->getLHS()) == variable_ &&
         parents_->getParent(parent) && !is_null(assigned->getRHS())) ||
        (unary && unary->getOpcode() == clang::UO_AddrOf))
      obstacle(name.getLocation(), "it changes the variable that holds the module");
    if (assigned && assigned->isAssignmentOp() && variable_of(assigned->getLHS()) == variable_ &&
        is_null(assigned->getRHS()))
      return remove(*statement);
    if (!llvm::isa<clang::ReturnStmt>(statement))
      last_use_ = std::max(last_use_, offset(name.getLocation()));
  }

  unsigned offset(SourceLocation at) const {
    return spans_.sources().getFileOffset(spans_.sources().getExpansionLoc(at));
  }

  // "asyncio.events" for `_asyncio`: the Python part of the module, which imports it back. Single-phase init runs once
  // more for that; after multi-phase init the module that is found has no names yet, if some are added later.
  void read_imports() {
    std::set<const clang::FunctionDecl *> seen;
    const clang::CallExpr *found = nullptr;
    each<clang::CallExpr>(maker_->getBody(), [&](const clang::CallExpr &call) {
      if (!found && offset(call.getBeginLoc()) < last_use_)
        found = import_back(call, seen);
    });
    if (found)
      obstacle(found->getBeginLoc(), "it imports " + imported(*found)->getString().str() + ", which may import " +
                                         shape_.module + " back, before the module has its names");
  }

  // The call itself, or one in a function of this unit that it leads to.
  const clang::CallExpr *import_back(const clang::CallExpr &call, std::set<const clang::FunctionDecl *> &seen) const {
    if (const clang::StringLiteral *name = imported(call); name && is_python_part(name->getString()))
      return &call;
    const clang::FunctionDecl *callee = call.getDirectCallee();
    const clang::FunctionDecl *definition = callee ? callee->getDefinition() : nullptr;
    const clang::CallExpr *found = nullptr;
    if (definition && seen.insert(definition).second)
      each<clang::CallExpr>(definition->getBody(), [&](const clang::CallExpr &inner) {
        if (!found)
          found = import_back(inner, seen);
      });
    return found;
  }

  static const clang::StringLiteral *imported(const clang::CallExpr &call) {
    const clang::FunctionDecl *callee = call.getDirectCallee();
    return callee && call.getNumArgs() > 0 && is_one_of(source_name::imports_by_name, callee->getName())
               ? llvm::dyn_cast<clang::StringLiteral>(call.getArg(0)->IgnoreParenCasts())
               : nullptr;
  }

  bool is_python_part(llvm::StringRef imported) const {
    const llvm::StringRef module = shape_.module;
    llvm::SmallVector<llvm::StringRef> parts;
    imported.split(parts, '.');
    return module.starts_with("_") && llvm::is_contained(parts, module.ltrim('_'));
  }

  void read_returns() {
    each<clang::ReturnStmt>(maker_->getBody(), [&](const clang::ReturnStmt &result) {
      if (done_.contains(&result))
        return;
      const clang::Expr *value = result.getRetValue();
      const bool fails = is_null(value);
      if (!fails && !(variable_ && variable_of(value) == variable_))
        return obstacle(result.getBeginLoc(), "it returns neither NULL nor the module");
      const Span span = value_span(*value);
      if (span.file.empty())
        return obstacle(result.getBeginLoc(), "a macro that others use makes the return");
      (fails ? shape_.failures : shape_.successes).push_back(span);
    });
  }

  // The value as it is spelled in the function, or in the body of a macro that only the function expands.
  Span value_span(const clang::Expr &value) const {
    SourceLocation at = value.getBeginLoc();
    const clang::SourceManager &sources = spans_.sources();
    // `NULL` and `Py_None` are macros of other files: the word itself is what is edited.
    while (at.isMacroID() && !sources.isInMainFile(sources.getSpellingLoc(at)))
      at = sources.getImmediateExpansionRange(at).getBegin();
    if (at.isFileID())
      return spans_.as_written(value.getSourceRange());
    const Span span = spans_.token(at);
    for (const MacroPlaces::Macro &macro : macros_.macros)
      if (macro.begin <= span.begin && span.end <= macro.end)
        for (const unsigned expansion : macro.expansions)
          if (expansion < shape_.body.begin || expansion >= shape_.body.end)
            return {};
    return span;
  }

  // Whether anything but what is removed and returns is left.
  bool has_work(const clang::Stmt &block) const {
    return std::any_of(block.child_begin(), block.child_end(), [&](const clang::Stmt *child) {
      return child && !removed_.contains(child) && !llvm::isa<clang::ReturnStmt>(child);
    });
  }

  void read_definition(const clang::VarDecl &variable) {
    DefinitionShape &shape = shape_.definition;
    shape.name = variable.getName();
    const clang::VarDecl *definition =
        variable.getActingDefinition() ? variable.getActingDefinition() : variable.getDefinition();
    const auto *list = definition && definition->getInit()
                           ? llvm::dyn_cast<clang::InitListExpr>(definition->getInit()->IgnoreParenImpCasts())
                           : nullptr;
    if (!list || !spans_.in_main_file(definition->getLocation()))
      return obstacle(variable.getLocation(), "its module definition has no initialiser in this file");
    shape.statement = spans_.as_written(definition->getSourceRange());
    const WrittenDefinition written = written_definition(*list);
    shape.designated = written.designated;
    shape.given = written.given;
    for (const auto &[member, value] : written.members) {
      const Span span = spans_.as_written(value->getSourceRange());
      if (span.file.empty())
        return obstacle(value->getBeginLoc(), "a macro makes a part of the module definition");
      shape.last = span.end;
      if (member == "m_size")
        shape.size = span, shape.size_text = spans_.text(span);
      if (member == "m_slots")
        shape.slots = span;
    }
    std::set<const clang::DeclRefExpr *> known;
    each<clang::DeclRefExpr>(creation_, [&](const clang::DeclRefExpr &name) { known.insert(&name); });
    for (const clang::FunctionDecl *function : functions_)
      each<clang::DeclRefExpr>(function->getBody(), [&](const clang::DeclRefExpr &name) {
        if (name.getDecl()->getCanonicalDecl() == variable.getCanonicalDecl() && !known.contains(&name))
          shape.others.push_back(spans_.place(name.getLocation()) + ": " + function->getNameAsString() +
                                 " asks for the module by its definition, which finds none after multi-phase init");
      });
    shape_.obstacles.insert(shape_.obstacles.end(), shape.others.begin(), shape.others.end());
  }

  const SourceSpans &spans_;
  const MacroPlaces &macros_;
  const clang::FunctionDecl &init_;
  const std::vector<const clang::FunctionDecl *> &functions_;
  const clang::FunctionDecl *maker_ = nullptr;
  const clang::CallExpr *creation_ = nullptr;
  const clang::VarDecl *variable_ = nullptr;
  clang::ParentMap *parents_ = nullptr;
  std::set<const clang::Stmt *> removed_, done_;
  unsigned last_use_ = 0; // of the variable that holds the module, but for returns
  InitShape shape_;
};

} // namespace

UnitInits read_module_inits(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files) {
  UnitInits result;
  result.file = absolute_path(unit.file, unit.directory);
  MacroPlaces macros;
  parse_unit(
      unit, files,
      [&](clang::CompilerInstance &compiler) {
        compiler.getPreprocessor().addPPCallbacks(std::make_unique<MacroWatcher>(compiler.getSourceManager(), macros));
      },
      [&](clang::CompilerInstance &compiler, clang::ASTContext &context, bool errors) {
        const SourceSpans spans(compiler, unit.directory, paths.root);
        std::vector<const clang::FunctionDecl *> functions;
        each_function(*context.getTranslationUnitDecl(), [&](const clang::FunctionDecl &function) {
          if (function.doesThisDeclarationHaveABody() && spans.in_main_file(function.getLocation()))
            functions.push_back(&function);
        });
        for (const clang::FunctionDecl *function : functions)
          if (!module_of(*function).empty())
            if (auto shape = InitReader(spans, macros, *function, functions).read())
              shape->cxx = context.getLangOpts().CPlusPlus, result.inits.push_back(std::move(*shape));
        result.read_in_full = !errors;
      });
  return result;
}

} // namespace ringfence
