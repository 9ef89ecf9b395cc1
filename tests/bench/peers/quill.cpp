// SPDX-License-Identifier: MIT
// Beside quill.
#include <cstddef>
#include <cstdint>
#include <string>

#include <quill/Backend.h>
#include <quill/Frontend.h>
#include <quill/LogMacros.h>
#include <quill/Logger.h>
#include <quill/sinks/NullSink.h>

#include "beside.hpp"

namespace {

/// Room for the lines of a round, so that no queue grows while it is measured.
struct Options : quill::FrontendOptions {
    static constexpr std::size_t initial_queue_capacity = std::size_t{2} * 1024 * 1024;
};
using Frontend = quill::FrontendImpl<Options>;
using Logger = quill::LoggerImpl<Options>;

} // namespace

int main(int argc, char** argv) {
    return bench::measure_beside(argc, argv, [](bench::Beside& table) {
        quill::Backend::start();
        Logger* const logger =
            Frontend::create_or_get_logger("bench", Frontend::create_or_get_sink<quill::NullSink>("null"),
                                           quill::PatternFormatterOptions{"%(message)"});
        bench::queue(
            table,
            [logger](std::size_t thread) {
                auto push = [logger, site = std::to_string(thread), second = std::int64_t{1'700'000'000}]() mutable {
                    LOG_INFO(logger, "put {} {} {} site={} kind={}", "shop.orders", second++, 17, site, "web");
                };
                for (int i = 0; i < bench::calls_of_a_thread; ++i) { // touches the memory of the thread's queue
                    push();
                }
                logger->flush_log();
                return push;
            },
            [logger] { logger->flush_log(); },
            "quill copies the arguments of a line into a warm queue without a bound, and reads the processor's "
            "counter; "
            "`send_at` makes and finds the series, bounds the queue and counts the point.");
        quill::Backend::stop();
    });
}
