// SPDX-License-Identifier: MIT
/// \file
/// Inputs: the files that are pushed, for one destination or several.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "cli/lines/line_input.hpp"
#include "cli/push/shared_input.hpp"

namespace tickertape::cli::push {

/// Opens files. Each destination reads a regular file by itself, at its own pace; a pipe is read once and shared.
///
/// Thread safety: `open` may be called from any thread.
class Inputs {
public:
    struct Opened {
        lines::LineInput input;
        std::shared_ptr<SharedInput> shared{}; ///< the source of `input`, if it is shared
    };

    Inputs(std::size_t destinations, std::stop_token stop) : destinations_{destinations}, stop_{std::move(stop)} {}

    /// `-` is standard input. An input that can be read only once is at its end when it is opened again. Throws std::system_error that
    /// names the file when it cannot be opened.
    [[nodiscard]] Opened open(const std::string& path, std::size_t destination);

private:
    std::size_t destinations_;
    std::stop_token stop_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<SharedInput>> shared_;
    std::set<std::pair<std::string, std::size_t>> opened_; // path and number of the destination
};

} // namespace tickertape::cli::push
