// The tables behind options.h. Sources: "Option Summary" of the GCC 14 manual, "Clang command line argument reference"
// of Clang 19.
#include "source/options.h"

#include <algorithm>
#include <array>

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
    {"-include", separate, keep},
    {"-imacros", separate, keep},
    {"-isysroot", separate, keep},
    {"--sysroot", separate, keep},
    {"--sysroot=", joined, keep},
    {"--define-macro=", joined, keep},
    {"--undefine-macro=", joined, keep},
    {"--include-directory=", joined, keep},
    {"--gcc-toolchain=", joined, keep},
    {"-nostdinc", none, keep},
    {"-nostdinc++", none, keep},
    {"-nostdlibinc", none, keep},
    {"-undef", none, keep},
    {"-stdlib=", joined, keep},
    {"-pthread", none, keep},
    {"-pthreads", none, keep},
    {"-trigraphs", none, keep},
    // Language.
    {"-x", either, language},
    {"-std=", joined, standard},
    {"--std=", joined, standard},
    {"-ansi", none, standard},
    {"-target", separate, keep},
    {"--target=", joined, keep},
    // What the preprocessor sees of optimisation: __OPTIMIZE__, __OPTIMIZE_SIZE__.
    {"-O", joined, keep},
    // Output, dependency files, linking. Dropped without a word: every build has them.
    {"-c", none, drop},
    {"-S", none, drop},
    {"-o", either, drop},
    {"-E", none, preprocess},
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
    {"-Xpreprocessor", separate, drop},
    {"--param", separate, drop},
    {"--param=", joined, drop},
    {"-aux-info", separate, drop},
    {"-dumpbase", separate, drop},
    {"-dumpbase-ext", separate, drop},
    {"-dumpdir", separate, drop},
    {"-imultilib", separate, drop},
    {"-iprefix", separate, drop},
    {"-iwithprefix", separate, drop},
    {"-iwithprefixbefore", separate, drop},
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
    {"-Xclang", separate, refuse},
    {"-cc1", none, refuse},
    {"-cc1as", none, refuse},
    {"-mllvm", separate, refuse},
    {"-wrapper", separate, refuse},
    {"-specs", separate, refuse},
    {"-specs=", joined, refuse},
    {"--specs=", joined, refuse},
    {"-B", either, refuse},
    {"-resource-dir", separate, refuse},
    {"-resource-dir=", joined, refuse},
    {"--config", separate, refuse},
    {"--config=", joined, refuse},
    {"--config-system-dir=", joined, refuse},
    {"--config-user-dir=", joined, refuse},
    {"-include-pch", separate, refuse},
    {"-emit-pch", none, refuse},
    {"-fmodule", joined, refuse},
    {"-fprebuilt-module-path=", joined, refuse},
    {"-ivfsoverlay", either, refuse},
    {"-vfsoverlay", separate, refuse},
    {"-working-directory", either, refuse},
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
    "access-control",
    "aligned-allocation",
    "aligned-new",
    "asm",
    "blocks",
    "builtin",
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
    "lax-vector-conversions",
    "math-errno",
    "ms-compatibility",
    "ms-extensions",
    "openmp",
    "openmp-simd",
    "operator-names",
    "pack-struct",
    "relaxed-template-template-args",
    "rtti",
    "short-enums",
    "short-wchar",
    "signed-char",
    "sized-deallocation",
    "strict-aliasing",
    "strict-enums",
    "strict-overflow",
    "threadsafe-statics",
    "trapv",
    "unsigned-char",
    "visibility-inlines-hidden",
    "wrapv",
};

// -fNAME=VALUE of the same sort.
constexpr std::string_view language_values[] = {
    "bracket-depth=", "constexpr-depth=", "constexpr-steps=", "max-type-align=", "ms-compatibility-version=",
    "openmp=",        "pack-struct=",     "template-depth=",  "visibility=",
};

// -mNAME and -mno-NAME of x86 whose macros choose code.
constexpr std::string_view machine_flags[] = {
    "3dnow",        "adx",        "aes",         "avx",        "avx2",       "avx512bf16",
    "avx512bitalg", "avx512bw",   "avx512cd",    "avx512dq",   "avx512f",    "avx512fp16",
    "avx512ifma",   "avx512vbmi", "avx512vbmi2", "avx512vl",   "avx512vnni", "avx512vpopcntdq",
    "avxvnni",      "bmi",        "bmi2",        "clflushopt", "clwb",       "crc32",
    "cx16",         "f16c",       "fma",         "fma4",       "fsgsbase",   "fxsr",
    "gfni",         "lwp",        "lzcnt",       "mmx",        "movbe",      "movdir64b",
    "movdiri",      "mwaitx",     "pclmul",      "pku",        "popcnt",     "prfchw",
    "rdpid",        "rdrnd",      "rdseed",      "rtm",        "sahf",       "sha",
    "sse",          "sse2",       "sse3",        "sse4",       "sse4.1",     "sse4.2",
    "sse4a",        "ssse3",      "tbm",         "vaes",       "vpclmulqdq", "waitpkg",
    "xop",          "xsave",      "xsavec",      "xsaveopt",   "xsaves",
};

constexpr std::string_view machine_words[] = {"-m32",
                                              "-m64",
                                              "-mx32",
                                              "-mms-bitfields",
                                              "-mno-ms-bitfields",
                                              "-mlong-double-64",
                                              "-mlong-double-80",
                                              "-mlong-double-128"};

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

template <std::size_t N> bool contains(const std::string_view (&list)[N], std::string_view value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

template <std::size_t N> bool is_flag(const std::string_view (&list)[N], std::string_view name) {
  return contains(list, name) || (name.starts_with("no-") && contains(list, name.substr(3)));
}

bool is_kept_f(std::string_view name) {
  return is_flag(language_flags, name) || name.starts_with("no-builtin-") ||
         std::any_of(std::begin(language_values), std::end(language_values),
                     [&](std::string_view value) { return name.starts_with(value) && name.size() > value.size(); });
}

bool is_kept_m(std::string_view word) {
  constexpr std::string_view march = "-march=";
  if (word.starts_with(march))
    return contains(x86_cpus, word.substr(march.size()));
  return contains(machine_words, word) || is_flag(machine_flags, word.substr(2));
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
    return contains(c_standards, standard);
  if (standard.starts_with("c++"))
    return contains(cxx_years, standard.substr(3));
  return standard.starts_with("gnu++") && contains(cxx_years, standard.substr(5));
}

} // namespace ringfence
