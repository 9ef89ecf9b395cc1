# SPDX-License-Identifier: MIT
# PCRE2::8BIT, PCRE2 for characters of 8 bits, named as in PCRE2's own package, which Debian does not ship. It is installed
# beside tickertapeConfig.cmake, too.
#   PCRE2_USE_STATIC_LIBS   look for the static library alone
find_path(PCRE2_INCLUDE_DIR pcre2.h)
if(PCRE2_USE_STATIC_LIBS)
    find_library(PCRE2_LIBRARY libpcre2-8.a)
else()
    find_library(PCRE2_LIBRARY pcre2-8)
endif()
mark_as_advanced(PCRE2_INCLUDE_DIR PCRE2_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PCRE2 REQUIRED_VARS PCRE2_LIBRARY PCRE2_INCLUDE_DIR)
if(PCRE2_FOUND AND NOT TARGET PCRE2::8BIT)
    add_library(PCRE2::8BIT UNKNOWN IMPORTED)
    set_target_properties(PCRE2::8BIT PROPERTIES IMPORTED_LOCATION "${PCRE2_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${PCRE2_INCLUDE_DIR}")
endif()
