// What types lead to, in C and C++.
#include <catch2/catch.hpp>

#include "extract_source.h"

namespace ringfence {

namespace {

// Python's API as far as types go, in the shapes of several versions.
const char *const api = R"(
typedef long Py_ssize_t;
typedef struct _typeobject PyTypeObject;
typedef struct _object { union { Py_ssize_t ob_refcnt; unsigned split[2]; }; PyTypeObject *ob_type; } PyObject;
typedef struct { PyObject ob_base; Py_ssize_t ob_size; } PyVarObject;
struct _typeobject { PyVarObject ob_base; const char *tp_name; void *tp_base; };
typedef struct _ts PyThreadState;
typedef struct _frame PyFrameObject;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef struct { const char *ml_name; PyCFunction ml_meth; int ml_flags; const char *ml_doc; } PyMethodDef;
typedef void *PyThread_type_lock;
typedef struct { unsigned char _bits; } PyMutex;
)";

TypeFacts type_of(const std::string &declaration) {
  TuFacts facts = extract_c(api + declaration + "\n");
  CHECK(facts.diagnostics.empty());
  return object(facts, "a.c:x").type;
}

TypeFacts cxx_type_of(const std::string &text) {
  TuFacts facts = extract_cxx("extern \"C\" {" + std::string(api) + "}\n" + text + "\n");
  CHECK(facts.diagnostics.empty());
  return object(facts, "a.cc:x").type;
}

} // namespace

TEST_CASE("plain data reaches nothing") {
  TypeFacts type = type_of("static int x[3][2];");
  CHECK(type.spelling == "int[3][2]");
  CHECK(type.size == 24);
  CHECK(type.array);
  CHECK_FALSE(type.scalar);
  CHECK_FALSE(type.pointer);
  CHECK_FALSE(type.top_const);
  CHECK_FALSE(type.reaches_object);
  CHECK_FALSE(type.data_pointer);
  CHECK(type.object_words.empty());
}

TEST_CASE("pointers to objects are found by structure") {
  CHECK(type_of("static PyObject *x;").object_words == std::vector<std::uint32_t>{0});
  CHECK(type_of("static PyObject *x[3];").object_words == std::vector<std::uint32_t>{0, 8, 16});
  CHECK(type_of("static PyTypeObject *x;").reaches_object);
  CHECK(type_of("typedef struct { PyObject ob_base; int v; } Mine; static Mine *x;").reaches_object);
  CHECK(type_of("struct base { PyObject ob_base; }; struct sub { struct base b; int v; }; struct sub *x;")
            .reaches_object);
  CHECK(type_of("struct old { Py_ssize_t ob_refcnt; PyTypeObject *ob_type; int v; }; static struct old *x;")
            .reaches_object);
  CHECK(type_of("static PyFrameObject *x;").reaches_object);
  CHECK_FALSE(type_of("static PyFrameObject *x;").handle);
  CHECK_FALSE(type_of("struct s { int v; PyCFunction f; }; static struct s *x;").reaches_object);
}

TEST_CASE("objects are found behind pointers at any depth, in cycles too") {
  TypeFacts type =
      type_of("struct node { struct node *next; struct leaf *leaf; }; struct leaf { struct node *up; int n; "
              "PyObject *held; }; static struct node *x;");
  CHECK(type.reaches_object);
  CHECK(type.data_pointer);
  CHECK(type.object_words.empty());
  TypeFacts value = type_of("static struct { int n; struct { char c; PyObject *held[2]; } in[2]; } x;");
  CHECK(value.object_words == std::vector<std::uint32_t>{16, 24, 40, 48});
}

TEST_CASE("objects by value") {
  TypeFacts type = type_of("static PyTypeObject x;");
  CHECK(type.record == "PyTypeObject");
  CHECK(type.object_by_value);
  CHECK(type.type_by_value);
  CHECK(type.reaches_object);
  TypeFacts nested = type_of("static struct { int n; struct { PyObject ob_base; int v; } o[2]; } x;");
  CHECK(nested.object_by_value);
  CHECK_FALSE(nested.type_by_value);
  CHECK_FALSE(type_of("static PyMethodDef x[2];").reaches_object);
  CHECK(type_of("static PyMethodDef x[2];").function_pointer);
  CHECK(type_of("static PyMethodDef x[2];").record == "PyMethodDef");
}

TEST_CASE("constness at every level") {
  CHECK(type_of("static const int x = 1;").deep_const);
  CHECK(type_of("static const char *const x = \"\";").deep_const);
  CHECK(type_of("static const char *const x[2] = {0};").deep_const);
  CHECK(type_of("static int (*const x)(int) = 0;").deep_const);
  CHECK(type_of("static const struct { const char *name; int (*call)(void); } x[1] = {{0}};").deep_const);
  CHECK(type_of("struct n { const struct n *next; }; static const struct n x = {0};").deep_const);
  TypeFacts shallow = type_of("static char *const x = 0;");
  CHECK(shallow.top_const);
  CHECK_FALSE(shallow.deep_const);
  CHECK_FALSE(type_of("static const char *x;").top_const);
  CHECK_FALSE(type_of("static const struct { char *buffer; } x = {0};").deep_const);
  CHECK_FALSE(type_of("struct w { char *p; }; static const struct w *const x = 0;").deep_const);
  CHECK_FALSE(type_of("static PyObject *const x = 0;").deep_const);
}

TEST_CASE("locks, atomics, handles and interpreter state") {
  CHECK(type_of("static PyThread_type_lock x;").lock);
  CHECK_FALSE(type_of("static PyThread_type_lock x;").reaches_void);
  CHECK(type_of("static PyMutex x;").lock);
  CHECK(type_of("#include <pthread.h>\nstatic pthread_mutex_t x;").lock);
  CHECK(type_of("static struct { int n; PyMutex m; } x;").lock);
  CHECK(type_of("static _Atomic int x;").atomic);
  CHECK(type_of("static _Atomic int x;").scalar);
  CHECK(type_of("static struct { _Atomic int a; _Atomic(void *) b; } x;").atomic);
  CHECK_FALSE(type_of("static struct { _Atomic int a; int b; } x;").atomic);
  CHECK(type_of("#include <stdio.h>\nstatic FILE *x;").handle);
  CHECK(type_of("struct opaque; static struct opaque *x;").handle);
  CHECK(type_of("static PyThreadState *x;").reaches_interpreter);
  CHECK_FALSE(type_of("static PyThreadState *x;").handle);
  CHECK(type_of("static void *x;").reaches_void);
  CHECK(type_of("static volatile int x;").is_volatile);
}

TEST_CASE("C++ classes that own an object") {
  const std::string decref = "extern \"C\" void Py_DECREF(PyObject *);\n";
  TypeFacts owner = cxx_type_of(decref + "class Ref { PyObject *p_ = nullptr; void reset() { Py_DECREF(p_); }\n"
                                         "public: ~Ref() { reset(); } };\nstatic Ref x;");
  CHECK(owner.owns_object);
  CHECK(owner.reaches_object);
  CHECK(owner.object_words == std::vector<std::uint32_t>{0});
  TypeFacts borrower = cxx_type_of("struct Peek { PyObject *p = nullptr; ~Peek() {} }; static Peek x;");
  CHECK_FALSE(borrower.owns_object);
  CHECK(borrower.reaches_object);
  TypeFacts holder = cxx_type_of("#include <memory>\nstruct D { void operator()(PyObject *) const; };\n"
                                 "static std::unique_ptr<PyObject, D> x;");
  CHECK(holder.owns_object);
  CHECK(holder.record == "std::unique_ptr");
}

TEST_CASE("containers are read by their arguments") {
  TypeFacts objects = cxx_type_of("#include <map>\n#include <string>\nstatic std::map<std::string, PyObject *> x;");
  CHECK(objects.reaches_object);
  CHECK_FALSE(objects.object_by_value);
  CHECK(objects.object_words.empty());
  CHECK_FALSE(cxx_type_of("#include <vector>\nstatic std::vector<int> x;").reaches_object);
  CHECK(cxx_type_of("#include <mutex>\nstatic std::mutex x;").lock);
  CHECK(cxx_type_of("#include <mutex>\nstatic std::mutex x;").record == "std::mutex");
  CHECK(cxx_type_of("#include <atomic>\nstatic std::atomic<int> x;").atomic);
  CHECK(cxx_type_of("#include <functional>\nstatic std::function<void(PyObject *)> x;").function_pointer);
  CHECK(cxx_type_of("#include <string>\nstatic const std::string x = \"\";").deep_const);
}

TEST_CASE("a type never names a path") { CHECK(type_of("static struct { int a; } x;").spelling == "struct (unnamed)"); }

} // namespace ringfence
