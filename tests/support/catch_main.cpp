// SPDX-License-Identifier: MIT
// The main function of the test programs for Catch2 version 2. Version 3 brings its own as a library.
#define CATCH_CONFIG_MAIN
#include <support/catch.hpp>
