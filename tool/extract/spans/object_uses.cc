#include "extract/spans/object_uses.h"

#include <algorithm>
#include <map>
#include <utility>

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/Lexer.h>

#include "base/path.h"
#include "base/sort_unique.h"
#include "extract/spans/semantic_walk.h"
#include "extract/spans/source_spans.h"

namespace ringfence {
namespace {

using clang::SourceLocation;
using clang::SourceManager;

class UseReader {
public:
  UseReader(SourceSpans spans, UnitUses &result)
      : spans_(std::move(spans)), sources_(spans_.sources()), result_(result) {}

  void declare(const clang::VarDecl &variable); // once for each redeclaration
  void use(const clang::DeclRefExpr &expression, const clang::FunctionDecl *user, bool in_static_initialiser);
  void pass(const clang::CallExpr &call, const clang::FunctionDecl *caller);
  void add_body(const clang::FunctionDecl &function);
  void add_top_level(const clang::Decl &declaration);
  void finish(const UnreadText &unread);

  bool is_candidate(const clang::VarDecl &variable) const {
    return variable.hasGlobalStorage() && variable.getTLSKind() == clang::VarDecl::TLS_None &&
           !variable.getType().isConstQualified() && !variable.getName().empty() &&
           (!variable.isExternallyVisible() || spans_.in_main_file(variable.getFirstDecl()->getLocation()) ||
            is_shared(variable));
  }

private:
  StaticUses &entry(const clang::VarDecl &variable);
  void read_member(const clang::VarDecl &variable, const Declared &declared, StaticUses &uses) const;
  void read_initialiser(const clang::VarDecl &variable, StaticUses &uses) const;
  bool read_group(const clang::VarDecl &variable, Declared &declared) const;
  bool is_foreign(const clang::VarDecl &variable) const;
  bool is_shared(const clang::VarDecl &variable) const;
  std::vector<Span> names_in(clang::FileID file, const std::string &path, const std::string &name) const;
  void add_dropped_uses(const BodySpan &body, const UnreadText &unread, StaticUses &uses) const;
  Span pasted_from(SourceLocation at, const std::string &name) const;

  SourceSpans spans_;
  const SourceManager &sources_;
  UnitUses &result_;
  std::map<const clang::VarDecl *, StaticUses> statics_;
};

StaticUses &UseReader::entry(const clang::VarDecl &variable) {
  const clang::VarDecl *first = variable.getFirstDecl();
  StaticUses &uses = statics_[first];
  if (uses.name.empty()) {
    uses.name = first->getName();
    const clang::PresumedLoc at = sources_.getPresumedLoc(sources_.getExpansionLoc(first->getLocation()));
    uses.line = at.isValid() ? at.getLine() : 0;
    uses.column = at.isValid() ? at.getColumn() : 0;
  }
  return uses;
}

// A static pointer of a header outside the tree, NULL at first.
bool UseReader::is_foreign(const clang::VarDecl &variable) const {
  const clang::Expr *value = variable.getInit();
  return variable.isFileVarDecl() && !variable.isExternallyVisible() && variable.getType()->isPointerType() &&
         !variable.getType()->isFunctionPointerType() && !spans_.in_main_file(variable.getLocation()) &&
         !variable.getLocation().isMacroID() &&
         spans_.of(variable.getLocation(), variable.getLocation()).file.empty() &&
         (!value || value->isNullPointerConstant(variable.getASTContext(), clang::Expr::NPC_ValueDependentIsNotNull));
}

// A variable that a header of the project declares for all units.
bool UseReader::is_shared(const clang::VarDecl &variable) const {
  const SourceLocation at = variable.getFirstDecl()->getLocation();
  return variable.isExternallyVisible() && variable.isFileVarDecl() && !at.isMacroID() && !spans_.in_main_file(at) &&
         !spans_.of(at, at).file.empty();
}

std::vector<Span> UseReader::names_in(clang::FileID file, const std::string &path, const std::string &name) const {
  std::vector<Span> names;
  clang::Lexer lexer(file, sources_.getBufferOrFake(file), sources_, spans_.options());
  for (clang::Token token; lexer.LexFromRawLexer(token), token.isNot(clang::tok::eof);)
    if (token.is(clang::tok::raw_identifier) && token.getRawIdentifier() == name) {
      const unsigned begin = sources_.getFileOffset(token.getLocation());
      names.push_back({path, begin, begin + token.getLength()});
    }
  return names;
}

// Where the type ends that all declarators share: behind `PyObject` in `PyObject *a[2]`.
SourceLocation end_of_specifiers(const clang::VarDecl &variable) {
  clang::TypeLoc type = variable.getTypeSourceInfo()->getTypeLoc();
  for (;;) {
    if (const auto qualified = type.getAs<clang::QualifiedTypeLoc>())
      type = qualified.getUnqualifiedLoc();
    else if (type.getAs<clang::PointerTypeLoc>() || type.getAs<clang::ArrayTypeLoc>() ||
             type.getAs<clang::FunctionTypeLoc>() || type.getAs<clang::ParenTypeLoc>())
      type = type.getNextTypeLoc();
    else
      return type.getEndLoc();
  }
}

// Splits the statement at its commas; false where a macro makes a part of it.
bool UseReader::read_group(const clang::VarDecl &variable, Declared &declared) const {
  const SourceLocation begin = variable.getOuterLocStart(), specifier = end_of_specifiers(variable);
  if (begin.isMacroID() || variable.getLocation().isMacroID() || specifier.isMacroID() || specifier.isInvalid())
    return false;
  declared.specifiers = spans_.of(begin, specifier);
  int depth = 0;
  SourceLocation first;
  for (auto token = spans_.next_token(specifier); token; token = spans_.next_token(token->getLocation())) {
    const SourceLocation at = token->getLocation();
    if (depth == 0 && token->isOneOf(clang::tok::comma, clang::tok::semi)) {
      if (first.isInvalid())
        return false;
      const Span own{declared.specifiers.file, sources_.getFileOffset(first), sources_.getFileOffset(at)};
      const unsigned name = sources_.getFileOffset(variable.getLocation());
      if (own.begin <= name && name < own.end)
        declared.own = static_cast<unsigned>(declared.group.size());
      declared.group.push_back(own);
      first = {};
      if (token->is(clang::tok::semi)) {
        declared.statement = spans_.of(begin, at);
        return !declared.statement.file.empty();
      }
      continue;
    }
    depth += token->isOneOf(clang::tok::l_paren, clang::tok::l_brace, clang::tok::l_square);
    depth -= token->isOneOf(clang::tok::r_paren, clang::tok::r_brace, clang::tok::r_square);
    if (depth < 0 || token->is(clang::tok::eof))
      return false;
    if (first.isInvalid())
      first = at;
  }
  return false;
}

// Specifiers without `static`, and the declarator up to the initialiser.
void UseReader::read_member(const clang::VarDecl &variable, const Declared &declared, StaticUses &uses) const {
  std::string text;
  unsigned previous_end = 0;
  const auto append = [&](const Span &span, bool to_initialiser) {
    const std::string content = spans_.text(span);
    clang::Lexer lexer(SourceLocation(), spans_.options(), content.data(), content.data(),
                       content.data() + content.size());
    int depth = 0;
    for (clang::Token token; lexer.LexFromRawLexer(token), token.isNot(clang::tok::eof);) {
      const unsigned offset = span.begin + lexer.getCurrentBufferOffset() - token.getLength();
      const std::string word = content.substr(offset - span.begin, token.getLength());
      if (depth == 0 && to_initialiser && token.is(clang::tok::equal))
        return;
      depth += token.isOneOf(clang::tok::l_paren, clang::tok::l_square);
      depth -= token.isOneOf(clang::tok::r_paren, clang::tok::r_square);
      if (word == "static")
        continue;
      if (!text.empty() && offset > previous_end)
        text += ' ';
      if (offset == sources_.getFileOffset(variable.getLocation()))
        uses.name_at = static_cast<unsigned>(text.size());
      text += word;
      previous_end = offset + token.getLength();
    }
  };
  append(declared.specifiers, false);
  if (const auto last = declared.group[declared.own]; declared.own > 0)
    text += ' ', previous_end = last.begin;
  append(declared.group[declared.own], true);
  uses.member = text;
  const auto *array =
      llvm::dyn_cast_or_null<clang::ConstantArrayType>(variable.getType().getTypePtr()->getAsArrayTypeUnsafe());
  if (const std::size_t open = text.find("[]", uses.name_at); array && open != std::string::npos)
    uses.member.insert(open + 1, std::to_string(array->getZExtSize()));
}

// Whether its initialiser does nothing: of a C++ object without a constructor that is written.
bool makes_nothing(const clang::Expr &value) {
  const auto *made = llvm::dyn_cast<clang::CXXConstructExpr>(&value);
  return made && made->getNumArgs() == 0 && made->getConstructor()->isTrivial();
}

void UseReader::read_initialiser(const clang::VarDecl &variable, StaticUses &uses) const {
  const clang::Expr *value = variable.getInit();
  if (!value || makes_nothing(*value))
    return;
  uses.initialiser = spans_.text(spans_.as_written(value->getSourceRange()));
  uses.aggregate_initialiser = variable.getType()->isArrayType() || variable.getType()->isRecordType();
  if (uses.initialiser.empty())
    uses.obstacles.push_back(spans_.place(variable.getLocation()) + ": a macro makes its initialiser");
  const bool zero = value->isNullPointerConstant(variable.getASTContext(), clang::Expr::NPC_ValueDependentIsNotNull);
  if (uses.initialiser == "{0}" || uses.initialiser == "{}" || (!uses.aggregate_initialiser && zero))
    uses.initialiser.clear(), uses.aggregate_initialiser = false;
}

// What no member of a struct that starts as zeros can be.
std::string cxx_obstacle(const clang::VarDecl &variable) {
  const clang::CXXRecordDecl *record = variable.getType()->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
  if (variable.getASTContext().getLangOpts().CPlusPlus && record && record->hasDefinition() &&
      (!record->hasTrivialDefaultConstructor() || !record->hasTrivialDestructor()))
    return "it is an object with a constructor or a destructor";
  if (variable.getType()->isReferenceType())
    return "it is a reference";
  if (variable.isStaticDataMember())
    return "it is a static member of a class";
  if (variable.hasInit() && variable.getInitStyle() != clang::VarDecl::CInit && !makes_nothing(*variable.getInit()))
    return "its initialiser stands in no `=`";
  return {};
}

void UseReader::declare(const clang::VarDecl &variable) {
  StaticUses &uses = entry(variable);
  const auto obstacle = [&](const std::string &why) {
    uses.obstacles.push_back(spans_.place(variable.getLocation()) + ": " + why);
  };
  if (is_foreign(variable)) {
    uses.foreign = true;
    uses.member = variable.getType().getAsString(variable.getASTContext().getPrintingPolicy());
    uses.member += uses.member.ends_with('*') ? "" : " ";
    uses.name_at = static_cast<unsigned>(uses.member.size());
    uses.member += uses.name;
    return;
  }
  if (!spans_.in_main_file(variable.getLocation())) {
    if (!is_shared(variable) || variable.isThisDeclarationADefinition() != clang::VarDecl::DeclarationOnly)
      return obstacle("it is declared in a file that units include");
    Declared declared;
    if (!read_group(variable, declared))
      return obstacle("a macro makes a part of its declaration");
    for (const Span &name : names_in(sources_.getFileID(variable.getLocation()), declared.statement.file, uses.name))
      uses.header_names.push_back(name);
    return uses.in_headers.push_back(std::move(declared));
  }
  if (variable.hasDefinition() == clang::VarDecl::DeclarationOnly && !variable.getActingDefinition() &&
      !variable.getDefinition())
    return obstacle("another unit defines it");
  if (const std::string why = cxx_obstacle(variable); !why.empty())
    return obstacle(why);
  Declared declared;
  if (variable.isInvalidDecl() || !read_group(variable, declared))
    return obstacle("a macro makes a part of its declaration");
  if (uses.member.empty() || variable.hasInit())
    read_member(variable, declared, uses);
  if (!uses.in_headers.empty() && uses.declarations.empty()) { // where it is known by
    const clang::PresumedLoc at = sources_.getPresumedLoc(variable.getLocation());
    uses.line = at.getLine();
    uses.column = at.getColumn();
  }
  uses.declarations.push_back(std::move(declared));
  read_initialiser(variable, uses);
}

// The left operand of the `##` that makes the name, in the body of a macro: `str` in `str ## S`. No file where it is
// an argument, or none makes it.
Span UseReader::pasted_from(SourceLocation at, const std::string &name) const {
  if (!at.isMacroID() || !sources_.isWrittenInScratchSpace(sources_.getSpellingLoc(at)))
    return {};
  const SourceLocation left = sources_.getImmediateExpansionRange(at).getBegin();
  const Span span = spans_.token(left);
  const std::string text = spans_.text(span);
  return left.isMacroID() && !sources_.isMacroArgExpansion(left) && !text.empty() && name.starts_with(text) &&
                 sources_.isInMainFile(sources_.getSpellingLoc(left))
             ? span
             : Span();
}

void UseReader::use(const clang::DeclRefExpr &expression, const clang::FunctionDecl *user, bool in_static_initialiser) {
  const auto *variable = llvm::dyn_cast<clang::VarDecl>(expression.getDecl());
  if (!variable || !is_candidate(*variable))
    return;
  StaticUses &uses = entry(*variable);
  uses.users.push_back(user ? user->getNameAsString() : "");
  if (expression.hasQualifier())
    uses.obstacles.push_back(spans_.place(expression.getLocation()) + ": it is named with its class or namespace");
  const Span span = spans_.token(expression.getLocation());
  if (in_static_initialiser)
    uses.obstacles.push_back(spans_.place(expression.getLocation()) +
                             ": a static initialiser takes it, or its address");
  else if (uses.foreign)
    ; // its macro follows every use
  else if (const Span left = pasted_from(expression.getLocation(), uses.name); !left.file.empty())
    uses.pasted.push_back(left);
  else if (span.file.empty() || span.end - span.begin != uses.name.size())
    uses.obstacles.push_back(spans_.place(expression.getLocation()) +
                             ": a macro pastes its name, or one of another project uses it");
  else if (span.file != result_.file && !is_shared(*variable))
    uses.obstacles.push_back(spans_.place(expression.getLocation()) + ": a macro of another file uses it");
  else
    uses.uses.push_back(span);
  const SourceLocation expanded = sources_.getExpansionLoc(expression.getLocation());
  if (sources_.getFileID(expanded) != sources_.getMainFileID())
    uses.obstacles.push_back(spans_.place(expression.getLocation()) + ": code of another file uses it");
  else if (const unsigned at = sources_.getFileOffset(expanded); uses.first_use == 0 || at < uses.first_use)
    uses.first_use = at;
}

void UseReader::pass(const clang::CallExpr &call, const clang::FunctionDecl *caller) {
  const clang::FunctionDecl *callee = call.getDirectCallee();
  for (const clang::Expr *argument : call.arguments())
    if (const auto *named = llvm::dyn_cast<clang::DeclRefExpr>(argument->IgnoreParenCasts()); named && callee)
      if (const auto *variable = llvm::dyn_cast<clang::VarDecl>(named->getDecl()); variable && is_candidate(*variable))
        entry(*variable).passed.push_back({callee->getNameAsString(), caller ? caller->getNameAsString() : "",
                                           sources_.getFileOffset(sources_.getExpansionLoc(call.getBeginLoc()))});
}

void UseReader::add_body(const clang::FunctionDecl &function) {
  const clang::Stmt *body = function.getBody();
  if (!function.doesThisDeclarationHaveABody() || !body || body->getBeginLoc().isMacroID() ||
      body->getEndLoc().isMacroID() || sources_.getFileID(body->getBeginLoc()) != sources_.getMainFileID())
    return;
  result_.bodies.push_back({function.getNameAsString(), spans_.of(body->getBeginLoc(), body->getEndLoc())});
}

void UseReader::add_top_level(const clang::Decl &declaration) {
  if (spans_.in_main_file(declaration.getBeginLoc()))
    if (const Span span = spans_.as_written(declaration.getSourceRange()); !span.file.empty())
      result_.top_level.push_back(span);
}

// Of a function's static: what calls of macros in the function drop.
void UseReader::add_dropped_uses(const BodySpan &body, const UnreadText &unread, StaticUses &uses) const {
  UnreadText inside;
  for (const Span &call : unread.dropped)
    if (body.body.contains(call))
      inside.dropped.push_back(call);
  const std::vector<Span> more = unread_uses(spans_, inside, uses.name, uses.uses, {body.body}, uses.obstacles);
  uses.uses.insert(uses.uses.end(), more.begin(), more.end());
  sort_unique(uses.uses);
  if (!more.empty())
    uses.silent.push_back(body.name);
}

void UseReader::finish(const UnreadText &unread) {
  std::vector<Span> bodies;
  std::ranges::transform(result_.bodies, std::back_inserter(bodies), &BodySpan::body);
  for (auto &[variable, uses] : statics_) {
    sort_unique(uses.uses);
    sort_unique(uses.users);
    std::ranges::sort(uses.passed, {}, &Passed::at);
    if (!variable->isStaticLocal())
      for (const Span &place : unread_mentions(spans_, unread, uses.name))
        for (const BodySpan &body : result_.bodies)
          if (body.body.contains(place))
            uses.silent.push_back(body.name);
    sort_unique(uses.silent);
    if (!variable->isStaticLocal() && !uses.foreign) {
      const std::vector<Span> more = unread_uses(spans_, unread, uses.name, uses.uses, bodies, uses.obstacles);
      uses.uses.insert(uses.uses.end(), more.begin(), more.end());
      sort_unique(uses.uses);
      if (!more.empty())
        uses.first_use = std::min(uses.first_use == 0 ? more.front().begin : uses.first_use, more.front().begin);
    }
    if (variable->isStaticLocal() && !uses.declarations.empty())
      for (const BodySpan &body : result_.bodies)
        if (body.body.contains(uses.declarations[0].statement))
          add_dropped_uses(body, unread, uses);
    sort_unique(uses.header_names);
    sort_unique(uses.obstacles);
    sort_unique(uses.pasted);
    result_.statics.push_back(std::move(uses));
  }
  std::ranges::sort(result_.statics, {}, [](const StaticUses &uses) { return std::pair(uses.line, uses.column); });
  std::ranges::sort(result_.top_level);
}

class UseWalk : public SemanticWalk<UseWalk> {
public:
  explicit UseWalk(UseReader &reader) : reader_(reader) {}

  bool VisitFunctionDecl(clang::FunctionDecl *function) {
    reader_.add_body(*function);
    return true;
  }
  bool TraverseVarDecl(clang::VarDecl *variable) {
    if (variable->hasGlobalStorage() && reader_.is_candidate(*variable))
      reader_.declare(*variable);
    const bool before = in_static_initialiser_;
    in_static_initialiser_ = before || variable->hasGlobalStorage();
    const bool go_on = SemanticWalk<UseWalk>::TraverseVarDecl(variable);
    in_static_initialiser_ = before;
    return go_on;
  }
  bool VisitCallExpr(clang::CallExpr *call) {
    reader_.pass(*call, function_);
    return true;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr *expression) {
    reader_.use(*expression, function_, in_static_initialiser_);
    return true;
  }

private:
  UseReader &reader_;
  bool in_static_initialiser_ = false;
};

} // namespace

UnitUses read_static_uses(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files) {
  UnitUses result;
  result.file = absolute_path(unit.file, unit.directory);
  UnreadText unread;
  parse_unit(
      unit, files, [&](clang::CompilerInstance &compiler) { watch_unread(compiler, result.file, unread); },
      [&](clang::CompilerInstance &compiler, clang::ASTContext &context, bool errors) {
        UseReader reader(SourceSpans(compiler, unit.directory, paths.root), result);
        UseWalk(reader).TraverseDecl(context.getTranslationUnitDecl());
        for (const clang::Decl *declaration : context.getTranslationUnitDecl()->decls())
          reader.add_top_level(*declaration);
        reader.finish(unread);
        result.read_in_full = !errors;
      });
  return result;
}

} // namespace ringfence
