// SPDX-License-Identifier: MIT
#include "push/quarantine.hpp"

#include <algorithm>
#include <utility>

namespace tickertape::push {

namespace {

constexpr int growth = 3;
// A series that must make room loses this part of its points at
// once. Otherwise a flood would move all its bytes for each point.
constexpr std::size_t eighth = 8;

} // namespace

std::size_t Quarantine::size_of(std::string_view point) noexcept {
    return point.size() + 1 + sizeof(std::uint32_t); // including its separator and the position of its end
}

std::size_t Quarantine::size_of(const PutPoints& points) noexcept {
    return points.empty() ? 0 : points.text.size() + 1 + points.size() * sizeof(std::uint32_t);
}

std::size_t Quarantine::refused(std::string_view series, std::string_view point, SteadyTime now,
                                const Receipts& receipts) {
    auto found = series_.find(series);
    if (found == series_.end()) {
        if (series_.size() >= options_.most_series) {
            return 1;
        }
        found =
            series_.emplace(series, Entry{.due = now + options_.first_distance, .distance = options_.first_distance})
                .first;
        bytes_ += series.size() + sizeof(Entry);
    } else if (std::exchange(found->second.is_asked, false)) {
        Entry& entry = found->second;
        entry.distance = std::min(entry.distance * growth, options_.last_distance);
        entry.due = now + entry.distance;
    }
    return keep(found->second, point, receipts);
}

std::size_t Quarantine::add(std::string_view series, std::string_view point, const Receipts& receipts) {
    return keep(series_.find(series)->second, point, receipts);
}

std::size_t Quarantine::keep(Entry& entry, std::string_view point, const Receipts& receipts) {
    entry.points.add(point);
    entry.points.receipts.add_pinned(receipts);
    bytes_ += size_of(point);
    ++points_;
    return bytes_ > options_.most_bytes ? make_room() : 0;
}

std::size_t Quarantine::make_room() {
    const auto largest = std::max_element(series_.begin(), series_.end(), [](const auto& a, const auto& b) {
        return a.second.points.text.size() < b.second.points.text.size();
    });
    PutPoints& points = largest->second.points;
    const PutPoints gone = points.take_front(std::max<std::size_t>(1, points.size() / eighth));
    bytes_ -= size_of(gone);
    points_ -= gone.size();
    return gone.size();
}

std::vector<Quarantine::Probe> Quarantine::take_probes(SteadyTime now, std::size_t at_most) {
    std::vector<Probe> probes;
    for (auto& [name, entry] : series_) {
        if (probes.size() >= at_most) {
            break;
        }
        if (entry.is_asked || entry.due > now || entry.points.empty()) {
            continue;
        }
        PutPoints older = entry.points.take_front(entry.points.size() - 1);
        const PutPoints newest = std::exchange(entry.points, std::move(older));
        bytes_ -= size_of(newest);
        --points_;
        entry.is_asked = true;
        probes.push_back({name, std::string{newest.text}, newest.receipts});
    }
    return probes;
}

std::size_t Quarantine::put_back(std::string_view series, std::string_view point, const Receipts& receipts) {
    const auto found = series_.find(series);
    if (found == series_.end()) {
        return 1;
    }
    found->second.is_asked = false;
    return keep(found->second, point, receipts);
}

PutPoints Quarantine::release(std::string_view series) {
    const auto found = series_.find(series);
    if (found == series_.end()) {
        return {};
    }
    PutPoints points = std::exchange(found->second.points, {});
    bytes_ -= size_of(points) + series.size() + sizeof(Entry);
    points_ -= points.size();
    series_.erase(found);
    return points;
}

std::size_t Quarantine::give_up(std::string_view series) { return release(series).size(); }

std::vector<std::string> Quarantine::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : series_) {
        names.push_back(name);
    }
    return names;
}

void Quarantine::all_due() noexcept {
    for (auto& [name, entry] : series_) {
        entry.due = SteadyTime::min();
    }
}

} // namespace tickertape::push
