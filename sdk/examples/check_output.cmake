# SPDX-License-Identifier: MIT
# Runs PROGRAM with FLAGS; fails unless it succeeds and its whole output matches the regular expression in the file EXPECTED.
cmake_minimum_required(VERSION 3.25)
separate_arguments(FLAGS)
execute_process(COMMAND ${PROGRAM} ${FLAGS} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
file(READ ${EXPECTED} expected)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${result}:\n${errors}")
endif()
if(NOT output MATCHES "^${expected}$")
    message(FATAL_ERROR "${PROGRAM} printed\n${output}\nbut expected was\n${expected}\nand on stderr stood\n${errors}")
endif()
message("${output}")
