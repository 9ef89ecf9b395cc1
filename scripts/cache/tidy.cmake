# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/tidy.cmake: clang-tidy looks at each source when it is compiled, so a build after a change looks at
# those sources again that the change reaches. The code is not run, so it is not optimized.
set(CMAKE_CXX_COMPILER clang++-19 CACHE STRING "")
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS "-O0" CACHE STRING "")
set(CMAKE_CXX_CLANG_TIDY "clang-tidy-19;--quiet;--checks=-bugprone-suspicious-include" CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
set(TICKERTAPE_BENCH ON CACHE BOOL "")
include(${CMAKE_CURRENT_LIST_DIR}/unity.cmake)
