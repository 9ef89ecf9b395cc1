// SPDX-License-Identifier: MIT
#include <tickertape/proc/net_tcp.hpp>

#include <algorithm>
#include <bit>
#include <optional>

#include <tickertape/proc/tokens.hpp>

#include "base/whole_number.hpp"

namespace tickertape::proc {

namespace {

constexpr std::array<std::uint8_t, 12> ipv4_in_ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <class Number>
bool from_hex(std::string_view text, Number& number) noexcept {
    const std::optional<Number> read = base::whole_number<Number>(text, 16);
    number = read.value_or(Number{});
    return read.has_value();
}

/// Reads four bytes that the kernel wrote as one number, in its byte order.
bool read_word(std::string_view digits, std::uint8_t* bytes) noexcept {
    std::uint32_t word = 0;
    if (!from_hex(digits, word)) {
        return false;
    }
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned shift = std::endian::native == std::endian::little ? 8 * i : 8 * (3 - i);
        bytes[i] = static_cast<std::uint8_t>(word >> shift); // NOLINT(*-pointer-arithmetic): four are there
    }
    return true;
}

TcpEndpoint endpoint(Tokens& tokens) {
    constexpr std::size_t word_digits = 8;
    const std::string_view word = tokens.next();
    const std::size_t colon = word.find(':');
    const std::string_view digits = word.substr(0, colon);
    TcpEndpoint end{};
    bool good = colon != std::string_view::npos && from_hex(word.substr(colon + 1), end.port);
    if (digits.size() == word_digits) {
        std::copy(ipv4_in_ipv6.begin(), ipv4_in_ipv6.end(), end.address.begin());
        good = good && read_word(digits, &end.address[ipv4_in_ipv6.size()]);
    } else if (digits.size() == 4 * word_digits) {
        for (std::size_t i = 0; i < 4; ++i) {
            good = good && read_word(digits.substr(i * word_digits, word_digits), &end.address[4 * i]);
        }
    } else {
        good = false;
    }
    if (!good) {
        tokens.refuse(word, "is not an address and a port");
    }
    return end;
}

} // namespace

bool TcpEndpoint::is_internal() const noexcept {
    const auto& a = address;
    if (std::equal(ipv4_in_ipv6.begin(), ipv4_in_ipv6.end(), a.begin())) {
        return a[12] == 0 || a[12] == 10 || a[12] == 127 || (a[12] == 172 && a[13] >= 16 && a[13] < 32) ||
               (a[12] == 192 && a[13] == 168) || (a[12] == 169 && a[13] == 254);
    }
    const bool none_or_loopback =
        std::all_of(a.begin(), a.end() - 1, [](std::uint8_t byte) { return byte == 0; }) && a[15] <= 1;
    const bool link_local = a[0] == 0xfe && (a[1] & 0xc0U) == 0x80;
    const bool unique_local = (a[0] & 0xfeU) == 0xfc;
    return none_or_loopback || link_local || unique_local;
}

std::size_t parse_net_tcp(std::string_view text, std::string_view file, const std::function<void(const TcpSocket&)>& f,
                          std::size_t first_line) {
    std::size_t lines = 0;
    for (; !text.empty(); ++lines) {
        Tokens tokens{next_line(text), file, first_line + lines};
        if (tokens.at_end()) {
            continue;
        }
        const std::string_view slot = tokens.next();
        if (slot == "sl") {
            continue;
        }
        if (!slot.ends_with(':')) {
            tokens.refuse(slot, "is not a number with a colon after it");
        }
        TcpSocket socket{};
        socket.local = endpoint(tokens);
        socket.remote = endpoint(tokens);
        if (const std::string_view state = tokens.next(); !from_hex(state, socket.state)) {
            tokens.refuse(state, "is not the number of a state");
        }
        for (int skipped = 0; skipped < 3; ++skipped) { // queues, timer, retransmits
            static_cast<void>(tokens.next());
        }
        socket.uid = tokens.number<unsigned>();
        f(socket);
    }
    return lines;
}

bool read_net_tcp(const Root& root, const char* name, std::string& buffer,
                  const std::function<void(const TcpSocket&)>& f) {
    const std::string_view file = root.path_of(name);
    std::size_t line = 1;
    const auto parse = [&](std::string_view text) { line += parse_net_tcp(text, file, f, line); };
    return root.read_socket_table(name, buffer, std::ref(parse));
}

std::optional<std::array<std::int64_t, tcp_states.size()>> count_tcp_states(const Root& root, const char* name,
                                                                            std::string& buffer) {
    std::array<std::int64_t, tcp_states.size()> count{};
    const bool there = read_net_tcp(root, name, buffer, [&](const TcpSocket& socket) {
        if (socket.state >= 1 && socket.state <= count.size()) {
            ++count[socket.state - 1];
        }
    });
    return there ? std::optional{count} : std::nullopt;
}

} // namespace tickertape::proc
