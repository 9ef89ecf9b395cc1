// SPDX-License-Identifier: MIT
#include "collector/ending.hpp"

#include <unistd.h>

#include <exception>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "collector/command_line.hpp"

namespace tickertape::collector {

Ending ending_of_current_exception() {
    try {
        throw;
    } catch (const UsageError& error) {
        return {Collector::ExitCode::usage, error.what()};
    } catch (const CannotWork& error) {
        return {Collector::ExitCode::cannot_work, error.what()};
    } catch (const std::exception& error) {
        return {Collector::ExitCode::failure, error.what()};
    } catch (...) {
        // Message: an unknown exception ended it
        // Cause: The collector threw something that is no std::exception. Exit code 1.
        // Remedy: Correct the collector.
        return {Collector::ExitCode::failure, "an unknown exception ended it"};
    }
}

void say(base::Level level, std::string_view name, std::string_view sentence) {
    if (!base::is_written(level)) {
        return;
    }
    const std::string line =
        base::concat(base::journal_prefix(level), name, ": ", on_one_line(std::string{sentence}), "\n");
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace tickertape::collector
