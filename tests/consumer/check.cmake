# SPDX-License-Identifier: MIT
# What one does who wants to use Tickertape in a project of one's own. STEP is one of
#   install        BUILD, our build, into WORK/prefix
#   find_package   this folder's project, by CMake
#   pkg-config     the same programs, by the compiler alone
# COMPILER is the one BUILD was made with, and FLAGS (separated by blanks) what its sanitizers need.
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        list(JOIN ARGV " " command)
        message(FATAL_ERROR "${command}\nended with ${result}:\n${output}")
    endif()
endfunction()

function(expect program expected) # what `program` prints
    execute_process(COMMAND ${program} ${ARGN} OUTPUT_VARIABLE output RESULT_VARIABLE result)
    if(NOT result EQUAL 0 OR NOT output MATCHES "^${expected}\n$")
        message(FATAL_ERROR "${program} ended with ${result} and printed\n${output}instead of\n${expected}")
    endif()
endfunction()

function(expect_both folder)
    expect(${folder}/counts "shop.requests 1700000000 3")
    expect(${folder}/collects "put the.answer 1700000000 42 host=web01" --now 1700000000 --hostname web01 --once)
endfunction()

set(prefix ${WORK}/prefix)
if(STEP STREQUAL "install")
    file(REMOVE_RECURSE ${WORK})
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/elsewhere)
    file(RENAME ${WORK}/elsewhere ${prefix}) # an installed tree may be moved
    file(GLOB_RECURSE headers RELATIVE ${SOURCE}/sdk/include ${SOURCE}/sdk/include/*.hpp)
    file(GLOB_RECURSE installed RELATIVE ${prefix}/include ${prefix}/include/*)
    if(NOT headers STREQUAL installed)
        message(FATAL_ERROR "These headers are installed:\n${installed}\ninstead of these:\n${headers}")
    endif()
elseif(STEP STREQUAL "find_package")
    set(build ${WORK}/find_package)
    file(REMOVE_RECURSE ${build})
    run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${build} -G Ninja -D CMAKE_PREFIX_PATH=${prefix}
        -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_CXX_FLAGS=${FLAGS} -D CMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
    run(${CMAKE_COMMAND} --build ${build})
    expect_both(${build})
elseif(STEP STREQUAL "pkg-config")
    find_program(pkg_config pkg-config)
    if(NOT pkg_config)
        message(FATAL_ERROR "pkg-config is needed; install it with scripts/setup --tests.")
    endif()
    set(build ${WORK}/pkg-config)
    file(REMOVE_RECURSE ${build})
    file(MAKE_DIRECTORY ${build})
    file(GLOB_RECURSE pc ${prefix}/tickertape.pc)
    cmake_path(GET pc PARENT_PATH folder)
    separate_arguments(FLAGS)
    set(ENV{PKG_CONFIG_PATH} ${folder})
    foreach(pair IN ITEMS counts:tickertape-testkit collects:tickertape-collector)
        string(REPLACE ":" ";" pair ${pair})
        list(GET pair 0 program)
        list(GET pair 1 package)
        execute_process(COMMAND ${pkg_config} --cflags --libs ${package} OUTPUT_VARIABLE options COMMAND_ERROR_IS_FATAL ANY
            OUTPUT_STRIP_TRAILING_WHITESPACE)
        separate_arguments(options)
        run(${COMPILER} -std=c++20 ${FLAGS} ${CMAKE_CURRENT_LIST_DIR}/${program}.cpp -o ${build}/${program} ${options})
    endforeach()
    expect_both(${build})
else()
    message(FATAL_ERROR "There is no step '${STEP}'.")
endif()
