// SPDX-License-Identifier: MIT
/// \file
/// The answers of each personality to HTTP requests.
#pragma once

#include <string>
#include <string_view>

#include <testkit/fake_tsd_session.hpp>

namespace tickertape::testkit {

/// An answer, and whether the connection stays open.
struct HttpReply {
    unsigned status = 204;
    std::string body = {};
    std::string type = "text/plain; charset=utf-8";
    std::string headers = {}; ///< additional headers, each with its CRLF
    bool closes = false;
    bool unsaid = false; ///< with `closes`: the answer is not sent
};

/// Returns an error in OpenTSDB's form.
[[nodiscard]] HttpReply error_reply(unsigned status, std::string_view message, std::string_view details = {});
/// Returns an error in OpenTSDB's form outside of its API.
[[nodiscard]] HttpReply html_reply(unsigned status, std::string_view title, std::string_view head,
                                   std::string_view text);
/// Returns the answer to a path other than `/api/put`.
[[nodiscard]] HttpReply other_path(Personality personality, std::string_view path);
[[nodiscard]] HttpReply not_a_post(Personality personality, std::string_view method);
[[nodiscard]] HttpReply unreadable_gzip(Personality personality);

/// Reads the points of the request's body, adds them to the conversation's batch, and returns the answer.
[[nodiscard]] HttpReply answer_put(Personality personality, const HttpRequest& request, Conversation& conversation);

} // namespace tickertape::testkit
