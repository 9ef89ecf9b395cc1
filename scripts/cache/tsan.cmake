# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/tsan.cmake: ThreadSanitizer, with assertions.
# If a program dies with "unexpected memory mapping", run it under `setarch --addr-no-randomize`, as scripts/check does.
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS "-O0 -g1" CACHE STRING "")
set(TICKERTAPE_SANITIZE "thread" CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
include(${CMAKE_CURRENT_LIST_DIR}/unity.cmake)
