// Each word that a report says of modules and their claims can be asked for.
#include <catch2/catch.hpp>

#include "base/spelling.h"
#include "report/explain_module.h"
#include "report/glossary.h"
#include "report/names.h"
#include "report/plain_words.h"

namespace ringfence {

TEST_CASE("words for worlds, claims and modules have a meaning") {
  for (const Words words : {words_of(Profile{}), words_of(ClaimVerdict{})})
    for (const std::string_view word : words) {
      CAPTURE(std::string(word));
      CHECK(find_term(word));
    }
  for (const PlainWord word : all_plain_words)
    CHECK(find_term(to_string(word)));
  CHECK_FALSE(find_term("spam"));
}

TEST_CASE("a spelling is near where it may have been meant") {
  const std::vector<std::string> commands = {"scan", "gate", "explain", "mode"};
  CHECK(near_spelling("scna", commands) == "scan");
  CHECK(near_spelling("explian", commands) == "explain");
  CHECK(near_spelling("foo", commands).empty());
  CHECK(near_spelling("could-claim-more", commands).empty());
  CHECK(near_spelling("", commands).empty());
  CHECK(near_spelling("x", {}).empty());
}

TEST_CASE("a name is found in longer ones where a word of theirs begins or ends") {
  const std::vector<std::string> names = {"cache_size",       "m.c:scanner_traverse", "m.c:traverse_all",
                                          "scanner_traverse", "subtraverse",          "traverse"};
  using Names = std::vector<std::string>;
  CHECK(longer_names("cache", names) == Names{"cache_size"});
  CHECK(longer_names("traverse", names) == Names{"m.c:scanner_traverse", "scanner_traverse"});
  CHECK(longer_names("m.c:traverse", names) == Names{"m.c:scanner_traverse", "m.c:traverse_all"});
  CHECK(longer_names("n.c:traverse", names).empty());
  CHECK(longer_names("s", names).empty());
}

TEST_CASE("a module is named whole or by its last part, and explained world by world") {
  Report report;
  ReportedModule module;
  module.name = "pkg._fast";
  module.place = {"src/fast.c", 7, 1};
  module.init = InitKind::multi_phase;
  module.claims = {{"multiple-interpreters", "per-interpreter-gil"}};
  module.verified["own-gil"] = {ClaimVerdict::refuted, {"src/fast.c:cache"}};
  report.modules = {module};
  report.profiles.assign(all_profiles.begin(), all_profiles.end());
  for (const char *name : {"pkg._fast", "_fast", "top.pkg._fast", "PyInit__fast", "src/fast.c:pkg._fast"})
    CHECK(modules_named(report, name).size() == 1);
  for (const char *name : {"fast", "g._fast", "pkg", ""})
    CHECK(modules_named(report, name).empty());
  const std::string text = explain_module(report, report.modules[0], " -p build");
  CHECK(text.find("claims: multiple-interpreters per-interpreter-gil") != std::string::npos);
  CHECK(text.find("own-gil: unsafe, loads there, and breaks\n"
                  "  it says that it works there, and that is false; against it:\n    src/fast.c:cache\n") !=
        std::string::npos);
  CHECK(text.find("next:\n  ringfence explain src/fast.c:cache -p build    all evidence of the first\n") !=
        std::string::npos);
  CHECK(text.find("multi-init: unclaimed") != std::string::npos);
}

} // namespace ringfence
