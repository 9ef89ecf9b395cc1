# SPDX-License-Identifier: MIT

# Numbers have the same text on each processor. Where one has a fused multiply-add, as aarch64 does, GCC would fuse the operations
# of `a * b + c`, and round once instead of twice.
check_cxx_source_compiles("#ifndef __FP_FAST_FMA\n#error\n#endif\nint main() {}" TICKERTAPE_HAS_FMA)

# The common settings of all our targets. They are private to this build: projects that link the library do not get them.
function(tickertape_own_target target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE $<$<BOOL:${TICKERTAPE_HAS_FMA}>:-ffp-contract=off>)
    # There are no modules. Newer versions of CMake would scan each source for them.
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF CXX_SCAN_FOR_MODULES OFF)
    target_link_libraries(${target} PRIVATE
        $<BUILD_INTERFACE:tickertape_warnings> $<BUILD_INTERFACE:tickertape_sanitizers>
        $<BUILD_INTERFACE:tickertape_hardening>)
endfunction()

# One program from one file; it carries the name of the file. Further arguments are libraries.
function(tickertape_program source)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    tickertape_own_target(${name})
    target_link_libraries(${name} PRIVATE ${ARGN})
    # Our libraries name more shared libraries than most programs use. Programs depend only on those that they call, and contain
    # only used code, which saves 0.7 MB of a static C++ library.
    target_link_options(${name} PRIVATE LINKER:--as-needed LINKER:--gc-sections)
    add_dependencies(tickertape_programs ${name})
endfunction()
