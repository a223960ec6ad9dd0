#include "base/strict_json.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace ringfence {
namespace {

using Json = nlohmann::json;

std::string too_deep() { return "it nests more than " + std::to_string(deepest_json) + " levels deep"; }

// Counts levels, and stops where there are too many. nlohmann's reader of CBOR recurses.
class Depth final : public Json::json_sax_t {
public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(Json::number_integer_t) override { return true; }
  bool number_unsigned(Json::number_unsigned_t) override { return true; }
  bool number_float(Json::number_float_t, const std::string &) override { return true; }
  bool string(std::string &) override { return true; }
  bool binary(Json::binary_t &) override { return true; }
  bool key(std::string &) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= deepest_json; }
  bool start_array(std::size_t) override { return ++depth_ <= deepest_json; }
  bool end_object() override { return depth_-- > 0; }
  bool end_array() override { return depth_-- > 0; }
  bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override { return false; }

private:
  int depth_ = 0;
};

// "line 3, column 14", of the last character that was read.
std::string place_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : std::min(byte - 1, text.size()));
  const std::size_t start = before.rfind('\n') + 1; // 0 where there is none
  return "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) + ", column " +
         std::to_string(before.size() - start + 1);
}

} // namespace

Result<Json> parse_json(std::string_view text) {
  std::string wrong;
  std::vector<std::set<std::string>> keys; // of the objects that are open
  const auto watch = [&](int depth, Json::parse_event_t event, Json &value) {
    const bool starts = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (starts && depth >= deepest_json && wrong.empty())
      wrong = too_deep();
    if (!wrong.empty())
      return false;
    if (event == Json::parse_event_t::object_start)
      keys.emplace_back();
    else if (event == Json::parse_event_t::object_end)
      keys.pop_back();
    else if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      wrong = "the key " + value.dump(-1, ' ', true, Json::error_handler_t::replace) + " stands twice in one object";
    return wrong.empty();
  };
  Json json;
  try {
    json = Json::parse(text, watch);
  } catch (const Json::parse_error &error) {
    if (wrong.empty())
      wrong = "it is no valid JSON: see " + place_of(text, error.byte);
  } catch (const Json::exception &) { // a number that no type can hold
    wrong = "it is no JSON that can be read: a number is too large";
  }
  if (!wrong.empty())
    return fail(wrong);
  return json;
}

Result<Json> parse_cbor(std::string_view bytes) {
  Depth depth;
  if (!Json::sax_parse(bytes, &depth, Json::input_format_t::cbor))
    return fail("it is damaged");
  Json json = Json::from_cbor(bytes, true, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return fail("it is damaged");
  return json;
}

} // namespace ringfence
