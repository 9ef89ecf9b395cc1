# SPDX-License-Identifier: MIT
# Writes the private header <build_version.hpp>: the version and, where git knows it, the commit.
#
# A new commit makes the next build configure again, but the header changes only when its text does, and only the source
# that includes it is compiled again.
# A tree that `git archive` made (a release tarball) names its commit in a file.
set(TICKERTAPE_COMMIT "")
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/commit.txt archived REGEX "^[0-9a-f]+$")
if(archived)
    string(SUBSTRING "${archived}" 0 12 TICKERTAPE_COMMIT)
endif()
find_package(Git QUIET)
if(GIT_FOUND)
    # git searches the parent folders, too. Without this check, a release tarball inside another repository would get the commit
    # of that repository.
    execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --show-prefix
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE prefix RESULT_VARIABLE failed
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(failed EQUAL 0 AND prefix STREQUAL "")
        execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 --verify HEAD
            WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE TICKERTAPE_COMMIT
            OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --git-path logs/HEAD
            WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE head_log
            OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        cmake_path(ABSOLUTE_PATH head_log BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
        if(EXISTS "${head_log}")
            set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${head_log}")
        endif()
    endif()
endif()

set(TICKERTAPE_VERSION_TEXT "${PROJECT_VERSION}")
if(TICKERTAPE_COMMIT)
    string(APPEND TICKERTAPE_VERSION_TEXT " (${TICKERTAPE_COMMIT})")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_version.hpp.in ${PROJECT_BINARY_DIR}/generated/build_version.hpp @ONLY)
