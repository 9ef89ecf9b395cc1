# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/clang.cmake: Clang's warnings.
set(CMAKE_CXX_COMPILER clang++-19 CACHE STRING "")
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
set(TICKERTAPE_BENCH ON CACHE BOOL "")
include(${CMAKE_CURRENT_LIST_DIR}/unity.cmake)
