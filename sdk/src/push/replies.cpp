// SPDX-License-Identifier: MIT
#include "push/replies.hpp"

#include <algorithm>
#include <array>

namespace tickertape::push {

namespace {

constexpr std::string_view influx_version = "InfluxDB TSDB proxy";

struct Beginning {
    std::string_view text;
    ReplyKind kind;
};

// The first match counts.
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
    Beginning{"AUTH_FAIL", ReplyKind::unauthorized}, // a server that demands a login reads the first line as a login
    Beginning{"AUTH_SUCCESS", ReplyKind::remark},
    Beginning{"put: ", ReplyKind::other},
    Beginning{"unknown command: ", ReplyKind::other},
};

/// Returns whether this is the first of the two lines of a version.
bool begins_version(std::string_view line) noexcept {
    return line.find(" built at revision ") != std::string_view::npos;
}

std::string_view without_return(std::string_view line) noexcept {
    return line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
}

ReplyKind kind_of(std::string_view line) {
    const auto found = std::find_if(beginnings.begin(), beginnings.end(),
                                    [line](const Beginning& b) { return line.starts_with(b.text); });
    return found != beginnings.end() ? found->kind : ReplyKind::not_a_tsd;
}

/// Returns whether more bytes could make this text a reply of a TSD.
bool may_become_a_reply(std::string_view begun) {
    const auto begins = [begun](std::string_view text) { return text.starts_with(begun) || begun.starts_with(text); };
    return begins(influx_version) || begins_version(begun) ||
           std::any_of(beginnings.begin(), beginnings.end(), [&](const Beginning& b) { return begins(b.text); });
}

struct Stranger {
    std::string_view begin;
    std::string_view name;
};

constexpr std::array strangers{
    Stranger{"HTTP/", "a web server"},         Stranger{"<", "a web server"},
    Stranger{"SSH-", "an SSH server"},         Stranger{"220 ", "a mail or file server"},
    Stranger{"500 ", "a mail or file server"}, Stranger{"-ERR", "a Redis"},
    Stranger{"ERROR", "a memcached"},          Stranger{"put ", "something that sends back what it gets"},
    Stranger{"\x15\x03", "a port with TLS"},   Stranger{"\x16\x03", "a port with TLS"},
};

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
    case ReplyKind::remark: return "remark";
    }
    return "unknown";
}

bool refuses_a_point(ReplyKind kind) noexcept {
    return kind == ReplyKind::illegal_argument || kind == ReplyKind::invalid_value ||
           kind == ReplyKind::unknown_metric || kind == ReplyKind::other;
}

bool is_transient(ReplyKind kind) noexcept {
    return kind == ReplyKind::throttled || kind == ReplyKind::storage || kind == ReplyKind::timed_out;
}

bool refuses_all(ReplyKind kind) noexcept {
    return kind == ReplyKind::unauthorized || kind == ReplyKind::read_only || kind == ReplyKind::not_a_tsd;
}

std::string_view stranger(std::string_view text) noexcept {
    constexpr std::string_view mysql_length{"\0\0\0",
                                            3}; // the length in its greeting; the byte after it is our end of line
    if (text.size() == mysql_length.size() + 1 && text.substr(1) == mysql_length) {
        return "a MySQL";
    }
    const auto* const found = std::find_if(strangers.begin(), strangers.end(),
                                           [text](const Stranger& known) { return text.starts_with(known.begin); });
    return found == strangers.end() ? std::string_view{} : found->name;
}

void ReplyReader::feed(std::string_view bytes, const Take& take) {
    while (!bytes.empty() && !is_foreign_) {
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
            if (begun_.size() >= longest) {
                this->end(take); // the line may have no end
            }
            return;
        }
        bytes.remove_prefix(end + 1);
        end_line(take);
    }
}

void ReplyReader::end(const Take& take) {
    if (!is_foreign_ && !version_begun_ && !begun_.empty() && !may_become_a_reply(begun_)) {
        is_foreign_ = true;
        take(ReplyKind::not_a_tsd, without_return(begun_));
    }
}

void ReplyReader::end_line(const Take& take) {
    const std::string_view line = without_return(begun_);
    const bool is_second_of_version = version_begun_ && line.starts_with("Built on ");
    const ReplyKind kind = kind_of(line);
    version_begun_ = kind == ReplyKind::not_a_tsd && begins_version(line);
    if (is_second_of_version) {
        take(ReplyKind::version, line);
    } else if (!version_begun_ && !line.empty()) {
        is_foreign_ = kind == ReplyKind::not_a_tsd;
        take(kind, line);
    }
    begun_.clear();
}

} // namespace tickertape::push
