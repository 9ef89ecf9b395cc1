// SPDX-License-Identifier: MIT
#include <tickertape/tables.hpp>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <tickertape/attempt.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "collector/table_reader.hpp"

namespace tickertape {

using std::chrono::milliseconds;

struct Tables::Entry {
    explicit Entry(Table given) : table{std::move(given)} {}

    Table table;
    Entry* whole = nullptr; // the table that contains this part
    bool is_in_this_run = false;
    bool is_wanted = false;                         // wanted in the last reading, or in the one in progress
    WallTime asked_due{};                           // the due time of the run that asked for it
    SteadyTime read_at{};                           // the time of the last reading
    bool is_reported = false;                       // a message said that it is left out
    SteadyTime last_turn{};                         // the last time that it was not left out
    unsigned needs = 0;                             // quarters of the allowed lines that must be left, in this run
    std::size_t lines = 0;                          // its lines in its last turn
    std::shared_ptr<collector::TableSource> source; // null for a part of another table
    std::function<void(Readings&, Totals&)> report;
    std::optional<Totals> totals; // made in the first run
};

namespace {

constexpr double quarters = 4;
// A part of the allowed lines: after a pause this many are left, because the most important tables need no room.
constexpr double nearly_all = 0.9;

/// Returns how many quarters of the allowed lines must be left. A table that was left out for minutes needs fewer, so that none
/// is left out for good.
unsigned quarters_needed(unsigned thins_at, std::chrono::nanoseconds left_out) {
    constexpr unsigned last = 1; // a table needs at least this, or it would have to wait
    const auto minutes = std::chrono::floor<std::chrono::minutes>(left_out).count();
    return thins_at > last + minutes ? thins_at - static_cast<unsigned>(minutes) : std::min(thins_at, last);
}

/// Returns how many lines must be left for a table of `lines`.
double lines_needed(std::size_t lines, const Readings::Room& room) {
    return std::min(static_cast<double>(lines), nearly_all * room.most);
}

/// Returns the names of the tables, for the flags.
std::function<std::vector<std::string>(const std::filesystem::path&)>
names_of(const std::vector<Tables::Table>& tables) {
    std::vector<std::string> names;
    for (const Tables::Table& table : tables) {
        names.push_back(table.name);
    }
    return [names](const std::filesystem::path& /*proc_root*/) { return names; };
}

} // namespace

Tables::Tables(std::vector<Table> tables, bool has_rates)
    : choice_{{.name = "table", .what = "tables", .candidates = names_of(tables)}}, has_rates_{has_rates},
      reader_{std::make_unique<collector::TableReader>()} {
    for (Table& table : tables) {
        entries_.push_back(std::make_unique<Entry>(std::move(table)));
    }
    for (const auto& entry : entries_) {
        entry->whole = entry->table.part_of.empty() ? nullptr : &entry_of(entry->table.part_of);
    }
    turns_.reserve(entries_.size());
}

Tables::~Tables() = default;

std::vector<Collector::Flag> Tables::flags() {
    std::vector<Collector::Flag> flags = choice_.flags();
    constexpr std::size_t most_named = 12; // for more tables the help would be only a list of names
    std::string names;
    for (std::size_t i = 0; entries_.size() <= most_named && i < entries_.size(); ++i) {
        names.append(names.empty() ? ": " : ", ").append(entries_[i]->table.name);
    }
    flags.front().help += names;
    if (has_rates_) {
        flags.push_back(rate_flag(per_second_));
    }
    return flags;
}

Tables::Entry& Tables::entry_of(std::string_view name) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [name](const auto& entry) { return entry->table.name == name; });
    if (found == entries_.end()) {
        throw UsageError{base::quote(name) + " is not one of the names given to the constructor of Tables"};
    }
    return **found;
}

void Tables::add_source(std::string_view name, std::function<void()> read,
                        std::function<void(Readings&, Totals&)> report) {
    Entry& entry = entry_of(name);
    entry.source = std::make_shared<collector::TableSource>();
    entry.source->name = name;
    entry.source->read = std::move(read);
    entry.report = std::move(report);
    read_.push_back(&entry);
}

Totals* Tables::part(std::string_view name, Readings& out) {
    Entry& entry = entry_of(name);
    begin_lines(entry.is_wanted ? &entry : nullptr, out);
    return entry.is_wanted ? &*entry.totals : nullptr;
}

void Tables::choose(Readings& out, SteadyTime now) {
    turns_.clear();
    for (const auto& entry : entries_) {
        if (!entry->totals) { // the flags have been read by now
            entry->totals.emplace(per_second_);
            entry->last_turn = now;
        }
        const Table& table = entry->table;
        // A rate needs two readings: the first one comes in the second run, whatever the table's turn.
        const bool is_turn = run_ % table.every == 0 || (per_second_ && run_ == 1);
        entry->is_in_this_run = false;
        entry->needs = quarters_needed(table.thins_at, now - entry->last_turn);
        if (is_turn && choice_(table.name)) {
            turns_.push_back(entry.get());
        }
    }
    // The most important table first; among equals the one that was left out for longest.
    std::sort(turns_.begin(), turns_.end(), [](const Entry* a, const Entry* b) {
        return std::tie(a->needs, a->last_turn) < std::tie(b->needs, b->last_turn);
    });
    const Readings::Room& room = out.room();
    double left = room.lines;
    bool is_full = false; // a table found no room, so all less important ones wait, too
    for (Entry* const entry : turns_) {
        is_full |=
            entry->needs > 0 && (room.part() * quarters < entry->needs || left < lines_needed(entry->lines, room));
        entry->is_in_this_run = !is_full;
        if (is_full) {
            count_left_out(*entry, out);
        } else {
            entry->last_turn = now;
            left -= static_cast<double>(entry->lines);
        }
    }
    left_ = room.lines;
}

void Tables::count_left_out(Entry& entry, Readings& out) {
    out.count_thinned();
    if (!std::exchange(entry.is_reported, true)) {
        // Message: table 'NAME': more lines than tcollector's limit: read less often
        // Cause: A large machine: its tables have more lines than the 500 a second that tcollector allows.
        // Remedy: Leave tables out with --exclude-table, or use a longer --interval. tickertape.readings.thinned
        //   counts.
        base::report(base::concat("table ", base::quote(entry.table.name),
                                  ": more lines than tcollector's limit: read less often"));
    }
}

void Tables::begin_lines(Entry* entry, Readings& out) {
    if (counted_ != nullptr) {
        Entry& ended = *counted_;
        const std::size_t lines = out.size() - counted_from_;
        if (lines > 0) {
            ended.lines = lines;
        }
        if (ended.table.thins_at > 0 && left_ < lines_needed(lines, out.room())) { // the table has grown, or is new
            out.take_back(counted_from_);
            count_left_out(ended, out);
        } else {
            left_ -= static_cast<double>(lines);
            out.count_spare(ended.table.thins_at > 0 ? lines : 0);
        }
    }
    counted_ = entry;
    counted_from_ = out.size();
    if (entry != nullptr) {
        set_step(*entry, out);
    }
}

void Tables::run(const Collector& self, Readings& out) {
    // A part of the interval, but long enough that a file is not taken for slow on a busy machine.
    const milliseconds patience = self.is_once()
                                      ? std::max<milliseconds>(self.interval(), std::chrono::seconds{10})
                                      : std::clamp(self.interval() / 10, milliseconds{250}, milliseconds{1000});
    run(out, self.clock().read().steady, self.interval(), patience, Stop::process().token());
}

void Tables::run(Readings& out, SteadyTime now, milliseconds interval, milliseconds patience,
                 const std::stop_token& stop) {
    interval_ = interval;
    choose(out, now);
    asked_.clear();
    sources_.clear();
    for (Entry* const entry : read_) {
        // A table whose late reading is reported now is read in the next run, because a run reports at most one reading of each
        // table.
        const bool was_late = report_late(*entry, out, now);
        if ((!was_late || entry->source->is_slow) && ask(*entry, out, now) && !was_late) {
            asked_.push_back(entry);
            sources_.push_back(entry->source);
        }
    }
    reader_->wait(sources_, patience, stop);
    for (Entry* const entry : asked_) {
        if (reader_->take(entry->source)) {
            report(*entry, out, now);
        }
    }
    out.set_step(interval);
    ++run_;
}

bool Tables::report_late(Entry& entry, Readings& out, SteadyTime now) {
    const auto reading = reader_->take(entry.source);
    if (!reading) {
        return false;
    }
    const SteadyTime time = std::min(reading->time, now);
    constexpr int most = 4; // the time between two readings divided by this
    if (most * (reading->took / 2) > time - entry.read_at) {
        entry.totals->begin(out, time); // without a reading in this run there is no rate
    }
    const WallTime due = out.time();
    out.set_time(std::min(due, std::max(entry.asked_due, due - (now - time)))); // the clock may have been set
    report(entry, out, time);
    out.set_time(due);
    return true;
}

bool Tables::ask(Entry& entry, const Readings& out, SteadyTime now) {
    const auto is_needed = [&](const auto& other) {
        return other->is_in_this_run && (other.get() == &entry || other->whole == &entry);
    };
    if (std::none_of(entries_.begin(), entries_.end(), is_needed) || !reader_->ask(entry.source, now)) {
        return false;
    }
    entry.asked_due = out.time();
    for (const auto& other : entries_) {
        if (other.get() == &entry || other->whole == &entry) {
            other->is_wanted = other->is_in_this_run;
        }
    }
    return true;
}

void Tables::report(Entry& entry, Readings& out, SteadyTime time) {
    entry.read_at = time;
    for (const auto& other : entries_) {
        if (other.get() == &entry || (other->whole == &entry && other->is_wanted)) {
            other->totals->begin(out, time);
        }
    }
    begin_lines(entry.is_wanted ? &entry : nullptr, out);
    attempt([&] { entry.report(out, *entry.totals); });
    begin_lines(nullptr, out);
}

void Tables::set_step(const Entry& entry, Readings& out) const {
    const Table& table = entry.table;
    // A table that is not read in each run has no fixed step. Totals need none: two equal totals mean that nothing happened in
    // between. Rates then have gaps.
    const bool is_regular = table.every == 1 && table.thins_at == 0;
    const bool needs_step = is_regular || per_second_ || interval_ < std::chrono::seconds{1};
    out.set_step(needs_step ? interval_ * table.every : milliseconds{0});
}

} // namespace tickertape
