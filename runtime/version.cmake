# ringfence_version: the one place that has it is include/ringfence.h.
set(ringfence_header ${CMAKE_CURRENT_LIST_DIR}/include/ringfence.h)
file(STRINGS ${ringfence_header} ringfence_version REGEX "^#define RF_VERSION_(MAJOR|MINOR|PATCH) ")
list(TRANSFORM ringfence_version REPLACE "^#define RF_VERSION_[A-Z]+ " "")
list(JOIN ringfence_version "." ringfence_version)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ringfence_header})
