# SPDX-License-Identifier: MIT
# tickertape_warnings: the warnings that our own sources must not cause. It is linked privately, so users do not inherit it.
# Warnings are errors only in our own build: a newer compiler must not break a project that embeds this one.
add_library(tickertape_warnings INTERFACE)
target_compile_options(tickertape_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    # In a unity build, these would warn about names of another source.
    $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
    $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
    $<$<BOOL:${PROJECT_IS_TOP_LEVEL}>:-Werror>)
