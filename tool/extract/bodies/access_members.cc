// AccessWalker: members of structs that threads may share, as if they were objects.
#include <algorithm>

#include <clang/Lex/Lexer.h>

#include "extract/bodies/access_walker.h"

namespace ringfence {

using namespace clang;

namespace {

// The local struct that a member is of, directly; null for others.
const VarDecl *local_struct(const MemberExpr &member) {
  const auto *base = member.isArrow() ? nullptr : llvm::dyn_cast<DeclRefExpr>(member.getBase()->IgnoreParens());
  const auto *variable = base ? llvm::dyn_cast<VarDecl>(base->getDecl()) : nullptr;
  return variable && !variable->hasGlobalStorage() && variable->getType()->isRecordType() ? variable : nullptr;
}

// `&info`, or what is called on it.
const VarDecl *passed_struct(const Expr *argument) {
  const auto *unary = llvm::dyn_cast<UnaryOperator>(argument->IgnoreParenCasts());
  const Expr *inner = unary && unary->getOpcode() == UO_AddrOf ? unary->getSubExpr() : argument;
  const auto *reference = llvm::dyn_cast<DeclRefExpr>(inner->IgnoreParenCasts());
  return reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
}

} // namespace

// Of a path of members by value the last names it.
void AccessWalker::visit_member(const MemberExpr &member) {
  for (std::size_t depth = frames_.size() - 1; depth > 0; --depth) {
    const Stmt *parent = frames_[depth - 1].statement;
    if (llvm::isa_and_nonnull<ParenExpr>(parent))
      continue;
    const auto *outer = llvm::dyn_cast_or_null<MemberExpr>(parent);
    if (outer && !outer->isArrow() && llvm::isa<FieldDecl>(outer->getMemberDecl()))
      return;
    break;
  }
  if (Index object = values_.members().member(member); object != none)
    climb(member, object, {}, false);
}

// CPython's macros that are atomic without a GIL alone, and leave a plain access with one.
bool AccessWalker::is_in_atomic_macro(const Expr &reference) const {
  const SourceLocation place = reference.getExprLoc();
  return place.isMacroID() &&
         Lexer::getImmediateMacroName(place, registry_.context().getSourceManager(), registry_.context().getLangOpts())
             .starts_with("FT_ATOMIC_");
}

void AccessWalker::keep_in_local_struct(const Expr &target, Target kept) {
  const auto *member = llvm::dyn_cast<MemberExpr>(target.IgnoreParens());
  const auto *field = member ? llvm::dyn_cast<FieldDecl>(member->getMemberDecl()) : nullptr;
  if (const VarDecl *local = field ? local_struct(*member) : nullptr)
    locals_.keep_in_member(local, field, std::move(kept));
}

// `struct info info = {.output = buffer};`
void AccessWalker::keep_in_initialised(const VarDecl &local, const Expr &initialiser) {
  const auto *list = llvm::dyn_cast<InitListExpr>(initialiser.IgnoreParens());
  const RecordDecl *record = list ? local.getType()->getAsRecordDecl() : nullptr;
  const auto *derived = llvm::dyn_cast_or_null<CXXRecordDecl>(record);
  if (!record || record->isUnion() || (derived && derived->getNumBases() != 0))
    return;
  unsigned at = 0;
  for (const FieldDecl *field : record->fields()) {
    if (field->isBitField() && !field->getIdentifier())
      continue;
    if (at == list->getNumInits())
      return;
    const Value value = values_.read(list->getInit(at++));
    if (value.object != none && value.address)
      locals_.keep_in_member(&local, field, {value.object, {}, registry_.facts().objects[value.object].type.array});
  }
}

void AccessWalker::visit_member_of_local(const MemberExpr &member) {
  const VarDecl *local = local_struct(member);
  if (!local)
    return;
  for (const LocalValues::MemberTarget &kept : locals_.member_targets(local))
    if (kept.member == member.getMemberDecl())
      climb(member, kept.target.object,
            {.path = kept.target.path, .form = Standing::Form::pointer_variable, .element = kept.target.element}, true);
}

void AccessWalker::pass_local_structs(const CallExpr &call, const FunctionDecl &callee) {
  for (unsigned i = 0; i < call.getNumArgs(); ++i) {
    const VarDecl *local = passed_struct(call.getArg(i));
    if (!local)
      continue;
    for (const LocalValues::MemberTarget &kept : locals_.member_targets(local)) {
      Access access;
      access.object = kept.target.object;
      access.function = function_;
      access.kind = AccessKind::read;
      access.path = "." + kept.member->getNameAsString();
      access.compared = true;
      access.callee = registry_.facts().functions[registry_.function(&callee)].id;
      access.argument = llvm::isa<CXXMemberCallExpr>(call) ? i + 1 : i;
      access.location = registry_.location(call.getExprLoc());
      registry_.facts().accesses.push_back(std::move(access));
    }
  }
}

// Of accesses to a member that differ in their place alone, the function's first is kept.
bool AccessWalker::is_known(Access &access) const {
  if (!registry_.is_member(access.object))
    return false;
  const std::vector<Access> &all = registry_.facts().accesses;
  const Location location = access.location;
  const bool known =
      std::any_of(all.begin() + static_cast<std::ptrdiff_t>(first_access_), all.end(), [&](const Access &other) {
        access.location = other.location;
        return access == other;
      });
  access.location = location;
  return known;
}

} // namespace ringfence
