// Catch's main, compiled once for all tests. Crash recovery in Clang needs the signals that Catch would take.
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
