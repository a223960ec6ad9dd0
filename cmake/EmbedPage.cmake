# cmake -DOUTPUT=FILE -DTEMPLATE=FILE -DSTYLE=FILE -DNOTICES=FILE -DLIBRARIES=FILES -DSCRIPTS=FILES -P EmbedPage.cmake:
# writes the C++ source that holds the HTML report's page, in two parts around the place of its data. The page's policy
# names the hash of its one style and of its two scripts, so that a browser runs nothing else.
cmake_minimum_required(VERSION 3.25) # older policies expand @names@ in strings

# A hash in base64, from its hexadecimal digits (SHA-256: 32 bytes, which leave one sign of padding).
function(base64_of_sha256 digits result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  foreach(group RANGE 0 60 6)
    string(SUBSTRING "${digits}00" ${group} 6 three_bytes)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${three_bytes} >> ${shift}) & 63")
      string(SUBSTRING ${alphabet} ${index} 1 sign)
      string(APPEND text ${sign})
    endforeach()
  endforeach()
  string(REGEX REPLACE ".$" "=" text "${text}")
  set(${result} "'sha256-${text}'" PARENT_SCOPE)
endfunction()

function(read_all files result)
  set(all "\n")
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(APPEND all "${text}\n")
  endforeach()
  # What would end the element, or be read in another way than it was hashed.
  string(TOLOWER "${all}" lower)
  if(lower MATCHES "</script|</style|<!--|\r")
    message(FATAL_ERROR "${files}: ${CMAKE_MATCH_0} cannot stand in a page")
  endif()
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

read_all("${STYLE}" style)
read_all("${LIBRARIES}" libraries)
read_all("${SCRIPTS}" script)
foreach(part style libraries script)
  string(SHA256 digits "${${part}}")
  base64_of_sha256(${digits} ${part}_hash)
endforeach()

file(READ "${TEMPLATE}" page)
string(REPLACE "@policy@" "default-src 'none'; base-uri 'none'; form-action 'none'; style-src ${style_hash}; script-src ${libraries_hash} ${script_hash}" page "${page}")
string(REPLACE "@style@" "${style}" page "${page}")
file(READ "${NOTICES}" notices)
string(REPLACE "@notices@" "${notices}" page "${page}")
string(REPLACE "@libraries@" "${libraries}" page "${page}")
string(REPLACE "@script@" "${script}" page "${page}")
string(FIND "${page}" "@data@" data)
string(SUBSTRING "${page}" 0 ${data} before)
math(EXPR data "${data} + 6")
string(SUBSTRING "${page}" ${data} -1 after)
file(WRITE ${OUTPUT} "// Generated from tool/report/formats/html/ by cmake/EmbedPage.cmake.
#include \"report/formats/html_page.h\"

namespace ringfence {

const std::string_view html_before_data = R\"ringfence(${before})ringfence\";
const std::string_view html_after_data = R\"ringfence(${after})ringfence\";

} // namespace ringfence
")
