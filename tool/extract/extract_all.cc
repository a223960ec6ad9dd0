#include <cstring>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "base/parallel.h"
#include "extract/front_end.h"
#include "extract/shared_parse.h"
#include "facts/codec.h"

namespace ringfence {
namespace {

using Json = nlohmann::json;

// ThreadSanitizer's runtime does not outlive a fork beside other threads.
#if defined(__SANITIZE_THREAD__)
constexpr bool can_share = false;
#else
constexpr bool can_share = true;
#endif

// The size of the facts, the facts, the dependencies.
std::string to_message(const TuFacts &facts, const Dependencies &dependencies) {
  const std::string encoded = encode(facts);
  std::string message(sizeof(std::size_t), '\0');
  const std::size_t size = encoded.size();
  std::memcpy(message.data(), &size, sizeof size);
  message += encoded;
  Json::to_cbor(Json(dependencies), message);
  return message;
}

// Reads units in processes that share parses.
class SharedReader {
public:
  SharedReader(const std::vector<CompileUnit> &units, const ProjectPaths &paths, const ExtractPlan &plan,
               const UseFacts &use)
      : read(units.size()), units_(units), paths_(paths), plan_(plan), use_(use) {}

  void run(const std::vector<PrefixNode> &trees, const Intrinsics &intrinsics) {
    if (trees.empty())
      return;
    Mailbox mailbox;
    ProcessTree processes(plan_.jobs);
    const pid_t first = mailbox ? processes.start() : -1;
    if (first < 0)
      return;
    if (first == 0)
      read_trees(trees, intrinsics, processes, mailbox);
    mailbox.only_receive();
    while (const std::optional<Mailbox::Message> message = mailbox.receive()) {
      use_message(*message);
      mailbox.drop(*message);
    }
    waitpid(first, nullptr, 0);
  }

  std::vector<bool> read;                         // of each unit, whether its facts were used
  std::map<Told, std::vector<std::size_t>> again; // the units that could tell

private:
  // The first process of those that share parses: it has nothing else to do.
  void read_trees(const std::vector<PrefixNode> &trees, const Intrinsics &intrinsics, ProcessTree &processes,
                  Mailbox &mailbox) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core); // a unit at which Clang crashes is read again where that can be told
    const SharedUse use = {
        [&](std::size_t unit, const TuFacts &facts, const Dependencies &dependencies) {
          mailbox.send(unit, to_message(facts, dependencies));
        },
        [&](std::size_t unit, Told told) { mailbox.send(unit, std::string(1, static_cast<char>(told))); }};
    on_large_stack([&] {
      const PrefixNode &tree = trees[processes.branch(trees.size())];
      if (tree.size == 1) {
        Dependencies dependencies;
        TuFacts facts = extract(units_[tree.units.front()], paths_, plan_.dependencies ? &dependencies : nullptr);
        use.facts(tree.units.front(), std::move(facts), std::move(dependencies));
      } else {
        read_tree(tree, units_, paths_, intrinsics, processes, plan_.dependencies, use);
      }
      _exit(0);
    });
  }

  void use_message(const Mailbox::Message &message) {
    if (message.bytes.size() == 1) {
      again[static_cast<Told>(message.bytes.front())].push_back(message.sender);
      return;
    }
    std::size_t size = 0;
    std::memcpy(&size, message.bytes.data(), sizeof size);
    if (Result<TuFacts> facts = decode(message.bytes.substr(sizeof size, size))) {
      read[message.sender] = true;
      use_(message.sender, std::move(*facts), Json::from_cbor(message.bytes.substr(sizeof size + size)));
    }
  }

  const std::vector<CompileUnit> &units_;
  const ProjectPaths &paths_;
  const ExtractPlan &plan_;
  const UseFacts &use_;
};

} // namespace

void extract_all(const std::vector<CompileUnit> &units, const ProjectPaths &paths, const ExtractPlan &plan,
                 const UseFacts &use) {
  SharedReader shared(units, paths, plan, use);
  if (can_share && plan.shared_parse && units.size() > 1) {
    const DiskFileSystem files;
    const Intrinsics intrinsics = units.size() < plan.without_intrinsics_from ? Intrinsics() : read_intrinsics();
    shared.run(prefix_trees(units, files), intrinsics);
    shared.run(prefix_trees_apart(units, shared.again[Told::options], files), intrinsics);
    shared.run(prefix_trees_apart(units, shared.again[Told::functions], files), {});
  }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < units.size(); ++i)
    if (!shared.read[i])
      left.push_back(i);
  std::mutex mutex;
  for_each_parallel(left.size(), plan.jobs, [&](std::size_t i) {
    Dependencies dependencies;
    TuFacts facts = extract(units[left[i]], paths, plan.dependencies ? &dependencies : nullptr);
    const std::lock_guard lock(mutex);
    use(left[i], std::move(facts), std::move(dependencies));
  });
}

} // namespace ringfence
