// The keys of a map, in its order.
#pragma once

#include <vector>

namespace ringfence {

template <class Map> std::vector<typename Map::key_type> keys_of(const Map &map) {
  std::vector<typename Map::key_type> keys;
  keys.reserve(map.size());
  for (const auto &[key, value] : map)
    keys.push_back(key);
  return keys;
}

} // namespace ringfence
