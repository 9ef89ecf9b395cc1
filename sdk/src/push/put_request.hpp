// SPDX-License-Identifier: MIT
/// \file
/// The head of a request to /api/put, or to InfluxDB's /write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tickertape/credentials.hpp>
#include <tickertape/target.hpp>

#include "base/heap.hpp"

namespace tickertape::push {

/// The formats of points and answers.
enum class HttpDialect : std::uint8_t {
    opentsdb, ///< an array of objects to /api/put
    influx,   ///< lines to /write
};

struct PutRequestOptions {
    HttpDialect dialect = HttpDialect::opentsdb;
    bool sync = false; ///< opentsdb: `?sync&details`, else `?details`
    bool gzip = true;  ///< the body is
    Credentials credentials{};
};

/// Returns everything up to the length of the body: `POST … Content-Length: `. It is the same for all requests to a target.
[[nodiscard]] std::string put_request_head(const Target& target, const PutRequestOptions& options);
/// Returns the whole request for the version of a target, at the path beside its `/api/put`. Empty if its path has another end.
[[nodiscard]] std::string version_request(const Target& target, const Credentials& credentials);
/// Returns the bytes of a request.
[[nodiscard]] base::PageString put_request(std::string_view head, std::string_view body);

} // namespace tickertape::push
