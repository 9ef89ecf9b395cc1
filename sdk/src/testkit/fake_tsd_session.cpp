// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_session.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <base/threads.hpp>
#include <testkit/fake_tsd_http.hpp>
#include <testkit/fake_tsd_telnet.hpp>

namespace tickertape::testkit {

namespace {

constexpr std::size_t read_size = std::size_t{256} * 1024;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

} // namespace

Session::Session(Common& common, base::UniqueFd socket)
    : common_{common}, socket_{std::move(socket)}, wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      number_{common.ledger.connected()},
      conversation_{.common = common, .faults = common.faults.get(), .batch = common.ledger.batch()},
      thread_{base::make_quiet_thread("fake tsd peer", [this] { run(); })} {}

Session::~Session() {
    stopping_ = true;
    wake();
    thread_.join();
}

void Session::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one); // a full counter also wakes
}

void Session::clear_wake() const {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t size =
        ::read(wake_.get(), &ignored, sizeof ignored); // an empty counter means not awake
}

void Session::break_now(Break how) {
    asked_ = how;
    wake();
}

void Session::run() {
    // In this order: a later wake-up finds the descriptor empty, and so ends the next wait of the step.
    do {
        clear_wake();
    } while (!stopping_ && step());
    common_.ledger.enter(number_, conversation_.batch);
    socket_ = base::UniqueFd{};
    common_.ledger.disconnected();
    done_.store(true, std::memory_order_release);
}

bool Session::step() {
    look_at_faults();
    if (const Break asked = asked_.exchange(Break::nothing); asked == Break::reset || asked == Break::close) {
        return break_by(asked);
    }
    if (news_ && state_ != Break::stall && !converse()) {
        return false;
    }
    if (is_broken() && !break_by(conversation_.faults->breakage.how)) { // before any byte is read
        return false;
    }
    if (state_ == Break::stall) {
        wait(false, false);
        return true;
    }
    if (pending_begin_ < pending_.size() && !write()) {
        return false;
    }
    const bool unsent = pending_begin_ < pending_.size();
    const bool reads = !at_end_ && conversation_.end == Conversation::End::no;
    if (!unsent && !reads && state_ != Break::mute) {
        shutdown(socket_.get(), SHUT_WR);
        return false;
    }
    wait(reads, unsent);
    return !reads || read();
}

void Session::look_at_faults() {
    if (const std::uint64_t now = common_.faults.generation(); now != generation_) {
        generation_ = now;
        conversation_.faults = common_.faults.get();
        const auto& [how, lines, bytes, connections] = conversation_.faults->breakage;
        const bool at_once = lines == 0 && bytes == 0;
        conversation_.lines_left = how == Break::nothing || (lines == 0 && !at_once) ? always : lines;
        bytes_left_ = how == Break::nothing || (bytes == 0 && !at_once) ? always : bytes;
        state_ = Break::nothing;
        news_ = filled_ != 0 || at_end_;
    }
}

bool Session::is_broken() {
    if (conversation_.lines_left != 0 && bytes_left_ != 0) {
        return false;
    }
    conversation_.lines_left = always; // a break happens once
    bytes_left_ = always;
    return common_.faults.take_breakage(*conversation_.faults);
}

bool Session::break_by(Break how) {
    switch (how) {
    case Break::nothing: return true;
    case Break::reset: close_by_reset(); return false;
    case Break::close: return false;
    case Break::stall: state_ = how; return true;
    case Break::mute:
        state_ = how;
        pending_.clear();
        pending_begin_ = 0;
        return true;
    }
    return true;
}

bool Session::choose_protocol() {
    switch (protocol_of(unread(), common_.personality)) {
    case Spoken::telnet: protocol_ = make_telnet(common_.personality); return true;
    case Spoken::http: protocol_ = make_http(common_.personality); return true;
    case Spoken::unknown: break;
    }
    if (at_end_) { // only a byte or two came, so the protocol does not matter
        protocol_ = make_telnet(common_.personality);
    }
    return at_end_;
}

bool Session::converse() {
    news_ = false;
    if (!protocol_ && !choose_protocol()) {
        return true;
    }
    conversation_.may_drop = pending_begin_ < pending_.size();
    for (bool at_limit = true; at_limit && state_ != Break::stall;) {
        const auto taken = static_cast<std::ptrdiff_t>(protocol_->receive(unread(), conversation_));
        std::copy(buffer_.begin() + taken, buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
        filled_ -= static_cast<std::size_t>(taken);
        at_limit = conversation_.lines_left == 0;
        if (at_end_ && !at_limit) {
            protocol_->finish(unread(), conversation_);
            filled_ = 0;
        }
        // Counted before the answer is sent, so that a test that has the answer finds its points in the counts.
        common_.ledger.enter(number_, conversation_.batch);
        if (is_broken()) {
            const Break how = conversation_.faults->breakage.how;
            if (how != Break::stall) {
                conversation_.answers.clear();
            }
            if (!break_by(how)) {
                return false;
            }
        }
    }
    if (state_ == Break::mute) {
        conversation_.answers.clear();
        conversation_.end = Conversation::End::no;
    }
    if (conversation_.end == Conversation::End::reset) {
        close_by_reset();
        return false;
    }
    if (conversation_.end == Conversation::End::close_unsaid) {
        return false;
    }
    pending_ += conversation_.answers;
    conversation_.answers.clear();
    return true;
}

bool Session::read() {
    if (conversation_.faults->read_delay.count() > 0) {
        if (pause(conversation_.faults->read_delay) == Paused::woken) {
            return true;
        }
    }
    const std::size_t wanted = std::min<std::uint64_t>(read_size, bytes_left_);
    if (buffer_.size() < filled_ + wanted) {
        buffer_.resize(filled_ + wanted);
    }
    const ssize_t got = recv(socket_.get(), buffer_.data() + filled_, wanted, MSG_DONTWAIT);
    if (got < 0) {
        return would_block();
    }
    if (got == 0) {
        at_end_ = true;
    }
    const auto size = static_cast<std::size_t>(got);
    filled_ += size;
    conversation_.batch.counts.bytes += size;
    if (bytes_left_ != always) {
        bytes_left_ -= std::min<std::uint64_t>(size, bytes_left_);
    }
    news_ = true;
    return true;
}

bool Session::write() {
    const Faults& faults = *conversation_.faults;
    if (faults.answer_delay.count() > 0 && !delayed_) {
        delayed_ = true;
        pause(faults.answer_delay);
        return true;
    }
    const bool slowly = faults.byte_delay.count() > 0;
    const std::size_t size = slowly ? 1 : pending_.size() - pending_begin_;
    const ssize_t sent = send(socket_.get(), pending_.data() + pending_begin_, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return would_block();
    }
    pending_begin_ += static_cast<std::size_t>(sent);
    if (pending_begin_ == pending_.size()) {
        pending_.clear();
        pending_begin_ = 0;
        delayed_ = false;
    } else if (slowly) {
        pause(faults.byte_delay);
    }
    return true;
}

Session::Paused Session::pause(Duration time) const {
    pollfd woken{wake_.get(), POLLIN, 0};
    return poll(&woken, 1, static_cast<int>(time.count())) > 0 ? Paused::woken : Paused::in_full;
}

void Session::wait(bool for_input, bool for_output) const {
    const auto events = static_cast<short>((for_input ? POLLIN : 0) | (for_output ? POLLOUT : 0));
    // poll ignores a negative descriptor. Otherwise a peer that has hung up would end the wait at once.
    std::array<pollfd, 2> fds{{{wake_.get(), POLLIN, 0}, {events == 0 ? -1 : socket_.get(), events, 0}}};
    poll(fds.data(), fds.size(), -1);
}

void Session::close_by_reset() {
    const linger at_once{1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

} // namespace tickertape::testkit
