#include "link/modules.h"

#include <map>
#include <set>

#include "facts/unread.h"
#include "knowledge/api_names.h"
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

// Of a PySlot: neither number nor value.
bool is_slot_flags(std::string_view member) { return member == "sl_flags" || member.ends_with("reserved"); }

bool is_slot_number(std::string_view member) { return member == "slot" || member == "sl_id"; }

// Empty at the end of a table.
std::string slot_of(SlotTable table, std::int64_t number) {
  if (number == 0)
    return {};
  return is_unread(number) ? std::string(unread_slot) : slot_name(table, number);
}

// `of_module`: the numbers that type and module slots share in Python 3.15 (Py_mod_exec is Py_bf_releasebuffer) are a
// module's.
void append_slots(const Program &program, Index array, int depth, bool of_module, std::vector<Slot> &slots) {
  SlotTable table;
  if (!is_slot_record(program.objects[array].type.record, table) || depth > 5)
    return;
  if (table == SlotTable::common && of_module)
    table = SlotTable::module_def;
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
      } else if (entry->kind == InitialiserEntry::Kind::integer && !is_slot_flags(split_path(entry->path).member)) {
        slot.integer = entry->integer;
      }
    }
    if (is_nested_slot(slot.name) && nested != none)
      append_slots(program, nested, depth + 1, of_module, slots);
    else if (!slot.name.empty())
      slots.push_back(std::move(slot));
  }
}

// ---- modules -------------------------------------------------------------------------------------------------------

// The parts of an init function's name; nothing for other functions.
std::optional<InitName> init_of(const Function &function) {
  return function.defined && function.external_linkage ? init_name(function.id) : std::nullopt;
}

struct Creation {
  InitKind kind = InitKind::none;
  Index definition = none;
  std::vector<Slot> gil; // from PyUnstable_Module_SetGIL
  std::string binding;
};

class ModuleFinder {
public:
  ModuleFinder(const Program &program, const Knowledge &api) : program_(program), api_(api) {
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
      if (const std::optional<InitName> name = init_of(program_.functions[i]))
        add(i, *name);
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
  bool is_definition(const Object &object) const {
    if (object.type.record.empty() || object.type.pointer || object.definition == Definition::declaration)
      return false;
    const KnownType *type = api_.type(object.type.record);
    return type && type->has("module-definition");
  }

  // How a call with a module definition makes a module.
  InitKind creates(const Function &callee) const {
    const ApiEntry *known = api_.function(callee.name);
    if (known && known->has("module-create"))
      return InitKind::single_phase;
    return known && known->has("module-definition-init") ? InitKind::multi_phase : InitKind::none;
  }

  // Whose generator or library wrote a function or object of this name.
  std::string binding_of(std::string_view name) const { return api_.generator_of_name(&Generator::module_names, name); }

  // By the file's banner, of the generators that write a whole file.
  std::string generator_of(Index file) const {
    const std::string generator = file < program_.files.size() ? program_.files[file].generator : std::string();
    const Generator *known = api_.generator(generator);
    return known && known->writes_module && !known->mixed ? generator : std::string();
  }

  // What one function does towards making a module.
  void read_function(Index function, Creation &creation) const {
    for (const Call &call : calls_of(program_, function)) {
      if (call.callee == none)
        continue;
      const Function &callee = program_.functions[call.callee];
      if (creation.binding.empty())
        creation.binding = binding_of(std::string_view(callee.name).substr(callee.name.rfind(':') + 1));
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
          !api_.has(program_.functions[call.callee].name, "set-gil"))
        continue;
      Slot slot;
      slot.name = slot::gil;
      slot.integer = call.arguments[1].integer;
      slot.location = call.location;
      creation.gil.push_back(slot);
    }
  }

  // The nearest functions over direct calls that make a module, or are given its definition to make one; `levels` calls
  // deep at most. Claims may stand one call deeper, in functions that fill it.
  Creation creation_from(Index init) const {
    constexpr int levels = 4;
    Creation creation;
    std::set<Index> seen = {init};
    std::vector<Index> level = {init};
    for (int depth = 0; depth < levels && !level.empty(); ++depth) {
      std::vector<Index> next;
      const Index given = creation.definition; // to what makes the module of it
      for (const Index function : level) {
        read_function(function, creation);
        read_claim(function, creation);
        for (const Call &call : calls_of(program_, function))
          if (call.callee != none && program_.functions[call.callee].defined && seen.insert(call.callee).second)
            next.push_back(call.callee);
      }
      if (given != none)
        creation.definition = given;
      if (creation.kind != InitKind::none) {
        for (const Index function : next)
          read_claim(function, creation);
        break;
      }
      level = std::move(next);
    }
    return creation;
  }

  void add(Index init, const InitName &name) {
    const Function &function = program_.functions[init];
    Module module;
    module.name = name.module;
    module.init_function = init;
    module.location = function.location;
    if (name.exports_slots) {
      module.init = InitKind::export_slots;
      if (const auto slots = slots_returned_.find(init); slots != slots_returned_.end())
        read_export(slots->second, module);
    } else {
      const Creation creation = creation_from(init);
      module.init = creation.kind;
      module.binding = creation.binding;
      if (creation.definition != none) {
        read_definition(creation.definition, module);
        if (module.init == InitKind::none && !module.slots.empty())
          module.init = InitKind::multi_phase; // nothing else takes a definition with slots
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
      if (access.kind == AccessKind::write && access.stored.kind == StoredValue::Kind::object &&
          access.stored.object != none) {
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
    append_slots(program_, array, 0, /*of_module=*/true, module.slots);
    for (const Slot &slot : module.slots) {
      if (slot.name == slot::state_size)
        module.state_size = slot.integer;
      else if (slot.name == slot::methods)
        module.methods = slot.object;
      else if (slot.name.starts_with(slot::state_functions) && slot.function != none)
        take_function("m_" + slot.name.substr(slot::state_functions.size()), slot.function, module);
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
  const Knowledge &api_;
  std::vector<Module> modules_;
  std::set<Index> paired_;                            // definitions that a module has
  std::map<Index, std::set<Index>> definitions_used_; // function to the module definitions it names
  std::map<Index, Index> slots_returned_;             // function to the array of slots it returns
};

} // namespace

std::vector<Slot> read_slots(const Program &program, Index array) {
  std::vector<Slot> slots;
  append_slots(program, array, 0, /*of_module=*/false, slots);
  return slots;
}

std::vector<Module> find_modules(const Program &program, const Knowledge &api) {
  return ModuleFinder(program, api).find();
}

} // namespace ringfence
