// SPDX-License-Identifier: MIT
/// \file
/// attempt: runs one part of a reading, whose failure does not affect the rest. need_kernel_file: ends a collector if a file is missing.
#pragma once

#include <string>
#include <system_error>

#include <tickertape/collector.hpp>
#include <tickertape/proc/root.hpp>
#include <tickertape/warn.hpp>

namespace tickertape {

/// Calls `read`. If `read` throws ParseError or std::system_error, only its own readings are missing: a rate-limited sentence goes to
/// stderr, and the next run tries again. Other exceptions pass through. Returns whether `read` succeeded.
template <class F>
bool attempt(F&& read) {
    try {
        static_cast<F&&>(read)();
        return true;
    } catch (const proc::ParseError& error) {
        warn(error.what());
    } catch (const std::system_error& error) {
        warn(error.what());
    }
    return false;
}

/// Throws CannotWork if there is no such file on this host.
inline void need_kernel_file(const proc::Root& root, const char* name) {
    if (!root.has(name)) {
        std::string sentence{"there is no "};
        throw CannotWork{sentence.append(root.path_of(name))};
    }
}

} // namespace tickertape
