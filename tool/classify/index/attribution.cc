#include "classify/index/attribution.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "knowledge/api_names.h"
#include "link/interpreter_files.h"

namespace ringfence {

namespace {

// What each function leads to: built once for all modules.
struct Edges {
  std::vector<std::vector<Index>> functions; // by function: called, or their addresses taken
  std::vector<std::vector<Index>> objects;   // by function: touched

  explicit Edges(const Program &program) : functions(program.functions.size()), objects(program.functions.size()) {
    for (const Call &call : program.calls) {
      if (call.caller >= functions.size())
        continue;
      if (call.callee < functions.size())
        functions[call.caller].push_back(call.callee);
      for (const CallArgument &argument : call.arguments)
        add(call.caller, argument.kind, argument.target);
    }
    for (const FunctionUse &use : program.function_uses)
      if (use.user < functions.size() && use.function < functions.size())
        functions[use.user].push_back(use.function);
    for (const Access &access : program.accesses)
      if (access.function < functions.size() && access.object != none)
        objects[access.function].push_back(access.object);
    add_constructors(program);
  }

private:
  // Whoever runs a method has an object, though what made it may be a library's template, as pybind11's `py::init<>`:
  // from each method to the constructors of its class.
  void add_constructors(const Program &program) {
    std::map<std::string_view, std::vector<Index>> constructors; // by the class's qualified name
    for (Index i = 0; i < program.functions.size(); ++i) {
      const auto [scope, name] = split(program.functions[i].name);
      if (!scope.empty() && name == split(scope).second)
        constructors[scope].push_back(i);
    }
    if (constructors.empty())
      return;
    for (Index i = 0; i < program.functions.size(); ++i)
      if (const auto made = constructors.find(split(program.functions[i].name).first); made != constructors.end())
        functions[i].insert(functions[i].end(), made->second.begin(), made->second.end());
  }

  // "ns::Class::f" as ("ns::Class", "f").
  static std::pair<std::string_view, std::string_view> split(std::string_view name) {
    const std::size_t end = name.rfind("::");
    return end == std::string_view::npos ? std::pair(std::string_view(), name)
                                         : std::pair(name.substr(0, end), name.substr(end + 2));
  }

  void add(Index caller, CallArgument::Kind kind, Index target) {
    if (kind == CallArgument::Kind::function && target < functions.size())
      functions[caller].push_back(target);
    if (kind == CallArgument::Kind::object_address && target != none)
      objects[caller].push_back(target);
  }
};

// What one module leads to, up to the interpreter's edge: files of the interpreter are not entered, and of the module's
// own file, where that is one, what carries the interpreter's names is left out.
class Reach {
public:
  Reach(const Program &program, const std::vector<Range> &initialisers_of, const Edges &edges, Index own_file)
      : program_(program), initialisers_of_(initialisers_of), edges_(edges), own_file_(own_file),
        functions_(program.functions.size()), objects_(program.objects.size()) {}

  void function(Index index) {
    if (index >= functions_.size() || functions_[index] || of_interpreter(program_.functions[index]))
      return;
    functions_[index] = true;
    pending_.push_back(index);
  }

  void object(Index index) {
    if (index >= objects_.size() || objects_[index] || of_interpreter(program_.objects[index]))
      return;
    objects_[index] = true;
    const Range range = initialisers_of_[index];
    for (Index i = range.first; i < range.last; ++i) {
      const InitialiserEntry &entry = program_.initialisers[i];
      if (entry.kind == InitialiserEntry::Kind::function)
        function(entry.target);
      if (entry.kind == InitialiserEntry::Kind::object)
        object(entry.target);
    }
  }

  void run() {
    while (!pending_.empty()) {
      const Index next = pending_.back();
      pending_.pop_back();
      for (const Index callee : edges_.functions[next])
        function(callee);
      for (const Index touched : edges_.objects[next])
        object(touched);
    }
  }

  static std::vector<Index> positions(const std::vector<bool> &set) {
    std::vector<Index> all;
    for (Index i = 0; i < set.size(); ++i)
      if (set[i])
        all.push_back(i);
    return all;
  }

  std::vector<Index> functions() const { return positions(functions_); }
  std::vector<Index> objects() const { return positions(objects_); }

private:
  template <class Entity> bool of_interpreter(const Entity &entity) const {
    const Index file = entity.location.file;
    if (!program_.is_of_interpreter(file))
      return false;
    return file != own_file_ || (entity.external_linkage && is_interpreter_name(entity.name) && !is_init(entity));
  }
  static bool is_init(const Function &function) { return init_name(function.name).has_value(); }
  static bool is_init(const Object &) { return false; }

  const Program &program_;
  const std::vector<Range> &initialisers_of_;
  const Edges &edges_;
  const Index own_file_;
  std::vector<bool> functions_, objects_;
  std::vector<Index> pending_;
};

// Whether one of the modules leads to the function.
template <class Modules> bool lead_to(const Attribution &attribution, const Modules &modules, Index function) {
  return std::any_of(modules.begin(), modules.end(), [&](Index module) {
    const std::vector<Index> &functions = attribution.functions_of_module[module];
    return std::binary_search(functions.begin(), functions.end(), function);
  });
}

// Each library has a copy of a helper's variables: one that a module only reads, and that code of other libraries alone
// writes, stays in its own as it was. Modules that are made in one file are of one library.
bool stays_unwritten(const Program &program, const Attribution &attribution, const Range &accesses, Index module,
                     Index object) {
  std::vector<Index> own, others;
  for (const Index each : attribution.modules_of_object[object])
    (program.modules[each].location.file == program.modules[module].location.file ? own : others).push_back(each);
  bool written = false;
  for (Index i = accesses.first; i < accesses.last; ++i) {
    const Access &access = program.accesses[i];
    if (access.kind == AccessKind::read)
      continue;
    if (lead_to(attribution, own, access.function) || !lead_to(attribution, others, access.function))
      return false;
    written = true;
  }
  return written && program.objects[object].storage != Storage::member;
}

void drop_copies(const Program &program, const std::vector<Range> &accesses_of, Attribution &attribution) {
  std::vector<std::pair<Index, Index>> dropped; // module and object
  for (Index m = 0; m < program.modules.size(); ++m)
    for (const Index object : attribution.objects_of_module[m])
      if (stays_unwritten(program, attribution, accesses_of[object], m, object))
        dropped.emplace_back(m, object);
  for (const auto &[module, object] : dropped) {
    std::erase(attribution.objects_of_module[module], object);
    std::erase(attribution.modules_of_object[object], module);
  }
}

} // namespace

Attribution attribute_to_modules(const Program &program, const std::vector<Range> &initialisers_of,
                                 const std::vector<Range> &accesses_of) {
  Attribution attribution;
  attribution.modules_of_object.resize(program.objects.size());
  if (program.modules.empty())
    return attribution;
  const Edges edges(program);
  for (Index m = 0; m < program.modules.size(); ++m) {
    const Module &module = program.modules[m];
    Reach reach(program, initialisers_of, edges, module.location.file);
    for (const Index function : {module.init_function, module.traverse, module.clear, module.free})
      reach.function(function);
    for (const Index object : {module.definition, module.methods})
      reach.object(object);
    for (const Slot &slot : module.slots) {
      reach.function(slot.function);
      reach.object(slot.object);
    }
    reach.run();
    attribution.functions_of_module.push_back(reach.functions());
    attribution.objects_of_module.push_back(reach.objects());
    for (const Index object : attribution.objects_of_module.back())
      attribution.modules_of_object[object].push_back(m);
  }
  if (program.interpreter_files.empty()) // CPython's modules can all be in one program
    drop_copies(program, accesses_of, attribution);
  return attribution;
}

} // namespace ringfence
