#include "facts/part.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/strict_json.h"
#include "facts/codec.h"

namespace ringfence {
namespace {

using Json = nlohmann::json;

constexpr std::string_view part_magic = "ringfence-facts/3\n";
constexpr const char *not_facts = "not a file of facts of this version of ringfence: ringfence extract writes them";

std::string block(std::string_view bytes) { return std::to_string(bytes.size()) + "\n" + std::string(bytes); }

// Takes the next block; nothing where it is damaged.
std::optional<std::string_view> take_block(std::string_view &bytes) {
  const std::string_view digits = bytes.substr(0, bytes.find('\n'));
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), size);
  if (error != std::errc() || end != digits.end() || digits.size() == bytes.size() ||
      size > bytes.size() - digits.size() - 1)
    return std::nullopt;
  const std::string_view content = bytes.substr(digits.size() + 1, size);
  bytes.remove_prefix(digits.size() + 1 + size);
  return content;
}

// CBOR, because a path may hold any bytes.
std::string header_of(const Part &part) {
  std::string bytes;
  Json::to_cbor(Json{{"tool", part.tool_version},
                     {"tables", part.tables},
                     {"shard", part.shard},
                     {"shards", part.shards},
                     {"path", part.path},
                     {"exclude", part.exclude},
                     {"min_python", part.min_python},
                     {"notes", part.notes},
                     {"worlds", part.worlds},
                     {"uncovered", part.uncovered}},
                bytes);
  return bytes;
}

std::optional<Part> part_from_header(std::string_view bytes) try {
  const Json json = parse_cbor(bytes).value_or(Json());
  Part part;
  part.tool_version = json.at("tool");
  part.tables = json.at("tables");
  part.shard = json.at("shard");
  part.shards = json.at("shards");
  part.path = json.at("path");
  part.exclude = json.at("exclude").get<std::vector<std::string>>();
  part.min_python = json.at("min_python");
  part.notes = json.at("notes").get<std::vector<std::string>>();
  part.worlds = json.at("worlds").get<std::map<std::string, std::string>>();
  part.uncovered = json.at("uncovered").get<std::vector<std::string>>();
  return part.shard >= 1 && part.shard <= part.shards ? std::optional(std::move(part)) : std::nullopt;
} catch (const Json::exception &) {
  return std::nullopt;
}

std::string shard_name(const Part &part) { return std::to_string(part.shard) + "/" + std::to_string(part.shards); }

} // namespace

std::string to_bytes(const Part &part) {
  std::string blocks = block(header_of(part));
  for (const TuFacts &unit : part.units)
    blocks += block(encode(unit));
  return std::string(part_magic) + hash_hex(blocks) + "\n" + blocks;
}

Result<Part> part_from_bytes(std::string_view bytes) {
  if (!bytes.starts_with(part_magic))
    return fail(not_facts);
  bytes.remove_prefix(part_magic.size());
  const std::string_view digest = bytes.substr(0, bytes.find('\n'));
  bytes.remove_prefix(std::min(bytes.size(), digest.size() + 1));
  if (digest != hash_hex(bytes))
    return fail("the facts are damaged, or not all are here: extract them again");
  const auto header = take_block(bytes);
  std::optional<Part> part = header ? part_from_header(*header) : std::nullopt;
  if (!part)
    return fail(not_facts);
  while (!bytes.empty()) {
    const auto unit = take_block(bytes);
    Result<TuFacts> facts = unit ? decode(*unit) : fail("the facts are damaged");
    if (!facts)
      return fail(facts.error().message + ": extract them again");
    part->units.push_back(std::move(*facts));
  }
  return std::move(*part);
}

Result<Part> merge(std::vector<Part> parts) {
  if (parts.empty())
    return fail("no files of facts are given");
  std::sort(parts.begin(), parts.end(), [](const Part &a, const Part &b) { return a.shard < b.shard; });
  Part whole = std::move(parts.front());
  std::size_t expected = 1;
  for (std::size_t i = 0; i < parts.size(); ++i, ++expected) {
    Part &part = i == 0 ? whole : parts[i];
    if (part.shards != whole.shards || part.tool_version != whole.tool_version || part.tables != whole.tables)
      return fail("shard " + shard_name(part) + " is of another scan than shard " + shard_name(whole));
    if (part.shard < expected)
      return fail("shard " + shard_name(part) + " is given twice");
    if (part.shard > expected)
      return fail("shard " + std::to_string(expected) + "/" + std::to_string(whole.shards) + " is missing");
    whole.worlds.insert(part.worlds.begin(), part.worlds.end());
    if (i > 0)
      std::move(part.units.begin(), part.units.end(), std::back_inserter(whole.units));
  }
  if (expected <= whole.shards)
    return fail("shard " + std::to_string(expected) + "/" + std::to_string(whole.shards) + " is missing");
  whole.shard = whole.shards = 1;
  return whole;
}

} // namespace ringfence
