// SPDX-License-Identifier: MIT
// Properties of every sequence of events: advancing, stalls, steps and sleeps of the clock, recording, suspending,
// clearing, counters that come and go, and transmitters that fail. Each trial has a separate seed. A failed trial prints its
// seed and its events.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/schedule.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using test::once_in;
using test::OriginClock;
using test::Random;
using test::seconds_text;
using test::up_to;
using tickertape::autodump;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::Point;
using tickertape::SteadyTime;
using tickertape::stock;
using tickertape::WallTime;

namespace {

template <class T>
const T& one_of(Random& random, const std::vector<T>& from) {
    return from[up_to(random, from.size() - 1)];
}

/// Stretches of steady time.
class Stretches {
public:
    void begin(SteadyTime at) { open_ = at; }
    void end(SteadyTime at) {
        if (open_) {
            all_.emplace_back(*open_, at);
            open_.reset();
        }
    }
    [[nodiscard]] bool is_open() const { return open_.has_value(); }
    [[nodiscard]] bool cover(SteadyTime from, SteadyTime to) const {
        return std::any_of(all_.begin(), all_.end(), [&](const auto& s) { return s.first <= from && to <= s.second; });
    }
    [[nodiscard]] bool touch(SteadyTime from, SteadyTime to) const {
        return std::any_of(all_.begin(), all_.end(), [&](const auto& s) { return s.first < to && from <= s.second; });
    }

private:
    std::vector<std::pair<SteadyTime, SteadyTime>> all_;
    std::optional<SteadyTime> open_;
};

class Trial {
public:
    explicit Trial(std::uint64_t seed)
        : random_{seed}, granularity_{one_of(random_, std::vector<milliseconds>{1ms, 100ms, 1s, 1s, 3s, 60s, 120s})},
          timespan_{granularity_ * one_of(random_, std::vector<int>{1, 2, 5, 15})}, part_{granularity_ / 20.0},
          holds_{once_in(random_, 3)}, steps_{!once_in(random_, 3)}, clock_{part() * up_to(random_, 19)} {
        undumped_before_ = tickertape::process_stats().counts_undumped;
        log("granularity " + seconds_text(granularity_) + " timespan " + seconds_text(timespan_) +
            (holds_ ? " holds" : ""));
        note_offset();
        make_rate();
        make_level();
        if (once_in(random_, 2)) {
            start_autodump();
        }
    }

    void run() {
        for (std::size_t i = up_to(random_, 150); i > 0; --i) {
            event();
        }
        finish();
    }

    void check() {
        check_conservation();
        check_timestamps();
        check_rate();
        check_level();
    }

    [[nodiscard]] const std::string& problems() const { return problems_; }
    [[nodiscard]] const std::string& events() const { return events_; }
    [[nodiscard]] std::uint64_t reanchored() { return clock_->stats().reanchored; }

private:
    nanoseconds part() const { return std::chrono::duration_cast<nanoseconds>(part_); }
    void log(const std::string& what) {
        events_ += "\n  " + seconds_text(clock_->read().wall - test::origin) + ": " + what;
    }
    void problem(const std::string& what) { problems_ += "\n  " + what; }
    SteadyTime now() { return clock_->read().steady; }
    void note_offset() { offsets_.insert(clock_->read().wall.time_since_epoch() - now().time_since_epoch()); }

    void make_rate() {
        rate_ = MetricCounter{"rate", {.timespan = timespan_, .granularity = granularity_, .clock = &*clock_}};
        alive_.begin(now());
        observed_.begin(now());
    }
    void make_level() {
        level_ = MetricCounter<stock>{"level",
                                      {.timespan = timespan_,
                                       .granularity = granularity_,
                                       .hold_at_most = holds_ ? granularity_ * 4 : 0ms,
                                       .clock = &*clock_}};
    }
    void drop_rate() {
        clock_->tick(); // so that the end of the counter does not tick, and its statistics are final
        const auto stats = rate_->stats();
        exceptions_ += stats.counts_lost + stats.counts_cleared;
        rate_.reset();
        alive_.end(now());
        observed_.end(now());
    }
    void start_autodump() {
        log("autodump");
        heal();
        if (once_in(random_, 2) && rate_ && level_) {
            dump_.emplace(memory_, *rate_, *level_);
        } else {
            dump_.emplace(memory_); // it includes counters that are made later; there is always one on this clock
        }
    }
    void heal() {
        memory_.fail(0);
        memory_.take_only(1'000'000);
    }
    void end_autodump() {
        heal();
        const auto report = dump_->finish();
        dump_.reset();
        if (!report.complete || report.unsent != 0) {
            problem("finish left " + std::to_string(report.unsent));
        }
    }

    void event() {
        switch (up_to(random_, 25)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4: {
            const nanoseconds time = part() * up_to(random_, 60);
            log("advance " + seconds_text(time));
            clock_->advance(time);
            break;
        }
        case 5: { // to a boundary
            const nanoseconds time = granularity_ - clock_->read().wall.time_since_epoch() % granularity_;
            log("advance " + seconds_text(time));
            clock_->advance(time);
            break;
        }
        case 6:
        case 7: {
            const nanoseconds time = part() * up_to(random_, once_in(random_, 10) ? 5000 : 70);
            log("stall " + seconds_text(time));
            clock_->stall(time);
            break;
        }
        case 8:
            if (steps_) {
                step();
            }
            break;
        case 9:
        case 10:
        case 11:
        case 12:
            if (rate_) {
                const auto n = static_cast<std::int64_t>(1 + up_to(random_, once_in(random_, 4) ? 1000 : 3));
                log("add " + std::to_string(n));
                rate_->add(n);
                recorded_ += n;
            }
            break;
        case 13:
        case 14:
        case 15:
            if (level_) {
                log("set " + std::to_string(++reading_));
                level_->set(static_cast<double>(reading_));
            }
            break;
        case 16:
            if (rate_ && !observed_.is_open()) {
                log("resume");
                rate_->resume();
                observed_.begin(now());
            } else if (rate_) {
                log("suspend");
                rate_->suspend();
                observed_.end(now());
            }
            break;
        case 17:
            if (rate_ && once_in(random_, 2)) {
                log("clear");
                rate_->clear();
                if (observed_.is_open()) {
                    observed_.end(now());
                    observed_.begin(now());
                }
            }
            break;
        case 18:
            if (rate_ && level_ && once_in(random_, 2)) {
                log("end of the rate");
                drop_rate();
            } else if (level_ && rate_) {
                log("end of the level");
                level_.reset();
            }
            break;
        case 19:
            if (!rate_) {
                log("new rate");
                make_rate();
            } else if (!level_) {
                log("new level");
                make_level();
            }
            break;
        case 20:
            log("failures");
            memory_.fail(up_to(random_, 4));
            break;
        case 21:
            log("takes a part");
            memory_.take_only(up_to(random_, 5));
            break;
        case 22:
            if (dump_) {
                log("end of autodump");
                end_autodump();
            } else {
                start_autodump();
            }
            break;
        case 23:
            if (level_) {
                runs();
            }
            break;
        default:
            if (!dump_) {
                log("dump");
                dump(rate_);
                dump(level_);
            }
        }
    }

    template <class C>
    void dump(std::optional<C>& counter) {
        if (counter) {
            try {
                counter->dump(memory_);
            } catch (const std::runtime_error&) {
                log("failed");
            }
        }
    }

    void runs() {
        const milliseconds period = std::max(1ms, granularity_ * one_of(random_, std::vector<int>{1, 2, 3}) / 2);
        tickertape::Stop stop;
        std::size_t left = 1 + up_to(random_, 3);
        log("runs every " + seconds_text(period));
        tickertape::run_every_n_seconds(
            period, *level_,
            [&] {
                if (clock_->read().wall.time_since_epoch() % period != 0ns && !steps_) {
                    problem("a run at " + seconds_text(clock_->read().wall - test::origin));
                }
                if (--left == 0) {
                    stop.request();
                }
                const nanoseconds time = part() * up_to(random_, once_in(random_, 2) ? 70 : 0);
                const bool stalls = once_in(random_, 2);
                log((stalls ? "run stalls " : "run takes ") + seconds_text(time) + " and sets " +
                    std::to_string(++reading_));
                stalls ? clock_->stall(time) : clock_->advance(time);
                if (steps_ && once_in(random_, 8)) {
                    step();
                }
                return reading_;
            },
            &stop);
    }

    void step() {
        nanoseconds by =
            one_of(random_, std::vector<nanoseconds>{1s, 30s, 60s, 61s, 1h, 10min, 100ms * up_to(random_, 50)});
        if (by != 10min && once_in(random_, 2)) {
            by = -by;
        }
        log("step " + seconds_text(by));
        clock_->step(by);
        note_offset();
    }

    void finish() {
        log("end");
        if (dump_) {
            end_autodump();
        } else {
            heal();
            dump(rate_);
            dump(level_);
        }
        if (rate_) {
            drop_rate();
        }
        level_.reset();
    }

    void check_conservation() {
        std::int64_t emitted = 0;
        for (const Point& point : memory_.points()) {
            emitted += point.series().metric() == "rate" ? point.value().integer() : 0;
        }
        const std::int64_t undumped = tickertape::process_stats().counts_undumped - undumped_before_;
        if (emitted + exceptions_ + undumped != recorded_) {
            problem("recorded " + std::to_string(recorded_) + ", but emitted " + std::to_string(emitted) +
                    ", excepted " + std::to_string(exceptions_) + ", undumped " + std::to_string(undumped));
        }
    }

    void check_timestamps() {
        std::map<std::string_view, std::pair<WallTime, std::uint64_t>> newest; // and how often the clock went back
        const std::vector<Point> points = memory_.points();
        for (const Point& point : points) {
            if (point.time().time_since_epoch() % granularity_ != 0ns) {
                problem("timestamp " + seconds_text(point.time() - test::origin) +
                        " is no multiple of the granularity");
            }
            const auto [last, first] = newest.try_emplace(point.series().metric(), point.time(), 0);
            if (!first && point.time() <= last->second.first) {
                if (++last->second.second > clock_->stats().reanchored) {
                    problem(std::string{last->first} + " goes back from " +
                            seconds_text(last->second.first - test::origin) + " to " +
                            seconds_text(point.time() - test::origin));
                }
            }
            last->second.first = point.time();
        }
    }

    void check_rate() {
        for (const Point& point : memory_.points()) {
            if (point.series().metric() != "rate") {
                continue;
            }
            // There must be a past relation of wall and steady time by which the process observed the
            // bucket: for a 0 from its start to its end, for another value at least for a moment. If
            // the clock was set back, the bucket may have begun by one relation and ended by another.
            const bool is_zero = point.value() == tickertape::Value{0};
            const auto lived = [&](nanoseconds begun_by, nanoseconds ended_by) {
                const SteadyTime from{point.time().time_since_epoch() - begun_by};
                const SteadyTime to{point.time().time_since_epoch() + granularity_ - ended_by};
                return is_zero ? begun_by == ended_by && observed_.cover(from, to) : alive_.touch(from, to);
            };
            if (std::none_of(offsets_.begin(), offsets_.end(), [&](nanoseconds begun_by) {
                    return std::any_of(offsets_.begin(), offsets_.end(),
                                       [&](nanoseconds ended_by) { return lived(begun_by, ended_by); });
                })) {
                problem("nobody observed " + seconds_text(point.time() - test::origin) + "=" +
                        to_string(point.value()));
            }
        }
    }

    void check_level() {
        std::int64_t last = 0;
        for (const Point& point : memory_.points()) {
            if (point.series().metric() != "level") {
                continue;
            }
            // Readings are 1, 2, 3, …; each is emitted at most once, or in a row if it is held.
            if (point.value().integer() < last + (holds_ ? 0 : 1) || point.value().integer() < 1 ||
                point.value().integer() > reading_) {
                problem("level " + to_string(point.value()) + " comes after " + std::to_string(last));
            }
            last = point.value().integer();
        }
    }

    Random random_;
    milliseconds granularity_;
    milliseconds timespan_;
    std::chrono::duration<double, std::milli> part_;
    bool holds_;
    bool steps_;
    OriginClock clock_;
    Memory memory_;
    std::optional<MetricCounter<>> rate_;
    std::optional<MetricCounter<stock>> level_;
    std::optional<autodump> dump_;

    Stretches alive_;
    Stretches observed_;
    std::set<nanoseconds> offsets_;
    std::int64_t recorded_ = 0;
    std::int64_t exceptions_ = 0;
    std::int64_t undumped_before_ = 0;
    std::int64_t reading_ = 0;
    std::string events_;
    std::string problems_;
};

/// Computes the points of a rate and a stock in the simplest way, if time only advances and stalls.
struct Oracle {
    std::int64_t granularity; // all in milliseconds since the origin
    std::int64_t now;
    bool holds;

    std::int64_t open = now / granularity * granularity;
    std::int64_t born = now;
    std::int64_t count = 0;
    std::optional<std::int64_t> reading = std::nullopt;
    std::optional<std::pair<std::int64_t, std::int64_t>> held = std::nullopt; // timestamp, value
    std::string rate = {};
    std::string level = {};

    void write(std::string& line, std::int64_t timestamp, std::int64_t value) const {
        line += (line.empty() ? "" : " ") + seconds_text(milliseconds{timestamp}) + "=" + std::to_string(value);
    }

    void tick() {
        std::int64_t buckets = 0;
        while (open + (buckets + 1) * granularity <= now) {
            ++buckets;
        }
        std::int64_t rest = 0;
        const std::int64_t all = count;
        for (std::int64_t i = 0; i < buckets; ++i, open += granularity) {
            const bool begun = open < born;
            if (begun && granularity > 1000) { // everything waits for the end of a counter's first bucket
                if (buckets == 1) {
                    open += granularity;
                    return;
                }
                continue;
            }
            const std::int64_t of = buckets - (born > open - i * granularity && granularity > 1000 ? 1 : 0);
            rest += all;
            const std::int64_t share = rest / of;
            rest %= of;
            count -= share;
            if (share != 0 || !begun) {
                write(rate, open, share);
            }
            if (reading) {
                held = {open, *reading};
                write(level, open, *reading);
                reading.reset();
            } else if (holds && held && open - held->first <= 4 * granularity) {
                write(level, open, held->second);
            }
        }
    }

    void advance(std::int64_t time) {
        tick();
        for (; time > 0; --time) {
            ++now;
            tick();
        }
    }
};

} // namespace

TEST_CASE("Whatever happens, timestamps increase, counts are kept, and no value is invented") {
    const std::uint64_t first = test::seed();
    const bool one = std::getenv("TICKERTAPE_TEST_SEED") != nullptr; // to see a failure again
    std::uint64_t reanchored = 0;
    for (std::uint64_t seed = first; seed != first + (one ? 1 : 8000); ++seed) {
        Trial trial{seed};
        trial.run();
        trial.check();
        reanchored += trial.reanchored();
        if (!trial.problems().empty()) {
            FAIL("TICKERTAPE_TEST_SEED=" << seed << trial.problems() << "\nafter" << trial.events());
        }
    }
    CHECK((one || reanchored > 0));
}

TEST_CASE("While time only advances and stalls, counters emit the same points as a simple model") {
    const std::uint64_t first = test::seed();
    const bool one = std::getenv("TICKERTAPE_TEST_SEED") != nullptr;
    for (std::uint64_t seed = first; seed != first + (one ? 1 : 1000); ++seed) {
        Random random{seed};
        const milliseconds granularity = one_of(random, std::vector<milliseconds>{1ms, 50ms, 1s, 1s, 3s});
        const auto most = static_cast<std::size_t>(granularity.count());
        const milliseconds start{up_to(random, most - 1)};
        const bool holds = once_in(random, 2);
        OriginClock clock{start};
        Memory memory;
        MetricCounter rate{"rate", {.timespan = granularity * 2, .granularity = granularity, .clock = &*clock}};
        MetricCounter<stock> level{"level",
                                   {.timespan = granularity * 2,
                                    .granularity = granularity,
                                    .hold_at_most = holds ? granularity * 4 : 0ms,
                                    .clock = &*clock}};
        Oracle oracle{.granularity = granularity.count(), .now = start.count(), .holds = holds};
        const autodump dump{memory, rate, level};
        std::string events;
        for (std::size_t i = up_to(random, 60); i > 0; --i) {
            switch (up_to(random, 4)) {
            case 0:
            case 1: {
                const milliseconds time{up_to(random, most * 2)};
                events += "\n  advance " + seconds_text(time);
                clock->advance(time);
                oracle.advance(time.count());
                break;
            }
            case 2: {
                const milliseconds time{up_to(random, most * 4)};
                events += "\n  stall " + seconds_text(time);
                clock->stall(time);
                oracle.now += time.count();
                break;
            }
            case 3: {
                const auto n = static_cast<std::int64_t>(up_to(random, 20));
                events += "\n  add " + std::to_string(n);
                rate.add(n);
                oracle.count += n;
                break;
            }
            default: {
                events += "\n  set " + std::to_string(i);
                level.set(static_cast<double>(i));
                oracle.reading = static_cast<std::int64_t>(i);
            }
            }
        }
        clock->advance(granularity * 3); // to a time after a dump
        clock->advance(granularity - clock->read().wall.time_since_epoch() % granularity);
        oracle.advance(granularity.count() * 3);
        oracle.advance(granularity.count() - oracle.now % granularity.count());
        rate.dump(memory);
        level.dump(memory);
        if (test::text_of(memory, "rate") != oracle.rate || test::text_of(memory, "level") != oracle.level) {
            FAIL("TICKERTAPE_TEST_SEED=" << seed << "\n granularity " << seconds_text(granularity) << " from "
                                         << seconds_text(start) << events
                                         << "\nrate:  " << test::text_of(memory, "rate") << "\nmodel: " << oracle.rate
                                         << "\nlevel: " << test::text_of(memory, "level")
                                         << "\nmodel: " << oracle.level);
        }
    }
}
