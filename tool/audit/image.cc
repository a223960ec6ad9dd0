#include "audit/image.h"

#include <algorithm>
#include <limits>

#include <llvm/Object/COFF.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/MachO.h>
#include <llvm/Object/MachOUniversal.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/TargetParser/Triple.h>

#include "base/sort_unique.h"
#include "knowledge/api_names.h"

namespace ringfence {
namespace {

using namespace llvm::object;

// What reading a file may cost: tables that refer to each other can ask for more work than they have bytes. In steps of
// about a nanosecond to a microsecond; the largest libraries known need some millions.
class Effort {
public:
  bool spend(std::uint64_t steps) {
    left_ -= std::min(left_, steps);
    return left_ > 0;
  }
  bool spend_on(const std::optional<llvm::StringRef> &name) {
    constexpr std::uint64_t unreadable = 4096; // an error of LLVM's is made and thrown away; no real library has one
    return spend(name ? 1 + name->size() / 64 : unreadable);
  }
  bool spent() const { return left_ == 0; }

private:
  std::uint64_t left_ = std::uint64_t{1} << 26;
};

// Of other names nobody asks: modules, and functions of Python that they call.
bool is_wanted(std::string_view name) {
  constexpr std::size_t longest = 512;
  return name.size() <= longest && is_interpreter_name(name);
}

std::string_view view(llvm::StringRef text) { return {text.data(), text.size()}; }

// The value, or nothing where the file is damaged there.
template <class T> std::optional<T> value_of(llvm::Expected<T> expected) {
  if (expected)
    return std::move(*expected);
  llvm::consumeError(expected.takeError());
  return std::nullopt;
}

bool is_writable(const ObjectFile &object, const SectionRef &section) {
  if (const auto *elf = llvm::dyn_cast<ELFObjectFileBase>(&object)) {
    (void)elf;
    const std::uint64_t flags = ELFSectionRef(section).getFlags();
    const auto name = value_of(section.getName());
    // What the loader seals after relocation, and tables that only it and the C library write.
    const bool sealed = name && (name->starts_with(".data.rel.ro") || *name == ".dynamic" ||
                                 name->starts_with(".got") || name->ends_with("_array") || *name == ".tm_clone_table");
    return (flags & llvm::ELF::SHF_ALLOC) && (flags & llvm::ELF::SHF_WRITE) && !sealed;
  }
  const auto name = value_of(section.getName());
  return name && (*name == "__data" || *name == "__bss" || *name == "__common" || *name == ".data" || *name == ".bss");
}

// In memory: a section of a PE file may be longer there than in the file.
std::uint64_t loaded_size(const ObjectFile &object, const SectionRef &section) {
  if (const auto *pe = llvm::dyn_cast<COFFObjectFile>(&object))
    return std::max<std::uint64_t>(pe->getCOFFSection(section)->VirtualSize, section.getSize());
  return section.getSize();
}

void read_parts(const ObjectFile &object, Image &image) {
  for (const SectionRef &section : object.sections()) {
    if (llvm::isa<ELFObjectFileBase>(object) && !(ELFSectionRef(section).getFlags() & llvm::ELF::SHF_ALLOC))
      continue;
    if (is_writable(object, section))
      image.writable_bytes += section.getSize();
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - section.getAddress();
    const auto bytes = section.isBSS() || section.isVirtual() ? std::nullopt : value_of(section.getContents());
    image.parts.push_back(
        {section.getAddress(), bytes ? view(*bytes) : "", std::min(loaded_size(object, section), most)});
  }
  std::ranges::sort(image.parts, {}, &ImagePart::address);
}

// ---- ELF

void read_elf_symbols(const ELFObjectFileBase &elf, Effort &effort, Image &image) {
  for (const ELFSymbolRef symbol : elf.getDynamicSymbolIterators()) {
    const auto name = value_of(symbol.getName());
    const auto flags = value_of(symbol.getFlags());
    if (!effort.spend_on(name))
      return;
    const llvm::StringRef bare = name ? name->take_until([](char c) { return c == '@'; }) : "";
    if (!flags || !is_wanted(view(bare)))
      continue;
    if (*flags & BasicSymbolRef::SF_Undefined)
      image.imports.emplace_back(bare);
    else
      image.exports[bare.str()] = {value_of(symbol.getAddress()).value_or(0), symbol.getSize()};
  }
}

void read_elf_relocation(const ELFObjectFileBase &elf, const RelocationRef &relocation, std::uint32_t relative,
                         Image &image) {
  const std::uint64_t place = relocation.getOffset();
  const auto addend = value_of(ELFRelocationRef(relocation).getAddend());
  const std::uint64_t extra =
      addend ? static_cast<std::uint64_t>(*addend) : image.number(place, image.pointer_size()).value_or(0);
  const symbol_iterator symbol = relocation.getSymbol();
  const bool composed = elf.getEMachine() == llvm::ELF::EM_MIPS; // 64-bit files put up to three types into one
  if ((composed ? relocation.getType() & 0xff : relocation.getType()) == relative &&
      (!composed || symbol == elf.symbol_end())) {
    image.pointers[place] = extra;
    return;
  }
  if (symbol == elf.symbol_end())
    return;
  const auto flags = value_of(symbol->getFlags());
  if (!flags || *flags & BasicSymbolRef::SF_Undefined) // first: LLVM takes the address of no symbol for a fatal error
    return;
  if (const auto address = value_of(symbol->getAddress()))
    image.pointers[place] = *address + extra;
}

// Relative relocations packed as bit maps (-z pack-relative-relocs).
template <class File> void read_packed(const ObjectFile &object, Effort &effort, Image &image) {
  const auto *elf = llvm::dyn_cast<File>(&object);
  if (!elf)
    return;
  const auto sections = value_of(elf->getELFFile().sections());
  if (!sections)
    return;
  for (const auto &section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_RELR)
      continue;
    constexpr std::uint64_t most_in_a_word = 64;
    const auto packed = value_of(elf->getELFFile().relrs(section));
    if (packed && effort.spend(packed->size() * most_in_a_word))
      for (const auto &relocation : elf->getELFFile().decode_relrs(*packed))
        image.pointers[relocation.r_offset] = image.number(relocation.r_offset, image.pointer_size()).value_or(0);
  }
}

// LLVM looks for its entries wherever a program header says.
template <class File> bool is_dynamic_part_inside(const llvm::object::ELFFile<File> &elf) {
  const std::uint64_t size = elf.getBufSize();
  const auto headers = value_of(elf.program_headers());
  return headers && std::ranges::all_of(*headers, [&](const auto &header) {
           return header.p_type != llvm::ELF::PT_DYNAMIC ||
                  (header.p_offset <= size && header.p_filesz <= size - header.p_offset);
         });
}

// False where the file is damaged.
template <class File> bool read_needed(const ObjectFile &object, Image &image) {
  const auto *elf = llvm::dyn_cast<File>(&object);
  if (!elf)
    return true;
  if (!is_dynamic_part_inside(elf->getELFFile()))
    return false;
  const auto entries = value_of(elf->getELFFile().dynamicEntries());
  std::uint64_t strings = 0;
  for (const auto &entry : entries ? *entries : decltype(*entries){})
    if (entry.d_tag == llvm::ELF::DT_STRTAB)
      strings = entry.d_un.d_ptr;
  for (const auto &entry : entries ? *entries : decltype(*entries){})
    if (entry.d_tag == llvm::ELF::DT_NEEDED)
      if (const auto name = image.text(strings + entry.d_un.d_val))
        image.libraries.emplace_back(*name);
  return true;
}

// The type of relocations that add where the file is loaded. LLVM's own list lacks two machines.
std::uint32_t relative_type(std::uint16_t machine) {
  if (machine == llvm::ELF::EM_PPC)
    return llvm::ELF::R_PPC_RELATIVE;
  if (machine == llvm::ELF::EM_MIPS)
    return llvm::ELF::R_MIPS_REL32;
  return getELFRelativeRelocationType(machine);
}

// LLVM's dynamic_relocation_sections() looks for the end of .dynamic beyond the file's.
bool holds_dynamic_relocations(const ELFSectionRef &section) {
  const std::uint32_t type = section.getType();
  return (type == llvm::ELF::SHT_REL || type == llvm::ELF::SHT_RELA) && (section.getFlags() & llvm::ELF::SHF_ALLOC);
}

// Whether the table's entries have their size and lie in the file, and it has a table of symbols: LLVM's iterators believe it.
template <class File> bool is_whole_table(const ObjectFile &object, const SectionRef &section) {
  const auto *elf = llvm::dyn_cast<File>(&object);
  if (!elf)
    return false;
  const auto &header = *elf->getSection(section.getRawDataRefImpl());
  if (!value_of(elf->getELFFile().getSection(header.sh_link)))
    return false;
  return header.sh_type == llvm::ELF::SHT_RELA ? value_of(elf->getELFFile().relas(header)).has_value()
                                               : value_of(elf->getELFFile().rels(header)).has_value();
}

// False where the file is damaged.
bool read_elf(const ELFObjectFileBase &elf, Effort &effort, Image &image) {
  image.format = "ELF";
  read_parts(elf, image);
  read_elf_symbols(elf, effort, image);
  const std::uint32_t relative = relative_type(elf.getEMachine());
  for (const SectionRef &section : elf.sections()) {
    if (!holds_dynamic_relocations(section))
      continue;
    if (!is_whole_table<ELF64LEObjectFile>(elf, section) && !is_whole_table<ELF32LEObjectFile>(elf, section) &&
        !is_whole_table<ELF64BEObjectFile>(elf, section) && !is_whole_table<ELF32BEObjectFile>(elf, section))
      return false;
    for (const RelocationRef &relocation : section.relocations())
      if (effort.spend(1))
        read_elf_relocation(elf, relocation, relative, image);
  }
  read_packed<ELF64LEObjectFile>(elf, effort, image);
  read_packed<ELF32LEObjectFile>(elf, effort, image);
  return read_needed<ELF64LEObjectFile>(elf, image) && read_needed<ELF32LEObjectFile>(elf, image) &&
         read_needed<ELF64BEObjectFile>(elf, image) && read_needed<ELF32BEObjectFile>(elf, image);
}

// ---- Mach-O

// The name without the underscore that C's names have.
llvm::StringRef bare_name(llvm::StringRef name) { return (name.consume_front("_"), name); }

void read_mach_o_pointers(MachOObjectFile &mach_o, Effort &effort, Image &image) {
  llvm::Error error = llvm::Error::success();
  for (const MachOChainedFixupEntry &entry : mach_o.fixupTable(error)) {
    if (!effort.spend(1))
      break;
    if (entry.isRebase())
      image.pointers[entry.address()] = entry.pointerValue();
    else if (const llvm::StringRef name = bare_name(entry.symbolName()); is_wanted(view(name)))
      image.imports.emplace_back(name);
  }
  llvm::consumeError(std::move(error));
  llvm::Error rebases = llvm::Error::success();
  for (const MachORebaseEntry &entry : mach_o.rebaseTable(rebases))
    if (!effort.spend(1))
      break;
    else if (const auto target = image.number(entry.address(), image.pointer_size()))
      image.pointers[entry.address()] = *target;
  llvm::consumeError(std::move(rebases));
}

// Of the header in memory, which the addresses of exports count from.
std::uint64_t base_of(const MachOObjectFile &mach_o) {
  for (const auto &command : mach_o.load_commands())
    if (command.C.cmd == llvm::MachO::LC_SEGMENT_64) {
      const auto segment = mach_o.getSegment64LoadCommand(command);
      if (segment.fileoff == 0 && segment.filesize != 0)
        return segment.vmaddr;
    }
  return 0;
}

void read_mach_o(MachOObjectFile &mach_o, Effort &effort, Image &image) {
  image.format = "Mach-O";
  read_parts(mach_o, image);
  read_mach_o_pointers(mach_o, effort, image);
  for (const SymbolRef &symbol : mach_o.symbols()) {
    const auto name = value_of(symbol.getName());
    const auto flags = value_of(symbol.getFlags());
    if (!effort.spend_on(name))
      return;
    const llvm::StringRef bare = name ? bare_name(*name) : "";
    if (!flags || !is_wanted(view(bare)))
      continue;
    if (*flags & BasicSymbolRef::SF_Undefined)
      image.imports.emplace_back(bare);
    else if (*flags & BasicSymbolRef::SF_Exported)
      image.exports[bare.str()] = {value_of(symbol.getAddress()).value_or(0), 0};
  }
  llvm::Error error = llvm::Error::success();
  const std::uint64_t base = base_of(mach_o);
  for (const ExportEntry &entry : mach_o.exports(error)) {
    const llvm::StringRef name = entry.name();
    if (!effort.spend(16 + name.size() / 64))
      break;
    if (const llvm::StringRef bare = bare_name(name); is_wanted(view(bare)))
      image.exports.try_emplace(bare.str(), ImageExport{base + entry.address(), 0});
  }
  llvm::consumeError(std::move(error));
  for (const auto &command : mach_o.load_commands())
    if (command.C.cmd == llvm::MachO::LC_LOAD_DYLIB && command.C.cmdsize > sizeof(llvm::MachO::dylib_command)) {
      const auto dylib = mach_o.getDylibIDLoadCommand(command);
      if (dylib.dylib.name < command.C.cmdsize) {
        const std::string_view rest(command.Ptr + dylib.dylib.name, command.C.cmdsize - dylib.dylib.name);
        image.libraries.emplace_back(rest.substr(0, rest.find('\0')));
      }
    }
}

// ---- PE

// LLVM follows the table's address unasked.
bool has_symbols(const COFFObjectFile &pe, const ImportDirectoryEntryRef &directory) {
  const coff_import_directory_table_entry *table = nullptr;
  std::uintptr_t begin = 0;
  llvm::Error error = directory.getImportTableEntry(table);
  if (!error)
    error = pe.getRvaPtr(table->ImportAddressTableRVA, begin);
  const bool found = !error;
  llvm::consumeError(std::move(error));
  return found;
}

void read_pe_imports(const COFFObjectFile &pe, Effort &effort, Image &image) {
  for (const ImportDirectoryEntryRef &directory : pe.import_directories()) {
    llvm::StringRef library;
    if (llvm::Error error = directory.getName(library)) {
      llvm::consumeError(std::move(error));
      return;
    }
    image.libraries.emplace_back(library);
    if (!has_symbols(pe, directory))
      continue;
    for (const ImportedSymbolRef &symbol : directory.imported_symbols()) {
      llvm::StringRef name;
      if (llvm::Error error = symbol.getSymbolName(name))
        llvm::consumeError(std::move(error));
      if (!effort.spend(1 + name.size() / 64))
        return;
      if (is_wanted(view(name)))
        image.imports.emplace_back(name);
    }
  }
}

void read_pe_exports(const COFFObjectFile &pe, Effort &effort, Image &image) {
  const auto entries = pe.export_directories();
  std::uint64_t count = 0; // LLVM looks for each entry's name among all
  for (auto entry = entries.begin(); entry != entries.end() && effort.spend(32); ++entry)
    ++count;
  for (const ExportDirectoryEntryRef &entry : entries) {
    if (!effort.spend(1 + count / 16))
      return;
    llvm::StringRef name;
    std::uint32_t place = 0;
    if (llvm::Error error = llvm::joinErrors(entry.getSymbolName(name), entry.getExportRVA(place)))
      llvm::consumeError(std::move(error));
    else if (is_wanted(view(name)))
      image.exports[name.str()] = {pe.getImageBase() + place, 0};
  }
}

// Blocks of: the page's address, the block's size, and 2 bytes for each place in the page. LLVM's own reader believes the
// sizes.
void read_pe_pointers(const COFFObjectFile &pe, Effort &effort, Image &image) {
  const auto *table = pe.getDataDirectory(llvm::COFF::BASE_RELOCATION_TABLE);
  const std::uint64_t base = pe.getImageBase();
  std::uint64_t at = base + (table ? table->RelativeVirtualAddress : 0);
  const std::uint64_t end = at + (table ? table->Size : 0);
  while (at + 8 <= end) {
    const auto page = image.number(at, 4), size = image.number(at + 4, 4);
    if (!page || size.value_or(0) < 8)
      return;
    const std::uint64_t block_end = std::min(at + *size, end);
    for (at += 8; at + 2 <= block_end; at += 2) {
      const auto entry = image.number(at, 2);
      if (!entry || !effort.spend(1))
        return;
      const std::uint64_t place = base + *page + (*entry & 0xfff);
      if (*entry >> 12 == llvm::COFF::IMAGE_REL_BASED_ABSOLUTE) // fills a block up
        continue;
      if (const auto target = image.number(place, image.pointer_size()))
        image.pointers[place] = *target;
    }
    at = block_end;
  }
}

void read_pe(const COFFObjectFile &pe, Effort &effort, Image &image) {
  image.format = "PE";
  read_parts(pe, image);
  read_pe_imports(pe, effort, image);
  read_pe_exports(pe, effort, image);
  read_pe_pointers(pe, effort, image);
}

// ---- All

Result<Image> read_object(ObjectFile &object) {
  Image image;
  Effort effort;
  image.wide = object.getBytesInAddress() == 8;
  image.little_endian = object.isLittleEndian();
  image.machine = llvm::Triple::getArchTypeName(object.getArch()).str();
  bool whole = true;
  if (const auto *elf = llvm::dyn_cast<ELFObjectFileBase>(&object); elf && elf->getEType() == llvm::ELF::ET_DYN)
    whole = read_elf(*elf, effort, image);
  else if (auto *mach_o = llvm::dyn_cast<MachOObjectFile>(&object))
    read_mach_o(*mach_o, effort, image);
  else if (const auto *pe = llvm::dyn_cast<COFFObjectFile>(&object); pe && pe->getDOSHeader())
    read_pe(*pe, effort, image);
  else
    return fail("it is an object file, not a shared library");
  if (!whole)
    return fail("it is damaged: its relocations or its dynamic entries are not in it, or are of another size");
  if (effort.spent())
    return fail("it is damaged: its tables ask for more work than those of any real library");
  sort_unique(image.imports);
  return image;
}

} // namespace

const ImagePart *Image::part_at(std::uint64_t address) const {
  const auto next = std::ranges::upper_bound(parts, address, {}, &ImagePart::address);
  const ImagePart *part = next == parts.begin() ? nullptr : &*std::prev(next);
  return part && address - part->address < part->size ? part : nullptr;
}

std::optional<std::uint64_t> Image::number(std::uint64_t address, std::size_t size) const {
  const ImagePart *part = part_at(address);
  if (!part || size > part->size - (address - part->address))
    return std::nullopt;
  const std::uint64_t offset = address - part->address;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint64_t at = offset + (little_endian ? size - 1 - i : i);
    number = number << 8 | (at < part->bytes.size() ? static_cast<unsigned char>(part->bytes[at]) : 0u);
  }
  return number;
}

std::optional<std::string_view> Image::text(std::uint64_t address) const {
  constexpr std::size_t longest = 512;
  const ImagePart *part = part_at(address);
  if (!part || address - part->address >= part->bytes.size())
    return std::nullopt;
  const std::string_view rest = part->bytes.substr(address - part->address, longest);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, end));
}

bool Image::imports_any(std::span<const std::string_view> names) const {
  return std::ranges::any_of(names, [&](std::string_view name) { return std::ranges::binary_search(imports, name); });
}

bool Image::exports_any(std::span<const std::string_view> names) const {
  return std::ranges::any_of(names, [&](std::string_view name) { return exports.contains(name); });
}

Result<Image> read_image(std::string_view bytes) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(bytes.data(), bytes.size()), "");
  if (auto universal = value_of(MachOUniversalBinary::create(buffer))) {
    for (const auto &slice : (*universal)->objects())
      if (auto object = value_of(slice.getAsObjectFile()); object && (*object)->getBytesInAddress() == 8)
        return read_object(**object);
    return fail("it holds no 64-bit code");
  }
  auto object = ObjectFile::createObjectFile(buffer);
  if (!object)
    return fail("it is no shared library, or it is damaged: " + llvm::toString(object.takeError()));
  return read_object(**object);
}

} // namespace ringfence
