#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <tuple>

#include "facts_builder.h"

namespace ringfence {

TEST_CASE("a header's object counts once, and so do its accesses") {
  const auto unit = [](const std::string &file) {
    UnitBuilder builder(file);
    builder.object("shared", "common.h");
    Function inline_function;
    inline_function.id = "common.h:touch";
    inline_function.name = "touch";
    inline_function.defined = inline_function.in_header = true;
    inline_function.location = {1, 9, 1};
    builder.facts.functions.push_back(inline_function);
    Access write;
    write.object = 0;
    write.function = 0;
    write.kind = AccessKind::write;
    write.location = {1, 10, 3};
    builder.facts.accesses.push_back(write);
    return builder;
  };
  const Program program = link({unit("a.c"), unit("b.c"), unit("c.c")});
  REQUIRE(program.objects.size() == 1);
  CHECK(program.objects[0].id == "common.h:shared");
  CHECK(program.functions.size() == 1);
  CHECK(program.accesses.size() == 1);
  CHECK(program.units.size() == 3);
}

TEST_CASE("a declaration is the definition of its symbol") {
  UnitBuilder user("a.c"), owner("b.c");
  const Index declared = user.external("value", Definition::declaration, "value.h");
  const Index f = user.function("f");
  user.write(declared, f);
  const Index pointer = user.object("pointer");
  user.points_to_object(pointer, "", declared);
  owner.external("value", Definition::definition);
  const Program program = link({user, owner});
  REQUIRE(program.objects.size() == 2);
  CHECK(program.objects[0].id == "a.c:pointer");
  CHECK(program.objects[1].id == "b.c:value");
  CHECK(program.initialisers[0].target == 1);
  CHECK(program.writes[1].writes == WriteClass::anywhere);
}

TEST_CASE("static objects of the same name stay apart") {
  UnitBuilder a("a.c"), b("b.c");
  a.object("cache");
  b.object("cache");
  CHECK(link({a, b}).objects.size() == 2);
}

TEST_CASE("tentative definitions are one object only where the compiler makes common symbols") {
  UnitBuilder a("a.c"), b("b.c");
  a.external("value", Definition::tentative);
  b.external("value", Definition::definition);
  CHECK(link({a, b}).objects.size() == 2); // two programs in one tree
  a.facts.common_symbols = b.facts.common_symbols = true;
  const Program program = link({a, b});
  REQUIRE(program.objects.size() == 1);
  CHECK(program.objects[0].id == "b.c:value");
}

TEST_CASE("an access through a declaration counts for each program's definition") {
  UnitBuilder user("a.c"), first("b.c"), second("c.c");
  const Index declared = user.external("value", Definition::declaration, "value.h");
  user.write(declared, user.function("f"));
  first.external("value", Definition::definition);
  second.external("value", Definition::definition);
  const Program program = link({user, first, second});
  REQUIRE(program.objects.size() == 2);
  CHECK(program.writes[0].sites.size() == 1);
  CHECK(program.writes[1].sites.size() == 1);
}

TEST_CASE("a declaration that nothing defines stays only where something refers to it") {
  UnitBuilder a("a.c");
  a.external("unused", Definition::declaration, "api.h");
  const Index used = a.external("used", Definition::declaration, "api.h");
  a.access(used, a.function("f"), AccessKind::read);
  const Program program = link({a});
  REQUIRE(program.objects.size() == 1);
  CHECK(program.objects[0].name == "used");
  CHECK(program.objects[0].definition == Definition::declaration);
}

TEST_CASE("an object says in which configurations it exists, where there are several") {
  UnitBuilder own("a.c"), debug("a.c", "debug");
  own.object("always");
  debug.object("always");
  debug.object("only_debug");
  UnitBuilder other("b.c");
  other.object("own");
  const Program program = link({own, debug, other});
  REQUIRE(program.objects.size() == 3);
  CHECK(program.objects[0].configs == std::vector<std::string>{"debug", "default"});
  CHECK(program.objects[1].configs == std::vector<std::string>{"debug"});
  CHECK(program.objects[2].configs.empty());
}

TEST_CASE("what one configuration leaves out and another compiles is not inactive") {
  UnitBuilder own("a.c"), debug("a.c", "debug");
  debug.object("log");
  own.facts.inactive = {{"log", "defined(DEBUG)", {0, 1, 8}}, {"handle", "defined(MS_WINDOWS)", {0, 30, 8}}};
  const Program program = link({own, debug});
  REQUIRE(program.inactive.size() == 1);
  CHECK(program.inactive[0].name == "handle");
}

TEST_CASE("a file that some unit reads is covered") {
  UnitBuilder a("a.c");
  a.file("part.c");
  const Program program = link({a}, {}, {"part.c", "orphan.c"});
  CHECK(program.uncovered == std::vector<std::string>{"orphan.c"});
}

namespace {

// Units that share headers, symbols and functions at random.
std::vector<UnitBuilder> random_units(std::mt19937 &random) {
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  std::vector<UnitBuilder> units;
  for (int n = 0; n < 6; ++n) {
    UnitBuilder unit("u" + std::to_string(n) + ".c", pick(4) == 0 ? "debug" : "");
    std::vector<Index> objects, functions;
    for (int i = 0; i < 8; ++i) {
      const std::string name = "v" + std::to_string(pick(6));
      switch (pick(4)) {
      case 0:
        objects.push_back(unit.object(name, "h" + std::to_string(pick(2)) + ".h"));
        break;
      case 1:
        objects.push_back(unit.external(name, static_cast<Definition>(pick(3))));
        break;
      case 2:
        objects.push_back(unit.external(name, Definition::declaration, "h0.h"));
        break;
      default:
        objects.push_back(unit.object(name + std::to_string(i)));
      }
      functions.push_back(unit.function("f" + std::to_string(pick(5)), pick(2) == 0));
    }
    if (pick(2) == 0)
      functions.push_back(unit.module("m" + std::to_string(n)));
    for (int i = 0; i < 30; ++i) {
      const Index object = objects[pick(8)], function = functions[pick(8)];
      Access &access = unit.access(object, function, static_cast<AccessKind>(pick(7)));
      access.tests_itself = pick(2) == 0;
      access.tested = {objects[pick(8)]};
      if (pick(3) == 0)
        access.guards = {Guard{Guard::Kind::mutex, "lock", objects[pick(8)], "lock"}};
      access.callee = pick(2) == 0 ? "f1" : "";
      unit.call(function, functions[pick(8)]).guards = access.guards;
      if (pick(4) == 0)
        unit.use(functions[pick(8)], function).path = "->cb";
    }
    units.push_back(std::move(unit));
  }
  return units;
}

// Everything that a Program holds, as text.
std::string print(const Program &program) {
  std::string text;
  const auto number = [&](auto value) { text += std::to_string(static_cast<long long>(value)) + ' '; };
  const auto place = [&](const Location &location) {
    text += location.file == none ? "?" : program.files[location.file].path;
    text += ':' + std::to_string(location.line) + ' ';
  };
  for (const UnitSummary &unit : program.units)
    text += unit.id + '\n';
  for (Index i = 0; i < program.objects.size(); ++i) {
    const Object &object = program.objects[i];
    text += object.id + ' ';
    number(object.definition);
    place(object.location);
    for (const std::string &config : object.configs)
      text += config + ' ';
    const WriteSummary &writes = program.writes[i];
    number(writes.writes);
    number(writes.escapes);
    number(writes.all_guarded);
    for (const Index site : writes.sites)
      number(site);
    text += '\n';
  }
  for (Index i = 0; i < program.functions.size(); ++i) {
    const FunctionRoles &roles = program.roles[i];
    text += program.functions[i].id + ' ';
    place(program.functions[i].location);
    for (const bool has : {roles.module_init, roles.exec, roles.python_callable, roles.callback, roles.external})
      number(has);
    text += '\n';
  }
  for (const Access &access : program.accesses) {
    number(access.object);
    number(access.function);
    number(access.kind);
    for (const Index flag : access.tested)
      number(flag);
    for (const Guard &guard : access.guards)
      number(guard.object);
    place(access.location);
  }
  for (const Call &call : program.calls) {
    number(call.caller);
    number(call.callee);
    place(call.location);
  }
  for (const Module &module : program.modules) {
    text += '\n' + module.name;
    number(module.definition);
    for (const std::string &unit : module.units)
      text += unit + ' ';
  }
  return text;
}

} // namespace

TEST_CASE("the order of units and the number of threads leave no trace in the program") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    std::vector<UnitBuilder> units = random_units(random);
    const std::string expected = print(link(units));
    for (int n = 0; n < 5; ++n) {
      std::shuffle(units.begin(), units.end(), random);
      CHECK(print(link(units)) == expected);
      CHECK(print(link(units, built_in_tables(), {}, 4)) == expected);
    }
    units.push_back(units.front()); // the same facts once more, under another unit's name
    units.back().facts.unit = "twin";
    const Program twice = link(units);
    CHECK(twice.objects.size() == link({units.begin(), units.end() - 1}).objects.size());
    CHECK(twice.accesses.size() == link({units.begin(), units.end() - 1}).accesses.size());
  }
}

TEST_CASE("a program's vectors are sorted and hold nothing twice") {
  std::mt19937 random(99);
  const Program program = link(random_units(random));
  const auto strictly = [](const auto &list, auto key) {
    return std::adjacent_find(list.begin(), list.end(),
                              [&](const auto &a, const auto &b) { return !(key(a) < key(b)); }) == list.end();
  };
  CHECK(strictly(program.objects, [](const Object &object) { return object.id; }));
  CHECK(strictly(program.functions, [](const Function &function) { return function.id; }));
  CHECK(strictly(program.files, [](const FileFact &file) { return file.path; }));
  CHECK(strictly(program.accesses, [](const Access &a) { return std::tuple(a.object, a.location, a); }));
  CHECK(strictly(program.calls, [](const Call &call) { return std::tuple(call.caller, call.location, call); }));
  CHECK(strictly(program.initialisers, [](const InitialiserEntry &entry) { return entry; }));
  CHECK(strictly(program.function_uses, [](const FunctionUse &use) { return use; }));
  CHECK(strictly(program.parameter_accesses, [](const ParameterAccess &access) { return access; }));
  CHECK(strictly(program.const_points, [](const ConstPoint &point) { return point; }));
  CHECK(program.roles.size() == program.functions.size());
  CHECK(program.writes.size() == program.objects.size());
}

TEST_CASE("facts that refer beyond their lists are survived") {
  UnitBuilder a("a.c");
  const Index object = a.object("x");
  a.write(object, 77);
  a.write(99, a.function("f"));
  a.call(0, 88);
  a.points_to_object(object, "", 500);
  const Program program = link({a});
  REQUIRE(program.accesses.size() == 1);
  CHECK(program.accesses[0].function == none);
}

TEST_CASE("a function with internal linkage in a header is one for each object that macros make it lead to") {
  const auto unit = [](const std::string &file, const std::string &bound) {
    UnitBuilder builder(file);
    const Index object = builder.external(bound, Definition::definition, "array.h");
    const Index import = builder.function("import_array"), init = builder.function("init"),
                other = builder.function("plain");
    for (const Index function : {import, other}) {
      builder.facts.functions[function].id = "array.h:" + builder.facts.functions[function].name;
      builder.facts.functions[function].in_header = true;
    }
    builder.write(object, import);
    builder.call(init, import);
    builder.call(init, other);
    return builder;
  };
  const auto functions_named = [](const Program &program, const std::string &name) {
    return std::count_if(program.functions.begin(), program.functions.end(),
                         [&](const Function &function) { return function.name == name; });
  };
  const Program program = link({unit("a.c", "a_api"), unit("b.c", "b_api")});
  CHECK(functions_named(program, "import_array") == 2);
  CHECK(functions_named(program, "plain") == 1);
  for (const Access &access : program.accesses) // of a_api by what a.c's init calls
    for (const Call &call : program.calls)
      if (call.callee == access.function)
        CHECK(program.functions[call.caller].id == std::string(1, program.objects[access.object].name[0]) + ".c:init");
  CHECK(functions_named(link({unit("a.c", "api"), unit("b.c", "api")}), "import_array") == 1);
}

} // namespace ringfence
