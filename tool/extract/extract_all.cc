#include <cstring>
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

void use_message(const Mailbox::Message &message, const UseFacts &use) {
  std::size_t size = 0;
  std::memcpy(&size, message.bytes.data(), sizeof size);
  Result<TuFacts> facts = decode(message.bytes.substr(sizeof size, size));
  if (facts)
    use(message.sender, std::move(*facts), Json::from_cbor(message.bytes.substr(sizeof size + size)));
}

// The first process of those that share parses: it has nothing else to do.
void read_trees(const std::vector<PrefixNode> &trees, const std::vector<CompileUnit> &units, const ProjectPaths &paths,
                bool want_dependencies, ProcessTree &processes, Mailbox &mailbox) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core); // a unit at which Clang crashes is read again where that can be told
  const UseFacts report = [&](std::size_t unit, const TuFacts &facts, const Dependencies &dependencies) {
    mailbox.send(unit, to_message(facts, dependencies));
  };
  on_large_stack([&] {
    const PrefixNode &tree = trees[processes.branch(trees.size())];
    if (tree.size == 1) {
      Dependencies dependencies;
      TuFacts facts = extract(units[tree.units.front()], paths, want_dependencies ? &dependencies : nullptr);
      report(tree.units.front(), std::move(facts), std::move(dependencies));
    } else {
      read_tree(tree, units, paths, processes, want_dependencies, report);
    }
    _exit(0);
  });
}

// Marks in `read` which units were.
void read_shared(const std::vector<PrefixNode> &trees, const std::vector<CompileUnit> &units, const ProjectPaths &paths,
                 const ExtractPlan &plan, const UseFacts &use, std::vector<bool> &read) {
  Mailbox mailbox;
  ProcessTree processes(plan.jobs);
  const pid_t first = mailbox ? processes.start() : -1;
  if (first < 0)
    return;
  if (first == 0)
    read_trees(trees, units, paths, plan.dependencies, processes, mailbox);
  mailbox.only_receive();
  while (const std::optional<Mailbox::Message> message = mailbox.receive()) {
    use_message(*message, [&](std::size_t unit, TuFacts facts, Dependencies dependencies) {
      read[unit] = true;
      use(unit, std::move(facts), std::move(dependencies));
    });
    mailbox.drop(*message);
  }
  waitpid(first, nullptr, 0);
}

} // namespace

void extract_all(const std::vector<CompileUnit> &units, const ProjectPaths &paths, const ExtractPlan &plan,
                 const UseFacts &use) {
  std::vector<bool> read(units.size());
  if (can_share && plan.shared_parse && units.size() > 1) {
    const DiskFileSystem files;
    const std::vector<PrefixNode> trees = prefix_trees(units, files);
    read_shared(trees, units, paths, plan, use, read);
    std::vector<std::size_t> refused = joined_units(trees);
    std::erase_if(refused, [&](std::size_t unit) { return read[unit]; });
    if (refused.size() > 1)
      read_shared(prefix_trees_apart(units, refused, files), units, paths, plan, use, read);
  }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < units.size(); ++i)
    if (!read[i])
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
