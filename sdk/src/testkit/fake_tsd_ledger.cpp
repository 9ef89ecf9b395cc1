// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_ledger.hpp>

#include <algorithm>
#include <utility>

namespace tickertape::testkit {

namespace {

std::uint64_t hash_of(std::string_view line) {
    const std::uint64_t hash = std::hash<std::string_view>{}(line);
    return hash == 0 ? 1 : hash;
}

} // namespace

std::size_t HashSet::place_of(std::uint64_t hash) const {
    std::size_t place = hash & (places_.size() - 1);
    while (places_[place] != 0 && places_[place] != hash) {
        place = (place + 1) & (places_.size() - 1);
    }
    return place;
}

bool HashSet::insert(std::uint64_t hash) {
    if ((size_ + 1) * 2 > places_.size()) {
        std::vector<std::uint64_t> old(std::max<std::size_t>(places_.size() * 2, 1024));
        old.swap(places_);
        for (const std::uint64_t each : old) {
            if (each != 0) {
                places_[place_of(each)] = each;
            }
        }
    }
    const std::size_t place = place_of(hash);
    if (places_[place] == hash) {
        return false;
    }
    places_[place] = hash;
    ++size_;
    return true;
}

bool HashSet::contains(std::uint64_t hash) const { return size_ != 0 && places_[place_of(hash)] == hash; }

void HashSet::clear() {
    places_.clear();
    size_ = 0;
}

void Batch::line(std::string_view text, bool stored, bool refused) {
    ++counts.lines;
    counts.stored += stored ? 1 : 0;
    counts.refused += refused ? 1 : 0;
    if (stored && keep_ != Keep::counts) {
        stored_hashes_.push_back(hash_of(text));
    }
    if (with_text_) {
        text_.append(text);
        entries_.push_back({text.size(), stored});
    }
}

std::size_t Ledger::connected() {
    const std::lock_guard lock{mutex_};
    ++counts_.connections;
    ++counts_.open;
    changed_.notify_all();
    return next_connection_++;
}

void Ledger::disconnected() {
    const std::lock_guard lock{mutex_};
    --counts_.open;
    changed_.notify_all();
}

void Ledger::enter(std::size_t connection, Batch& batch) {
    {
        const std::lock_guard lock{mutex_};
        counts_.stored += batch.counts.stored;
        counts_.refused += batch.counts.refused;
        counts_.lines += batch.counts.lines;
        counts_.bytes += batch.counts.bytes;
        counts_.requests += batch.counts.requests;
        counts_.versions += batch.counts.versions;
        for (const std::uint64_t hash : batch.stored_hashes_) {
            ++(distinct_.insert(hash) ? counts_.distinct : counts_.duplicates);
        }
        std::size_t offset = 0;
        for (const Batch::Entry& entry : batch.entries_) {
            if (entry.stored && on_line_) {
                on_line_(std::string_view{batch.text_}.substr(offset, entry.size));
            }
            if (keep_ == Keep::lines && entries_.size() < keep_at_most_) {
                entries_.push_back({text_.size(), entry.size, connection, entry.stored});
                text_.append(batch.text_, offset, entry.size);
            }
            offset += entry.size;
        }
        for (HttpRequest& request : batch.requests_) {
            if (keep_ == Keep::lines && requests_.size() < keep_at_most_) {
                request.connection = connection;
                requests_.push_back(std::move(request));
            }
        }
        changed_.notify_all();
    }
    batch.counts = {};
    batch.stored_hashes_.clear();
    batch.text_.clear();
    batch.entries_.clear();
    batch.requests_.clear();
}

Received Ledger::received() const {
    const std::lock_guard lock{mutex_};
    return counts_;
}

bool Ledger::contains(std::string_view line) const {
    const std::lock_guard lock{mutex_};
    return distinct_.contains(hash_of(line));
}

std::vector<std::string> Ledger::select(const std::function<bool(const Entry&)>& wanted) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> lines;
    for (const Entry& entry : entries_) {
        if (wanted(entry)) {
            lines.emplace_back(text_, entry.offset, entry.size);
        }
    }
    return lines;
}

std::vector<std::string> Ledger::lines() const {
    return select([](const Entry& entry) { return entry.stored; });
}

std::vector<std::string> Ledger::lines_of(std::size_t connection) const {
    return select([&](const Entry& entry) { return entry.connection == connection; });
}

std::vector<HttpRequest> Ledger::requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
}

void Ledger::clear() {
    const std::lock_guard lock{mutex_};
    counts_ = {.open = counts_.open};
    distinct_.clear();
    text_.clear();
    entries_.clear();
    requests_.clear();
    changed_.notify_all();
}

bool Ledger::wait_until(const std::function<bool(const Received&)>& condition,
                        std::chrono::milliseconds at_most) const {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, at_most, [&] { return condition(counts_); });
}

} // namespace tickertape::testkit
