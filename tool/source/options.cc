// The tables behind options.h. Sources: "Option Summary" of the GCC 14 manual, "Clang command line argument reference"
// of Clang 19.
#include "source/options.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace ringfence {
namespace {

using enum Operand;
using enum Effect;

constexpr Option options[] = {
    // Macros and header search.
    {"-D", either, keep},
    {"-U", either, keep},
    {"-I", either, keep},
    {"-isystem", either, keep},
    {"-iquote", either, keep},
    {"-idirafter", either, keep},
    {"-include", either, keep},
    {"-imacros", either, keep},
    {"-isysroot", either, keep},
    {"-iprefix", either, keep},
    {"-iwithprefix", either, keep},
    {"-iwithprefixbefore", either, keep},
    {"-isystem-after", either, keep},
    {"-iwithsysroot", either, keep},
    {"-cxx-isystem", either, keep},
    {"-stdlib++-isystem", either, keep},
    {"-iframework", either, keep},
    {"-F", either, keep},
    {"--embed-dir=", joined, keep},
    {"--sysroot", separate, keep, "--sysroot="},
    {"--sysroot=", joined, keep},
    {"--define-macro", separate, keep, "-D"},
    {"--define-macro=", joined, keep, "-D"},
    {"--undefine-macro", separate, keep, "-U"},
    {"--undefine-macro=", joined, keep, "-U"},
    {"--include-directory", separate, keep, "-I"},
    {"--include-directory=", joined, keep, "-I"},
    {"--include-directory-after", separate, keep, "-idirafter"},
    {"--include-directory-after=", joined, keep, "-idirafter"},
    {"--include", separate, keep, "-include"},
    {"--include=", joined, keep, "-include"},
    {"--imacros", separate, keep, "-imacros"},
    {"--imacros=", joined, keep, "-imacros"},
    {"--include-prefix", separate, keep, "-iprefix"},
    {"--include-prefix=", joined, keep, "-iprefix"},
    {"--include-with-prefix", separate, keep, "-iwithprefix"},
    {"--include-with-prefix=", joined, keep, "-iwithprefix"},
    {"--include-with-prefix-after", separate, keep, "-iwithprefix"},
    {"--include-with-prefix-after=", joined, keep, "-iwithprefix"},
    {"--include-with-prefix-before", separate, keep, "-iwithprefixbefore"},
    {"--include-with-prefix-before=", joined, keep, "-iwithprefixbefore"},
    {"--no-standard-includes", none, keep, "-nostdinc"},
    {"--trigraphs", none, keep, "-trigraphs"},
    {"--gcc-toolchain=", joined, keep},
    {"--gcc-install-dir=", joined, keep},
    {"-B", either, prefix},
    {"--prefix", separate, prefix},
    {"--prefix=", joined, prefix},
    {"-Xpreprocessor", separate, pass},
    {"-Xclang", separate, pass},
    // Read by rules that Clang lacks, or out of files of options.
    {"-undef", none, unread},
    {"-imultilib", either, unread},
    {"-imultiarch", either, unread},
    {"-specs", separate, unread},
    {"-specs=", joined, unread},
    {"-specs=/usr/lib/rpm/redhat/redhat-", joined, refuse}, // Fedora's: -fPIE, as Clang does it, and a plugin
    {"--specs", separate, unread},
    {"--specs=", joined, unread},
    {"--config", separate, unread},
    {"--config=", joined, unread},
    {"-include-pch", separate, unread},
    {"-ivfsoverlay", either, unread},
    {"-vfsoverlay", separate, unread},
    {"-working-directory", either, unread},
    {"-internal-isystem", separate, unread},
    {"-internal-externc-isystem", separate, unread},
    {"-triple", separate, unread},
    {"-target-cpu", separate, unread},
    {"-target-feature", separate, unread},
    {"-fpreprocessed", none, unread},
    {"-fdirectives-only", none, unread},
    {"-finput-charset=", joined, unread},
    {"-finput-charset=UTF-8", none, drop},
    {"-finput-charset=utf-8", none, drop},
    {"-fopenacc", none, unread},
    {"-m3dnowa", none, unread},
    {"-mabm", none, unread},
    {"-mandroid", none, unread},
    {"-mavx5124fmaps", none, unread},
    {"-mavx5124vnniw", none, unread},
    {"-mavx512er", none, unread},
    {"-mavx512pf", none, unread},
    {"-mbionic", none, unread},
    {"-mgeneral-regs-only", none, unread},
    {"-mlong-double-128", none, unread},
    {"-mmusl", none, unread},
    {"-mprefetchwt1", none, unread},
    {"-msoft-float", none, unread},
    {"-msse5", none, unread},
    {"-fmodules-ts", none, unread},
    {"-fgnu-tm", none, unread},
    {"-fsignaling-nans", none, unread},
    {"-ftree-parallelize-loops=", joined, unread},
    {"-fbuilding-libgcc", none, unread},
    {"-fgimple", none, unread},
    {"-march=", joined, unread}, // of a processor that Clang does not know
    {"-muclibc", none, unread},
    {"-mlong-double-64", none, unread},
    {"-fnon-call-exceptions", none, keep, "-fexceptions"},
    {"-fhandle-exceptions", none, keep, "-fexceptions"},
    {"-fsanitize=", joined, sanitize},
    {"-nostdinc", none, keep},
    {"-nostdinc++", none, keep},
    {"-nostdlibinc", none, keep},
    {"-stdlib=", joined, keep},
    {"-pthread", none, keep},
    {"-pthreads", none, keep},
    {"-trigraphs", none, keep},
    // Language.
    {"-x", either, language},
    {"-std=", joined, standard},
    {"-std", separate, standard},
    {"--std", separate, standard},
    {"--std=", joined, standard},
    {"--ansi", none, standard},
    {"--language", separate, language},
    {"--language=", joined, language},
    {"-ansi", none, standard},
    {"-target", separate, keep},
    {"--target=", joined, keep},
    // What the preprocessor sees of optimisation: __OPTIMIZE__, __OPTIMIZE_SIZE__.
    {"-O", joined, keep},
    {"--optimize", none, keep, "-O"},
    {"--optimize=", joined, keep, "-O"},
    // Output, dependency files, linking. Dropped without a word: every build has them.
    {"-c", none, drop},
    {"-S", none, drop},
    {"-o", either, drop},
    {"-E", none, preprocess},
    {"--preprocess", none, preprocess},
    {"--dependencies", none, preprocess},
    {"--user-dependencies", none, preprocess},
    {"--output", separate, drop},
    {"--assert", separate, drop},
    {"--dumpbase", separate, drop},
    {"--dumpbase-ext", separate, drop},
    {"--dumpdir", separate, drop},
    {"-M", none, preprocess},
    {"-MM", none, preprocess},
    {"-MD", none, drop},
    {"-MMD", none, drop},
    {"-MP", none, drop},
    {"-MG", none, drop},
    {"-MF", either, drop},
    {"-MT", either, drop},
    {"-MQ", either, drop},
    {"-MJ", either, drop},
    {"-L", either, drop},
    {"-l", either, drop},
    {"-T", either, drop},
    {"-u", either, drop},
    {"-z", either, drop},
    {"-e", separate, drop},
    {"-A", either, drop},
    {"-W", joined, drop},
    {"-Xlinker", separate, drop},
    {"-Xassembler", separate, drop},
    {"--param", separate, drop},
    {"--param=", joined, drop},
    {"-aux-info", separate, drop},
    {"-dumpbase", separate, drop},
    {"-dumpbase-ext", separate, drop},
    {"-dumpdir", separate, drop},
    {"-arch", separate, drop},
    {"-framework", separate, drop},
    {"-install_name", separate, drop},
    {"-current_version", separate, drop},
    {"-compatibility_version", separate, drop},
    {"-rpath", separate, drop},
    {"-Xarch_host", separate, drop},
    {"-Xarch_device", separate, drop},
    {"-Xopenmp-target", separate, drop},
    {"--serialize-diagnostics", separate, drop},
    // Code, programs, files.
    {"-fplugin=", joined, refuse},
    {"-fplugin-arg-", joined, refuse},
    {"-fpass-plugin=", joined, refuse},
    {"-load", separate, refuse},
    {"-plugin", separate, refuse},
    {"-add-plugin", separate, refuse},
    {"-cc1", none, refuse},
    {"-cc1as", none, refuse},
    {"-mllvm", separate, refuse},
    {"-wrapper", separate, refuse},
    {"-resource-dir", separate, refuse},
    {"-resource-dir=", joined, refuse},
    {"--config-system-dir=", joined, refuse},
    {"--config-user-dir=", joined, refuse},
    {"-emit-pch", none, refuse},
    {"-fmodule", joined, refuse},
    {"-fprebuilt-module-path=", joined, refuse},
    {"-fprofile-", joined, refuse},
    {"-fcrash-diagnostics-dir=", joined, refuse},
    {"-fuse-ld=", joined, drop},
    {"-save-temps", none, refuse},
    {"-save-temps=", joined, refuse},
    {"--save-temps", none, refuse},
    {"--save-temps=", joined, refuse},
    {"-dependency-file", separate, refuse},
    {"-ftime-trace=", joined, refuse},
    {"-foptimization-record-file=", joined, refuse},
    {"-fproc-stat-report=", joined, refuse},
};

// -fNAME and -fno-NAME that change the language, its macros or the layout of types, all known to Clang 19.
constexpr std::string_view language_flags[] = {
    "PIC",
    "PIE",
    "access-control",
    "aligned-allocation",
    "aligned-new",
    "asm",
    "associative-math",
    "blocks",
    "builtin",
    "cf-protection",
    "char8_t",
    "common",
    "coroutines",
    "cxx-exceptions",
    "declspec",
    "delayed-template-parsing",
    "digraphs",
    "dollars-in-identifiers",
    "exceptions",
    "fast-math",
    "finite-math-only",
    "freestanding",
    "gnu-keywords",
    "gnu89-inline",
    "hosted",
    "inline",
    "lax-vector-conversions",
    "math-errno",
    "ms-compatibility",
    "ms-extensions",
    "openmp",
    "openmp-simd",
    "operator-names",
    "pack-struct",
    "pic",
    "pie",
    "reciprocal-math",
    "relaxed-template-template-args",
    "rounding-math",
    "rtti",
    "short-enums",
    "short-wchar",
    "signed-char",
    "signed-zeros",
    "sized-deallocation",
    "stack-protector",
    "stack-protector-all",
    "stack-protector-strong",
    "strict-aliasing",
    "strict-enums",
    "strict-overflow",
    "threadsafe-statics",
    "trapping-math",
    "trapv",
    "unsigned-char",
    "visibility-inlines-hidden",
    "wrapv",
};

// -fNAME=VALUE of the same sort.
constexpr std::string_view language_values[] = {
    "bracket-depth=",   "cf-protection=",  "constexpr-depth=",
    "constexpr-steps=", "max-type-align=", "ms-compatibility-version=",
    "openmp=",          "pack-struct=",    "template-depth=",
    "visibility=",
};

// -mNAME and -mno-NAME of x86 whose macros choose code.
constexpr std::string_view machine_flags[] = {
    "3dnow",
    "adx",
    "aes",
    "amx-bf16",
    "amx-int8",
    "amx-tile",
    "avx",
    "avx2",
    "avx512bf16",
    "avx512bitalg",
    "avx512bw",
    "avx512cd",
    "avx512dq",
    "avx512f",
    "avx512fp16",
    "avx512ifma",
    "avx512vbmi",
    "avx512vbmi2",
    "avx512vl",
    "avx512vnni",
    "avx512vp2intersect",
    "avx512vpopcntdq",
    "avxvnni",
    "bmi",
    "bmi2",
    "cldemote",
    "clflushopt",
    "clwb",
    "clzero",
    "crc32",
    "cx16",
    "enqcmd",
    "f16c",
    "fma",
    "fma4",
    "fsgsbase",
    "fxsr",
    "gfni",
    "hreset",
    "invpcid",
    "kl",
    "lwp",
    "lzcnt",
    "mmx",
    "movbe",
    "movdir64b",
    "movdiri",
    "mwaitx",
    "pclmul",
    "pku",
    "popcnt",
    "prfchw",
    "ptwrite",
    "rdpid",
    "rdrnd",
    "rdseed",
    "rtm",
    "sahf",
    "serialize",
    "sgx",
    "sha",
    "shstk",
    "sse",
    "sse2",
    "sse3",
    "sse4",
    "sse4.1",
    "sse4.2",
    "sse4a",
    "ssse3",
    "tbm",
    "tsxldtrk",
    "uintr",
    "vaes",
    "vpclmulqdq",
    "waitpkg",
    "wbnoinvd",
    "widekl",
    "xop",
    "xsave",
    "xsavec",
    "xsaveopt",
    "xsaves",
};

constexpr std::string_view machine_words[] = {
    "-m32", "-m64", "-mx32", "-mms-bitfields", "-mno-ms-bitfields", "-mlong-double-80"};

// `clang --print-supported-cpus` for x86; CPUs that only GCC knows would be a fatal error.
constexpr std::string_view x86_cpus[] = {
    "alderlake",      "amdfam10",       "arrowlake",      "athlon",       "athlon64",
    "athlon64-sse3",  "atom",           "barcelona",      "bdver1",       "bdver2",
    "bdver3",         "bdver4",         "bonnell",        "broadwell",    "btver1",
    "btver2",         "cannonlake",     "cascadelake",    "cooperlake",   "core-avx-i",
    "core-avx2",      "core2",          "corei7",         "corei7-avx",   "emeraldrapids",
    "goldmont",       "goldmont-plus",  "gracemont",      "grandridge",   "graniterapids",
    "haswell",        "i386",           "i486",           "i586",         "i686",
    "icelake-client", "icelake-server", "ivybridge",      "k8",           "k8-sse3",
    "lunarlake",      "meteorlake",     "native",         "nehalem",      "nocona",
    "opteron",        "opteron-sse3",   "pantherlake",    "penryn",       "pentium",
    "pentium-m",      "pentium4",       "pentiumpro",     "prescott",     "raptorlake",
    "rocketlake",     "sandybridge",    "sapphirerapids", "sierraforest", "silvermont",
    "skylake",        "skylake-avx512", "tigerlake",      "tremont",      "westmere",
    "x86-64",         "x86-64-v2",      "x86-64-v3",      "x86-64-v4",    "yonah",
    "znver1",         "znver2",         "znver3",         "znver4",       "znver5",
};

constexpr std::string_view c_standards[] = {
    "c89",          "c90",          "iso9899:1990", "iso9899:199409",
    "gnu89",        "gnu90",        "c99",          "c9x",
    "iso9899:1999", "gnu99",        "gnu9x",        "c11",
    "c1x",          "iso9899:2011", "gnu11",        "gnu1x",
    "c17",          "c18",          "iso9899:2017", "iso9899:2018",
    "gnu17",        "gnu18",        "c23",          "c2x",
    "iso9899:2024", "gnu23",        "gnu2x",        "c2y",
    "gnu2y",
};

constexpr std::string_view cxx_years[] = {"98", "03", "0x", "11", "1y", "14", "1z",
                                          "17", "2a", "20", "2b", "23", "2c", "26"};

template <std::size_t N> bool is_flag(const std::string_view (&list)[N], std::string_view name) {
  return is_one_of(list, name) || (name.starts_with("no-") && is_one_of(list, name.substr(3)));
}

bool is_kept_f(std::string_view name) {
  return is_flag(language_flags, name) || name.starts_with("no-builtin-") ||
         std::any_of(std::begin(language_values), std::end(language_values),
                     [&](std::string_view value) { return name.starts_with(value) && name.size() > value.size(); });
}

bool is_kept_m(std::string_view word) {
  constexpr std::string_view march = "-march=";
  if (word.starts_with(march))
    return is_one_of(x86_cpus, word.substr(march.size()));
  return is_one_of(machine_words, word) || is_flag(machine_flags, word.substr(2));
}

} // namespace

Option find_option(std::string_view word) {
  if (word.starts_with("-m") && is_kept_m(word))
    return {word, none, keep};
  if (word.starts_with("-f") && is_kept_f(word.substr(2)))
    return {word, none, keep};
  Option best{word, none, drop};
  std::size_t length = 0;
  for (const Option &option : options) {
    const bool whole = option.operand == none || option.operand == separate;
    if (option.name.size() > length && (whole ? word == option.name : word.starts_with(option.name))) {
      best = option;
      length = option.name.size();
    }
  }
  return best;
}

bool knows_standard(std::string_view standard, Language language) {
  if (language == Language::c)
    return is_one_of(c_standards, standard);
  if (standard.starts_with("c++"))
    return is_one_of(cxx_years, standard.substr(3));
  return standard.starts_with("gnu++") && is_one_of(cxx_years, standard.substr(5));
}

} // namespace ringfence
