# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/arm64.cmake: cross-built for Linux on aarch64, tests run by qemu. scripts/check arm64 uses it.
# scripts/setup --arm64 installs the compiler and qemu, and scripts/arm64-root fetches the libraries.
set(CMAKE_SYSTEM_NAME Linux CACHE STRING "")
set(CMAKE_SYSTEM_PROCESSOR aarch64 CACHE STRING "")
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++ CACHE STRING "")
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64;-L;/usr/aarch64-linux-gnu" CACHE STRING "")
# Libraries and headers are those of Debian's arm64 packages, never this machine's; programs are this machine's.
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu CACHE STRING "")
cmake_path(SET root NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../build/arm64-root")
set(CMAKE_FIND_ROOT_PATH "${root}" CACHE STRING "")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER CACHE STRING "")
foreach(kind IN ITEMS LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY CACHE STRING "")
endforeach()
# Their shared libraries are not there. Some headers are in the folder of the architecture.
set(ZLIB_USE_STATIC_LIBS ON CACHE BOOL "")
set(PCRE2_USE_STATIC_LIBS ON CACHE BOOL "")
set(OPENSSL_USE_STATIC_LIBS ON CACHE BOOL "")
set(CMAKE_CXX_FLAGS "-O1 -isystem ${root}/usr/include/aarch64-linux-gnu" CACHE STRING "")
set(CMAKE_BUILD_TYPE None CACHE STRING "")
set(TICKERTAPE_TESTS ON CACHE BOOL "")
set(TICKERTAPE_ONLY_LINK ON CACHE BOOL "")
