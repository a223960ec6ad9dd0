// The page of the HTML report around its data. Defined in the source that cmake/EmbedPage.cmake generates from html/.
#pragma once

#include <string_view>

namespace ringfence {

extern const std::string_view html_before_data, html_after_data;

} // namespace ringfence
