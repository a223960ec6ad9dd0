#include <catch2/catch.hpp>

#include "facts_builder.h"

namespace ringfence {

TEST_CASE("a multi-phase module is read from its init function, definition and slots") {
  UnitBuilder a("a.c");
  const Index exec = a.function("exec");
  const Index create = a.function("create");
  const Index free_function = a.function("m_free");
  const Index slots = a.record("slots", "PyModuleDef_Slot");
  a.slot(slots, 0, 1, create);
  a.slot(slots, 1, 2, exec);
  a.integer(slots, "[10].slot", 4); // beyond 9: by number, not by text
  a.integer(slots, "[10].value", 1);
  a.integer(slots, "[2].slot", 3);
  a.integer(slots, "[2].value", 2);
  a.integer(slots, "[11].slot", 0);
  const Index methods = a.methods("methods", a.function("f"));
  const Index definition = a.record("def", "PyModuleDef");
  a.string(definition, ".m_name", "pkg._a");
  a.integer(definition, ".m_size", 24);
  a.points_to_object(definition, ".m_methods", methods);
  a.points_to_object(definition, ".m_slots", slots);
  a.points_to_function(definition, ".m_free", free_function);
  const Index init = a.function("PyInit__a", true);
  a.call_with(init, a.declared("PyModuleDef_Init"), definition);
  const Program program = link({a});
  REQUIRE(program.modules.size() == 1);
  const Module &module = program.modules[0];
  CHECK(module.name == "pkg._a");
  CHECK(module.init == InitKind::multi_phase);
  CHECK(module.state_size == 24);
  CHECK(program.functions[module.free].name == "m_free");
  CHECK(program.objects[module.methods].name == "methods");
  CHECK(module.units == std::vector<std::string>{"a.c"});
  REQUIRE(module.slots.size() == 4);
  CHECK(module.slots[0].name == "Py_mod_create");
  CHECK(module.slots[1].name == "Py_mod_exec");
  CHECK(program.functions[module.slots[1].function].name == "exec");
  CHECK(module.slots[2].name == "Py_mod_multiple_interpreters");
  CHECK(module.slots[2].integer == 2);
  CHECK(module.slots[3].name == "Py_mod_gil");
}

TEST_CASE("a single-phase module may be made by a helper and set its GIL by a call") {
  UnitBuilder a("a.c");
  const Index definition = a.record("def", "PyModuleDef");
  a.string(definition, ".m_name", "a");
  a.integer(definition, ".m_size", -1);
  const Index helper = a.function("make");
  a.call_with(helper, a.declared("PyModule_Create2"), definition);
  Call &gil = a.call(helper, a.declared("PyUnstable_Module_SetGIL"));
  gil.arguments.resize(2);
  gil.arguments[1].kind = CallArgument::Kind::integer;
  gil.arguments[1].integer = 1;
  a.call(a.function("PyInit_a", true), helper);
  const Program program = link({a});
  REQUIRE(program.modules.size() == 1);
  CHECK(program.modules[0].init == InitKind::single_phase);
  CHECK(program.modules[0].state_size == -1);
  REQUIRE(program.modules[0].slots.size() == 1);
  CHECK(program.modules[0].slots[0].name == "Py_mod_gil");
  CHECK(program.modules[0].slots[0].integer == 1);
}

TEST_CASE("a module may set its GIL in a function that fills it") {
  UnitBuilder a("a.c");
  const Index init = a.function("PyInit_a", true), fill = a.function("fill");
  a.call_with(init, a.declared("PyModule_Create2"), a.record("def", "PyModuleDef"));
  a.call(init, fill);
  Call &gil = a.call(fill, a.declared("PyUnstable_Module_SetGIL"));
  gil.arguments.resize(2);
  gil.arguments[1].integer = 1;
  const Index other = a.record("other", "PyModuleDef"); // made further on, and not this module's definition
  a.call_with(fill, a.declared("PyModule_Create2"), other);
  const Program program = link({a});
  const auto made = std::find_if(program.modules.begin(), program.modules.end(),
                                 [&](const Module &module) { return module.init_function != none; });
  REQUIRE(made != program.modules.end());
  CHECK(program.objects[made->definition].name == "def");
  REQUIRE(made->slots.size() == 1);
  CHECK(made->slots[0].name == "Py_mod_gil");
}

TEST_CASE("a module may be an exported array of slots") {
  UnitBuilder a("a.c");
  const Index nested = a.record("more", "PySlot");
  a.integer(nested, "[0].sl_id", 85);
  a.points_to_function(nested, "[0].sl_func", a.function("exec"));
  const Index slots = a.record("slots", "PySlot");
  a.integer(slots, "[0].sl_id", 102);
  a.integer(slots, "[0].sl_size", 8);
  a.integer(slots, "[1].sl_id", 92);
  a.points_to_object(slots, "[1].sl_ptr", nested);
  a.access(slots, a.function("PyModExport_a", true), AccessKind::returned);
  const Program program = link({a});
  REQUIRE(program.modules.size() == 1);
  CHECK(program.modules[0].name == "a");
  CHECK(program.modules[0].init == InitKind::export_slots);
  CHECK(program.modules[0].state_size == 8);
  REQUIRE(program.modules[0].slots.size() == 2);
  CHECK(program.modules[0].slots[1].name == "Py_mod_exec");
}

TEST_CASE("generated modules say who generated them") {
  UnitBuilder a("a.c");
  const Index definition = a.record("__pyx_moduledef", "PyModuleDef");
  a.call_with(a.function("PyInit_a", true), a.declared("PyModuleDef_Init"), definition);
  UnitBuilder b("b.cc");
  const Index init = b.function("PyInit_b", true);
  b.call(init, b.declared("pybind11::module_::create_extension_module"));
  b.call(init, b.function("pybind11_init_b"));
  const Program program = link({a, b});
  REQUIRE(program.modules.size() == 2);
  CHECK(program.modules[0].binding == "cython");
  CHECK(program.modules[1].binding == "pybind11");
  CHECK(program.modules[1].init == InitKind::single_phase);
}

TEST_CASE("a definition without an init function is a module too") {
  UnitBuilder a("a.c");
  const Index definition = a.record("def", "PyModuleDef");
  a.string(definition, ".m_name", "embedded");
  const Program program = link({a});
  REQUIRE(program.modules.size() == 1);
  CHECK(program.modules[0].name == "embedded");
  CHECK(program.modules[0].init == InitKind::none);
}

TEST_CASE("static types and specs are entities with their slots") {
  UnitBuilder a("a.c");
  const Index dealloc = a.function("dealloc");
  const Index type = a.record("T", "PyTypeObject");
  a.string(type, ".tp_name", "a.T");
  a.integer(type, ".tp_flags", 1 << 18);
  a.points_to_function(type, ".tp_dealloc", dealloc);
  const Index slots = a.record("S_slots", "PyType_Slot");
  a.integer(slots, "[0].slot", 52);
  a.points_to_function(slots, "[0].pfunc", dealloc);
  const Index spec = a.record("S", "PyType_Spec");
  a.string(spec, ".name", "a.S");
  a.points_to_object(spec, ".slots", slots);
  const Index array = a.record("types", "PyTypeObject");
  a.string(array, "[0].tp_name", "a.X");
  a.string(array, "[1].tp_name", "a.Y");
  const Program program = link({a});
  REQUIRE(program.types.size() == 4);
  CHECK(program.types[0].name == "a.S");
  CHECK_FALSE(program.types[0].is_static);
  REQUIRE(program.types[0].slots.size() == 1);
  CHECK(program.types[0].slots[0].name == "Py_tp_dealloc");
  CHECK(program.types[1].name == "a.T");
  CHECK(program.types[1].is_static);
  CHECK(program.types[1].flags == 1 << 18);
  CHECK(program.types[3].name == "a.Y");
}

namespace {

const FunctionRoles &roles_of(const Program &program, const std::string &id) {
  return program.roles[function_named(program, id)];
}

} // namespace

TEST_CASE("roles follow calls from the entry points") {
  UnitBuilder a("a.c");
  const Index exec = a.module("a");
  const Index only_exec = a.function("only_exec"), both = a.function("both"), method = a.function("method");
  a.call(exec, only_exec);
  a.call(exec, both);
  a.call(method, both);
  a.methods("methods", method);
  a.function("dead");
  const Program program = link({a});
  CHECK(roles_of(program, "PyInit_a").module_init);
  CHECK(roles_of(program, "a.c:a_exec").exec);
  CHECK(roles_of(program, "a.c:only_exec").only_init());
  CHECK(roles_of(program, "a.c:method").python_callable);
  CHECK_FALSE(roles_of(program, "a.c:both").only_init());
  CHECK_FALSE(roles_of(program, "a.c:dead").only_init());
}

TEST_CASE("roles cross units") {
  UnitBuilder a("a.c"), b("b.c");
  a.call(a.module("a"), a.declared("setup"));
  b.function("setup", true);
  b.function("api", true);
  const Program program = link({a, b});
  CHECK(roles_of(program, "setup").only_init());
  CHECK(roles_of(program, "api").external);
}

TEST_CASE("what starts and ends the runtime runs alone, whoever calls it") {
  UnitBuilder a("a.c");
  const Index start = a.function("Py_Initialize", true), helper = a.function("helper"), method = a.function("method");
  a.call(method, start);
  a.call(start, helper);
  a.methods("methods", method);
  Knowledge api;
  api.add_function({.name = "Py_Initialize", .traits = {"runtime-lifecycle"}});
  const Program program = link({a}, api);
  CHECK(roles_of(program, "a.c:helper").lifecycle);
  CHECK(roles_of(program, "a.c:helper").only_init());
  CHECK_FALSE(roles_of(link({a}, Knowledge()), "a.c:helper").only_init());
}

TEST_CASE("tests open no way from Python code into what they test") {
  UnitBuilder test("tests/test_a.c"), a("a.c");
  const Index method = test.function("method");
  const Index own = test.function("own");
  test.call(method, test.declared("internal"));
  test.call(method, own);
  test.methods("methods", method);
  a.function("internal", true);
  const Program program = link({test, a});
  CHECK_FALSE(roles_of(program, "internal").python_callable);
  CHECK(roles_of(program, "tests/test_a.c:own").python_callable);
}

TEST_CASE("what tests' module init alone calls is initialisation, what other code of tests calls, too, is not known") {
  UnitBuilder test("tests/test_a.c"), a("a.c");
  const Index init = test.module("test_a"), method = test.function("method");
  test.call(init, test.declared("setup"));
  test.call(init, test.declared("both"));
  test.call(method, test.declared("both"));
  test.methods("methods", method);
  a.call(a.function("setup", true), a.function("helper"));
  a.function("both", true);
  const Program program = link({test, a});
  CHECK(roles_of(program, "setup").only_init());
  CHECK(roles_of(program, "a.c:helper").only_init());
  CHECK_FALSE(roles_of(program, "both").only_init());
  CHECK_FALSE(roles_of(program, "both").python_callable);
}

TEST_CASE("the shortest way from Python code is kept") {
  UnitBuilder a("a.c");
  const Index method = a.function("method"), far = a.function("far"), target = a.function("target");
  a.call(method, far);
  a.call(far, target);
  a.call(method, target);
  a.methods("methods", method);
  const Program program = link({a});
  const auto caller = [&](const std::string &id) { return roles_of(program, id).python_caller; };
  CHECK(caller("a.c:method") == none);
  REQUIRE(caller("a.c:target") != none);
  CHECK(program.functions[caller("a.c:target")].name == "method");
}

TEST_CASE("a call through a member reaches what is stored in members of that name") {
  UnitBuilder a("a.c");
  const Index target = a.function("target"), other = a.function("other");
  const Index table = a.record("ops", "struct ops");
  a.points_to_function(table, "[0].run", target);
  a.points_to_function(table, "[0].never_called", other);
  const Index method = a.function("method");
  a.methods("methods", method);
  Call &call = a.call(method, none);
  call.pointer = "o->run";
  const Program program = link({a});
  CHECK(roles_of(program, "a.c:target").python_callable);
  CHECK_FALSE(roles_of(program, "a.c:target").callback);
  CHECK(roles_of(program, "a.c:other").callback);
}

TEST_CASE("what stands in tp_clear or ends an interpreter meets no other thread, whoever calls it") {
  UnitBuilder a("a.c");
  const Index clear = a.function("clear"), end = a.function("Py_EndInterpreter", true), fini = a.function("fini");
  a.points_to_function(a.record("type", "PyTypeObject"), ".tp_clear", clear);
  const Index collect = a.function("collect");
  a.methods("methods", collect);
  a.call(collect, none).pointer = "type->tp_clear";
  a.call(collect, end);
  a.call(end, fini);
  Knowledge api;
  api.add_function({.name = "Py_EndInterpreter", .traits = {"interpreter-lifecycle"}});
  const Program program = link({a}, api);
  CHECK(roles_of(program, "a.c:collect").on_live_objects);
  CHECK(roles_of(program, "a.c:clear").python_callable);
  CHECK_FALSE(roles_of(program, "a.c:clear").on_live_objects);
  CHECK(roles_of(program, "a.c:fini").python_callable);
  CHECK_FALSE(roles_of(program, "a.c:fini").on_live_objects);
  CHECK(roles_of(link({a}, Knowledge()), "a.c:fini").on_live_objects);
}

TEST_CASE("a function whose address goes to an unknown function is a callback") {
  UnitBuilder a("a.c");
  const Index exec = a.module("a");
  const Index hook = a.function("hook"), compare = a.function("compare"), cleanup = a.function("cleanup");
  const auto give = [&](Index function, const std::string &callee) {
    a.declared(callee);
    a.use(function, exec).callee = callee;
  };
  give(hook, "lib_set_hook");
  give(compare, "qsort");
  give(cleanup, "atexit");
  Knowledge api;
  api.add_function({.name = "qsort", .traits = {"calls-argument"}});
  api.add_function({.name = "atexit", .traits = {"process-exit-hook"}});
  const Program program = link({a}, api);
  CHECK(roles_of(program, "a.c:hook").callback);
  CHECK(roles_of(program, "a.c:compare").only_init());
  CHECK(roles_of(program, "a.c:cleanup").finalise);
  CHECK_FALSE(roles_of(program, "a.c:cleanup").callback);
}

namespace {

// One object and a module whose exec, a method and a helper of neither may write it.
struct WriteCase {
  UnitBuilder a{"a.c"};
  Index object, exec, init, method;

  WriteCase() {
    object = a.object("x");
    exec = a.module("a");
    init = a.function("helper");
    a.call(a.function("PyInit_b", true), init);
    method = a.function("method");
    a.methods("methods", method);
  }
  WriteSummary summary(const Knowledge &api = built_in_tables()) const {
    const Program program = link({a}, api);
    return program.writes[object_named(program, "a.c:x")];
  }
};

} // namespace

TEST_CASE("the class of a write is that of its latest write") {
  WriteCase c;
  CHECK(c.summary().writes == WriteClass::never);
  c.a.access(c.object, c.method, AccessKind::read);
  CHECK(c.summary().writes == WriteClass::never);
  c.a.write(c.object, none);
  CHECK(c.summary().writes == WriteClass::init);
  c.a.write(c.object, c.init);
  CHECK(c.summary().writes == WriteClass::init);
  c.a.write(c.object, c.exec);
  CHECK(c.summary().writes == WriteClass::exec);
  c.a.write(c.object, c.method).tests_itself = true;
  CHECK(c.summary().writes == WriteClass::lazy);
  c.a.write(c.object, c.method);
  CHECK(c.summary().writes == WriteClass::anywhere);
  CHECK(c.summary().sites.size() == 5);
}

TEST_CASE("a pointer that is written through does not lead to a const object then") {
  WriteCase c;
  c.a.write(c.object, c.method).through_alias = true;
  CHECK(c.summary().writes == WriteClass::anywhere);
  c.a.facts.objects[c.object].type.top_const = true;
  CHECK(c.summary().writes == WriteClass::never);
}

TEST_CASE("a write through a pointer that the object holds is none of the object") {
  WriteCase c;
  c.a.write(c.object, c.method).path = "->field";
  CHECK(c.summary().writes == WriteClass::never);
  c.a.write(c.object, c.method).path = ".field";
  CHECK(c.summary().writes == WriteClass::anywhere);
}

TEST_CASE("a setting that compares before it stores a parameter is not lazy") {
  WriteCase c;
  Access &write = c.a.write(c.object, c.method);
  write.tests_itself = true;
  write.stored.kind = StoredValue::Kind::parameter;
  CHECK(c.summary().writes == WriteClass::anywhere);
}

TEST_CASE("a payload under a flag that the same function sets is lazy") {
  WriteCase c;
  const Index flag = c.a.object("ready");
  c.a.write(c.object, c.method).tested = {flag};
  CHECK(c.summary().writes == WriteClass::anywhere);
  c.a.write(flag, c.method).tests_itself = true;
  CHECK(c.summary().writes == WriteClass::lazy);
}

TEST_CASE("a passed address is weighed by what is known of the callee") {
  WriteCase c;
  c.a.pass(c.object, c.method, "fill");
  CHECK(c.summary().escapes);
  CHECK(c.summary().writes == WriteClass::never);
  Knowledge api;
  api.add_function({.name = "fill", .parameters = {ParameterUse::read}});
  CHECK_FALSE(c.summary(api).escapes);
  api.add_function({.name = "fill", .parameters = {ParameterUse::written}});
  CHECK(c.summary(api).writes == WriteClass::anywhere);
  CHECK_FALSE(c.summary(api).escapes);
  api.add_function({.name = "fill", .parameters = {ParameterUse::synchronised}});
  CHECK(c.summary(api).all_guarded);
  api.add_function({.name = "fill", .parameters = {ParameterUse::retained}});
  CHECK(c.summary(api).escapes);
  c.a.facts.accesses.back().const_parameter = true;
  CHECK_FALSE(c.summary().escapes);
}

TEST_CASE("a passed address is weighed by what the callee and all that it calls do behind the parameter") {
  const auto summary = [](auto &&callee) {
    WriteCase c;
    const Index outer = c.a.function("outer", true), inner = c.a.function("inner", true);
    c.a.pass(c.object, c.method, "outer");
    c.a.behind(outer, 0, AccessKind::read);
    c.a.behind(inner, 1, AccessKind::read);
    ParameterAccess &forward = c.a.behind(outer, 0, AccessKind::argument);
    forward.callee = "inner";
    forward.argument = 1;
    callee(c.a, inner);
    return c.summary();
  };
  const WriteSummary reads = summary([](UnitBuilder &, Index) {});
  CHECK_FALSE(reads.escapes);
  CHECK(reads.writes == WriteClass::never);
  const WriteSummary writes = summary([](UnitBuilder &a, Index inner) { a.behind(inner, 1, AccessKind::write); });
  CHECK(writes.writes == WriteClass::anywhere);
  CHECK_FALSE(writes.all_guarded);
  const WriteSummary guarded =
      summary([](UnitBuilder &a, Index inner) { a.behind(inner, 1, AccessKind::write).guarded = true; });
  CHECK(guarded.all_guarded);
  CHECK(summary([](UnitBuilder &a, Index inner) { a.behind(inner, 1, AccessKind::stored); }).escapes);
  // Functions that call each other settle.
  CHECK_FALSE(
      summary([](UnitBuilder &a, Index inner) { a.behind(inner, 1, AccessKind::argument).callee = "outer"; }).escapes);
}

TEST_CASE("what a callee stores behind a parameter is told at the call, with its test") {
  WriteCase c;
  const Index outer = c.a.function("outer", true), inner = c.a.function("inner", true);
  c.a.pass(c.object, c.method, "outer");
  ParameterAccess &forward = c.a.behind(outer, 0, AccessKind::argument);
  forward.callee = "inner";
  forward.argument = 1;
  ParameterAccess &write = c.a.behind(inner, 1, AccessKind::write);
  write.tests_itself = true;
  write.stored = {StoredValue::Kind::call, "PyImport_ImportModule", none, false};
  const auto passed = [&] {
    const Program program = link({c.a});
    return program.accesses.at(program.writes[object_named(program, "a.c:x")].sites.at(0));
  };
  CHECK(c.summary().writes == WriteClass::lazy);
  CHECK(passed().stored.callee == "PyImport_ImportModule");
  c.a.behind(inner, 1, AccessKind::write).stored.kind = StoredValue::Kind::null;
  CHECK(c.summary().writes == WriteClass::anywhere);
  CHECK(passed().stored.callee == "PyImport_ImportModule");
}

TEST_CASE("a callee that writes through a table of addresses writes to what the table names") {
  UnitBuilder a("a.c");
  const Index table = a.object("table"), error = a.object("error"), other = a.object("other");
  const Index setup = a.function("setup", true), fill = a.function("fill", true);
  a.facts.initialisers.push_back(
      {.object = table, .path = "[0].slot", .kind = InitialiserEntry::Kind::object, .target = error});
  a.facts.initialisers.push_back(
      {.object = table, .path = "[0].else", .kind = InitialiserEntry::Kind::object, .target = other});
  a.pass(table, setup, "fill");
  a.behind(fill, 0, AccessKind::read);
  a.behind(fill, 0, AccessKind::write).path = ".slot->";
  const Program program = link({a});
  const auto writes = [&](const char *id) { return program.writes[object_named(program, id)].writes; };
  CHECK(writes("a.c:error") == WriteClass::anywhere);
  CHECK(writes("a.c:other") == WriteClass::never);
  CHECK(writes("a.c:table") == WriteClass::never);
}

TEST_CASE("a type among the arguments of a format is not written") {
  UnitBuilder a("a.c");
  const Index type = a.record("T", "PyTypeObject"), number = a.object("number");
  const Index f = a.function("f", true);
  a.pass(type, f, "PyArg_ParseTuple", 2);
  a.pass(number, f, "PyArg_ParseTuple", 3);
  Knowledge api;
  api.add_function({.name = "PyArg_ParseTuple",
                    .parameters = {ParameterUse::read, ParameterUse::read, ParameterUse::written},
                    .variadic = true});
  const Program program = link({a}, api);
  CHECK(program.writes[object_named(program, "a.c:T")].writes == WriteClass::never);
  CHECK(program.writes[object_named(program, "a.c:number")].writes == WriteClass::anywhere);
}

TEST_CASE("an address in a table of Python's API is no escape, elsewhere it is") {
  WriteCase c;
  const Index table = c.a.methods("more", c.method);
  c.a.points_to_object(table, "[0].ml_doc", c.object);
  c.a.access(c.object, none, AccessKind::stored).location = c.a.facts.initialisers.back().location;
  CHECK_FALSE(c.summary().escapes);
  CHECK(c.summary(Knowledge()).escapes);
  c.a.access(c.object, c.method, AccessKind::stored);
  CHECK(c.summary().escapes);
}

TEST_CASE("an object is guarded where one lock is held at every write") {
  WriteCase c;
  const Index lock = c.a.object("lock"), other = c.a.object("other_lock");
  c.a.write(c.object, c.method).guards = {{Guard::Kind::mutex, "PyMutex_Lock", lock, "&lock"}};
  CHECK(c.summary().all_guarded);
  c.a.write(c.object, c.method).guards = {{Guard::Kind::mutex, "PyMutex_Lock", other, "&other_lock"}};
  CHECK_FALSE(c.summary().all_guarded);
  c.a.facts.accesses.back().guards = {{Guard::Kind::mutex, "PyMutex_Lock", lock, "&lock"}};
  CHECK(c.summary().all_guarded);
  c.a.write(c.object, c.method).guards = {{Guard::Kind::gil, "PyGILState_Ensure", none, ""}};
  CHECK_FALSE(c.summary().all_guarded);
}

TEST_CASE("a function that is only called under a lock holds it") {
  WriteCase c;
  const Index lock = c.a.object("lock");
  const Guard guard{Guard::Kind::mutex, "PyMutex_Lock", lock, "&lock"};
  const Index middle = c.a.function("middle"), inner = c.a.function("inner");
  c.a.call(c.method, middle).guards = {guard};
  c.a.call(c.exec, middle).guards = {guard};
  c.a.call(middle, inner);
  c.a.call(inner, inner);
  c.a.write(c.object, inner);
  CHECK(c.summary().all_guarded);
  c.a.call(c.method, inner);
  CHECK_FALSE(c.summary().all_guarded);
}

TEST_CASE("a test for the main interpreter holds in hidden functions whose every call stands behind it") {
  WriteCase c;
  const Guard main{Guard::Kind::main_interpreter, "a test", none, "is_main()"};
  const Index inner = c.a.function("inner", true);
  c.a.facts.functions[inner].hidden = true;
  c.a.call(c.method, inner).guards = {main};
  c.a.write(c.object, inner);
  CHECK(c.summary().main_interpreter);
  CHECK_FALSE(c.summary().all_guarded);
  c.a.facts.functions[inner].hidden = false; // others may call it
  CHECK_FALSE(c.summary().main_interpreter);
  c.a.facts.functions[inner].hidden = true;
  c.a.call(c.exec, inner);
  CHECK_FALSE(c.summary().main_interpreter);
}

TEST_CASE("a function that is given to a once runs under it") {
  WriteCase c;
  const Index setup = c.a.function("setup");
  c.a.declared("pthread_once");
  c.a.use(setup, c.method).callee = "pthread_once";
  c.a.write(c.object, setup);
  Knowledge api;
  api.add_function({.name = "pthread_once", .traits = {"once"}});
  CHECK(c.summary(api).writes == WriteClass::lazy);
  CHECK(c.summary(api).all_guarded);
  CHECK_FALSE(c.summary(Knowledge()).all_guarded);

  c.a.call(c.method, setup).guards = {{Guard::Kind::once, "pthread_once", c.a.object("once"), "once"}};
  CHECK(c.summary(api).all_guarded); // the call that extraction sees, which names the once
  c.a.call(c.exec, setup);
  CHECK_FALSE(c.summary(api).all_guarded); // called beside the once
}

TEST_CASE("what is made under a once and then changed under a lock is guarded") {
  WriteCase c;
  const Guard once{Guard::Kind::once, "pthread_once", c.a.object("once"), "once"};
  const Guard lock{Guard::Kind::mutex, "PyMutex_Lock", c.a.object("lock"), "lock"};
  const Guard other{Guard::Kind::mutex, "PyMutex_Lock", c.a.object("other"), "other"};
  const Guard second{Guard::Kind::once, "pthread_once", c.a.object("second"), "second"};
  c.a.write(c.object, c.method).guards = {once};
  CHECK(c.summary().all_guarded);
  c.a.write(c.object, c.method).guards = {lock};
  CHECK(c.summary().all_guarded);
  c.a.write(c.object, c.method).guards = {second, lock};
  CHECK(c.summary().all_guarded);
  c.a.write(c.object, c.method).guards = {other};
  CHECK_FALSE(c.summary().all_guarded);
}

TEST_CASE("two onces do not keep each other out") {
  WriteCase c;
  c.a.write(c.object, c.method).guards = {{Guard::Kind::once, "pthread_once", c.a.object("once"), "once"}};
  c.a.write(c.object, c.method).guards = {{Guard::Kind::once, "pthread_once", c.a.object("second"), "second"}};
  CHECK_FALSE(c.summary().all_guarded);
}

TEST_CASE("a write through a table of addresses is one to what they lead to") {
  WriteCase c;
  const Index table = c.a.object("table"), other = c.a.object("other");
  c.a.points_to_object(table, "[0].slot", c.object);
  c.a.points_to_object(table, "[0].base", other);
  c.a.write(table, c.exec).path = "[].slot->";
  const Program program = link({c.a});
  const auto writes = [&](const std::string &id) { return program.writes[object_named(program, id)].writes; };
  CHECK(writes("a.c:x") == WriteClass::exec);
  CHECK(writes("a.c:other") == WriteClass::never);
  CHECK(writes("a.c:table") == WriteClass::never);
}

// A tree with an interpreter, a module built into one of its files, and a module beside it.
struct InterpreterCase {
  UnitBuilder core{"Objects/core.c"}, deep{"Objects/deep.c"}, builtin{"builtin.c"}, extension{"ext.c"},
      helper{"helper.c"};

  InterpreterCase() {
    core.call(core.function("PyCore_Get", true), core.declared("core_detail"));
    deep.function("core_detail", true);
    builtin.module("builtin");
    builtin.call(1, builtin.declared("PyCore_Get"));
    core.call(0, core.declared("PyInit_builtin"));
    const Index exec = extension.module("ext");
    extension.call(exec, extension.declared("PyCore_Get"));
    extension.call(exec, extension.declared("help"));
    helper.function("help", true);
    helper.call(0, helper.declared("core_detail"));
  }
  Program link() const {
    Knowledge api;
    api.add_function({.name = "PyCore_Get"});
    return ringfence::link({core, deep, builtin, extension, helper}, api);
  }
};

TEST_CASE("what belongs to the interpreter belongs to no module") {
  InterpreterCase c;
  c.core.file("Include/Python.h");
  const Program program = c.link();
  REQUIRE(program.modules.size() == 2);
  CHECK(program.modules[0].units == std::vector<std::string>{"builtin.c"});
  CHECK(program.modules[1].units == std::vector<std::string>{"ext.c", "helper.c"});
}

TEST_CASE("without Python.h among its files, a tree has no interpreter") {
  const Program program = InterpreterCase().link();
  CHECK(program.interpreter_files.empty());
  CHECK(program.modules[1].units == std::vector<std::string>{"Objects/core.c", "Objects/deep.c", "ext.c", "helper.c"});
}

} // namespace ringfence
