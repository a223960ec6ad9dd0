#include "link/call_graph.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/text.h"
#include "knowledge/api_names.h"
#include "knowledge/code_origin.h"
#include "link/modules.h"
#include "link/ranges.h"

namespace ringfence {
namespace {

RoleSet roles_of(CalledBy caller) {
  switch (caller) {
  case CalledBy::nobody_known:
    break;
  case CalledBy::python:
    return role::python_callable | role::on_live_objects;
  case CalledBy::makers:
    return role::python_callable;
  case CalledBy::destructors:
    return role::python_callable | role::finalise;
  case CalledBy::end:
    return role::finalise;
  case CalledBy::module_init:
    return role::module_init;
  case CalledBy::module_exec:
    return role::exec;
  case CalledBy::anybody:
    return role::callback;
  }
  return 0;
}

RoleSet role_of_member(std::string_view record, std::string_view member) {
  return roles_of(caller_of_member(record, member));
}

bool is_module_init(const Function &function) {
  return function.defined && function.external_linkage && init_name(function.id);
}

// What a store is known by: its member, or its whole name where there is none.
std::string_view store_name(std::string_view path) {
  const PathParts parts = split_path(path);
  return parts.member.empty() ? parts.prefix.substr(0, parts.prefix.find('[')) : parts.member;
}

class Builder {
public:
  Builder(const Program &program, const Knowledge &api)
      : program_(program), api_(api), function_of_id_(index_functions(program)) {
    graph_.callees.resize(program.functions.size());
    graph_.entries.resize(program.functions.size());
    graph_.withheld.resize(program.functions.size());
    graph_.address_taken.resize(program.functions.size());
    called_.resize(program.functions.size());
    for (const FileFact &file : program.files)
      test_files_.push_back(is_test_code(file.path));
    for (Index i = 0; i < program.functions.size(); ++i) {
      const std::string &name = program.functions[i].name;
      lifecycle_.push_back(api.is_lifecycle(name));
      if (api.has(name, "interpreter-lifecycle"))
        graph_.withheld[i] = role::on_live_objects;
    }
  }

  CallGraph build() {
    read_calls();
    read_tables();
    read_uses();
    read_escaping_tables();
    for (const Placement &placement : placements_)
      if (has_caller_.count(placement.object) == 0 && has_caller_.count(placement.member) == 0)
        graph_.entries[placement.function] |= role::callback;
    read_functions();
    for (auto &callees : graph_.callees) {
      std::sort(callees.begin(), callees.end());
      callees.erase(std::unique(callees.begin(), callees.end()), callees.end());
    }
    return std::move(graph_);
  }

private:
  // A function stored where only calls through the object or the member, each a node or `none`, can reach it.
  struct Placement {
    Index function = none, object = none, member = none;
  };

  Index new_node() {
    graph_.callees.emplace_back();
    graph_.entries.push_back(0);
    graph_.withheld.push_back(0);
    return static_cast<Index>(graph_.callees.size() - 1);
  }
  Index store_of_member(std::string_view name) {
    const auto [at, is_new] = members_.try_emplace(std::string(name), none);
    if (is_new) {
      at->second = new_node();
      if (const RoleSet roles = role_of_member("", name); roles != 0 && (roles & role::on_live_objects) == 0)
        graph_.withheld[at->second] = role::on_live_objects;
    }
    return at->second;
  }
  Index store_of_object(Index object) {
    const auto [at, is_new] = objects_.try_emplace(object, none);
    if (is_new)
      at->second = new_node();
    return at->second;
  }

  // A call from a file-scope initialiser runs when the library is loaded. Whoever starts or ends the runtime, what runs
  // then runs alone.
  void call(Index caller, Index node) {
    if (is_from_test(caller, node)) {
      graph_.from_tests.emplace_back(caller, node);
      return;
    }
    if (node < program_.functions.size() && lifecycle_[node])
      graph_.entries[node] |= role::lifecycle;
    else if (caller == none)
      graph_.entries[node] |= role::module_init;
    else
      graph_.callees[caller].push_back(node);
  }
  // Tests reach into code that Python code cannot reach otherwise.
  bool is_from_test(Index caller, Index callee) const {
    return caller != none && callee < program_.functions.size() && is_test(caller) && !is_test(callee);
  }
  bool is_test(Index function) const {
    const Index file = program_.functions[function].location.file;
    return file != none && test_files_[file];
  }
  // What NB_MODULE and its kin make of the block that follows them.
  bool is_module_body(const Function &function) const {
    return !function.macro.empty() && !api_.generator_of_name(&Generator::macros, function.macro).empty();
  }
  void call_store(Index caller, Index store) {
    has_caller_.insert(store);
    call(caller, store);
  }
  void put(Index function, Index store) {
    graph_.address_taken[function] = true;
    graph_.callees[store].push_back(function);
  }

  void read_calls() {
    for (const Call &each : program_.calls) {
      if (each.callee != none) {
        called_[each.callee] = true;
        call(each.caller, each.callee);
        continue;
      }
      if (each.pointer_object != none)
        call_store(each.caller, store_of_object(each.pointer_object));
      if (const std::string_view name = store_name(each.pointer); !name.empty())
        call_store(each.caller, store_of_member(name));
    }
  }

  void read_tables() {
    SlotTable table;
    for (const InitialiserEntry &entry : program_.initialisers) {
      if (entry.kind != InitialiserEntry::Kind::function || entry.target == none)
        continue;
      const std::string &record = program_.objects[entry.object].type.record;
      if (is_slot_record(record, table))
        continue; // below, by slot
      const std::string_view member = split_path(entry.path).member;
      if (const RoleSet roles = role_of_member(record, member); roles != 0) {
        graph_.entries[entry.target] |= roles;
        put(entry.target, store_of_member(member));
        continue;
      }
      Placement placement{entry.target, store_of_object(entry.object), none};
      put(entry.target, placement.object);
      if (!member.empty()) {
        placement.member = store_of_member(member);
        put(entry.target, placement.member);
      }
      placements_.push_back(placement);
    }
    for (Index object = 0; object < program_.objects.size(); ++object) {
      if (!is_slot_record(program_.objects[object].type.record, table))
        continue;
      for (const Slot &slot : read_slots(program_, object))
        if (slot.function != none) {
          graph_.entries[slot.function] |= roles_of(caller_of_slot(slot.name));
          put(slot.function, store_of_member(member_of_slot(slot.name)));
        }
    }
  }

  void read_uses() {
    for (Index i = 0; i < program_.function_uses.size(); ++i) {
      const FunctionUse &use = program_.function_uses[i];
      if (use.function == none)
        continue;
      graph_.address_taken[use.function] = true;
      if (is_module_body(program_.functions[use.function])) {
        graph_.entries[use.function] |= role::exec; // given to what makes the module
      } else if (!use.callee.empty()) {
        read_argument(i, use);
      } else if (const std::string_view name = store_name(use.path); !name.empty()) {
        const RoleSet roles = role_of_member("", name);
        graph_.entries[use.function] |= roles;
        put(use.function, store_of_member(name));
        if (roles == 0)
          placements_.push_back({use.function, none, store_of_member(name)});
      } else {
        graph_.entries[use.function] |= role::callback;
      }
    }
  }

  void read_argument(Index index, const FunctionUse &use) {
    const auto callee = function_of_id_.find(use.callee);
    const std::string &name = callee == function_of_id_.end() ? use.callee : program_.functions[callee->second].name;
    const CallbackUse when = api_.callback_use(name);
    if (when == CallbackUse::at_end) {
      graph_.entries[use.function] |= role::finalise;
      return;
    }
    if (const ApiEntry *entry = api_.function(name); entry && entry->has("makes-python-callable")) {
      graph_.entries[use.function] |= role::python_callable | role::on_live_objects;
      return;
    }
    if (when == CallbackUse::once)
      graph_.once_uses.push_back(index);
    if (when == CallbackUse::unknown)
      graph_.entries[use.function] |= role::callback;
    if (use.user != none)
      graph_.callees[use.user].push_back(use.function);
  }

  // A table whose address goes to a function that the program does not define is called from there.
  void read_escaping_tables() {
    for (const Access &access : program_.accesses) {
      const auto store = objects_.find(access.object);
      if (store == objects_.end() || access.kind != AccessKind::argument)
        continue;
      const auto callee = function_of_id_.find(access.callee);
      if (callee == function_of_id_.end() || !program_.functions[callee->second].defined)
        for (const Index function : graph_.callees[store->second])
          if (function < program_.functions.size())
            graph_.entries[function] |= role::callback;
    }
  }

  // What the outside calls by its symbol or when it loads the library.
  void read_functions() {
    for (Index i = 0; i < program_.functions.size(); ++i) {
      const Function &function = program_.functions[i];
      if (is_module_init(function) || function.constructor_attribute)
        graph_.entries[i] |= role::module_init;
      else if (function.defined && !called_[i] && !graph_.address_taken[i] && is_module_body(function))
        graph_.entries[i] |= role::exec; // what a module's macro makes stands in an initialiser
      else if (!function.defined || !function.external_linkage || function.hidden || function.outside)
        continue;
      else if (lifecycle_[i]) // whoever calls it; what tests alone call, call() leaves without a role
        graph_.entries[i] |= role::lifecycle;
      else if (!called_[i] && !graph_.address_taken[i])
        graph_.entries[i] |= role::external;
    }
  }

  const Program &program_;
  const Knowledge &api_;
  std::unordered_map<std::string_view, Index> function_of_id_;
  CallGraph graph_;
  std::unordered_map<std::string, Index> members_; // by name, nodes
  std::unordered_map<Index, Index> objects_;       // nodes
  std::set<Index> has_caller_ = {};                // nodes that some call goes through
  std::vector<Placement> placements_;
  std::vector<bool> called_;
  std::vector<bool> test_files_ = {}; // parallel to the files
  std::vector<bool> lifecycle_ = {};  // parallel to the functions: starts or ends the runtime
};

} // namespace

std::unordered_map<std::string_view, Index> index_functions(const Program &program) {
  std::unordered_map<std::string_view, Index> index;
  for (Index i = 0; i < program.functions.size(); ++i)
    index.emplace(program.functions[i].id, i);
  return index;
}

CallGraph build_call_graph(const Program &program, const Knowledge &api) { return Builder(program, api).build(); }

namespace {

class Roles {
public:
  Roles(const Program &program, const CallGraph &graph)
      : program_(program), graph_(graph), roles_(graph.entries), python_caller_(graph.entries.size(), none) {}

  void give(Index node, RoleSet more) {
    roles_[node] |= more;
    changed_.push_back(node);
  }

  void propagate() {
    while (!changed_.empty()) {
      const Index caller = changed_.front();
      changed_.pop_front();
      const Index function = caller < program_.functions.size() ? caller : python_caller_[caller];
      for (const Index callee : graph_.callees[caller])
        if (const RoleSet more = roles_[caller] & ~roles_[callee] & ~graph_.withheld[callee]; more != 0) {
          if (more & role::python_callable)
            python_caller_[callee] = function;
          give(callee, more);
        }
    }
  }

  RoleSet of(Index node) const { return roles_[node]; }
  Index python_caller(Index node) const { return python_caller_[node]; } // where Python code comes from first

private:
  const Program &program_;
  const CallGraph &graph_;
  std::vector<RoleSet> roles_;
  std::vector<Index> python_caller_;
  std::deque<Index> changed_;
};

// What nothing but the initialisation of tests' modules calls is called by that of others' modules.
void add_initialisation_by_tests(const CallGraph &graph, Roles &roles) {
  std::map<Index, RoleSet> given;
  for (const auto &[caller, callee] : graph.from_tests)
    if (roles.of(callee) == 0)
      given[callee] |= roles.of(caller) == 0 ? role::callback : roles.of(caller);
  for (const auto &[callee, more] : given)
    if ((more & ~(role::module_init | role::exec)) == 0)
      roles.give(callee, more);
  roles.propagate();
}

} // namespace

std::vector<FunctionRoles> propagate_roles(const Program &program, const CallGraph &graph) {
  Roles all(program, graph);
  for (Index node = 0; node < graph.entries.size(); ++node)
    if (graph.entries[node] != 0)
      all.give(node, 0);
  all.propagate();
  add_initialisation_by_tests(graph, all);
  std::vector<FunctionRoles> result;
  for (Index i = 0; i < program.functions.size(); ++i) {
    const RoleSet roles = all.of(i);
    result.push_back({(roles & role::module_init) != 0, (roles & role::exec) != 0, (roles & role::python_callable) != 0,
                      (roles & role::callback) != 0, (roles & role::finalise) != 0, (roles & role::external) != 0,
                      all.python_caller(i), (roles & role::on_live_objects) != 0, (roles & role::lifecycle) != 0});
  }
  return result;
}

} // namespace ringfence
