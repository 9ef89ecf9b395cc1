// SPDX-License-Identifier: MIT
/// \file
/// PushOptions: options of all transmitters that push, for any protocol.
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

/// Options of TsdTelnet, TsdHttp and Influx. A transmitter ignores the options of other protocols, so one object serves targets of any
/// kind.
struct PushOptions {
    HostTag host_tag = HostTag::automatic();
    /// The most points in any second, repeated points included; 0: no limit.
    std::uint32_t mps = 0;
    /// The longest time for which one `publish` waits for room. Negative, or 0 for telnet: UsageError.
    std::chrono::milliseconds patience{200};
    /// The longest time until a request is answered; for telnet, the longest silence of a connection while an answer
    /// is due. 0 or less: UsageError.
    std::chrono::milliseconds answer_within{30'000};

    /// Telnet: when a connection dies, send unanswered points again also to a receiver that cannot report which points it has read.
    /// OpenTSDB and InfluxDB can report that. VictoriaMetrics cannot, and stores a repeated point as two samples.
    bool resend_unconfirmed = false;

    /// HTTP: request an answer after the storage has written the points (`?sync`), not after they have been parsed. Not set: only if
    /// `/api/version` shows that the target is an OpenTSDB, because without `sync` OpenTSDB acknowledges points that its storage may lose.
    /// The sender asks once, for 2 s at most. Other servers ignore `sync`.
    std::optional<bool> sync{};

    /// HTTP and InfluxDB: the most requests under way at the same time, each over its own connection. 0, or more than
    /// 64: UsageError.
    std::uint32_t connections = 4;
    bool gzip = true;
    /// For InfluxDB the user and the password, as in `Credentials::user("me", password)`.
    Credentials credentials{};
    /// For targets of https and influxs; `tls()` of the library tickertape::tls makes it.
    push::TlsLayer tls{};

    /// InfluxDB: the database, if the target is a bare host name. The database must exist. UsageError together with a
    /// target that names a database.
    std::string database = {};
    /// InfluxDB: the port, if the target is a bare host name. 0: UsageError.
    std::uint16_t port = 8086;
};
static_assert(std::is_aggregate_v<PushOptions>);

} // namespace tickertape
