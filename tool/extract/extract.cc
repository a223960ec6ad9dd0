#include "extract/extract.h"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <vector>

#include <clang/Basic/Version.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/LexDiagnostic.h>
#include <llvm/Support/CrashRecoveryContext.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/thread.h>

#include "extract/diagnostics.h"
#include "extract/fact_action.h"
#include "extract/invocation.h"
#include "extract/recording_files.h"
#include "extract/regular_files.h"

namespace ringfence {

namespace {

// Address space, touched only as far as a unit nests.
constexpr unsigned parser_stack_bytes = 256u << 20;
constexpr std::size_t signal_stack_bytes = 256u << 10;

TuFacts empty_facts(const CompileUnit &unit) {
  TuFacts facts;
  facts.unit = unit.id;
  facts.config = unit.config;
  facts.origin = unit.origin;
  facts.common_symbols = std::find(unit.arguments.begin(), unit.arguments.end(), "-fcommon") != unit.arguments.end();
  return facts;
}

// A unit of which nothing is known but that it could not be read.
TuFacts failed(const CompileUnit &unit, const std::string &reason) {
  TuFacts facts = empty_facts(unit);
  facts.status = UnitStatus::failed;
  facts.diagnostics.push_back({Severity::fatal, reason, {}});
  return facts;
}

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

void count_lost_qualifiers(clang::DiagnosticsEngine &diagnostics) {
  diagnostics.setIgnoreAllWarnings(false);
  for (const char *group : {"incompatible-pointer-types-discards-qualifiers", "incompatible-pointer-types"})
    diagnostics.setSeverityForGroup(clang::diag::Flavor::WarningOrError, group, clang::diag::Severity::Error);
}

// `edited`: null where every file is read as it is; `dependencies`: null where nobody asks for them.
TuFacts parse(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles *edited,
              Dependencies *dependencies) {
  // One file system per job: its working directory is the job's own.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files = edited ? files_with(*edited) : regular_files();
  if (dependencies)
    files = recording(std::move(files), *dependencies);
  if (std::error_code error = files->setCurrentWorkingDirectory(unit.directory))
    return failed(unit, "cannot enter the working directory of its compile command: " + error.message());
  if (auto opened = files->openFileForRead(unit.file); !opened)
    return failed(unit, "cannot open the source file: " + opened.getError().message());

  DiagnosticCollector diagnostics;
  std::shared_ptr<clang::CompilerInvocation> invocation = make_invocation(unit, files, diagnostics);
  if (!invocation)
    return failed(unit, first_message(diagnostics, "its arguments name no C or C++ compilation"));

  TuFacts facts = empty_facts(unit);
  clang::CompilerInstance compiler;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  // A missing header is one error among others: the rest of the unit is read all the same.
  compiler.getDiagnostics().setSeverity(clang::diag::err_pp_file_not_found, clang::diag::Severity::Error, {});
  if (edited)
    count_lost_qualifiers(compiler.getDiagnostics());
  compiler.createFileManager(files);
  compiler.createSourceManager(compiler.getFileManager());
  std::unique_ptr<clang::FrontendAction> action = make_fact_action(paths, unit.directory, facts);
  compiler.ExecuteAction(*action);
  if (facts.files.empty())
    return failed(unit, first_message(diagnostics, "Clang could not start on it"));
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
  llvm::thread thread(std::optional<unsigned>(parser_stack_bytes), [&] {
    std::vector<char> signal_memory(signal_stack_bytes);
    stack_t signal_stack{}, before{};
    signal_stack.ss_sp = signal_memory.data();
    signal_stack.ss_size = signal_memory.size();
    sigaltstack(&signal_stack, &before);
    llvm::CrashRecoveryContext recovery;
    finished = recovery.RunSafely(work);
    sigaltstack(&before, nullptr);
  });
  thread.join();
  return finished;
}

TuFacts parse_safely(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles *edited,
                     Dependencies *dependencies) {
  TuFacts facts;
  if (!run_safely([&] { facts = parse(unit, paths, edited, dependencies); }))
    return failed(unit, "Clang crashed on it; code that nests extremely deeply does that");
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
