#include "extract/shared/extract_all.h"

#include <cstring>
#include <map>
#include <mutex>
#include <new>

#include <llvm/Support/ErrorHandling.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "base/parallel.h"
#include "base/process_limits.h"
#include "extract/extract.h"
#include "extract/parse/front_end.h"
#include "extract/shared/shared_parse.h"
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

// What a process says of a unit in one byte, besides a WhyReread.
constexpr char begun = 'b'; // to read it alone
bool is_reason(char word) {
  return word == static_cast<char>(WhyReread::mid_parse_options) ||
         word == static_cast<char>(WhyReread::cut_intrinsics);
}

std::string reason_of(char word, const UnitLimits &limits) {
  switch (word) {
  case static_cast<char>(Limit::time):
    return "reading it took more than " + std::to_string(limits.seconds) + " s (--unit-timeout)";
  case static_cast<char>(Limit::memory):
    return "reading it took more than " + std::to_string(limits.mebibytes) + " MiB of memory (--unit-memory)";
  default:
    return "Clang ended on it without a word";
  }
}

// A tree for each unit, which shares nothing.
std::vector<PrefixNode> trees_apart(const std::vector<std::size_t> &units) {
  std::vector<PrefixNode> trees(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    trees[i].units = {units[i]};
    trees[i].size = 1;
  }
  return trees;
}

// Reads units in processes, which share parses.
class ProcessReader {
public:
  ProcessReader(const std::vector<CompileUnit> &units, const ProjectPaths &paths, const ExtractPlan &plan,
                const UseFacts &use)
      : read(units.size()), ended(units.size()), units_(units), paths_(paths), plan_(plan), use_(use) {}

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

  // The units of which nothing is known.
  std::vector<std::size_t> left() const {
    std::vector<std::size_t> units;
    for (std::size_t i = 0; i < units_.size(); ++i)
      if (!read[i] && ended[i] == 0)
        units.push_back(i);
    return units;
  }

  std::vector<bool> read;  // of each unit, whether its facts were used
  std::vector<char> ended; // of each unit, what its process said that gave no facts; 0: nothing
  std::map<WhyReread, std::vector<std::size_t>> reread; // units by the reason

private:
  // The first process: it has nothing else to do.
  void read_trees(const std::vector<PrefixNode> &trees, const Intrinsics &intrinsics, ProcessTree &processes,
                  Mailbox &mailbox) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core); // a unit at which Clang crashes is read again where that can be told
    const auto say = [&](std::size_t unit, char word) { mailbox.send(unit, {&word, 1}); };
    std::vector<std::size_t> own; // units that are over a limit with this process
    const SharedUse use = {[&](std::vector<std::size_t> units) {
                             own = std::move(units);
                             start_process_clock();
                           },
                           [&](std::size_t unit, const TuFacts &facts, const Dependencies &dependencies) {
                             mailbox.send(unit, to_message(facts, dependencies));
                           },
                           [&](std::size_t unit, WhyReread why) { say(unit, static_cast<char>(why)); }};
    const auto over = [&](Limit limit) {
      for (const std::size_t unit : own)
        say(unit, static_cast<char>(limit));
    };
    if (const std::size_t chosen = processes.branch(trees.size()); trees[chosen].size == 1) {
      own = trees[chosen].units;
      say(own.front(), begun);
      limit_parse(over);
      Dependencies dependencies;
      TuFacts facts = extract(units_[own.front()], paths_, plan_.dependencies ? &dependencies : nullptr);
      use.facts(own.front(), std::move(facts), std::move(dependencies));
    } else {
      on_large_stack([&] {
        limit_parse(over);
        read_tree(trees[chosen], units_, paths_, intrinsics, processes, plan_.dependencies, use);
        _exit(0);
      });
    }
    _exit(0);
  }

  void limit_parse(const std::function<void(Limit)> &over) const {
    limit_process({plan_.limits.seconds, plan_.limits.mebibytes}, over);
    // Where LLVM allocates by malloc.
    llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { std::get_new_handler()(); });
  }

  void use_message(const Mailbox::Message &message) {
    if (message.bytes.size() == 1) {
      if (is_reason(message.bytes.front()))
        reread[static_cast<WhyReread>(message.bytes.front())].push_back(message.sender);
      else
        ended[message.sender] = message.bytes.front();
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
  ProcessReader processes(units, paths, plan, use);
  if (can_share && plan.shared_parse && units.size() > 1) {
    const DiskFileSystem files;
    const Intrinsics intrinsics = units.size() < plan.without_intrinsics_from ? Intrinsics() : read_intrinsics();
    processes.run(prefix_trees(units, files), intrinsics);
    processes.run(prefix_trees_apart(units, processes.reread[WhyReread::mid_parse_options], files), intrinsics);
    processes.run(prefix_trees_apart(units, processes.reread[WhyReread::cut_intrinsics], files), {});
  }
  processes.run(trees_apart(processes.left()), {});
  for (std::size_t i = 0; i < units.size(); ++i)
    if (!processes.read[i] && processes.ended[i] != 0)
      use(i, failed_facts(units[i], reason_of(processes.ended[i], plan.limits)), {{units[i].file, path_changing}});
  const std::vector<std::size_t> left = processes.left(); // the system refused
  std::mutex mutex;
  for_each_parallel(left.size(), plan.jobs, [&](std::size_t i) {
    Dependencies dependencies;
    TuFacts facts = extract(units[left[i]], paths, plan.dependencies ? &dependencies : nullptr);
    const std::lock_guard lock(mutex);
    use(left[i], std::move(facts), std::move(dependencies));
  });
}

} // namespace ringfence
