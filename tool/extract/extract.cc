#include "extract/extract.h"

#include <csignal>
#include <mutex>
#include <vector>

#include <clang/Basic/Version.h>
#include <llvm/Support/CrashRecoveryContext.h>
#include <llvm/Support/VirtualFileSystem.h>

#include "extract/fact_action.h"
#include "extract/front_end.h"
#include "extract/invocation.h"
#include "extract/recording_files.h"
#include "extract/regular_files.h"

namespace ringfence {

namespace {

constexpr std::size_t signal_stack_bytes = 256u << 10;

std::string first_message(const DiagnosticCollector &diagnostics, const std::string &otherwise) {
  return diagnostics.entries().empty() ? otherwise : diagnostics.entries().front().message;
}

// Over the disk's files: only these differ.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files_with(const EditedFiles &edited) {
  auto contents = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto &[path, content] : edited)
    contents->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(content, path));
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(regular_files());
  files->pushOverlay(contents);
  return files;
}

// `edited`: null where every file is read as it is; `dependencies`: null where nobody asks for them.
TuFacts parse(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles *edited,
              Dependencies *dependencies) {
  // One file system per job: its working directory is the job's own.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files = edited ? files_with(*edited) : regular_files();
  if (dependencies)
    files = recording(std::move(files), *dependencies);
  if (std::error_code error = files->setCurrentWorkingDirectory(unit.directory))
    return failed_facts(unit, "cannot enter the working directory of its compile command: " + error.message());
  if (auto opened = files->openFileForRead(unit.file); !opened)
    return failed_facts(unit, "cannot open the source file: " + opened.getError().message());

  DiagnosticCollector diagnostics;
  std::shared_ptr<clang::CompilerInvocation> invocation = make_invocation(unit, files, diagnostics);
  if (!invocation)
    return failed_facts(unit, first_message(diagnostics, "its arguments name no C or C++ compilation"));

  TuFacts facts = empty_facts(unit);
  const std::unique_ptr<clang::FrontendAction> action = make_fact_action(paths, unit.directory, facts);
  run_front_end(std::move(invocation), std::move(files), diagnostics, *action, edited != nullptr);
  if (facts.files.empty())
    return failed_facts(unit, first_message(diagnostics, "Clang could not start on it"));
  if (diagnostics.getNumErrors() > 0)
    facts.status = UnitStatus::partial;
  return facts;
}

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

TuFacts parse_safely(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles *edited,
                     Dependencies *dependencies) {
  TuFacts facts;
  if (!run_safely([&] { facts = parse(unit, paths, edited, dependencies); }))
    return failed_facts(unit, "Clang crashed on it; code that nests extremely deeply does that");
  return facts;
}

} // namespace

TuFacts extract(const CompileUnit &unit, const ProjectPaths &paths, Dependencies *dependencies) {
  return parse_safely(unit, paths, nullptr, dependencies);
}

TuFacts extract_edited(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles &edited) {
  return parse_safely(unit, paths, &edited, nullptr);
}

std::string clang_version() { return CLANG_VERSION_STRING; }

std::string parser_version() { return clang::getClangFullVersion(); }

} // namespace ringfence
