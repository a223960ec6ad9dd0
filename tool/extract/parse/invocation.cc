#include "extract/parse/invocation.h"

#include <algorithm>
#include <iterator>

#include <dlfcn.h>

#include <clang/Basic/Version.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>

#include "extract/parse/windows.h"
#include "source/normalise.h"

namespace ringfence {

namespace {

std::string find_resource_directory() {
  std::vector<std::string> candidates;
  auto add_beside = [&](const char *file) { // file: a library or program; its folder and the prefix's lib folders
    std::string real;
    llvm::SmallString<256> resolved;
    if (!llvm::sys::fs::real_path(file, resolved))
      real = std::string(resolved);
    for (llvm::StringRef folder : {llvm::sys::path::parent_path(file), llvm::sys::path::parent_path(real)})
      for (const char *below : {"/clang/" CLANG_VERSION_MAJOR_STRING, "/../lib/clang/" CLANG_VERSION_MAJOR_STRING,
                                "/../lib/llvm-" CLANG_VERSION_MAJOR_STRING "/lib/clang/" CLANG_VERSION_MAJOR_STRING,
                                "/../llvm-" CLANG_VERSION_MAJOR_STRING "/lib/clang/" CLANG_VERSION_MAJOR_STRING})
        candidates.push_back(folder.str() + below);
  };
  add_beside("/proc/self/exe"); // a static program brings its own
  candidates.push_back(RINGFENCE_CLANG_RESOURCE_DIR);
  Dl_info info{};
  if (dladdr(reinterpret_cast<void *>(&clang::createInvocation), &info) && info.dli_fname &&
      llvm::sys::path::is_absolute(info.dli_fname))
    add_beside(info.dli_fname);
  candidates.push_back("/usr/lib/llvm-" CLANG_VERSION_MAJOR_STRING "/lib/clang/" CLANG_VERSION_MAJOR_STRING);
  candidates.push_back("/usr/lib/clang/" CLANG_VERSION_MAJOR_STRING);
  candidates.push_back("/usr/lib64/clang/" CLANG_VERSION_MAJOR_STRING);
  candidates.push_back("/usr/local/lib/clang/" CLANG_VERSION_MAJOR_STRING);
  for (const std::string &candidate : candidates)
    if (llvm::sys::fs::exists(candidate + "/include/stddef.h"))
      return candidate;
  return {};
}

// The arguments were filtered when they were read (source/normalise.h). This is the second fence: whatever came
// through, the invocation only parses.
void restrict_to_parsing(clang::CompilerInvocation &invocation) {
  clang::FrontendOptions &frontend = invocation.getFrontendOpts();
  frontend.ProgramAction = clang::frontend::ParseSyntaxOnly;
  frontend.DisableFree = false;
  frontend.SkipFunctionBodies = true; // where the consumer says so
  frontend.OutputFile.clear();
  frontend.Plugins.clear();
  frontend.AddPluginActions.clear();
  frontend.LLVMArgs.clear();
  frontend.ASTMergeFiles.clear();
  frontend.ModuleFiles.clear();
  frontend.ModuleMapFiles.clear();
  frontend.TimeTracePath.clear();
  frontend.StatsFile.clear();
  frontend.PrintSupportedCPUs = frontend.ShowStats = frontend.ShowHelp = frontend.ShowVersion = false;
  invocation.getDependencyOutputOpts() = {};
  invocation.getPreprocessorOutputOpts() = {};
  clang::PreprocessorOptions &preprocessor = invocation.getPreprocessorOpts();
  preprocessor.ImplicitPCHInclude.clear();
  preprocessor.PCHThroughHeader.clear();
  preprocessor.ChainedIncludes.clear();
  clang::LangOptions &language = invocation.getLangOpts();
  language.Modules = language.ImplicitModules = language.CompilingPCH = false;
  language.CommentOpts = {};
  language.SpellChecking = false;
  // A tree may raise these, not lift them.
  language.ConstexprStepLimit = std::min(language.ConstexprStepLimit, 10'000'000u); // Clang's default: 1'048'576
  language.ConstexprCallDepth = std::min(language.ConstexprCallDepth, 4096u);       // 512
  language.InstantiationDepth = std::min(language.InstantiationDepth, 4096u);       // 1024
  language.BracketDepth = std::min(language.BracketDepth, 4096u);                   // 256
  clang::HeaderSearchOptions &headers = invocation.getHeaderSearchOpts();
  headers.VFSOverlayFiles.clear();
  headers.PrebuiltModulePaths.clear();
  headers.PrebuiltModuleFiles.clear();
  headers.ModuleCachePath.clear();
  clang::DiagnosticOptions &diagnostics = invocation.getDiagnosticOpts();
  diagnostics.ErrorLimit = 0;
  diagnostics.ShowCarets = false; // else the number of errors is printed
  diagnostics.IgnoreWarnings = true;
  diagnostics.DiagnosticLogFile.clear();
  diagnostics.DiagnosticSerializationFile.clear();
  diagnostics.VerifyDiagnostics = false;
}

} // namespace

const std::string &resource_directory() {
  static const std::string directory = find_resource_directory();
  return directory;
}

std::unique_ptr<clang::CompilerInvocation> make_invocation(const CompileUnit &unit,
                                                           llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                           clang::DiagnosticConsumer &diagnostics) {
  // The driver's name decides the language's default and, by its folder, where system headers are looked for.
  std::vector<std::string> arguments = {unit.language == Language::cxx ? "/usr/bin/clang++" : "/usr/bin/clang"};
  std::copy_if(unit.arguments.begin(), unit.arguments.end(), std::back_inserter(arguments),
               [](const std::string &word) { return !word.starts_with(unread_option); });
  if (is_for_windows(unit)) {
    const std::vector<std::string> macros = windows_arguments();
    arguments.insert(arguments.end(), macros.begin(), macros.end());
  }
  if (!resource_directory().empty())
    arguments.insert(arguments.end(), {"-resource-dir", resource_directory()});
  // Last, so that it wins over -Werror=... and over warnings that are errors by default: gcc accepts that code.
  arguments.insert(arguments.end(), {"-Wno-everything", "-w", "-fsyntax-only", "--", unit.file});
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());

  clang::CreateInvocationOptions options;
  options.VFS = std::move(files);
  options.RecoverOnError = true;
  options.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &diagnostics, false);
  std::unique_ptr<clang::CompilerInvocation> invocation = clang::createInvocation(pointers, options);
  if (invocation)
    restrict_to_parsing(*invocation);
  return invocation;
}

} // namespace ringfence
