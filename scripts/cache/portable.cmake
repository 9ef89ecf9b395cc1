# SPDX-License-Identifier: MIT
# cmake -C scripts/cache/portable.cmake: programs that need only the C library and little memory. scripts/package packages them,
# and scripts/bench measures them.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(TICKERTAPE_TESTS OFF CACHE BOOL "")
set(TICKERTAPE_EXAMPLES OFF CACHE BOOL "")
set(ZLIB_USE_STATIC_LIBS ON CACHE BOOL "")
set(PCRE2_USE_STATIC_LIBS ON CACHE BOOL "")
set(OPENSSL_USE_STATIC_LIBS ON CACHE BOOL "")
# Everything is bound at the start. So neither the dynamic linker nor any symbol table is used afterwards, and the bound addresses
# cannot be overwritten. Relocations are packed: 0.1 MB of each program.
set(CMAKE_EXE_LINKER_FLAGS "-static-libstdc++ -static-libgcc -Wl,-z,now -Wl,-z,pack-relative-relocs" CACHE STRING "")
set(TICKERTAPE_PORTABLE ON CACHE BOOL "")
