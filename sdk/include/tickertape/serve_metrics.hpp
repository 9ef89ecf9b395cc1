// SPDX-License-Identifier: MIT
/// \file
/// serve_metrics: the current values over HTTP, for a platform that fetches metrics.
#pragma once

#include <string_view>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// A transmitter that serves the current values at `http://LISTEN/metrics` in the text format 0.0.4 of Prometheus, which VictoriaMetrics
/// and others scrape, too:
///
///     autodump page{serve_metrics("127.0.0.1:9184")};   // all counters
///
/// A rate, and a counter of a Telemeter, is the total since the start: `shop.requests` becomes `shop_requests_total`. A stock or a gauge
/// is its last value. A distribution with `.buckets` is a histogram (`_bucket{le="0.1"}`, `_sum`, `_count`), one without them a
/// summary (`_sum`, `_count`), and so is a timer of a Telemeter; a quantile is a gauge, `shop_latency_p99`. Other points are untyped,
/// with their last value. Points that Dedup or PerSecond held back or merged are missing in totals: put neither before this transmitter.
///
/// A name has `_` for each `.`, `-` and `/`. If two names become equal, the second series is rejected with a message. At most 10,000 series;
/// points of further ones are rejected (Reason::over_limit). A series without points for five minutes, or for three times its timespan
/// or step, is removed; one of a Telemeter stays.
///
/// `listen` is an address with a port, `127.0.0.1:9184` or `[::1]:9184`. Everybody who reaches it can read the values, without TLS or a
/// password. Serves GET and HEAD, 16 connections at once, each for at most 10 s. Throws UsageError for another text, and
/// std::system_error if the address is taken.
///
/// Thread safety of the transmitter: publish may be called from any thread. It never waits for a reader.
[[nodiscard]] AnyTransmitter serve_metrics(std::string_view listen = "127.0.0.1:9184");

} // namespace tickertape
