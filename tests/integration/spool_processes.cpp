// SPDX-License-Identifier: MIT
// Processes that push through a spool and are killed at any moment, while their target goes down and comes back.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using tickertape::testkit::FakeTsd;
using tickertape::testkit::Keep;

/// Memory in which a program makes notes before it is killed.
class Shared {
public:
    explicit Shared(const std::string& path) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(fd >= 0);
        REQUIRE(ftruncate(fd, sizeof(Numbers)) == 0);
        void* const memory = mmap(nullptr, sizeof(Numbers), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        ::close(fd);
        REQUIRE(memory != MAP_FAILED);
        numbers_ = static_cast<Numbers*>(memory);
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() { munmap(numbers_, sizeof(Numbers)); }
    [[nodiscard]] std::uint64_t begun() const { return numbers_->begun; }
    [[nodiscard]] std::uint64_t accepted() const { return numbers_->accepted; }
    /// Points in flight are not required.
    void skip_to_begun() { numbers_->accepted = numbers_->begun.load(); }

private:
    struct Numbers {
        std::atomic<std::uint64_t> begun;
        std::atomic<std::uint64_t> accepted;
    };
    Numbers* numbers_;
};

/// A TSD that notes its received points over all its lives.
class Target {
public:
    Target() = default;
    void up() { tsd_ = tsd_ ? std::move(tsd_) : make(port_); }
    void down() { tsd_ = nullptr; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] bool has(std::uint64_t number) const { return number < got_.size() && got_[number]; }
    [[nodiscard]] std::uint64_t highest() const { return got_.size(); }

private:
    std::unique_ptr<FakeTsd> make(std::uint16_t port) {
        return std::make_unique<FakeTsd>(tickertape::testkit::FakeTsdOptions{
            .port = port, .keep = Keep::counts, .on_line = [this](std::string_view line) { note(line); }});
    }
    void note(std::string_view line) { // put m TIME VALUE a=b
        const std::size_t begin = line.find(' ', line.find(' ', 6)) + 1;
        std::uint64_t number = 0;
        std::from_chars(line.data() + begin, line.data() + line.size(), number);
        const std::lock_guard lock{mutex_};
        if (number >= got_.size()) {
            got_.resize(number + 1);
        }
        got_[number] = true;
    }

    std::mutex mutex_;
    std::vector<bool> got_;
    std::uint16_t port_ = test::free_port();
    std::unique_ptr<FakeTsd> tsd_; // null while it is down
};

struct Mode {
    std::string sync;
    bool is_http;
    std::uint64_t max_bytes;
};

std::uint64_t dropped_of(const std::string& listed) {
    const std::size_t end = listed.find(" dropped by its caps");
    return end == std::string::npos ? 0 : std::stoull(listed.substr(listed.rfind(' ', end - 1) + 1));
}

std::string run(std::vector<std::string> arguments) {
    test::Process process{
        {.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape", .arguments = std::move(arguments)}};
    std::string out = process.out.read_to_end(120s);
    out += process.err.read_to_end(120s);
    REQUIRE(process.wait(60s) == test::exit_0);
    return out;
}

} // namespace

TEST_CASE(
    "all that was accepted reaches the target, or was dropped by a cap and counted, whenever processes are killed") {
    const Mode mode = GENERATE(Mode{"1s", false, 1U << 30U}, Mode{"batch", true, 1U << 30U},
                               Mode{"never", false, 1U << 30U}, Mode{"1s", true, 200'000});
    CAPTURE(mode.sync, mode.is_http, mode.max_bytes);
    const char* const given = std::getenv("TICKERTAPE_SPOOL_KILLS"); // more of them for a soak
    const int kills = given != nullptr ? std::atoi(given) : 20;
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const test::TemporaryDirectory directory;
    const std::string spool = directory.path() / "spool";
    const std::string file = directory.path() / "numbers";
    Shared shared{file};
    Target target;
    const std::string address = (mode.is_http ? "http://" : "") + target.address();
    std::vector<std::pair<std::uint64_t, std::uint64_t>> unsure; // begun, perhaps not accepted
    for (int i = 0; i < kills; ++i) {
        test::Process process{{.program = std::filesystem::path{TICKERTAPE_TEST_PROGRAM_DIR} / "spools",
                               .arguments = {spool, address, mode.sync, std::to_string(mode.max_bytes), file}}};
        if (i % 2 == 0) { // half of them are killed while they start
            target.up();
            const std::uint64_t before = shared.begun();
            for (const auto end = std::chrono::steady_clock::now() + 60s;
                 shared.begun() == before && std::chrono::steady_clock::now() < end;) {
                std::this_thread::sleep_for(100us);
            }
        }
        const bool flaps = test::once_in(random, 2);
        for (int part = 0; part < 3; ++part) {
            if (flaps || part == 0) {
                test::once_in(random, 2) ? target.up() : target.down();
            }
            std::this_thread::sleep_for(std::chrono::microseconds{test::up_to(random, 40'000)});
        }
        process.signal(SIGKILL);
        REQUIRE(process.wait(60s) == test::Ended{.signal = SIGKILL}); // it did not end by itself
        unsure.emplace_back(shared.accepted(), shared.begun());
        shared.skip_to_begun();
    }
    target.up();
    const std::string drained = run({"spool", spool, "--drain", address});
    CAPTURE(drained);
    const std::string listed = run({"spool", spool});
    CAPTURE(listed);
    CHECK(listed.find(": 0 points wait") != std::string::npos);
    CHECK(target.highest() <= shared.begun()); // no point is invented
    std::uint64_t missing = 0;
    for (std::uint64_t number = 0; number < shared.accepted(); ++number) {
        missing += target.has(number) ? 0 : 1;
    }
    for (const auto& [from, to] : unsure) {
        for (std::uint64_t number = from; number < to; ++number) {
            missing -= target.has(number) ? 0 : 1;
        }
    }
    CHECK(shared.begun() > 0);
    CHECK(missing <= dropped_of(listed));
    if (mode.max_bytes > 1'000'000) {
        CHECK(missing == 0);
    }
}
