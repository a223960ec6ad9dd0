# What `cmake --install` and the Debian package put where, besides the program and the runtime library.
#   cmake --install build/release --prefix /usr/local
#   cpack --config build/release/CPackConfig.cmake      a .deb; scripts/test-deb tries it on a clean system
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# The man page and the completions say what --help says.
set(cli_docs ${CMAKE_CURRENT_BINARY_DIR}/cli)
add_custom_command(
  OUTPUT ${cli_docs}/ringfence.1 ${cli_docs}/ringfence.bash ${cli_docs}/_ringfence ${cli_docs}/ringfence.fish
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/cli-docs $<TARGET_FILE:ringfence> ${cli_docs}
  DEPENDS ringfence ${PROJECT_SOURCE_DIR}/scripts/cli-docs
  COMMENT "Writing the man page and the completions"
  VERBATIM)
add_custom_target(cli_docs ALL DEPENDS ${cli_docs}/ringfence.1)

install(FILES ${cli_docs}/ringfence.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${cli_docs}/ringfence.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ringfence)
install(FILES ${cli_docs}/_ringfence DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${cli_docs}/ringfence.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES rules/report.schema.json rules/manifest.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/ringfence)
install(FILES README.md docs/rules.md docs/adopting.md docs/scale.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The program holds the libraries of the HTML page, whose licences ask for their notices.
file(READ LICENSE licence)
file(READ tool/report/formats/html/notices.txt notices)
file(CONFIGURE OUTPUT copyright CONTENT "${licence}\nThe HTML report:\n\n${notices}" @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The ringfence developers <ringfence@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds global state in CPython and C extension modules")
set(CPACK_PACKAGE_FILE_NAME ringfence)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Clang's own headers, without which no unit parses.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libclang-common-${LLVM_VERSION_MAJOR}-dev")
# Python's headers, for trees that are no CPython.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3-dev")
include(CPack)
