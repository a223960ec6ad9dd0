// AccessWalker: what a function does to the bytes behind its parameters, so that a caller that passes an object's
// address can be told what becomes of it.
#include <algorithm>

#include "extract/bodies/access_walker.h"
#include "extract/declarations/python_object.h"
#include "facts/guard_kinds.h"

namespace ringfence {

using namespace clang;

namespace {

// Objects of Python are changed by rules of their own, whoever they are passed to.
bool is_any_object(QualType pointee, const Knowledge &knowledge) {
  const RecordDecl *record = pointee->getAsRecordDecl();
  const KnownType *known = record ? known_type(*record, knowledge) : nullptr;
  return known && known->has("any-object");
}

bool is_watched(const ParmVarDecl &parameter, const Knowledge &knowledge) {
  QualType type = parameter.getType();
  if (!type->isPointerType() && !type->isLValueReferenceType())
    return false;
  QualType pointee = type->getPointeeType();
  return !pointee.isConstQualified() && !pointee->isFunctionType() && !is_any_object(pointee, knowledge);
}

// The object of a member function whose body is the one that runs.
bool is_watched(const CXXMethodDecl *method) {
  return method && method->isInstance() && !method->isConst() && !method->isVirtual() &&
         !method->getParent()->isLambda() && !method->isDependentContext();
}

// Whether a guard protects what `local` leads to: one of the process, or a lock that lies there too ("local->mutex").
bool protects(const Guard &guard, llvm::StringRef local) {
  llvm::StringRef text = guard.text;
  text.consume_front("&");
  const bool lies_there = text.consume_front(local) && (text.starts_with("->") || text.starts_with("."));
  return protects(guard) || (is_lock(guard.kind) && lies_there);
}

// `memcpy(job->out, ...)`: a pointer that lies there goes to a function that the tables know to write through it.
bool is_filled(const Use &use, const Knowledge &knowledge) {
  const bool named = use.kind == AccessKind::read && !use.path.empty() && use.callee && use.callee->getIdentifier();
  const ApiEntry *known = named ? knowledge.function(use.callee->getName()) : nullptr;
  return known && known->parameter(use.argument) == ParameterUse::written;
}

} // namespace

void AccessWalker::watch_parameters(const FunctionDecl &function) {
  first_parameter_access_ = registry_.facts().parameter_accesses.size();
  const auto *method = llvm::dyn_cast<CXXMethodDecl>(&function);
  const auto watch = [&](unsigned number, SourceLocation place) {
    registry_.facts().parameter_accesses.push_back({.function = function_,
                                                    .parameter = number,
                                                    .kind = AccessKind::read,
                                                    .guarded = false,
                                                    .tests_itself = false,
                                                    .stored = {},
                                                    .path = {},
                                                    .callee = {},
                                                    .argument = 0,
                                                    .location = registry_.location(place)});
  };
  unsigned number = method && method->isInstance() ? 1 : 0;
  method_ = is_watched(method) ? function_ : none;
  if (method_ != none)
    watch(0, function.getLocation());
  for (const ParmVarDecl *parameter : function.parameters()) {
    if (is_watched(*parameter, registry_.knowledge())) {
      parameters_.keep_address(parameter, {.object = number, .path = {}});
      watch(number, parameter->getLocation());
    }
    ++number;
  }
}

// The object of a member function, as its parameter 0.
void AccessWalker::visit_this(const CXXThisExpr &reference) {
  if (method_ == none)
    return;
  Climb::Sink sink = [&](const Use &use) {
    if (use.kept_in && use.kind == AccessKind::address)
      parameters_.keep_address(use.kept_in, {0, use.path, use.element});
    else
      add_parameter_access(method_, 0, use, reference, "this");
  };
  Climb(frames_, callees_, sink).run({.path = {}, .form = Standing::Form::address});
}

// What a constructor's reference or pointer parameter leads to, by way of the member that keeps it: guards that set a
// flag and take it back in their destructors.
void AccessWalker::visit_kept_parameter(const MemberExpr &member) {
  const auto *field = llvm::dyn_cast<FieldDecl>(member.getMemberDecl());
  const auto *record = field ? llvm::dyn_cast<CXXRecordDecl>(field->getParent()) : nullptr;
  if (!record || !llvm::isa<CXXThisExpr>(member.getBase()->IgnoreParenImpCasts()) ||
      !(field->getType()->isLValueReferenceType() || field->getType()->isPointerType()))
    return;
  for (const CXXConstructorDecl *constructor : record->ctors()) {
    const FunctionDecl *defined = constructor->getDefinition();
    if (!defined)
      continue;
    for (const CXXCtorInitializer *initialiser : llvm::cast<CXXConstructorDecl>(defined)->inits()) {
      const auto *reference =
          initialiser->getAnyMember() == field ? llvm::dyn_cast<DeclRefExpr>(strip(initialiser->getInit())) : nullptr;
      const auto *parameter = reference ? llvm::dyn_cast<ParmVarDecl>(reference->getDecl()) : nullptr;
      if (!parameter || !is_watched(*parameter, registry_.knowledge()))
        continue;
      Climb::Sink sink = [&](const Use &use) {
        if (use.kind == AccessKind::write || use.kind == AccessKind::read_modify_write)
          add_parameter_access(registry_.function(defined), parameter->getFunctionScopeIndex() + 1, use, member,
                               field->getName());
      };
      const bool refers = field->getType()->isReferenceType();
      Climb(frames_, callees_, sink)
          .run({.path = {}, .form = refers ? Standing::Form::lvalue : Standing::Form::pointer_variable});
    }
  }
}

void AccessWalker::visit_parameter(const Expr &reference, const VarDecl &local) {
  for (const Target &target : parameters_.targets(&local)) {
    Climb::Sink sink = [&](const Use &use) {
      if (use.kept_in && use.kind == AccessKind::address)
        parameters_.keep_address(use.kept_in, {target.object, use.path, use.element});
      else
        add_parameter_access(function_, target.object, use, reference, local.getName());
      if (use.kind == AccessKind::read && !use.compared && conditions_.is_open() && is_tested())
        conditions_.read(Conditions::parameter(target.object));
    };
    Climb(frames_, callees_, sink).run(standing(local, target));
  }
}

void AccessWalker::add_parameter_access(Index function, unsigned parameter, const Use &use, const Expr &reference,
                                        llvm::StringRef local) {
  const bool filled = is_filled(use, registry_.knowledge());
  const bool writes = filled || use.kind == AccessKind::write || use.kind == AccessKind::read_modify_write;
  const std::string path = use.path + (filled ? "->" : "");
  const bool through_pointer = path.find("->") != std::string::npos;
  if ((use.kind == AccessKind::read && !filled) || use.const_parameter || (through_pointer && !writes))
    return;
  ParameterAccess access;
  access.function = function;
  access.parameter = parameter;
  access.kind = filled ? AccessKind::write : use.kind;
  if (through_pointer) {
    access.path = path;
  } else {
    std::vector<Index> others;
    conditions_.describe(Conditions::parameter(parameter), access.tests_itself, others);
  }
  const std::vector<Guard> guards = guards_.held();
  access.guarded = use.atomic || std::any_of(guards.begin(), guards.end(),
                                             [&](const Guard &guard) { return protects(guard, local); });
  if (writes) {
    access.stored =
        use.stored ? values_.stored(use.stored) : StoredValue{StoredValue::Kind::expression, {}, none, false};
    if (!through_pointer)
      written_.insert(Conditions::parameter(parameter));
  }
  if (access.kind == AccessKind::argument) {
    if (use.callee)
      access.callee = registry_.facts().functions[registry_.function(use.callee)].id;
    access.argument = use.argument;
  }
  std::vector<ParameterAccess> &all = registry_.facts().parameter_accesses;
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(first_parameter_access_);
  if (std::any_of(first, all.end(), [&](ParameterAccess &known) {
        access.location = known.location;
        return access == known;
      }))
    return;
  access.location = registry_.location(reference.getExprLoc());
  all.push_back(std::move(access));
}

} // namespace ringfence
