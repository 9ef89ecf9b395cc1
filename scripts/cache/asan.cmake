# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/asan.cmake: AddressSanitizer and UndefinedBehaviorSanitizer, with assertions.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(TICKERTAPE_SANITIZE "address,undefined" CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
