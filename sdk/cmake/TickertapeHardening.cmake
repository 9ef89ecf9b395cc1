# SPDX-License-Identifier: MIT
# tickertape_hardening: ends a program at once after an overrun in our own code, so that nobody can use the overrun. It is linked
# privately, so users do not inherit it. It has a stack protector, checked calls of the C library (in optimised code, without
# sanitizers, which check the same calls), and jumps only to the beginnings of functions. Programs load at random addresses, and
# the addresses that the dynamic linker has bound cannot be overwritten.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

add_library(tickertape_hardening INTERFACE)
target_compile_options(tickertape_hardening INTERFACE -fstack-protector-strong)
check_cxx_compiler_flag(-fcf-protection TICKERTAPE_HAS_CF_PROTECTION) # x86 has it
if(TICKERTAPE_HAS_CF_PROTECTION)
    target_compile_options(tickertape_hardening INTERFACE -fcf-protection)
endif()
if(NOT TICKERTAPE_SANITIZE AND NOT TICKERTAPE_FUZZ)
    # Undefined first, because a distribution's compiler or flags may define it, too.
    target_compile_options(tickertape_hardening INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()
set(is_program $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
target_link_options(tickertape_hardening INTERFACE $<${is_program}:LINKER:-z,relro> $<${is_program}:LINKER:-z,now>)
# The compiler may make such code in any case, as Debian's do. Then our libraries are not compiled twice.
check_cxx_source_compiles("#ifndef __PIE__\n#error\n#endif\nint main() {}" TICKERTAPE_HAS_PIE)
if(TICKERTAPE_HAS_PIE)
    target_link_options(tickertape_hardening INTERFACE $<${is_program}:-pie>)
endif()
