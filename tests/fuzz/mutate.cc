#include "mutate.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/strict_json.h"
#include "base/text.h"

extern "C" std::size_t LLVMFuzzerMutate(unsigned char *data, std::size_t size, std::size_t room);

namespace ringfence::fuzz {
namespace {

using Json = nlohmann::ordered_json;
using Chance = std::minstd_rand;

// 0 to count - 1.
std::size_t draw(Chance &chance, std::size_t count) { return chance() % count; }

std::string mutated(std::string text) {
  const std::size_t size = text.size();
  text.resize(size + 8);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<unsigned char *>(text.data()), size, text.size()));
  return text;
}

void collect(Json &node, std::vector<Json *> &nodes) {
  nodes.push_back(&node);
  if (node.is_structured())
    for (Json &child : node)
      collect(child, nodes);
}

Json unusual(Chance &chance) {
  static const Json values[] = {nullptr, true,         -1,     0,          1ULL << 63,    1e300,
                                "",      "9999-99-99", "../x", "\x1b[31m", Json::array(), Json::object()};
  return values[draw(chance, std::size(values))];
}

// An element or member is doubled under a new key, dropped, or renamed.
void change_children(Json &node, Chance &chance) {
  const auto child = std::next(node.begin(), static_cast<std::ptrdiff_t>(draw(chance, node.size())));
  const std::size_t way = draw(chance, 3);
  if (way == 0) {
    node.erase(child);
  } else if (node.is_array()) {
    const Json copy = *child;
    node.push_back(copy);
  } else {
    Json copy = *child;
    const std::string name = mutated(child.key());
    if (way == 1)
      node.erase(child);
    node[name] = std::move(copy);
  }
}

void change(Json &document, Chance &chance) {
  std::vector<Json *> nodes;
  collect(document, nodes);
  Json &node = *nodes[draw(chance, nodes.size())];
  if (node.is_structured() && !node.empty() && draw(chance, 2) == 0)
    change_children(node, chance);
  else if (node.is_string() && draw(chance, 3) != 0)
    node = mutated(node.get<std::string>());
  else if (node.is_number_integer() && draw(chance, 3) != 0)
    node = node.get<long long>() + (draw(chance, 2) == 0 ? 1 : -1) * static_cast<long long>(draw(chance, 300));
  else if (draw(chance, 2) == 0)
    node = unusual(chance);
  else
    node = Json(*nodes[draw(chance, nodes.size())]); // a copy of a branch
}

std::string changed_json(std::string_view text, Chance &chance) {
  Json document = parse_json(text) ? Json::parse(text, nullptr, false) : Json(Json::value_t::discarded);
  if (document.is_discarded())
    return mutated(std::string(text));
  change(document, chance);
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

constexpr std::size_t facts_begin = 8, digest_size = 32; // "RFFACTS" and a version; the digest's digits

std::string changed_facts(std::string_view facts) {
  if (facts.size() < facts_begin + digest_size)
    return "";
  const std::string payload = mutated(std::string(facts.substr(facts_begin + digest_size)));
  return std::string(facts.substr(0, facts_begin)) + hash_hex(payload) + payload;
}

std::string changed_cbor(std::string_view bytes, Chance &chance) {
  Json document = parse_cbor(bytes) ? Json::from_cbor(bytes, true, false) : Json(Json::value_t::discarded);
  if (document.is_discarded())
    return mutated(std::string(bytes));
  change(document, chance);
  std::string changed;
  Json::to_cbor(document, changed);
  return changed;
}

// The blocks that are whole.
std::vector<std::string> blocks_of(std::string_view bytes) {
  std::vector<std::string> blocks;
  while (!bytes.empty()) {
    const std::size_t line = bytes.find('\n');
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), size);
    if (line == bytes.npos || error != std::errc() || end != bytes.data() + line || size > bytes.size() - line - 1)
      break;
    blocks.emplace_back(bytes.substr(line + 1, size));
    bytes.remove_prefix(line + 1 + size);
  }
  return blocks;
}

std::string changed_part(std::string_view part, Chance &chance) {
  const std::string_view magic = part.substr(0, part.find('\n') + 1);
  std::vector<std::string> blocks = blocks_of(part.substr(std::min(part.size(), magic.size() + digest_size + 1)));
  if (blocks.empty())
    return "";
  const std::size_t at = draw(chance, blocks.size()), way = draw(chance, 8);
  if (way == 0)
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(at));
  else if (way == 1)
    blocks.push_back(blocks[at]);
  else
    blocks[at] = at > 0 ? changed_facts(blocks[at]) : changed_cbor(blocks[at], chance);
  std::string content;
  for (const std::string &block : blocks)
    content += std::to_string(block.size()) + "\n" + block;
  return std::string(magic) + hash_hex(content) + "\n" + content;
}

std::string_view view(const unsigned char *data, std::size_t size) {
  return {reinterpret_cast<const char *>(data), size};
}

// The text where it fits, else the bytes mutated.
std::size_t put(const std::string &text, unsigned char *data, std::size_t size, std::size_t room) {
  if (text.empty() || text.size() > room)
    return LLVMFuzzerMutate(data, size, room);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}

} // namespace

std::size_t mutate_json(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  Chance chance(seed);
  return draw(chance, 4) == 0 ? LLVMFuzzerMutate(data, size, room)
                              : put(changed_json(view(data, size), chance), data, size, room);
}

std::size_t mutate_json_lines(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  Chance chance(seed);
  if (draw(chance, 4) == 0)
    return LLVMFuzzerMutate(data, size, room);
  std::vector<std::string> lines;
  for (const std::string_view line : split(view(data, size), '\n'))
    lines.emplace_back(line);
  const std::size_t at = draw(chance, lines.size());
  switch (draw(chance, 6)) {
  case 0:
    lines.insert(lines.begin(), lines[at]);
    break;
  case 1:
    std::swap(lines[at], lines[draw(chance, lines.size())]);
    break;
  case 2:
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
    break;
  default:
    lines[at] = changed_json(lines[at], chance);
  }
  return put(join(lines, "\n"), data, size, room);
}

std::size_t mutate_facts(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  Chance chance(seed);
  return draw(chance, 4) == 0 ? LLVMFuzzerMutate(data, size, room)
                              : put(changed_facts(view(data, size)), data, size, room);
}

std::size_t mutate_part(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  Chance chance(seed);
  return draw(chance, 4) == 0 ? LLVMFuzzerMutate(data, size, room)
                              : put(changed_part(view(data, size), chance), data, size, room);
}

} // namespace ringfence::fuzz
