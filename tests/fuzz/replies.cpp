// SPDX-License-Identifier: MIT
// Promises for the replies of a TSD on a telnet connection, with any text: the replies do not depend on how the network splits
// the bytes, and none is longer than the limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "push/replies.hpp"
#include "require.hpp"

using namespace tickertape::push;
using fuzz::require;

namespace {

using Replies = std::vector<std::pair<ReplyKind, std::string>>;

/// In pieces of `piece` bytes.
Replies replies_in(std::string_view text, std::size_t piece) {
    Replies replies;
    ReplyReader reader;
    while (!text.empty()) {
        const std::string bytes{text.substr(0, piece)};
        text.remove_prefix(bytes.size());
        reader.feed(bytes, [&](ReplyKind kind, std::string_view line) { replies.emplace_back(kind, line); });
    }
    return replies;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size}; // NOLINT(*-reinterpret-cast)
    const Replies whole = replies_in(text, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {1U, 3U, 19U}) {
        require(replies_in(text, piece) == whole);
    }
    for (const auto& [kind, line] : whole) {
        require(!line.empty() && line.size() <= ReplyReader::longest && line.find('\n') == std::string::npos);
        require(!describe(kind).empty() && describe(kind) != "unknown");
        require(int{refuses_a_point(kind)} + int{is_transient(kind)} + int{refuses_all(kind)} <= 1);
    }
    return 0;
}
