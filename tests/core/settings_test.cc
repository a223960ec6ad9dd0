#include "settings/settings.h"

#include <catch2/catch.hpp>

#include "settings/apply.h"

using namespace ringfence;

namespace {

Result<Settings> settings_of(const std::string &text, const std::string &name = "ringfence.toml") {
  return find_settings("/p", MemoryFileSystem(std::map<std::string, std::string>{{"/p/" + name, text}}));
}

std::string error_of(const std::string &text) {
  const Result<Settings> settings = settings_of(text);
  return settings ? "no error" : settings.error().message;
}

using Options = std::vector<std::pair<std::string, std::vector<std::string>>>;

} // namespace

TEST_CASE("settings stand for options of the command line") {
  const Result<Settings> settings = settings_of("exclude = ['vendor', 'tests']\n"
                                                "compile-commands = 'build'\n"
                                                "min-python = '3.9'\n"
                                                "[configurations]\ndebug = '-DPy_DEBUG'\n");
  REQUIRE(settings);
  CHECK(settings->file == "/p/ringfence.toml");
  CHECK(settings->options == Options{{"--compile-commands", {"/p/build"}},
                                     {"--config", {"debug=-DPy_DEBUG"}},
                                     {"--exclude", {"vendor", "tests"}},
                                     {"--min-python", {"3.9"}}});
}

TEST_CASE("settings of pyproject.toml are those of tool.ringfence") {
  const Result<Settings> settings =
      settings_of("[project]\nname = 'p'\n[tool.ringfence]\nworlds = ['3.14']\n", "pyproject.toml");
  REQUIRE(settings);
  CHECK(settings->options == Options{{"--world", {"3.14"}}});
  const Result<Settings> without = settings_of("[project]\nname = 'p'\n", "pyproject.toml");
  REQUIRE(without);
  CHECK(without->file.empty());
}

TEST_CASE("what is wrong with settings is named with its line") {
  CHECK(error_of("\nexcludes = []\n") == "/p/ringfence.toml:2: \"excludes\" is no key; did you mean \"exclude\"?");
  CHECK(error_of("exclude = 'tests'\n") == "/p/ringfence.toml:1: exclude is a list of texts");
  CHECK(error_of("min-python = 3.9\n") == "/p/ringfence.toml:1: min-python is a text in quotes");
  CHECK(error_of("[risk]\nRF103 = 'hihg'\n") ==
        "/p/ringfence.toml:2: risk.RF103 is none, low, medium or high, not \"hihg\"");
  CHECK(error_of("[[ignore]]\nrule = 'RF103'\n") ==
        "/p/ringfence.toml:1: ignore needs a rule and the reason why it does not count");
  CHECK(error_of("[[ignore]]\nrule = 'RF103'\nreason = 'r'\npath = ['a']\n") ==
        "/p/ringfence.toml:4: \"path\" is no key of ignore; did you mean \"paths\"?");
  CHECK(error_of("exclude = [\n").find("/p/ringfence.toml:") == 0);
}

TEST_CASE("letters of any script outside of strings are errors, and nothing worse") {
  for (const std::string letter : {"\u00e9", "\u3001", "\ufe90", "\ufefe"}) {
    INFO(letter);
    CHECK_THAT(error_of("min" + letter + " = '3.9'\n"), Catch::Contains("ringfence.toml:1"));
    CHECK_THAT(error_of("exclude = ['a']  " + letter + "\n"), Catch::Contains("ringfence.toml:1"));
    CHECK(settings_of("exclude = ['" + letter + "'] # " + letter + "\n"));
  }
}

TEST_CASE("settings give rules another risk and suppress what is ignored") {
  const Result<Settings> settings = settings_of("[risk]\ncached-import = 'low'\n"
                                                "[[ignore]]\nrule = 'RF301'\npaths = ['a']\nreason = 'why'\n"
                                                "[[ignore]]\nrule = 'RF999'\nreason = 'gone'\n");
  REQUIRE(settings);
  Report report;
  ReportedObject object;
  object.rule = "RF103 cached-import";
  object.risk = {Risk::high, Risk::high, Risk::none, Risk::medium};
  report.objects.push_back(object);
  for (const char *file : {"a/m.c", "b/m.c"}) {
    Finding finding;
    finding.rule = "RF301 single-phase-init";
    finding.place.file = file;
    report.findings.push_back(finding);
  }
  apply_settings(report, *settings);
  CHECK(report.objects[0].risk == Risks{Risk::low, Risk::low, Risk::none, Risk::low});
  CHECK(report.findings[0].suppressed == Suppression{"why", {"ringfence.toml", 3, 1}});
  CHECK(!report.findings[1].suppressed);
  CHECK(report.notes ==
        std::vector<std::string>{"ringfence.toml:7: nothing is found by RF999 there: the entry can go"});
}

TEST_CASE("a pyproject.toml that is no TOML is said and passed over") {
  const Result<Settings> settings = settings_of("import os\n", "pyproject.toml");
  REQUIRE(settings);
  CHECK(settings->file.empty());
  CHECK(settings->note.find("/p/pyproject.toml:1: ") != std::string::npos);
}
