// SPDX-License-Identifier: MIT
/// \file
/// Access for tests, which give outputs their own system calls.
#pragma once

#include <filesystem>
#include <utility>

#include <tickertape/json_lines.hpp>
#include <tickertape/put_lines.hpp>

#include "base/syscalls.hpp"

namespace tickertape::output {

struct PutLinesAccess {
    /// `syscalls` is borrowed for the life of the result.
    static PutLines make(const PutLinesOptions& options, base::Syscalls& syscalls) {
        return PutLines{options, syscalls};
    }
};

struct JsonLinesAccess {
    static JsonLines make(std::filesystem::path path, base::Syscalls& syscalls) {
        return JsonLines{std::move(path), syscalls};
    }
};

} // namespace tickertape::output
