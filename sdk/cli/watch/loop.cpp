// SPDX-License-Identifier: MIT
#include "cli/watch/loop.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>
#include <stop_token>
#include <system_error>
#include <vector>

#include <tickertape/stop.hpp>

#include "base/unique_fd.hpp"
#include "cli/terminal/keys.hpp"
#include "cli/terminal/screen.hpp"
#include "cli/terminal/screen_signals.hpp"
#include "cli/terminal/tee.hpp"
#include "cli/watch/session.hpp"
#include "collector/follow_file.hpp"

namespace tickertape::cli::watch {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t read_size = std::size_t{128} * 1024;
constexpr milliseconds between_pictures = 100ms;
constexpr milliseconds after_key = 20ms;      // so that typed keys show at once
constexpr milliseconds idle = 1s;             // the header shows how long the input has been silent
constexpr std::chrono::seconds last_bytes{3}; // how long stdout may take to accept the bytes that were read

constexpr short nobody_reads = POLLERR | POLLHUP | POLLNVAL; // POLLERR for a pipe, POLLHUP for a socket

/// Waits for input, keys, signals and stdout at the same time, so that none of them delays another.
class Loop {
public:
    explicit Loop(const LoopOptions& options)
        : options_{options}, style_{terminal::style_of_screen(options.ascii)}, session_{options.model, options.view},
          wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, buffer_(read_size) {
        if (options.file != "-") {
            // A blocking open of a FIFO would wait for a writer, and ignore keys and signals.
            owned_ = base::UniqueFd{open(options.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
            input_ = owned_.get();
        }
        if (input_ < 0 || !wake_.valid()) {
            throw std::system_error{errno, std::generic_category(), "cannot open " + options.file};
        }
        if (options.tee) {
            tee_.emplace();
        }
    }

    int run() {
        const std::stop_callback wake_up{Stop::process().token(), [this] {
                                             const std::uint64_t one = 1;
                                             [[maybe_unused]] const ssize_t written =
                                                 ::write(wake_.get(), &one, sizeof one);
                                         }};
        {
            terminal::Screen screen{options_.tee};
            screen_ = &screen;
            while (!is_over()) {
                draw();
                wait();
            }
        }
        screen_ = nullptr;
        return finish();
    }

private:
    [[nodiscard]] bool is_over() const {
        return quit_ || screen_->is_gone() || Stop::process().requested() || (tee_ && tee_->is_closed()) ||
               (has_ended_ && options_.exit_at_end && (!tee_ || tee_->is_empty()));
    }

    void draw() {
        const auto now = Clock::now();
        session_.set_time(now, std::chrono::system_clock::now());
        if (now >= next_picture_) {
            screen_->show(session_.frame(screen_->size(), style_));
            next_picture_ = now + idle;
            drawn_ = now;
        }
    }

    void wait() {
        const bool may_read = !has_ended_ && (!tee_ || tee_->is_empty());
        std::array<pollfd, 5> watched{{
            {may_read ? input_ : -1, POLLIN, 0},
            {screen_->fd(), static_cast<short>(screen_->is_under_way() ? POLLIN | POLLOUT : POLLIN), 0},
            {tee_ && !has_finished_ ? STDOUT_FILENO : -1, static_cast<short>(tee_ && !tee_->is_empty() ? POLLOUT : 0),
             0},
            {signals_.fd(), POLLIN, 0},
            {wake_.get(), POLLIN, 0},
        }};
        const auto until = std::min(next_picture_, keys_.due().value_or(next_picture_));
        const auto patience = std::chrono::ceil<milliseconds>(until - Clock::now());
        const int ready =
            poll(watched.data(), watched.size(), static_cast<int>(std::max<milliseconds::rep>(patience.count(), 0)));
        if (ready < 0 && errno != EINTR) {
            throw std::system_error{errno, std::generic_category(), "cannot wait for input"};
        }
        if (ready > 0 && watched[3].revents != 0) {
            take_signals();
        }
        take_keys(ready > 0 && (watched[1].revents & ~POLLOUT) != 0);
        if (ready <= 0) {
            return;
        }
        if ((watched[1].revents & POLLOUT) != 0) {
            screen_->write();
        }
        if (tee_ && watched[2].revents != 0) {
            pass_on(*tee_, (watched[2].revents & nobody_reads) != 0);
        }
        if (watched[0].revents != 0) {
            read();
        }
    }

    // A key that is due is reported even if input comes all the time.
    void take_keys(bool came) {
        const auto take = [this](terminal::Key key) { press(key); };
        if (came) {
            keys_.feed(screen_->read(), Clock::now(), take);
        }
        keys_.finish(Clock::now(), take);
    }

    void press(terminal::Key key) {
        const WatchSession::Request request = session_.press(key);
        quit_ = quit_ || request == WatchSession::Request::quit;
        if (request == WatchSession::Request::redraw) {
            screen_->enter();
        }
        next_picture_ = std::min(next_picture_, drawn_ + after_key);
    }

    void take_signals() {
        const terminal::ScreenSignals::Came came = signals_.take();
        if (came.stop) {
            screen_->leave();
            signals_.stop_process();
        }
        if (came.stop || came.continued) {
            screen_->enter();
        }
        if (came.resized) {
            screen_->redraw();
        }
        next_picture_ = {};
    }

    void pass_on(terminal::Tee& tee, bool is_broken) {
        if (is_broken) {
            tee.close();
        } else {
            tee.write();
            finish_output();
        }
    }

    void read() {
        const ssize_t got = ::read(input_, buffer_.data(), buffer_.size());
        if (got < 0) {
            if (errno != EINTR && errno != EAGAIN) {
                throw std::system_error{errno, std::generic_category(), "cannot read " + options_.file};
            }
            return;
        }
        const auto add = [this](std::string_view line) { session_.add(line); };
        if (got == 0) {
            cutter_.finish(add);
            session_.end_input();
            has_ended_ = true;
            finish_output();
        } else {
            std::string_view bytes{buffer_.data(), static_cast<std::size_t>(got)};
            if (is_last_line_) {
                bytes = bytes.substr(0, std::min(bytes.find('\n'), bytes.size() - 1) + 1);
            }
            if (tee_) {
                tee_->pass(bytes);
            }
            cutter_.feed(bytes, add);
        }
        next_picture_ = std::min(next_picture_, drawn_ + between_pictures);
    }

    // Lets the reader of stdout see the end, even while the picture stays.
    void finish_output() {
        if (tee_ && has_ended_ && tee_->is_empty() && !std::exchange(has_finished_, true)) {
            tee_->finish();
        }
    }

    /// Called after the terminal is restored. Passes on the bytes that were read, up to the end of a line, because half a value
    /// is another value. After a signal, it also passes on the last lines of the collector, which got the same signal.
    int finish() {
        const bool goes_on = tee_ && !quit_ && Stop::process().requested();
        if (tee_ && !goes_on && !has_ended_) {
            tee_->drop_begun_line();
            is_last_line_ = !tee_->is_at_line_end();
        }
        const auto deadline = Clock::now() + (goes_on || is_last_line_ ? terminal::Tee::after_stop : last_bytes);
        const auto reads_on = [&] { return !has_ended_ && (goes_on || !tee_->is_at_line_end()); };
        while (tee_ && !tee_->is_closed() && !has_finished_ && (!tee_->is_empty() || reads_on())) {
            const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
            if (left <= 0ms) {
                break;
            }
            std::array<pollfd, 2> watched{{{tee_->is_empty() && !has_ended_ ? input_ : -1, POLLIN, 0},
                                           {STDOUT_FILENO, static_cast<short>(tee_->is_empty() ? 0 : POLLOUT), 0}}};
            if (poll(watched.data(), watched.size(), static_cast<int>(left.count())) <= 0) {
                continue;
            }
            if (watched[1].revents != 0) {
                pass_on(*tee_, (watched[1].revents & nobody_reads) != 0);
            }
            if (watched[0].revents != 0) {
                read();
            }
        }
        if (tee_ && tee_->is_closed()) {
            std::fprintf(stderr, "tickertape: %s\n", std::string{describe(Stop::Reason::output_closed)}.c_str());
            return 1;
        }
        if (tee_ && !tee_->is_empty()) {
            // Message: standard output: it did not take all that was read: lines are missing there
            // Cause: The program behind --tee was too slow when the command was stopped.
            // Remedy: Check the program that reads.
            std::fputs("tickertape: standard output: it did not take all that was read: lines are missing there\n",
                       stderr);
            return 1;
        }
        if (tee_ && !has_ended_ && !tee_->is_at_line_end()) {
            // Message: standard output: the input ended within a line: only its beginning is there
            // Cause: The collector died within a line, or the command was stopped.
            // Remedy: Ignore the last line.
            std::fputs("tickertape: standard output: the input ended within a line: only its beginning is there\n",
                       stderr);
            return 1;
        }
        return 0;
    }

    const LoopOptions& options_;
    terminal::Style style_;
    WatchSession session_;
    terminal::ScreenSignals signals_; // constructed before `stop_`, which starts a thread
    Stop::OnSignals stop_{Stop::process(), Stop::SecondSignal::any};
    base::UniqueFd wake_;
    base::UniqueFd owned_;
    int input_ = STDIN_FILENO;
    std::vector<char> buffer_;
    collector::LineCutter cutter_;
    terminal::KeyReader keys_;
    std::optional<terminal::Tee> tee_;
    terminal::Screen* screen_ = nullptr;
    bool quit_ = false;
    bool has_ended_ = false;
    bool has_finished_ = false; // stdout is closed
    bool is_last_line_ = false; // stdout has the beginning of the last line
    Clock::time_point next_picture_{};
    Clock::time_point drawn_{};
};

} // namespace

int watch(const LoopOptions& options) { return Loop{options}.run(); }

} // namespace tickertape::cli::watch
