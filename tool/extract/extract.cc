#include "extract/extract.h"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <set>
#include <vector>

#include <clang/Basic/Version.h>
#include <llvm/Support/CrashRecoveryContext.h>
#include <llvm/Support/VirtualFileSystem.h>

#include "extract/fact_action.h"
#include "extract/parse/front_end.h"
#include "extract/parse/given_files.h"
#include "extract/parse/invocation.h"
#include "extract/parse/python_files.h"
#include "extract/parse/python_names.h"
#include "extract/parse/recording_files.h"
#include "extract/parse/regular_files.h"
#include "extract/parse/windows.h"

namespace ringfence {

namespace {

constexpr std::size_t signal_stack_bytes = 256u << 10;

std::string first_message(const DiagnosticCollector &diagnostics, const std::string &otherwise) {
  return diagnostics.entries().empty() ? otherwise : diagnostics.entries().front().message;
}

using Files = llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>;

// Only these differ from what is `below`.
Files files_with(const EditedFiles &edited, Files below) {
  auto contents = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto &[path, content] : edited)
    contents->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(content, path));
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(below));
  files->pushOverlay(contents);
  return files;
}

// What a parse reads, besides its unit.
struct Inputs {
  const FileSystem *given = nullptr;    // null: the machine's files
  const EditedFiles *edited = nullptr;  // null: every file is read as it is
  Dependencies *dependencies = nullptr; // null: they are not asked for
};

class Parser {
public:
  Parser(const CompileUnit &unit, const ProjectPaths &paths, const Inputs &inputs)
      : unit_(unit), paths_(paths), inputs_(inputs) {}

  TuFacts run() { return run_after(parse({})); }

  // Where the headers lack names that newer ones have, these are declared and the unit is read again.
  TuFacts run_after(ParsedUnit best) {
    constexpr int most_parses = 4; // an error can hide the next name
    std::set<std::string> names = best.undeclared;
    for (int i = 1; i < most_parses && !names.empty(); ++i) {
      ParsedUnit next = parse(declare_python_names(names));
      const std::size_t known = names.size();
      names.insert(next.undeclared.begin(), next.undeclared.end());
      if (next.errors <= best.errors)
        best = std::move(next);
      if (names.size() == known)
        break;
    }
    if (!best.unknown.empty())
      read_around(best, names);
    return std::move(best.facts);
  }

private:
  // An unknown name costs the whole initialiser that uses it. Its other entries are read with a number in its place;
  // the unit stays one that was read in part, with the errors that it has.
  void read_around(ParsedUnit &best, const std::set<std::string> &names) const {
    ParsedUnit next = parse(declare_python_names(names) + declare_placeholders(best.unknown));
    if (next.errors >= best.errors)
      return;
    next.facts.status = best.facts.status;
    for (Diagnostic &diagnostic : best.facts.diagnostics)
      if (diagnostic.location.file != none) {
        const std::string &path = best.facts.files[diagnostic.location.file].path;
        const auto same = std::find_if(next.facts.files.begin(), next.facts.files.end(),
                                       [&](const FileFact &file) { return file.path == path; });
        if (same == next.facts.files.end())
          return;
        diagnostic.location.file = static_cast<Index>(same - next.facts.files.begin());
      }
    next.facts.diagnostics = std::move(best.facts.diagnostics);
    best = std::move(next);
  }

  ParsedUnit parse(std::string names) const {
    // One file system per job: its working directory is the job's own.
    Files files = inputs_.given ? given_files(*inputs_.given) : regular_files(paths_);
    if (inputs_.edited)
      files = files_with(*inputs_.edited, std::move(files));
    if (inputs_.dependencies)
      files = recording(std::move(files), *inputs_.dependencies);
    if (is_for_windows(unit_))
      files = windows_files(std::move(files), unit_);
    files = with_python_names(std::move(files), paths_, std::move(names));
    if (std::error_code error = files->setCurrentWorkingDirectory(unit_.directory))
      return {failed_facts(unit_, "cannot enter the working directory of its compile command: " + error.message())};
    if (auto opened = files->openFileForRead(unit_.file); !opened)
      return {failed_facts(unit_, "cannot open the source file: " + opened.getError().message())};

    DiagnosticCollector diagnostics;
    std::shared_ptr<clang::CompilerInvocation> invocation = make_invocation(unit_, files, diagnostics);
    if (!invocation)
      return {failed_facts(unit_, first_message(diagnostics, "its arguments name no C or C++ compilation"))};

    TuFacts facts = empty_facts(unit_);
    const std::unique_ptr<clang::FrontendAction> action = make_fact_action(paths_, unit_.directory, facts);
    run_front_end(std::move(invocation), std::move(files), diagnostics, *action, inputs_.edited != nullptr);
    if (facts.files.empty())
      return {failed_facts(unit_, first_message(diagnostics, "Clang could not start on it"))};
    if (diagnostics.getNumErrors() > 0)
      facts.status = UnitStatus::partial;
    return {std::move(facts), diagnostics.getNumErrors(), diagnostics.undeclared(), diagnostics.unknown()};
  }

  const CompileUnit &unit_;
  const ProjectPaths &paths_;
  const Inputs &inputs_;
};

// A crash inside Clang must not end the scan. LLVM's handlers leave by longjmp; they run on a stack of their own here,
// since the usual crash is that a unit nests so deeply that the stack ends.
void enable_crash_recovery() {
  llvm::CrashRecoveryContext::Enable();
  for (int signal : {SIGSEGV, SIGBUS}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    action.sa_flags |= SA_ONSTACK;
    sigaction(signal, &action, nullptr);
  }
}

// False where it crashed.
template <class Work> bool run_safely(Work work) {
  static std::once_flag enabled;
  std::call_once(enabled, enable_crash_recovery);
  bool finished = false;
  on_large_stack([&] {
    std::vector<char> signal_memory(signal_stack_bytes);
    stack_t signal_stack{}, before{};
    signal_stack.ss_sp = signal_memory.data();
    signal_stack.ss_size = signal_memory.size();
    sigaltstack(&signal_stack, &before);
    llvm::CrashRecoveryContext recovery;
    finished = recovery.RunSafely(work);
    sigaltstack(&before, nullptr);
  });
  return finished;
}

TuFacts crashed(const CompileUnit &unit) {
  return failed_facts(unit, "Clang crashed on it; code that nests extremely deeply does that");
}

TuFacts parse_safely(const CompileUnit &unit, const ProjectPaths &paths, const Inputs &inputs) {
  TuFacts facts;
  if (!run_safely([&] { facts = Parser(unit, paths, inputs).run(); }))
    return crashed(unit);
  return facts;
}

} // namespace

TuFacts extract_after(ParsedUnit first, const CompileUnit &unit, const ProjectPaths &paths,
                      Dependencies *dependencies) {
  TuFacts facts;
  const Inputs inputs = {.dependencies = dependencies};
  if (!run_safely([&] { facts = Parser(unit, paths, inputs).run_after(std::move(first)); }))
    return crashed(unit);
  return facts;
}

TuFacts extract(const CompileUnit &unit, const ProjectPaths &paths, Dependencies *dependencies) {
  return parse_safely(unit, paths, {.dependencies = dependencies});
}

TuFacts extract_edited(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles &edited) {
  return parse_safely(unit, paths, {.edited = &edited});
}

TuFacts extract_given(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files,
                      const EditedFiles *edited) {
  return parse_safely(unit, paths, {.given = &files, .edited = edited});
}

std::string clang_version() { return CLANG_VERSION_STRING; }

std::string parser_version() { return clang::getClangFullVersion(); }

} // namespace ringfence
