# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/asan-unit.cmake: as asan.cmake, for the unit tests of .ci/run. With -O1 the compiler takes 2.5 times
# as long, and the tests themselves are quick: 15 s of processor time without sanitizers.
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS "-O0 -g1" CACHE STRING "")
set(TICKERTAPE_SANITIZE "address,undefined" CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
