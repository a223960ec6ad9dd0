// Python objects and the C++ classes that own one, recognised by their structure.
#pragma once

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>

#include "knowledge/knowledge.h"

namespace ringfence {

// A struct that begins with PyObject's head, over first members and first bases; PyObject itself.
bool is_python_object(const clang::RecordDecl &record, const Knowledge &knowledge);
bool is_type_object(const clang::RecordDecl &record, const Knowledge &knowledge);

// True for a class with a member that points to a Python object and a destructor that drops a reference.
// Precondition: `record` is a complete definition.
bool releases_object(const clang::CXXRecordDecl &record, const Knowledge &knowledge);

// Whether a smart pointer's deleter does something, or may: a class whose call operator is seen to call nothing does not.
bool deletes(clang::QualType deleter);

// "pybind11::object", "_typeobject": qualified, without template arguments; empty for an anonymous record.
std::string record_name(const clang::RecordDecl &record);

// The same, but for an anonymous record the name of its typedef.
std::string tag_name(const clang::RecordDecl &record);

// By the qualified name of a typedef, record or enumeration; null where nothing is known.
const KnownType *known_type(const clang::NamedDecl &type, const Knowledge &knowledge);

} // namespace ringfence
