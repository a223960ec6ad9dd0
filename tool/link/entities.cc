#include "link/entities.h"

#include <map>
#include <set>

#include "base/text.h"
#include "facts/unread.h"
#include "knowledge/slot_names.h"
#include "link/ranges.h"

namespace ringfence {
namespace {

// "[12]" before "[2]" in text; by number in an array.
std::uint64_t element_number(std::string_view prefix) {
  std::uint64_t number = 0;
  const std::size_t open = prefix.rfind('[');
  for (std::size_t i = open == prefix.npos ? prefix.size() : open + 1; i < prefix.size() && prefix[i] != ']'; ++i)
    number = number * 10 + static_cast<unsigned char>(prefix[i] - '0') % 10;
  return number;
}

bool is_slot_number(std::string_view member) { return member == "slot" || member == "sl_id"; }

// Empty at the end of a table.
std::string slot_of(SlotTable table, std::int64_t number) {
  if (number == 0)
    return {};
  return is_unread(number) ? std::string(unread_slot) : slot_name(table, number);
}

void append_slots(const Program &program, Index array, int depth, std::vector<Slot> &slots) {
  SlotTable table;
  if (!is_slot_record(program.objects[array].type.record, table) || depth > 5)
    return;
  std::map<std::uint64_t, std::vector<const InitialiserEntry *>> elements;
  for (const InitialiserEntry &entry : initialisers_of(program, array))
    elements[element_number(entry.path.substr(0, entry.path.find(']')))].push_back(&entry);
  for (const auto &[number, entries] : elements) {
    Slot slot;
    Index nested = none;
    for (const InitialiserEntry *entry : entries) {
      if (is_slot_number(split_path(entry->path).member)) {
        slot.name = slot_of(table, entry->integer);
        slot.location = entry->location;
      } else if (entry->kind == InitialiserEntry::Kind::function) {
        slot.function = entry->target;
      } else if (entry->kind == InitialiserEntry::Kind::object) {
        slot.object = nested = entry->target;
      } else if (entry->kind == InitialiserEntry::Kind::integer && split_path(entry->path).member != "sl_flags") {
        slot.integer = entry->integer;
      }
    }
    const bool is_nested = slot.name == "Py_slot_subslots" || slot.name == "Py_tp_slots" || slot.name == "Py_mod_slots";
    if (is_nested && nested != none)
      append_slots(program, nested, depth + 1, slots);
    else if (!slot.name.empty())
      slots.push_back(std::move(slot));
  }
}

// ---- modules -------------------------------------------------------------------------------------------------------

constexpr std::string_view init_prefixes[] = {"PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_"};

// The module's name in an init function's name; empty for other functions.
std::string_view name_of_init(const Function &function) {
  for (const std::string_view prefix : init_prefixes)
    if (function.id.starts_with(prefix) && function.defined && function.external_linkage)
      return std::string_view(function.id).substr(prefix.size());
  return {};
}

bool ends_with_name(std::string_view qualified, std::string_view name) {
  return qualified == name || (qualified.size() > name.size() + 2 && qualified.ends_with(name) &&
                               qualified.substr(qualified.size() - name.size() - 2, 2) == "::");
}

// How a call with a module definition makes a module.
InitKind creates(const Function &callee) {
  for (const std::string_view name :
       {"PyModule_Create2", "PyModule_Create2TraceRefs", "_PyModule_CreateInitialized", "create_extension_module"})
    if (ends_with_name(callee.name, name))
      return InitKind::single_phase;
  for (const std::string_view name : {"PyModuleDef_Init", "initialize_multiphase_module_def"})
    if (ends_with_name(callee.name, name))
      return InitKind::multi_phase;
  return InitKind::none;
}

bool is_definition(const Object &object) {
  return object.type.record == "PyModuleDef" && !object.type.pointer && object.definition != Definition::declaration;
}

// Whose generator or library wrote a function or object of this name.
std::string_view binding_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> prefixes[] = {
      {"__pyx_", "cython"},      {"__Pyx_", "cython"},
      {"pybind11_", "pybind11"}, {"pybind11::", "pybind11"},
      {"nanobind_", "nanobind"}, {"nanobind::", "nanobind"},
      {"SWIG_", "swig"},         {"CPyExec_", "mypyc"},
      {"CPyInit_", "mypyc"},     {"sip", "sip"},
      {"f2py_", "f2py"}};
  for (const auto &[prefix, binding] : prefixes)
    if (name.starts_with(prefix))
      return binding;
  return {};
}

struct Creation {
  InitKind kind = InitKind::none;
  Index definition = none;
  std::vector<Slot> gil; // from PyUnstable_Module_SetGIL
  std::string_view binding;
};

class ModuleFinder {
public:
  explicit ModuleFinder(const Program &program) : program_(program) {
    for (const Access &access : program.accesses)
      if (access.function != none) {
        SlotTable table;
        const Object &object = program.objects[access.object];
        if (is_definition(object))
          definitions_used_[access.function].insert(access.object);
        else if (is_slot_record(object.type.record, table) && access.kind == AccessKind::returned)
          slots_returned_[access.function] = access.object;
      }
  }

  std::vector<Module> find() {
    for (Index i = 0; i < program_.functions.size(); ++i)
      if (const std::string_view name = name_of_init(program_.functions[i]); !name.empty())
        add(i, name);
    for (Index i = 0; i < program_.objects.size(); ++i)
      if (is_definition(program_.objects[i]) && !program_.objects[i].outside && paired_.count(i) == 0)
        add_definition(i);
    for (Module &module : modules_)
      if (module.binding.empty())
        module.binding = generator_of(module.location.file);
    std::sort(modules_.begin(), modules_.end(), [](const Module &a, const Module &b) {
      return std::tie(a.name, a.location, a.init_function, a.definition) <
             std::tie(b.name, b.location, b.init_function, b.definition);
    });
    return std::move(modules_);
  }

private:
  // By the file's banner, of the generators that write a whole file and leave no names of their own in it.
  std::string generator_of(Index file) const {
    const std::string generator = file < program_.files.size() ? program_.files[file].generator : std::string();
    return is_any(generator, {"f2py", "mypyc", "sip"}) ? generator : std::string();
  }

  // What one function does towards making a module.
  void read_function(Index function, Creation &creation) const {
    for (const Call &call : calls_of(program_, function)) {
      if (call.callee == none)
        continue;
      const Function &callee = program_.functions[call.callee];
      if (creation.binding.empty())
        creation.binding = binding_of(callee.name.substr(callee.name.rfind(':') + 1));
      if (creation.binding.empty())
        creation.binding = binding_of(callee.name);
      if (const InitKind kind = creates(callee); kind != InitKind::none) {
        creation.kind = kind;
        for (const CallArgument &argument : call.arguments)
          if ((argument.kind == CallArgument::Kind::object_address || argument.kind == CallArgument::Kind::object) &&
              argument.target != none && is_definition(program_.objects[argument.target]))
            creation.definition = argument.target;
      }
    }
    const auto used = definitions_used_.find(function);
    if (creation.definition == none && used != definitions_used_.end())
      creation.definition = *used->second.begin();
  }

  // What it says of the GIL by a call.
  void read_claim(Index function, Creation &creation) const {
    for (const Call &call : calls_of(program_, function)) {
      if (call.callee == none || call.arguments.size() < 2 ||
          program_.functions[call.callee].name != "PyUnstable_Module_SetGIL")
        continue;
      Slot slot;
      slot.name = "Py_mod_gil";
      slot.integer = call.arguments[1].integer;
      slot.location = call.location;
      creation.gil.push_back(slot);
    }
  }

  // The nearest functions over direct calls that make a module; `levels` calls deep at most. Claims may stand one call
  // deeper, in functions that fill it.
  Creation creation_from(Index init) const {
    constexpr int levels = 4;
    Creation creation;
    std::set<Index> seen = {init};
    std::vector<Index> level = {init};
    for (int depth = 0; depth < levels && !level.empty(); ++depth) {
      std::vector<Index> next;
      for (const Index function : level) {
        read_function(function, creation);
        read_claim(function, creation);
        for (const Call &call : calls_of(program_, function))
          if (call.callee != none && program_.functions[call.callee].defined && seen.insert(call.callee).second)
            next.push_back(call.callee);
      }
      if (creation.kind != InitKind::none || creation.definition != none) {
        for (const Index function : next)
          read_claim(function, creation);
        break;
      }
      level = std::move(next);
    }
    return creation;
  }

  void add(Index init, std::string_view name) {
    const Function &function = program_.functions[init];
    Module module;
    module.name = name;
    module.init_function = init;
    module.location = function.location;
    if (function.id.starts_with("PyModExport")) {
      module.init = InitKind::export_slots;
      if (const auto slots = slots_returned_.find(init); slots != slots_returned_.end())
        read_export(slots->second, module);
    } else {
      const Creation creation = creation_from(init);
      module.init = creation.kind;
      module.binding = creation.binding;
      if (creation.definition != none) {
        read_definition(creation.definition, module);
        if (module.init == InitKind::none)
          module.init = module.slots.empty() ? InitKind::single_phase : InitKind::multi_phase;
      }
      module.slots.insert(module.slots.end(), creation.gil.begin(), creation.gil.end());
    }
    modules_.push_back(std::move(module));
  }

  // A definition that no init function leads to: built into an interpreter, or made by a call somewhere.
  void add_definition(Index definition) {
    Module module;
    module.location = program_.objects[definition].location;
    read_definition(definition, module);
    for (const Access &access : accesses_of(program_, definition))
      for (const Call &call : calls_of(program_, access.function))
        if (access.kind == AccessKind::argument && call.callee != none && call.location.line == access.location.line &&
            creates(program_.functions[call.callee]) != InitKind::none)
          module.init = creates(program_.functions[call.callee]);
    modules_.push_back(std::move(module));
  }

  void read_definition(Index definition, Module &module) {
    paired_.insert(definition);
    module.definition = definition;
    if (module.binding.empty())
      module.binding = binding_of(program_.objects[definition].name);
    Index slots = none;
    for (const InitialiserEntry &entry : initialisers_of(program_, definition)) {
      const std::string_view member = split_path(entry.path).member;
      if (member == "m_name")
        take_name(entry.string, module);
      else if (member == "m_size" && entry.kind == InitialiserEntry::Kind::integer)
        module.state_size = entry.integer;
      else if (member == "m_methods" && entry.kind == InitialiserEntry::Kind::object)
        module.methods = entry.target;
      else if (member == "m_slots" && entry.kind == InitialiserEntry::Kind::object)
        slots = entry.target;
      else if (entry.kind == InitialiserEntry::Kind::function)
        take_function(member, entry.target, module);
    }
    // Members that are set at run time.
    for (const Access &access : accesses_of(program_, definition))
      if (access.kind == AccessKind::write && access.stored.object != none) {
        const std::string_view member = split_path(access.path).member;
        if (member == "m_slots" && slots == none)
          slots = access.stored.object;
        else if (member == "m_methods" && module.methods == none)
          module.methods = access.stored.object;
      }
    if (slots != none)
      module.slots = read_slots(program_, slots);
    for (const Slot &slot : module.slots)
      if (module.binding.empty() && slot.function != none)
        module.binding = binding_of(program_.functions[slot.function].name);
  }

  void read_export(Index array, Module &module) {
    module.slots = read_slots(program_, array);
    for (const Slot &slot : module.slots) {
      if (slot.name == "Py_mod_state_size")
        module.state_size = slot.integer;
      else if (slot.name == "Py_mod_methods")
        module.methods = slot.object;
      else if (slot.name.starts_with("Py_mod_state_") && slot.function != none)
        take_function("m_" + slot.name.substr(sizeof("Py_mod_state_") - 1), slot.function, module);
    }
  }

  // The import name: the init function names its last part only, the definition may name all of it.
  static void take_name(const std::string &name, Module &module) {
    const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
    if (module.name.empty() || last == module.name)
      module.name = name;
  }

  static void take_function(std::string_view member, Index function, Module &module) {
    if (member == "m_traverse")
      module.traverse = function;
    else if (member == "m_clear")
      module.clear = function;
    else if (member == "m_free")
      module.free = function;
  }

  const Program &program_;
  std::vector<Module> modules_;
  std::set<Index> paired_;                            // definitions that a module has
  std::map<Index, std::set<Index>> definitions_used_; // function to the module definitions it names
  std::map<Index, Index> slots_returned_;             // function to the array of slots it returns
};

} // namespace

std::vector<Slot> read_slots(const Program &program, Index array) {
  std::vector<Slot> slots;
  append_slots(program, array, 0, slots);
  return slots;
}

std::vector<Module> find_modules(const Program &program) { return ModuleFinder(program).find(); }

} // namespace ringfence
