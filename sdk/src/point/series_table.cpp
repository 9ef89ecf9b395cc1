// SPDX-License-Identifier: MIT
#include "point/series_table.hpp"

#include <pthread.h>

#include <functional>
#include <new>
#include <vector>

namespace tickertape::point {

namespace {

constexpr std::size_t first_places = 64;

// Hashes only the text, so a search for the hash meets all series with the same text.
std::uint32_t hash_of(std::string_view text) noexcept {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32U));
    return folded != 0 ? folded : 1;
}

bool is_same(const SeriesNode& node, const SeriesIdentity& key) noexcept {
    return node.step == key.step && node.reserve_host == key.reserve_host && node.merge == key.merge &&
           node.text() == key.text;
}

SeriesNode* make_node(void* memory, const SeriesIdentity& key, std::uint32_t hash) noexcept {
    auto* node = new (memory) SeriesNode{.references = 1,
                                         .hash = hash,
                                         .step = key.step,
                                         .metric_size = key.metric_size,
                                         .text_size = static_cast<std::uint16_t>(key.text.size()),
                                         .host_offset = key.host_offset,
                                         .tag_count = static_cast<std::uint8_t>(key.tag_count & 0xfU),
                                         .has_host = key.has_host,
                                         .reserve_host = key.reserve_host,
                                         .merge = key.merge};
    key.text.copy(reinterpret_cast<char*>(node + 1), key.text.size());
    return node;
}

std::mutex* fork_mutex = nullptr;

} // namespace

SeriesTable::SeriesTable() : hashes_(first_places), nodes_(first_places) {
    // A fork while another thread holds the mutex would leave it locked in the child for ever.
    fork_mutex = &mutex_;
    pthread_atfork([] { fork_mutex->lock(); }, [] { fork_mutex->unlock(); }, [] { fork_mutex->unlock(); });
}

SeriesTable& SeriesTable::instance() {
    static SeriesTable& table = *new SeriesTable;
    return table;
}

template <class Matches>
SeriesNode* SeriesTable::find(std::uint32_t hash, const Matches& matches) const {
    for (std::size_t place = home_of(hash); hashes_[place] != 0; place = after(place)) {
        if (hashes_[place] == hash && matches(*nodes_[place])) {
            return nodes_[place];
        }
    }
    return nullptr;
}

SeriesNode* SeriesTable::intern(const SeriesIdentity& key) {
    const std::uint32_t hash = hash_of(key.text);
    const std::lock_guard lock{mutex_};
    if (SeriesNode* const known = find(hash, [&key](const SeriesNode& node) { return is_same(node, key); })) {
        known->references.fetch_add(1, std::memory_order_relaxed);
        return known;
    }
    if (3 * (size_ + 1) > 2 * hashes_.size()) {
        grow();
    }
    SeriesNode* const node = make_node(memory_.take(sizeof(SeriesNode) + key.text.size()), key, hash);
    put(hash, node);
    ++size_;
    return node;
}

void SeriesTable::release(SeriesNode* node) noexcept {
    // Without the mutex only a reference that is not the last one may be released: see the class comment.
    std::uint32_t references = node->references.load(std::memory_order_relaxed);
    while (references > 1) {
        if (node->references.compare_exchange_weak(references, references - 1, std::memory_order_release,
                                                   std::memory_order_relaxed)) {
            return;
        }
    }
    const std::lock_guard lock{mutex_};
    if (node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return; // found or copied meanwhile
    }
    erase(node);
    --size_;
    const std::size_t size = sizeof(SeriesNode) + node->text_size;
    node->~SeriesNode();
    memory_.give_back(node, size);
}

bool SeriesTable::claim(const Series& series) {
    SeriesNode& its = *series.node_;
    const std::lock_guard lock{mutex_};
    if (find(its.hash, [&its](const SeriesNode& node) { return node.claimed && node.text() == its.text(); }) !=
        nullptr) {
        return false;
    }
    its.claimed = true;
    return true;
}

void SeriesTable::disclaim(const Series& series) noexcept {
    const std::lock_guard lock{mutex_};
    series.node_->claimed = false;
}

std::size_t SeriesTable::size() {
    const std::lock_guard lock{mutex_};
    return size_;
}

void SeriesTable::put(std::uint32_t hash, SeriesNode* node) noexcept {
    std::size_t place = home_of(hash);
    while (hashes_[place] != 0) {
        place = after(place);
    }
    hashes_[place] = hash;
    nodes_[place] = node;
}

void SeriesTable::erase(const SeriesNode* node) noexcept {
    std::size_t hole = home_of(node->hash);
    while (nodes_[hole] != node) {
        hole = after(hole);
    }
    // Later nodes move up, so that no free place comes between a node and the place of its hash.
    const auto distance = [this](std::size_t from, std::size_t to) { return (to - from) & (hashes_.size() - 1); };
    for (std::size_t place = after(hole); hashes_[place] != 0; place = after(place)) {
        if (distance(home_of(hashes_[place]), place) >= distance(hole, place)) {
            hashes_[hole] = hashes_[place];
            nodes_[hole] = nodes_[place];
            hole = place;
        }
    }
    hashes_[hole] = 0;
}

void SeriesTable::grow() {
    std::vector<std::uint32_t> hashes(2 * hashes_.size());
    std::vector<SeriesNode*> nodes(2 * nodes_.size());
    hashes_.swap(hashes);
    nodes_.swap(nodes);
    for (std::size_t old = 0; old < hashes.size(); ++old) {
        if (hashes[old] != 0) {
            put(hashes[old], nodes[old]);
        }
    }
}

} // namespace tickertape::point
