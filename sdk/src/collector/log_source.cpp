// SPDX-License-Identifier: MIT
// Files and streams as sources of logs.
#include "collector/log_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "base/unique_fd.hpp"
#include "collector/follow_file.hpp"

namespace tickertape::collector {

namespace {

constexpr int look_again_after_ms = 1000;

class FileSource final : public LogSource {
public:
    explicit FileSource(std::filesystem::path path) : file_{std::move(path)} {}

    void open() override {
        file_.read([](std::string_view /*line*/) {});
    }
    bool read(const LogFollower::Take& take) override {
        file_.read(take);
        return true;
    }
    [[nodiscard]] const std::string& problem() const noexcept override { return file_.problem(); }
    bool wait(const std::stop_token& stop) override { return file_.wait(stop); }

private:
    FollowFile file_;
};

class StreamSource final : public LogSource {
public:
    explicit StreamSource(std::string path) : path_{std::move(path)}, wake_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}

    void open() override {
        if (path_ == "-") {
            fd_ = STDIN_FILENO;
            return;
        }
        fifo_ = base::UniqueFd{::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
        if (!fifo_.valid()) {
            throw std::system_error{errno, std::generic_category(), "cannot open " + path_};
        }
        fd_ = fifo_.get();
    }

    bool read(const LogFollower::Take& take) override {
        constexpr int most_chunks = 16;                  // at a time, so that a flood does not delay a stop
        std::array<char, std::size_t{64} * 1024> buffer; // NOLINT(*-member-init): read fills the bytes that are used
        for (int chunk = 0; chunk < most_chunks; ++chunk) {
            pollfd input{fd_, POLLIN, 0};
            if (poll(&input, 1, 0) == 0) {
                return true;
            }
            const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
            if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
                return true;
            }
            if (got < 0) {
                throw std::system_error{errno, std::generic_category(),
                                        path_ == "-" ? "cannot read standard input" : "cannot read " + path_};
            }
            if (got == 0 && path_ != "-") { // all writers are gone; others may come
                lines_.finish(take);
                has_ended_ = true;
                return true;
            }
            if (got == 0) {
                lines_.finish(take);
                return false;
            }
            has_ended_ = false;
            lines_.feed({buffer.data(), static_cast<std::size_t>(got)}, take);
        }
        return true;
    }

    [[nodiscard]] const std::string& problem() const noexcept override { return none_; }

    bool wait(const std::stop_token& stop) override {
        const std::stop_callback wake_up{stop, [this] {
                                             const std::uint64_t one = 1;
                                             [[maybe_unused]] const ssize_t written =
                                                 ::write(wake_.get(), &one, sizeof one);
                                         }};
        // poll reports a FIFO without writers as ended all the time.
        std::array<pollfd, 2> watched{{{has_ended_ ? -1 : fd_, POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
        poll(watched.data(), watched.size(), has_ended_ ? look_again_after_ms : -1);
        return !stop.stop_requested();
    }

private:
    std::string path_;
    std::string none_;
    base::UniqueFd wake_;
    base::UniqueFd fifo_;
    int fd_ = -1;
    bool has_ended_ = false;
    LineCutter lines_;
};

} // namespace

std::unique_ptr<LogSource> file_source(std::filesystem::path path) {
    return std::make_unique<FileSource>(std::move(path));
}

std::unique_ptr<LogSource> stream_source(std::string path) { return std::make_unique<StreamSource>(std::move(path)); }

} // namespace tickertape::collector
