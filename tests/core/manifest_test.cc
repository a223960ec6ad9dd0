// Manifests: symbols of a real shared object (compiled here), names matched to objects of a report, damaged files.
#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/file_system.h"
#include "base/hash.h"
#include "manifest/manifest.h"
#include "manifest/symbol_match.h"
#include "temporary_folder.h"

namespace ringfence {
namespace {

// The bytes of a shared object made of `source`, whose symbol table names the file `name`.
std::string compile(const std::string &name, const std::string &source, const std::string &flags) {
  const TemporaryFolder folder;
  std::ofstream(folder.path / name) << source;
  const std::string command =
      "cd " + folder.path.string() + " && cc -shared -fPIC -Wl,--build-id " + flags + " " + name;
  REQUIRE(std::system((command + " -o out.so").c_str()) == 0);
  return DiskFileSystem().read(folder.path / "out.so").value();
}

const std::string source = "struct o; static struct o *cache; int counter = 3; static int table[4];\n"
                           "int f(void) { static int calls = 1; return ++calls; }\n"
                           "_Thread_local int per_thread = 5;\n"
                           "void g(struct o *p) { cache = p; table[counter]++; }\n"
                           "struct o *h(void) { return cache; }\n";

ReportedObject object(const std::string &name, const std::string &type, const std::string &function = "") {
  ReportedObject o;
  o.place = {"src/manifest_test.c", 1, 1};
  o.name = name;
  o.subject = {SubjectKind::object, o.place.file, function, name};
  o.type = type;
  o.kind = "counter";
  o.verdict = "unsafe";
  o.writes = WriteClass::anywhere;
  o.risk[static_cast<std::size_t>(Profile::own_gil)] = Risk::high;
  return o;
}

Report report() {
  Report r;
  r.objects = {object("cache", "PyObject *"), object("calls", "int", "f"), object("counter", "int"),
               object("gone", "int"), object("per_thread", "int")};
  r.objects[0].object_words = {0, 8}; // the second lies beyond the symbol
  r.objects.push_back(object("table", "int[4]"));
  r.objects.back().risk = {};
  return r;
}

nlohmann::json manifest(const std::string &bytes, const ManifestOptions &options = {}) {
  return nlohmann::json::parse(manifest_json(report(), {read_shared_object("m.so", bytes).value()}, options));
}

TEST_CASE("a manifest places the objects at risk") {
  nlohmann::json json = manifest(compile("manifest_test.c", source, "-O0"));
  const auto &file = json["files"][0];
  REQUIRE(file["objects"].size() == 4);
  CHECK(file["build_id"].get<std::string>().size() == 40);
  CHECK(file["stripped"] == false);
  const auto &cache = file["objects"][0];
  CHECK(cache["symbol"] == "cache");
  CHECK(cache["section"] == ".bss");
  CHECK(cache["size"] == 8);
  CHECK(cache["object_words"] == std::vector<int>{0});
  CHECK(file["objects"][1]["symbol"].get<std::string>().starts_with("calls."));
  CHECK(file["objects"][2]["section"] == ".data");
  CHECK(file["objects"][2]["object_words"].is_null());
  CHECK(file["objects"][3]["thread_local"] == true);
  CHECK(json["missing"] == std::vector<std::string>{"src/manifest_test.c:gone"});
}

TEST_CASE("a manifest carries counts and a digest") {
  const std::string text =
      manifest_json(report(), {read_shared_object("m.so", compile("manifest_test.c", source, "-O0")).value()}, {});
  const auto json = nlohmann::json::parse(text);
  CHECK(json["schema"] == "ringfence-manifest/2");
  CHECK(json["counts"] == nlohmann::json{{"files", 1}, {"objects", 4}, {"missing", 1}});
  const std::size_t end = text.find(",\n \"digest\"");
  CHECK(text.substr(end) == ",\n \"digest\": \"" + blob_id(text.substr(0, end)) + "\"\n}\n");
}

TEST_CASE("all objects are listed where the verdicts are to be put to the test") {
  nlohmann::json json = manifest(compile("manifest_test.c", source, "-O0"), {Profile::own_gil, true});
  CHECK(json["files"][0]["objects"].size() == 5);
  CHECK(json["files"][0]["objects"][4]["risk"] == "none");
}

TEST_CASE("a stripped file has its exported objects only, at the same addresses") {
  nlohmann::json whole = manifest(compile("manifest_test.c", source, "-O0"));
  nlohmann::json stripped = manifest(compile("manifest_test.c", source, "-O0 -s"));
  const auto &file = stripped["files"][0];
  CHECK(file["stripped"] == true);
  REQUIRE(file["objects"].size() == 2);
  CHECK(file["objects"][0]["address"] == whole["files"][0]["objects"][2]["address"]);
}

TEST_CASE("names of C++ and of functions' statics are matched") {
  std::vector<DataSymbol> symbols;
  for (const char *name : {"_ZN2ns5Class4nameE", "_ZZ4funcvE5local", "func.local", "local.3", "local"})
    symbols.push_back({name, "", ".bss", 0, 0, 8, false});
  ReportedObject member = object("name", "int");
  member.subject = subject_parts("src/manifest_test.c:ns::Class::name");
  CHECK(matching_symbols(member, symbols) == std::vector<std::size_t>{0});
  CHECK(matching_symbols(object("local", "int", "func"), symbols) == std::vector<std::size_t>{1, 2, 3});
  CHECK(matching_symbols(object("local", "int"), symbols) == std::vector<std::size_t>{3, 4});
}

TEST_CASE("a local symbol belongs to the unit of its own source file") {
  std::vector<DataSymbol> symbols = {{"cache", "other.c", ".bss", 0, 0, 8, false},
                                     {"cache", "manifest_test.c", ".bss", 8, 8, 8, false}};
  CHECK(matching_symbols(object("cache", "int"), symbols) == std::vector<std::size_t>{1});
}

TEST_CASE("what is no shared object is an error, and damage is no crash") {
  CHECK_FALSE(read_shared_object("x", "").has_value());
  CHECK_FALSE(read_shared_object("x", "#!/bin/sh\n").has_value());
  std::string bytes = compile("manifest_test.c", source, "-O0");
  for (std::size_t size = 0; size < bytes.size(); size += 97)
    (void)read_shared_object("x", bytes.substr(0, size));
  for (std::size_t at = 0; at < bytes.size(); at += 61) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    (void)read_shared_object("x", damaged);
  }
}

} // namespace
} // namespace ringfence
