// What an audit reads of a shared library of any platform (ELF, Mach-O, PE): its data with the pointers that the loader
// fills in, and the names that it takes and gives. Nothing is loaded or executed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringfence {

struct ImagePart {
  std::uint64_t address;
  std::string_view bytes; // of the file
  std::uint64_t size;     // when loaded: what lies behind the bytes is zero
};

struct ImageExport {
  std::uint64_t address = 0;
  std::uint64_t size = 0; // 0 where the file does not say
};

struct Image {
  std::string format;  // "ELF", "Mach-O", "PE"
  std::string machine; // "x86_64"
  bool wide = true;    // pointers have 8 bytes, else 4
  bool little_endian = true;
  std::vector<ImagePart> parts;                    // by address
  std::map<std::uint64_t, std::uint64_t> pointers; // where the loader writes an address inside of the file: which
  std::vector<std::string> imports;                // sorted, without the underscore of Mach-O
  std::map<std::string, ImageExport, std::less<>> exports;
  std::vector<std::string> libraries; // needed, in the file's order
  std::uint64_t writable_bytes = 0;   // data that a process may change, with what is zero at first

  std::size_t pointer_size() const { return wide ? 8 : 4; }
  // An unsigned number of 4 or 8 bytes; nothing where the address lies in no part.
  std::optional<std::uint64_t> number(std::uint64_t address, std::size_t size) const;
  // A text that ends with a zero, of at most 512 bytes.
  std::optional<std::string_view> text(std::uint64_t address) const;
  // The part that holds an address; NULL where there is none.
  const ImagePart *part_at(std::uint64_t address) const;
  bool imports_any(std::span<const std::string_view> names) const;
  bool exports_any(std::span<const std::string_view> names) const;
};

// `bytes` is the whole file and outlives the image. Of a universal Mach-O file the first 64-bit part is read.
Result<Image> read_image(std::string_view bytes);

} // namespace ringfence
