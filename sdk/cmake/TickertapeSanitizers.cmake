# SPDX-License-Identifier: MIT
# tickertape_sanitizers: instruments everything that links it when TICKERTAPE_SANITIZE names sanitizers, else nothing.
add_library(tickertape_sanitizers INTERFACE)
if(TICKERTAPE_SANITIZE)
    # In a Debug build -O1 keeps the tests quick; frame pointers keep the reports' call stacks whole.
    target_compile_options(tickertape_sanitizers INTERFACE
        -fsanitize=${TICKERTAPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer $<$<CONFIG:Debug>:-O1>)
    # Instrumented code confuses GCC's search for uninitialized variables, as its manual says.
    target_compile_options(tickertape_sanitizers INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(tickertape_sanitizers INTERFACE -fsanitize=${TICKERTAPE_SANITIZE})
    if(TICKERTAPE_SANITIZE STREQUAL "thread")
        # ThreadSanitizer does not see fences, and GCC warns of them; Asio's mutexes order what its fences do.
        target_compile_definitions(tickertape_sanitizers INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
endif()
