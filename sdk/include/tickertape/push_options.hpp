// SPDX-License-Identifier: MIT
/// \file
/// PushOptions: how points are pushed, whatever the protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include <tickertape/credentials.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/tls_layer.hpp>

namespace tickertape {

/// Options of TsdTelnet, TsdHttp and Influx. Those of another protocol are ignored, so that one object serves targets of any kind.
struct PushOptions {
    HostTag host_tag = HostTag::automatic();
    /// The most points in any second, what is sent again included; 0: no limit.
    std::uint32_t mps = 0;
    /// How long one `publish` waits for room. Negative, or 0 for telnet: UsageError.
    std::chrono::milliseconds patience{200};
    /// How long a request may take to be answered; for telnet, how long a connection may show no sign of life while an answer
    /// is due. 0 or less: UsageError.
    std::chrono::milliseconds answer_within{30'000};

    /// Telnet: send again what a receiver may have got when a connection died that could not tell. OpenTSDB and InfluxDB can
    /// tell; VictoriaMetrics cannot, and stores what comes twice as two samples.
    bool resend_unconfirmed = false;

    /// HTTP: ask for an answer when the storage has written the points (`?sync`), not when they have been parsed. Not set: where the
    /// target says at `/api/version` that it is an OpenTSDB, which without it acknowledges points that its storage then loses. It
    /// is asked once, for 2 s at most. Other servers ignore `sync`.
    std::optional<bool> sync{};

    /// HTTP and InfluxDB: the most requests that are under way at the same time, each over a connection of its own. 0, or more than
    /// 64: UsageError.
    std::uint32_t connections = 4;
    bool gzip = true;
    /// For InfluxDB the user and the password, as in `Credentials::user("me", password)`.
    Credentials credentials{};
    /// For targets of https and influxs; `tls()` of the library tickertape::tls makes it.
    push::TlsLayer tls{};

    /// InfluxDB, for a target that is given as a bare host name, which needs it; the database has to exist. UsageError beside a
    /// target that names a database.
    std::string database = {};
    /// InfluxDB, for a target that is given as a bare host name. 0: UsageError.
    std::uint16_t port = 8086;
};
static_assert(std::is_aggregate_v<PushOptions>);

} // namespace tickertape
