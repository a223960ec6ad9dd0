#include "classify/generated_code.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "base/hash.h"
#include "classify/verdict.h"
#include "report/problem.h"

namespace ringfence {

namespace {

// Names that only generated code has, whatever the file says.
constexpr std::pair<std::string_view, std::string_view> name_prefixes[] = {
    {"__pyx_", "cython"},
    {"__Pyx_", "cython"},
    {"CPy", "mypyc"},
    {"_CPy", "mypyc"},
    {"swig_", "swig"},
    {"SWIG_", "swig"},
    {"_swigt_", "swig"},
    {"_swigc_", "swig"},
    {"Swig", "swig"},
    {"f2py_", "f2py"},
    {"_npy_f2py_", "f2py"},
    {"sipType", "sip"},
    {"tuple_undefined_", "mypyc"},
};

// Macros of hand-written bindings that make the objects of a module.
constexpr std::pair<std::string_view, std::string_view> macros[] = {
    {"PYBIND11_MODULE", "pybind11"},
    {"PYBIND11_EMBEDDED_MODULE", "pybind11"},
    {"NB_MODULE", "nanobind"},
    {"BOOST_PYTHON_MODULE", "boost-python"},
};

// Headers that put a binding library into each module, by their folder or name.
constexpr std::pair<std::string_view, std::string_view> headers[] = {
    {"include>/pythonsupport.h", "mypyc"}, {"include>/getargsfast.c", "mypyc"}, {"include>/pybind11/", "pybind11"},
    {"include/pybind11/", "pybind11"},     {"include>/nanobind/", "nanobind"},  {"include/nanobind/", "nanobind"},
};

// The rule whose remedy is the generator's own.
constexpr std::pair<std::string_view, std::string_view> remedies[] = {
    {"cython", "RF801"}, {"pybind11", "RF805"}, {"nanobind", "RF806"}, {"mypyc", "RF807"},
    {"swig", "RF808"},   {"f2py", "RF808"},     {"sip", "RF808"},      {"boost-python", "RF808"},
};

template <class Table> std::string_view find_prefix(const Table &table, std::string_view name) {
  for (const auto &[prefix, generator] : table)
    if (name.starts_with(prefix))
      return generator;
  return {};
}

// Cython keeps the project's own module-level cdef variables under this prefix.
bool written_by_project(std::string_view generator, std::string_view name) {
  return generator == "cython" && name.starts_with("__pyx_v_");
}

// Functions of the generator's own runtime; others of the file may hold the project's code.
constexpr std::pair<std::string_view, std::string_view> runtime_functions[] = {
    {"__Pyx_", "cython"}, {"__pyx_pymod_", "cython"}, {"SWIG_", "swig"},
    {"Swig", "swig"},     {"swig_", "swig"},          {"CPy", "mypyc"},
};

// Generators that write the whole module: what is wrong with its definition, no one but they can change.
constexpr std::string_view module_writers[] = {"swig", "f2py", "mypyc", "sip"};

constexpr std::size_t shown_places = 20; // evidence lines of a collapsed finding

// Of a finding on a module that a generator writes; its own rule stays as it is.
std::string generator_of_module(const Context &context, const Finding &finding) {
  const bool is_own = std::any_of(std::begin(remedies), std::end(remedies),
                                  [&](const auto &remedy) { return finding.rule.starts_with(remedy.second); });
  for (const ReportedModule &module : context.modules)
    if (!is_own && module.place == finding.place && finding.subject == module.place.file + ":" + module.name &&
        std::find(std::begin(module_writers), std::end(module_writers), module.binding) != std::end(module_writers))
      return module.binding;
  return {};
}

// The generator whose own code causes the finding; empty where the project's does. Subjects of calls and functions read
// "path:function()..." (classify/checks.cc).
std::string generator_behind(const Context &context, const Finding &finding) {
  if (const auto found = context.object_by_id.find(finding.subject); found != context.object_by_id.end()) {
    const ReportedObject &object = context.objects[found->second];
    return made_by_generator(object) ? object.generated_by : std::string();
  }
  if (std::string generator = generator_of_module(context, finding); !generator.empty())
    return generator;
  const std::size_t name = finding.place.file.size() + 1;
  const bool in_function =
      finding.subject.starts_with(finding.place.file + ":") && finding.subject.find("()", name) != std::string::npos;
  return in_function ? std::string(find_prefix(runtime_functions, std::string_view(finding.subject).substr(name)))
                     : std::string();
}

Finding collapse(const RuleSet &rules, const std::string &min_python, const std::string &generator,
                 std::vector<Finding> group) {
  std::sort(group.begin(), group.end(), [](const Finding &a, const Finding &b) {
    return std::tie(a.place, a.subject) < std::tie(b.place, b.subject);
  });
  const auto remedy = std::find_if(std::begin(remedies), std::end(remedies),
                                   [&](const auto &entry) { return entry.first == generator; });
  const Rule *own = remedy == std::end(remedies) ? nullptr : rules.find(remedy->second);
  const Rule *cause = rules.find(group.front().rule);
  Finding all;
  all.rule = group.front().rule;
  all.subject = "<" + generator + ">/" + (cause ? cause->name : all.rule);
  all.place = group.front().place;
  all.message = "code generated by " + generator + " has " + std::to_string(group.size()) + " of " + all.rule +
                (cause && cause->is_verdict() ? " (" + cause->verdict + ")" : "");
  all.advice = own ? own->advice(min_python) : group.front().advice;
  for (const Finding &finding : group)
    for (std::size_t i = 0; i < profile_count; ++i)
      all.risk[i] = std::max(all.risk[i], finding.risk[i]);
  for (std::size_t i = 0; i < std::min(group.size(), shown_places); ++i)
    all.evidence.push_back({group[i].place, {}, group[i].message});
  if (group.size() > shown_places)
    all.evidence.push_back({all.place, {}, "and " + std::to_string(group.size() - shown_places) + " more"});
  all.fingerprint = hash_hex(all.rule + "\n" + all.subject);
  return all;
}

} // namespace

std::string generator_of_file(const Context &context, Index file) {
  return file < context.program.files.size() ? context.program.files[file].generator : std::string();
}

std::string generator_of(const Context &context, Index object) {
  const Object &declared = context.program.objects[object];
  for (const std::string_view name : {std::string_view(declared.name), std::string_view(declared.function)})
    if (const std::string_view generator = find_prefix(name_prefixes, name); !generator.empty())
      return std::string(generator);
  for (const auto &[macro, generator] : macros)
    if (declared.macro == macro)
      return std::string(generator);
  const std::string file = context.place(declared.location).file;
  for (const auto &[header, generator] : headers)
    if (file.find(header) != std::string::npos)
      return std::string(generator);
  // Files of Cython and SWIG hold code of the project as well; there the names alone tell.
  const std::string by_file = generator_of_file(context, declared.location.file);
  if (by_file == "swig" && declared.name == "interpreter_counter") // Lib/python/pyinit.swg
    return by_file;
  return by_file == "cython" || by_file == "swig" ? std::string() : by_file;
}

bool made_by_generator(const ReportedObject &object) {
  return !object.generated_by.empty() && !written_by_project(object.generated_by, object.name);
}

void collapse_generated(Context &context, const RuleSet &rules, const std::vector<Profile> &profiles,
                        const std::string &min_python, std::vector<Finding> &findings) {
  std::map<std::pair<std::string, std::string>, std::vector<Finding>> groups; // by generator and cause
  for (Index i = 0; i < context.objects.size(); ++i) {
    ReportedObject &object = context.objects[i];
    if (!in_inventory(context.program.objects[i]) || !made_by_generator(object) || !is_at_risk(object, profiles))
      continue;
    object.collapsed = true;
    groups[{object.generated_by, object.rule}].push_back(finding_of(object));
  }
  std::vector<Finding> single;
  for (Finding &finding : findings) {
    const std::string generator = generator_behind(context, finding);
    (generator.empty() ? single : groups[{generator, finding.rule}]).push_back(std::move(finding));
  }
  findings = std::move(single);
  for (auto &[key, group] : groups)
    findings.push_back(collapse(rules, min_python, key.first, std::move(group)));
}

} // namespace ringfence
