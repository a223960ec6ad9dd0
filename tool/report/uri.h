// Paths as URIs.
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

// RFC 3986: what is not unreserved or "/" is percent-encoded.
std::string uri_of(std::string_view path);

} // namespace ringfence
