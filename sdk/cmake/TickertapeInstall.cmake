# SPDX-License-Identifier: MIT
# cmake --install: component `dev`, the libraries with their headers, for find_package(tickertape) and for pkg-config.
# Component `collectors`, the programs, is in collectors/CMakeLists.txt.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(installed_libraries)
foreach(library IN ITEMS tickertape_sdk tickertape_tls tickertape_collector tickertape_testkit)
    if(TARGET ${library})
        list(APPEND installed_libraries ${library})
    endif()
endforeach()
if(NOT installed_libraries)
    return()
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tickertape)
install(TARGETS ${installed_libraries} EXPORT tickertape ARCHIVE COMPONENT dev)
install(DIRECTORY include/tickertape DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(EXPORT tickertape NAMESPACE tickertape:: FILE tickertapeTargets.cmake DESTINATION ${package_folder} COMPONENT dev)

set(package_config ${PROJECT_BINARY_DIR}/generated/tickertapeConfig.cmake)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tickertapeConfig.cmake.in ${package_config}
    INSTALL_DESTINATION ${package_folder})
# Before 1.0 each minor version may break its users.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/tickertapeConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${package_config} ${PROJECT_BINARY_DIR}/generated/tickertapeConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindPCRE2.cmake
    DESTINATION ${package_folder} COMPONENT dev)

# One for each library: tickertape.pc, tickertape-tls.pc, tickertape-testkit.pc, tickertape-collector.pc.
function(tickertape_pkg_config name library requires)
    if(TARGET ${library})
        file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
        configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/tickertape.pc.in ${PROJECT_BINARY_DIR}/generated/${name}.pc @ONLY)
        install(FILES ${PROJECT_BINARY_DIR}/generated/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
    endif()
endfunction()
tickertape_pkg_config(tickertape tickertape_sdk zlib)
tickertape_pkg_config(tickertape-tls tickertape_tls "tickertape openssl")
tickertape_pkg_config(tickertape-testkit tickertape_testkit "tickertape-collector zlib")
tickertape_pkg_config(tickertape-collector tickertape_collector "tickertape libpcre2-8")
