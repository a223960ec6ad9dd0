#include "extract_source.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "classify/rules/rule.h"

namespace ringfence {

namespace fs = std::filesystem;

TuFacts extract_source(const TestSource &source) {
  static const Knowledge known = load_rules(built_in_rule_texts())->tables;
  std::string pattern = (fs::temp_directory_path() / "ringfence-test-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const fs::path folder = fs::canonical(pattern);
  const fs::path root = folder / "root";
  auto write = [&](const std::string &name, const std::string &text) {
    fs::create_directories((root / name).lexically_normal().parent_path());
    std::ofstream(root / name, std::ios::binary) << text;
  };
  fs::create_directories(root);
  write(source.file, source.text);
  for (const auto &[name, text] : source.others)
    write(name, text);
  CompileUnit unit;
  unit.id = source.file;
  unit.file = (root / source.file).string();
  unit.directory = root.string();
  unit.arguments = source.arguments;
  unit.language = source.file.ends_with(".c") ? Language::c : Language::cxx;
  TuFacts facts = extract(unit, {root.string(), "", &known});
  fs::remove_all(folder);
  return facts;
}

const Object &object(const TuFacts &facts, const std::string &id) {
  for (const Object &candidate : facts.objects)
    if (candidate.id == id)
      return candidate;
  std::string known;
  for (const Object &candidate : facts.objects)
    known += "\n  " + candidate.id;
  FAIL("no object " << id << " among" << known);
  throw std::logic_error("unreachable");
}

const Function &function(const TuFacts &facts, const std::string &name) {
  for (const Function &candidate : facts.functions)
    if (candidate.name == name)
      return candidate;
  FAIL("no function " << name);
  throw std::logic_error("unreachable");
}

bool has_object(const TuFacts &facts, const std::string &id) {
  for (const Object &candidate : facts.objects)
    if (candidate.id == id)
      return true;
  return false;
}

} // namespace ringfence
