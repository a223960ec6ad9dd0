#include "facts/codec.h"

#include <type_traits>
#include <unordered_map>

#include "base/hash.h"
#include "facts/index_walk.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

constexpr std::string_view magic =
    "RFFACTS\x0c"; // the last byte is a version, for values that come to mean something else
constexpr std::size_t digest_size = 32;

// ---- what is in a fact ----------------------------------------------------------------------------------------------

// Each binding names every member of its struct: a member that is added to facts.h and not here does not compile.

void describe(auto &a, FactOf<Location> auto &v) {
  auto &[file, line, column] = v;
  a(file, line, column);
}

void describe(auto &a, FactOf<TypeFacts> auto &v) {
  auto &[spelling, record, leads_to, size, pointer, array, scalar, top_const, deep_const, is_volatile, atomic,
         reaches_object, object_by_value, type_by_value, reaches_interpreter, reaches_void, function_pointer,
         data_pointer, lock, handle, owns_object, object_words] = v;
  a(spelling, record, leads_to, size, pointer, array, scalar, top_const, deep_const, is_volatile, atomic,
    reaches_object, object_by_value, type_by_value, reaches_interpreter, reaches_void, function_pointer, data_pointer,
    lock, handle, owns_object, object_words);
}

void describe(auto &a, FactOf<Object> auto &v) {
  auto &[id, name, function, symbol, macro, storage, definition, initialiser, external_linkage, hidden,
         thread_local_storage, in_header, outside, record, holder, type, location, configs] = v;
  a(id, name, function, symbol, macro, storage, definition, initialiser, external_linkage, hidden, thread_local_storage,
    in_header, outside, record, holder, type, location, configs);
}

void describe(auto &a, FactOf<InitialiserEntry> auto &v) {
  auto &[object, path, kind, target, integer, string, location] = v;
  a(object, path, kind, target, integer, string, location);
}

void describe(auto &a, FactOf<Function> auto &v) {
  auto &[id, name, defined, external_linkage, hidden, in_header, outside, constructor_attribute, macro, return_type,
         parameter_types, location] = v;
  a(id, name, defined, external_linkage, hidden, in_header, outside, constructor_attribute, macro, return_type,
    parameter_types, location);
}

void describe(auto &a, FactOf<Guard> auto &v) {
  auto &[kind, api, object, text, inferred] = v;
  a(kind, api, object, text, inferred);
}

void describe(auto &a, FactOf<StoredValue> auto &v) {
  auto &[kind, callee, object, address] = v;
  a(kind, callee, object, address);
}

void describe(auto &a, FactOf<Access> auto &v) {
  auto &[object, function, kind, path, atomic, compared, through_alias, tests_itself, tested, callee, argument,
         const_parameter, stored, parameter, guards, location] = v;
  a(object, function, kind, path, atomic, compared, through_alias, tests_itself, tested, callee, argument,
    const_parameter, stored, parameter, guards, location);
}

void describe(auto &a, FactOf<CallArgument> auto &v) {
  auto &[kind, target, integer, string, parameter, made] = v;
  a(kind, target, integer, string, parameter, made);
}

void describe(auto &a, FactOf<Call> auto &v) {
  auto &[caller, callee, pointer, pointer_object, arguments, result, guards, location] = v;
  a(caller, callee, pointer, pointer_object, arguments, result, guards, location);
}

void describe(auto &a, FactOf<FunctionUse> auto &v) {
  auto &[function, user, callee, argument, path, location] = v;
  a(function, user, callee, argument, path, location);
}

void describe(auto &a, FactOf<ParameterAccess> auto &v) {
  auto &[function, parameter, kind, guarded, tests_itself, stored, path, callee, argument, location] = v;
  a(function, parameter, kind, guarded, tests_itself, stored, path, callee, argument, location);
}

void describe(auto &a, FactOf<Diagnostic> auto &v) {
  auto &[severity, message, location] = v;
  a(severity, message, location);
}

void describe(auto &a, FactOf<Inactive> auto &v) {
  auto &[name, condition, location] = v;
  a(name, condition, location);
}

void describe(auto &a, FactOf<Allowance> auto &v) {
  auto &[rule, reason, location, line, last_line, object] = v;
  a(rule, reason, location, line, last_line, object);
}

void describe(auto &a, FactOf<UnreadName> auto &v) {
  auto &[object, location] = v;
  a(object, location);
}

void describe(auto &a, FactOf<StructMember> auto &v) {
  auto &[object, name, type, location] = v;
  a(object, name, type, location);
}

void describe(auto &a, FactOf<LateUse> auto &v) {
  auto &[object, function, lock, location] = v;
  a(object, function, lock, location);
}

void describe(auto &a, FactOf<ConstPoint> auto &v) {
  auto &[object, location, possible] = v;
  a(object, location, possible);
}

void describe(auto &a, FactOf<FileFact> auto &v) {
  auto &[path, project, generator] = v;
  a(path, project, generator);
}

void describe(auto &a, FactOf<UnitFacts> auto &v) {
  auto &[unit, config, origin, common_symbols, status, diagnostics, files, objects, functions] = v;
  a(unit, config, origin, common_symbols, status, diagnostics, files, objects, functions);
}

void describe(auto &a, FactOf<FactLists> auto &v) {
  FactLists::each([&](auto list) { a(v.*list); });
}

template <FactOf<TuFacts> Facts> void describe(auto &a, Facts &v) {
  using Unit = std::conditional_t<std::is_const_v<Facts>, const UnitFacts, UnitFacts>;
  using Lists = std::conditional_t<std::is_const_v<Facts>, const FactLists, FactLists>;
  a(static_cast<Unit &>(v), static_cast<Lists &>(v));
}

// The highest enumerator of each enumeration.
constexpr UnitOrigin last(UnitOrigin) { return UnitOrigin::inferred; }
constexpr Storage last(Storage) { return Storage::member; }
constexpr Holder last(Holder) { return Holder::instance; }
constexpr Definition last(Definition) { return Definition::definition; }
constexpr Initialiser last(Initialiser) { return Initialiser::dynamic; }
constexpr InitialiserEntry::Kind last(InitialiserEntry::Kind) { return InitialiserEntry::Kind::string; }
constexpr Guard::Kind last(Guard::Kind) { return Guard::Kind::main_interpreter; }
constexpr AccessKind last(AccessKind) { return AccessKind::address; }
constexpr StoredValue::Kind last(StoredValue::Kind) { return StoredValue::Kind::expression; }
constexpr CallArgument::Kind last(CallArgument::Kind) { return CallArgument::Kind::member; }
constexpr ResultUse last(ResultUse) { return ResultUse::other; }
constexpr Severity last(Severity) { return Severity::fatal; }
constexpr UnitStatus last(UnitStatus) { return UnitStatus::failed; }

// ---- which facts ----------------------------------------------------------------------------------------------------

// The kinds of all members, in order.
struct Shape {
  std::string out;

  void operator()(const auto &...values) { (add(values), ...); }

  template <class T> void add(const std::vector<T> &) {
    out += '*';
    add(T{});
  }
  void add(const std::string &) { out += 's'; }
  template <class T> void add(const T &value) {
    if constexpr (std::is_class_v<T>) {
      out += '{';
      describe(*this, value);
      out += '}';
    } else if constexpr (std::is_enum_v<T>) {
      out += "e" + std::to_string(static_cast<unsigned>(last(T{})));
    } else {
      out += std::is_same_v<T, bool> ? "b" : std::is_signed_v<T> ? "i" : "u" + std::to_string(sizeof(T));
    }
  }
};

// What facts begin with; facts of other structs begin with something else.
const std::string &header() {
  static const std::string text = [] {
    Shape shape;
    shape(TuFacts{});
    return std::string(magic) + hash_hex(shape.out);
  }();
  return text;
}

// ---- out ------------------------------------------------------------------------------------------------------------

struct Writer {
  std::string out;
  std::unordered_map<std::string_view, std::uint64_t> known = {}; // strings of the facts to their numbers

  void operator()(const auto &...values) { (write(values), ...); }

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  void write(bool value) { out += static_cast<char>(value); }
  void write(std::uint64_t value) { number(value); }
  void write(std::uint32_t value) { number(static_cast<std::uint32_t>(value + 1)); } // `none` takes one byte
  void write(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void write(Enum value) { out += static_cast<char>(value); }
  void write(const std::string &value) {
    const auto [at, is_new] = known.try_emplace(value, known.size());
    number(at->second);
    if (is_new) {
      number(value.size());
      out += value;
    }
  }
  template <class T> void write(const std::vector<T> &list) {
    number(list.size());
    for (const T &value : list)
      write(value);
  }
  template <class T>
  requires std::is_class_v<T>
  void write(const T &value) { describe(*this, value); }
};

// ---- in -------------------------------------------------------------------------------------------------------------

// After the first fault `in` is empty and every value read is zero.
struct Reader {
  std::string_view in;
  bool fault = false;
  std::vector<std::string_view> known = {}; // into what is read

  void operator()(auto &...values) { (read(values), ...); }

  void stop() {
    fault = true;
    in = {};
  }
  std::uint8_t byte() {
    if (in.empty()) {
      stop();
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t next = byte();
      value |= (next & 0x7F) << shift;
      if (next < 0x80)
        return value;
    }
    stop();
    return 0;
  }
  // A count of things that take at least one byte each.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > in.size())
      stop();
    return fault ? 0 : static_cast<std::size_t>(value);
  }

  void read(bool &value) {
    const std::uint8_t read_byte = byte();
    if (read_byte > 1)
      stop();
    value = read_byte == 1;
  }
  void read(std::uint64_t &value) { value = number(); }
  void read(std::uint32_t &value) {
    const std::uint64_t wide = number();
    if (wide > 0xffffffff)
      stop();
    value = static_cast<std::uint32_t>(wide) - 1;
  }
  void read(std::int64_t &value) {
    const std::uint64_t folded = number();
    value = static_cast<std::int64_t>(folded >> 1 ^ (~(folded & 1) + 1));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void read(Enum &value) {
    const std::uint8_t read_byte = byte();
    if (read_byte > static_cast<std::uint8_t>(last(Enum{})))
      return stop();
    value = static_cast<Enum>(read_byte);
  }
  void read(std::string &value) {
    const std::uint64_t index = number();
    if (index > known.size())
      return stop();
    if (index == known.size()) {
      const std::size_t size = count();
      known.push_back(in.substr(0, size));
      in.remove_prefix(size);
    }
    value = known[index];
  }
  template <class T> void read(std::vector<T> &list) {
    const std::size_t size = count();
    list.reserve(std::min(size, in.size() / sizeof(T) + 1));
    for (std::size_t i = 0; i < size && !fault; ++i)
      read(list.emplace_back());
  }
  template <class T>
  requires std::is_class_v<T>
  void read(T &value) { describe(*this, value); }
};

// Whether every index leads into the facts' own lists.
bool is_closed(const TuFacts &facts) {
  struct Check {
    const TuFacts &facts;
    bool closed = true;
    void file(Index index) { closed = closed && index < facts.files.size(); }
    void object(Index index) { closed = closed && index < facts.objects.size(); }
    void function(Index index) { closed = closed && index < facts.functions.size(); }
  } check{facts};
  const auto walk = [&](const auto &list) {
    for (const auto &fact : list)
      walk_indices(fact, check);
  };
  walk(facts.diagnostics);
  walk(facts.objects);
  walk(facts.functions);
  FactLists::each([&](auto list) { walk(facts.*list); });
  return check.closed;
}

} // namespace

std::string encode(const TuFacts &facts) {
  const std::size_t begin = header().size();
  Writer writer{header() + std::string(digest_size, ' ')};
  writer(facts);
  writer.out.replace(begin, digest_size, hash_hex(std::string_view(writer.out).substr(begin + digest_size)));
  return std::move(writer.out);
}

Result<TuFacts> decode(std::string_view bytes) {
  const std::size_t begin = header().size();
  if (!bytes.starts_with(header()) || bytes.size() < begin + digest_size)
    return fail("not facts of this version of ringfence");
  const std::string_view digest = bytes.substr(begin, digest_size);
  const std::string_view payload = bytes.substr(begin + digest_size);
  if (hash_hex(payload) != digest)
    return fail("the facts are damaged");
  TuFacts facts;
  Reader reader{payload};
  reader(facts);
  if (reader.fault || !reader.in.empty() || !is_closed(facts))
    return fail("the facts are malformed");
  return facts;
}

} // namespace ringfence
