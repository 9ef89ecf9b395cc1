// SPDX-License-Identifier: MIT
/// \file
/// The flags of a spool.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tickertape/spool_options.hpp>

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::push {

struct SpoolFlags {
    std::string directory{};
    std::string name = "main";
    std::string most = "1GiB";
    std::string age = "7d";
    std::string sync = "1s";
    std::uint32_t rate = 0;
    std::string keep{};
};

void add_flags(CLI::App& command, SpoolFlags& flags);
/// Throws UsageError that names the flag.
[[nodiscard]] SpoolOptions spool_options(const SpoolFlags& flags, std::string target);
/// `500`, `64KiB`, `1GiB`, `2GB`: a number of bytes. Throws UsageError that names the flag.
[[nodiscard]] std::uint64_t size_of(std::string_view flag, std::string_view text);

} // namespace tickertape::cli::push
