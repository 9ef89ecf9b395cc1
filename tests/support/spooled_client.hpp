// SPDX-License-Identifier: MIT
/// \file
/// Options of a TsdClient with a spool.
#pragma once

#include <chrono>

#include <tickertape/tsd_client.hpp>

#include "support/temporary_directory.hpp"

namespace test {

/// Returns options with a spool in this directory and without a host tag.
inline tickertape::TsdClientOptions spooled_in(const TemporaryDirectory& directory) {
    tickertape::TsdClientOptions options;
    options.host_tag = tickertape::HostTag::none();
    options.check_host = false;
    options.flush_interval = std::chrono::milliseconds{10};
    options.spool.directory = directory.path() / "spool";
    options.spool.program = "test";
    options.spool.min_free = 0;
    return options;
}

} // namespace test
