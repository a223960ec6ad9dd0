#include "audit/code_references.h"

#include <algorithm>
#include <array>

namespace ringfence {
namespace {

constexpr std::uint64_t most_code = 4096;  // of one function
constexpr std::uint64_t guessed_size = 64; // where the file does not say how long it is

// What a slot of the global offset table points to.
std::optional<std::uint64_t> loaded(const Image &image, std::uint64_t place) {
  const auto pointer = image.pointers.find(place);
  return pointer == image.pointers.end() ? std::nullopt : std::optional(pointer->second);
}

// lea REG, [rip + offset]; mov REG, [rip + offset].
std::vector<std::uint64_t> named_on_x86(const Image &image, std::uint64_t begin, std::uint64_t size) {
  enum { lea = 0x8d, mov = 0x8b, length = 7 };
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t at = begin; at + length <= begin + size; ++at) {
    const std::uint64_t word = image.number(at, 4).value_or(0);
    const std::uint64_t prefix = word & 0xfb, code = word >> 8 & 0xff, operand = word >> 16 & 0xc7;
    if (prefix != 0x48 || (code != lea && code != mov) || operand != 5)
      continue;
    const auto offset = image.number(at + 3, 4);
    if (!offset)
      continue;
    const std::uint64_t target = at + length + static_cast<std::uint64_t>(static_cast<std::int32_t>(*offset));
    if (code == lea)
      addresses.push_back(target);
    else if (const auto pointer = loaded(image, target))
      addresses.push_back(*pointer);
  }
  return addresses;
}

// adrp REG, page; then add REG, REG, #offset or ldr REG, [REG, #offset].
std::vector<std::uint64_t> named_on_arm(const Image &image, std::uint64_t begin, std::uint64_t size) {
  std::array<std::uint64_t, 32> pages{};
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t at = begin; at + 4 <= begin + size; at += 4) {
    const std::uint64_t word = image.number(at, 4).value_or(0);
    const std::uint64_t page = pages[word >> 5 & 31], offset = word >> 10 & 0xfff;
    if ((word & 0x9f000000) == 0x90000000) {
      const std::uint64_t bits = (word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3);
      const std::uint64_t extended = bits & 0x100000 ? bits | ~std::uint64_t{0x1fffff} : bits;
      pages[word & 31] = (at & ~std::uint64_t{0xfff}) + (extended << 12);
    } else if ((word & 0xffc00000) == 0x91000000 && page) {
      addresses.push_back(page + offset);
    } else if ((word & 0xffc00000) == 0xf9400000 && page) {
      if (const auto pointer = loaded(image, page + offset * 8))
        addresses.push_back(*pointer);
    }
  }
  return addresses;
}

} // namespace

std::vector<std::uint64_t> addresses_named_by(const Image &image, const ImageExport &function) {
  const ImagePart *part = image.part_at(function.address);
  if (!part)
    return {};
  const std::uint64_t rest = part->size - (function.address - part->address);
  const std::uint64_t size = std::min({function.size ? function.size : guessed_size, most_code, rest});
  if (image.machine == "x86_64")
    return named_on_x86(image, function.address, size);
  if (image.machine == "aarch64")
    return named_on_arm(image, function.address, size);
  return {};
}

} // namespace ringfence
