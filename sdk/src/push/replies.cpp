// SPDX-License-Identifier: MIT
#include "push/replies.hpp"

#include <algorithm>
#include <array>

namespace tickertape::push {

namespace {

constexpr std::string_view influx_version = "InfluxDB TSDB proxy";
constexpr std::string_view http_begin = "HTTP/";

struct Beginning {
    std::string_view text;
    ReplyKind kind;
};

// The first that fits counts.
constexpr std::array beginnings{
    Beginning{"put: illegal argument: Unauthorized command", ReplyKind::unauthorized},
    Beginning{"put: illegal argument:", ReplyKind::illegal_argument},
    Beginning{"put: invalid value:", ReplyKind::invalid_value},
    Beginning{"put: unknown metric:", ReplyKind::unknown_metric},
    Beginning{"put: Throttling exception", ReplyKind::throttled},
    Beginning{"put: Please throttle writes", ReplyKind::throttled},
    Beginning{"put: HBase error", ReplyKind::storage},
    Beginning{"put: Storage exception", ReplyKind::storage},
    Beginning{"put: Request timed out", ReplyKind::timed_out},
    Beginning{"unknown command: put.", ReplyKind::read_only},
    Beginning{"unknown command: version.", ReplyKind::version},
    Beginning{"AUTH_FAIL", ReplyKind::unauthorized}, // where logins are demanded, the first line is taken for one
    Beginning{http_begin, ReplyKind::not_a_tsd},
};

ReplyKind kind_of(std::string_view line) {
    const auto found = std::find_if(beginnings.begin(), beginnings.end(),
                                    [line](const Beginning& b) { return line.starts_with(b.text); });
    return found != beginnings.end() ? found->kind : ReplyKind::other;
}

} // namespace

std::string_view describe(ReplyKind kind) noexcept {
    switch (kind) {
    case ReplyKind::version: return "version";
    case ReplyKind::illegal_argument: return "illegal_argument";
    case ReplyKind::invalid_value: return "invalid_value";
    case ReplyKind::unknown_metric: return "unknown_metric";
    case ReplyKind::unauthorized: return "unauthorized";
    case ReplyKind::read_only: return "read_only";
    case ReplyKind::throttled: return "throttled";
    case ReplyKind::storage: return "storage";
    case ReplyKind::timed_out: return "timed_out";
    case ReplyKind::not_a_tsd: return "not_a_tsd";
    case ReplyKind::other: return "other";
    }
    return "unknown";
}

bool refuses_a_point(ReplyKind kind) noexcept {
    return kind == ReplyKind::illegal_argument || kind == ReplyKind::invalid_value || kind == ReplyKind::unknown_metric;
}

bool is_transient(ReplyKind kind) noexcept {
    return kind == ReplyKind::throttled || kind == ReplyKind::storage || kind == ReplyKind::timed_out;
}

bool refuses_all(ReplyKind kind) noexcept {
    return kind == ReplyKind::unauthorized || kind == ReplyKind::read_only || kind == ReplyKind::not_a_tsd;
}

void ReplyReader::feed(std::string_view bytes, const Take& take) {
    while (!bytes.empty() && !is_http_) {
        const std::size_t end = bytes.find('\n');
        std::string_view part = bytes.substr(0, end);
        while (!part.empty() && begun_.size() < longest) {
            const std::size_t fits = std::min(part.size(), longest - begun_.size());
            begun_.append(part.substr(0, fits));
            part.remove_prefix(fits);
            std::size_t done = 0;
            while (std::string_view{begun_}.substr(done).starts_with(influx_version)) {
                done += influx_version.size();
                take(ReplyKind::version, influx_version);
            }
            begun_.erase(0, done);
        }
        if (end == std::string_view::npos) {
            return;
        }
        bytes.remove_prefix(end + 1);
        end_line(take);
    }
}

void ReplyReader::end_line(const Take& take) {
    std::string_view line = begun_;
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    const bool is_second_of_version = version_begun_ && line.starts_with("Built on ");
    version_begun_ = kind_of(line) == ReplyKind::other && line.find(" built at revision ") != std::string_view::npos;
    if (is_second_of_version) {
        take(ReplyKind::version, line);
    } else if (!version_begun_ && !line.empty()) {
        const ReplyKind kind = kind_of(line);
        is_http_ = kind == ReplyKind::not_a_tsd;
        take(kind, line);
    }
    begun_.clear();
}

} // namespace tickertape::push
