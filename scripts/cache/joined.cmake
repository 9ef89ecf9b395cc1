# SPDX-License-Identifier: MIT
# Included by the builds of scripts/check. They compile about eight sources at once, which takes a third of the time, because most of it is
# spent on headers. A name that two of them use privately is an error; sdk/cmake/alone.txt has the sources that are compiled alone
# for that reason. scripts/test compiles each source by itself.
set(CMAKE_UNITY_BUILD ON CACHE BOOL "")
