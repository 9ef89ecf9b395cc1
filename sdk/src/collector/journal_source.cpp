// SPDX-License-Identifier: MIT
// The journal of systemd as a log. libsystemd is loaded only for this, so other collectors do not need it.
#include <dlfcn.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <tickertape/collector.hpp>

#include "base/concat.hpp"
#include "base/unique_fd.hpp"
#include "collector/log_source.hpp"

struct sd_journal; // NOLINT(*-identifier-naming): libsystemd's

namespace tickertape::collector {

namespace {

/// The functions of libsystemd that this file uses; see sd-journal(3). They return a negative errno on failure.
struct Library {
    int (*open)(sd_journal** journal, int flags) = nullptr;
    int (*open_directory)(sd_journal** journal, const char* path, int flags) = nullptr;
    void (*close)(sd_journal* journal) = nullptr;
    int (*add_match)(sd_journal* journal, const void* data, std::size_t size) = nullptr;
    int (*seek_tail)(sd_journal* journal) = nullptr;
    int (*previous)(sd_journal* journal) = nullptr;
    int (*next)(sd_journal* journal) = nullptr;
    int (*get_data)(sd_journal* journal, const char* field, const void** data, std::size_t* size) = nullptr;
    int (*get_fd)(sd_journal* journal) = nullptr;
    int (*process)(sd_journal* journal) = nullptr;
    int (*has_runtime_files)(sd_journal* journal) = nullptr;
    int (*has_persistent_files)(sd_journal* journal) = nullptr;

    Library() {
        void* const library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            throw CannotWork{
                "the journal is read through libsystemd, which is not installed here (Debian: libsystemd0)"};
        }
        const auto load = [library](auto& function, const char* name) {
            function =
                reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name)); // NOLINT(*-reinterpret-cast)
            if (function == nullptr) {
                throw CannotWork{base::concat("libsystemd has no ", name)};
            }
        };
        load(open, "sd_journal_open");
        load(open_directory, "sd_journal_open_directory");
        load(close, "sd_journal_close");
        load(add_match, "sd_journal_add_match");
        load(seek_tail, "sd_journal_seek_tail");
        load(previous, "sd_journal_previous");
        load(next, "sd_journal_next");
        load(get_data, "sd_journal_get_data");
        load(get_fd, "sd_journal_get_fd");
        load(process, "sd_journal_process");
        load(has_runtime_files, "sd_journal_has_runtime_files");
        load(has_persistent_files, "sd_journal_has_persistent_files");
    }
};

class JournalSource final : public LogSource {
public:
    JournalSource(std::string directory, std::string unit)
        : directory_{std::move(directory)}, unit_{std::move(unit)}, wake_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
        if (!unit_.empty() && unit_.find('.') == std::string::npos) {
            unit_.append(".service");
        }
    }
    ~JournalSource() override {
        if (journal_ != nullptr) {
            library_.close(journal_);
        }
    }

    void open() override {
        constexpr int local_only = 1;
        check(directory_.empty() ? library_.open(&journal_, local_only)
                                 : library_.open_directory(&journal_, directory_.c_str(), 0),
              "cannot open the journal");
        if (directory_.empty() && library_.has_runtime_files(journal_) <= 0 &&
            library_.has_persistent_files(journal_) <= 0) {
            throw CannotWork{"no journal can be read here; the group systemd-journal may read it"};
        }
        if (!unit_.empty()) {
            const std::string match = "_SYSTEMD_UNIT=" + unit_;
            check(library_.add_match(journal_, match.data(), match.size()), "cannot look for a unit in the journal");
        }
        check(library_.seek_tail(journal_), "cannot go to the end of the journal");
        check(library_.previous(journal_), "cannot read the journal");
        fd_ = library_.get_fd(journal_); // negative without inotify: then the journal is checked each second
    }

    bool read(const LogFollower::Take& take) override {
        constexpr int most_entries = 10'000; // at a time, so that a flood does not delay a stop
        library_.process(journal_);
        has_more_ = false;
        for (int entry = 0; entry < most_entries; ++entry) {
            const int found = library_.next(journal_);
            if (found <= 0) {
                problem_ = found == 0 ? "" : sentence(found, "cannot read the journal");
                return true;
            }
            constexpr std::string_view field = "MESSAGE=";
            const void* data = nullptr;
            std::size_t size = 0;
            if (library_.get_data(journal_, "MESSAGE", &data, &size) == 0 && size >= field.size()) {
                take(std::string_view{static_cast<const char*>(data), size}.substr(field.size()));
            }
        }
        has_more_ = true;
        return true;
    }

    [[nodiscard]] const std::string& problem() const noexcept override { return problem_; }

    bool wait(const std::stop_token& stop) override {
        const std::stop_callback wake_up{stop, [this] {
                                             const std::uint64_t one = 1;
                                             [[maybe_unused]] const ssize_t written =
                                                 ::write(wake_.get(), &one, sizeof one);
                                         }};
        std::array<pollfd, 2> watched{{{fd_, POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
        poll(watched.data(), watched.size(), has_more_ ? 0 : 1000);
        return !stop.stop_requested();
    }

private:
    static std::string sentence(int result, const char* what) {
        return std::system_error{-result, std::generic_category(), what}.what();
    }
    static void check(int result, const char* what) {
        if (result < 0) {
            throw std::system_error{-result, std::generic_category(), what};
        }
    }

    Library library_;
    std::string directory_;
    std::string unit_;
    std::string problem_;
    base::UniqueFd wake_;
    sd_journal* journal_ = nullptr;
    int fd_ = -1;
    bool has_more_ = false;
};

} // namespace

std::unique_ptr<LogSource> journal_source(std::string directory, std::string unit) {
    return std::make_unique<JournalSource>(std::move(directory), std::move(unit));
}

} // namespace tickertape::collector
