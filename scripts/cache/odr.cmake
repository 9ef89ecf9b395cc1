# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/odr.cmake: a build whose linker sees the definitions of all types, and fails if two different ones
# have the same name. It merges the code but generates none, so the results cannot be run.
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(CMAKE_CXX_FLAGS "-O0 -flto" CACHE STRING "")
# The entry point: --gc-sections, with which programs are linked, begins there.
set(CMAKE_EXE_LINKER_FLAGS "-r -flinker-output=rel -Werror=odr -Wl,--entry=main" CACHE STRING "")
# A link like this accepts no shared libraries.
set(ZLIB_USE_STATIC_LIBS ON CACHE BOOL "")
set(PCRE2_USE_STATIC_LIBS ON CACHE BOOL "")
set(OPENSSL_USE_STATIC_LIBS ON CACHE BOOL "")
set(CMAKE_AR gcc-ar CACHE STRING "")
set(CMAKE_RANLIB gcc-ranlib CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
set(TICKERTAPE_ONLY_LINK ON CACHE BOOL "")
include(${CMAKE_CURRENT_LIST_DIR}/unity.cmake)
