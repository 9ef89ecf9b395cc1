# SPDX-License-Identifier: MIT
# tickertape_hardening: what makes an overrun of our own code end it at once instead of being used. Linked privately, so that
# nobody inherits it: stack protector, checked calls of the C library (in optimised code, without sanitizers, which look at the
# same calls), jumps to nothing but the beginnings of functions. Programs load at random addresses, and what the dynamic
# linker has bound cannot be overwritten.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

add_library(tickertape_hardening INTERFACE)
target_compile_options(tickertape_hardening INTERFACE -fstack-protector-strong)
check_cxx_compiler_flag(-fcf-protection TICKERTAPE_HAS_CF_PROTECTION) # x86 has it
if(TICKERTAPE_HAS_CF_PROTECTION)
    target_compile_options(tickertape_hardening INTERFACE -fcf-protection)
endif()
if(NOT TICKERTAPE_SANITIZE AND NOT TICKERTAPE_FUZZ)
    # Undefined first: a distribution's compiler or its flags may define it, too.
    target_compile_options(tickertape_hardening INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()
set(is_program $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
target_link_options(tickertape_hardening INTERFACE $<${is_program}:LINKER:-z,relro> $<${is_program}:LINKER:-z,now>)
# Where the compiler makes such code anyhow, as Debian's do: our libraries are not to be compiled twice.
check_cxx_source_compiles("#ifndef __PIE__\n#error\n#endif\nint main() {}" TICKERTAPE_HAS_PIE)
if(TICKERTAPE_HAS_PIE)
    target_link_options(tickertape_hardening INTERFACE $<${is_program}:-pie>)
endif()
