// Any bytes as a compile database: an error or units that lie inside the tree, with ids of their own.
#include <set>

#include "mutate.h"
#include "require.h"
#include "source/source.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const std::string text(reinterpret_cast<const char *>(data), size);
  const MemoryFileSystem files(
      {{"/t/compile_commands.json", text}, {"/t/a.c", ""}, {"/t/args", "-DX @args"}, {"/t/s/b.cc", ""}});
  SourceOptions options;
  options.path = "/t";
  options.database = "/t";
  const auto tree = load_tree(options, files);
  if (!tree) {
    REQUIRE_PROPERTY(!tree.error().message.empty());
    return 0;
  }
  REQUIRE_PROPERTY(!tree->units.empty());
  std::set<std::string> ids;
  for (const CompileUnit &unit : tree->units) {
    REQUIRE_PROPERTY(unit.file.starts_with("/t/") || (!tree->build.empty() && unit.file.starts_with(tree->build)));
    REQUIRE_PROPERTY(ids.insert(unit.id).second);
    REQUIRE_PROPERTY(unit.id.front() != '/' && unit.arguments.size() >= 2);
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_json(data, size, room, seed);
}
