# SPDX-License-Identifier: MIT
# Included by the builds of scripts/check: each compiler call compiles about eight sources (CMake's unity builds), because most of
# its time is spent on headers. scripts/test compiles each source by itself.
set(CMAKE_UNITY_BUILD ON CACHE BOOL "")
