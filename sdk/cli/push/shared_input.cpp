// SPDX-License-Identifier: MIT
#include "cli/push/shared_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/threads.hpp"

namespace tickertape::cli::push {

namespace {

constexpr std::size_t most_waiting = std::size_t{8} << 20U; // bytes, for one reader
constexpr std::size_t longest_chunk = std::size_t{64} << 10U;
constexpr std::size_t longest_line = std::size_t{256} << 10U; // LineInput cuts it

std::uint64_t lines_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t cost_of(const std::string& chunk) { return sizeof(std::string) + chunk.capacity(); }

std::error_code last_error() { return {errno, std::generic_category()}; }

} // namespace

SharedInput::SharedInput(base::UniqueFd fd, std::size_t readers, std::stop_token stop)
    : fd_{std::move(fd)}, wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, stop_{std::move(stop)}, readers_(readers),
      buffer_(longest_chunk) {
    for (Reader& reader : readers_) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::system_error{last_error(), "cannot share the input"};
        }
        reader.read_end = base::UniqueFd{ends[0]};
        reader.write_end = base::UniqueFd{ends[1]};
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
    }
    if (!wake_.valid()) {
        throw std::system_error{last_error(), "cannot share the input"};
    }
    thread_ = base::make_quiet_thread("tt-input", [this] { run(); });
}

SharedInput::~SharedInput() {
    over_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
    thread_.join();
}

base::UniqueFd SharedInput::take_end(std::size_t reader) {
    const std::lock_guard lock{mutex_};
    return std::move(readers_.at(reader).read_end);
}

SharedInput::Missed SharedInput::missed_by(std::size_t reader, std::uint64_t lines) const {
    const std::lock_guard lock{mutex_};
    const Reader& its = readers_.at(reader);
    return {.queue_full = its.dropped, .unread = its.lines - its.dropped - std::min(lines, its.lines - its.dropped)};
}

void SharedInput::check() const {
    const std::lock_guard lock{mutex_};
    if (failure_) {
        throw std::system_error{failure_, "cannot read stdin"};
    }
}

void SharedInput::run() {
    const std::stop_callback wake_up{stop_, [this] {
                                         const std::uint64_t one = 1;
                                         [[maybe_unused]] const ssize_t written =
                                             ::write(wake_.get(), &one, sizeof one);
                                     }};
    while (wait()) {
        if (may_read_) {
            read_some();
        }
        at_end_ = at_end_ || stop_.stop_requested(); // the wait has consumed the wake-up of the stop
        has_ended_ = at_end_;
        const std::lock_guard lock{mutex_};
        for (Reader& reader : readers_) {
            write_some(reader);
        }
    }
}

/// Waits until there is something to read or to write. Returns false when all is done.
bool SharedInput::wait() {
    std::vector<pollfd> watched;
    {
        const std::lock_guard lock{mutex_};
        bool any = false;
        bool any_has_room = false;
        for (const Reader& reader : readers_) {
            any = any || reader.write_end.valid();
            any_has_room = any_has_room || (reader.write_end.valid() && reader.bytes < most_waiting);
            const bool waits = reader.write_end.valid() && !reader.queue.empty();
            // Without POLLOUT, poll still reports when its reader is gone.
            watched.push_back({reader.write_end.get(), static_cast<short>(waits ? POLLOUT : 0), 0});
        }
        if (!any || over_) {
            return false;
        }
        watched.push_back({at_end_ || !any_has_room ? -1 : fd_.get(), POLLIN, 0});
    }
    watched.push_back({wake_.get(), POLLIN, 0});
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
        end_input();
        return false;
    }
    if (watched.back().revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(wake_.get(), &count, sizeof count);
    }
    may_read_ = watched[watched.size() - 2].revents != 0;
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        if ((watched[i].revents & POLLERR) != 0) { // its reader is gone
            readers_[i].write_end = base::UniqueFd{};
        }
    }
    return true;
}

void SharedInput::read_some() {
    const ssize_t got = read(fd_.get(), buffer_.data(), buffer_.size());
    if (got < 0) {
        if (errno != EINTR && errno != EAGAIN) {
            end_input();
        }
        return;
    }
    at_end_ = got == 0;
    pending_.append(buffer_.data(), static_cast<std::size_t>(got));
    const std::size_t whole = at_end_ || pending_.size() > longest_line ? pending_.size() : pending_.rfind('\n') + 1;
    if (whole > 0) {
        pass_on(std::string_view{pending_}.substr(0, whole));
        pending_.erase(0, whole);
    }
}

void SharedInput::pass_on(std::string_view text) {
    const std::uint64_t lines = lines_in(text) + (at_end_ && text.back() != '\n' ? 1 : 0);
    const std::lock_guard lock{mutex_};
    for (Reader& reader : readers_) {
        if (!reader.write_end.valid()) {
            continue;
        }
        append(reader, text);
        reader.lines += lines;
        const std::size_t oldest = reader.written > 0 ? 1 : 0; // a chunk that is partly written is written to its end
        while (reader.bytes > most_waiting && reader.queue.size() > oldest + 1) {
            reader.bytes -= cost_of(reader.queue[oldest]);
            reader.dropped += lines_in(reader.queue[oldest]);
            reader.queue.erase(reader.queue.begin() + static_cast<std::ptrdiff_t>(oldest));
        }
    }
}

/// Appends to the last chunk while that is small: programs write single lines, and a chunk would take more memory than a line.
void SharedInput::append(Reader& reader, std::string_view text) {
    if (reader.queue.empty() || reader.queue.back().size() >= longest_chunk) {
        reader.bytes += cost_of(reader.queue.emplace_back());
    }
    std::string& chunk = reader.queue.back();
    reader.bytes -= cost_of(chunk);
    chunk.append(text);
    reader.bytes += cost_of(chunk);
}

void SharedInput::write_some(Reader& reader) const {
    while (reader.write_end.valid() && !reader.queue.empty()) {
        const std::string& front = reader.queue.front();
        const ssize_t written =
            ::write(reader.write_end.get(), front.data() + reader.written, front.size() - reader.written);
        if (written < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (written < 0) {
            reader.write_end = base::UniqueFd{};
            return;
        }
        reader.written += static_cast<std::size_t>(written);
        if (reader.written == front.size()) {
            reader.bytes -= cost_of(front);
            reader.written = 0;
            reader.queue.pop_front();
        }
    }
    if (at_end_) {
        reader.write_end = base::UniqueFd{};
    }
}

void SharedInput::end_input() noexcept {
    const std::lock_guard lock{mutex_};
    failure_ = last_error();
    at_end_ = true;
}

} // namespace tickertape::cli::push
