# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/asan.cmake: AddressSanitizer and UndefinedBehaviorSanitizer, with assertions. With -O1 the compiler takes
# 2.5 times as long, and most tests wait more than they compute.
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS "-O0 -g1" CACHE STRING "")
set(TICKERTAPE_SANITIZE "address,undefined" CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
include(${CMAKE_CURRENT_LIST_DIR}/unity.cmake)
