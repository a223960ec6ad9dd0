#include "manifest/elf_symbols.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>

#include <gelf.h>

namespace ringfence {
namespace {

struct CloseElf {
  void operator()(Elf *elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, CloseElf>;

std::string hexadecimal(const unsigned char *bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

// The build id in a note section, if it is there.
std::string build_id_in(Elf_Data *data) {
  GElf_Nhdr note;
  std::size_t name = 0, text = 0;
  for (std::size_t at = 0; (at = gelf_getnote(data, at, &note, &name, &text)) > 0;) {
    const auto *bytes = static_cast<const unsigned char *>(data->d_buf);
    if (note.n_type == NT_GNU_BUILD_ID && std::string_view(reinterpret_cast<const char *>(bytes) + name,
                                                           std::min<std::size_t>(note.n_namesz, 3)) == "GNU")
      return hexadecimal(bytes + text, note.n_descsz);
  }
  return {};
}

// The section that holds a defined symbol, with its header; nothing where it has no name, by which offsets are given.
std::optional<std::pair<std::string, GElf_Shdr>> section_of(Elf *elf, std::size_t names, const GElf_Sym &symbol) {
  Elf_Scn *section = elf_getscn(elf, symbol.st_shndx);
  GElf_Shdr header;
  if (!section || !gelf_getshdr(section, &header))
    return std::nullopt;
  const char *name = elf_strptr(elf, names, header.sh_name);
  return name && *name ? std::optional(std::pair(std::string(name), header)) : std::nullopt;
}

bool is_data(const GElf_Sym &symbol) {
  int type = GELF_ST_TYPE(symbol.st_info);
  bool defined = symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < SHN_LORESERVE;
  return defined && symbol.st_size > 0 && (type == STT_OBJECT || type == STT_TLS);
}

// Whether the header's tables and each section's bytes lie in the file.
bool is_whole(Elf *elf, const GElf_Ehdr &header, std::size_t size) {
  const auto inside = [&](std::uint64_t offset, std::uint64_t bytes) {
    return offset <= size && bytes <= size - offset;
  };
  std::size_t sections = 0, found = 1; // the first, which is none
  if (elf_getshdrnum(elf, &sections) != 0 || !inside(header.e_shoff, std::uint64_t{sections} * header.e_shentsize) ||
      !inside(header.e_phoff, std::uint64_t{header.e_phnum} * header.e_phentsize))
    return false;
  for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf, section)); ++found) {
    GElf_Shdr of_section;
    if (!gelf_getshdr(section, &of_section) ||
        (of_section.sh_type != SHT_NOBITS && !inside(of_section.sh_offset, of_section.sh_size)))
      return false;
  }
  return found == sections;
}

// Nothing where the table is damaged.
std::optional<std::vector<DataSymbol>> read_symbols(Elf *elf, std::size_t names, Elf_Scn *section,
                                                    const GElf_Shdr &table) {
  std::vector<DataSymbol> symbols;
  Elf_Data *data = elf_getdata(section, nullptr);
  if (!data || table.sh_entsize == 0 || table.sh_size % table.sh_entsize != 0)
    return std::nullopt;
  std::string source; // of the local symbols that follow its STT_FILE
  for (std::size_t i = 0; i < table.sh_size / table.sh_entsize; ++i) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol))
      return std::nullopt;
    const char *name = elf_strptr(elf, table.sh_link, symbol.st_name);
    if (!name)
      return std::nullopt;
    if (GELF_ST_TYPE(symbol.st_info) == STT_FILE)
      source = name;
    if (!is_data(symbol))
      continue;
    auto home = section_of(elf, names, symbol);
    if (!home)
      return std::nullopt;
    bool thread_local_storage = GELF_ST_TYPE(symbol.st_info) == STT_TLS;
    bool local = GELF_ST_BIND(symbol.st_info) == STB_LOCAL;
    std::uint64_t offset = thread_local_storage ? symbol.st_value : symbol.st_value - home->second.sh_addr;
    const bool inside = offset <= home->second.sh_size && symbol.st_size <= home->second.sh_size - offset;
    if (!thread_local_storage && !inside)
      return std::nullopt;
    symbols.push_back(
        {name, local ? source : "", home->first, offset, symbol.st_value, symbol.st_size, thread_local_storage});
  }
  return symbols;
}

} // namespace

Result<SharedObject> read_shared_object(std::string file, std::string bytes) {
  elf_version(EV_CURRENT);
  ElfHandle elf(elf_memory(bytes.data(), bytes.size()));
  GElf_Ehdr header;
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF || !gelf_getehdr(elf.get(), &header) || header.e_type != ET_DYN)
    return fail(file + " is no ELF shared object");
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf.get(), &names) != 0)
    return fail(file + ": its section names cannot be read: " + elf_errmsg(-1));

  if (!is_whole(elf.get(), header, bytes.size()))
    return fail(file + " is damaged: a part of it lies beyond its end");

  SharedObject object{std::move(file), {}, true, {}};
  std::optional<std::vector<DataSymbol>> symbols, exported;
  for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf.get(), section));) {
    GElf_Shdr section_header;
    if (!gelf_getshdr(section, &section_header))
      return fail(object.file + ": a section header cannot be read: " + elf_errmsg(-1));
    if (section_header.sh_type == SHT_NOTE && object.build_id.empty())
      if (Elf_Data *data = elf_getdata(section, nullptr))
        object.build_id = build_id_in(data);
    if (section_header.sh_type == SHT_SYMTAB) {
      object.stripped = false;
      symbols = read_symbols(elf.get(), names, section, section_header);
    } else if (section_header.sh_type == SHT_DYNSYM) {
      exported = read_symbols(elf.get(), names, section, section_header);
    }
  }
  if (object.stripped)
    symbols = std::move(exported);
  if (!symbols)
    return fail(object.file + ": its table of symbols is missing or damaged");
  object.symbols = std::move(*symbols);
  std::ranges::sort(object.symbols, {}, [](const DataSymbol &s) { return std::tie(s.address, s.name); });
  return object;
}

} // namespace ringfence
