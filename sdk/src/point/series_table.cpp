// SPDX-License-Identifier: MIT
#include "point/series_table.hpp"

#include <pthread.h>

#include <functional>
#include <new>

namespace tickertape::point {

namespace {

constexpr std::size_t first_buckets = 64;

// Hashes only the text, so all series with the same text are in one bucket.
std::uint32_t hash_of(std::string_view text) noexcept {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

bool matches(const SeriesNode& node, const SeriesIdentity& key) noexcept {
    return node.step == key.step && node.reserve_host == key.reserve_host && node.merge == key.merge &&
           node.text() == key.text;
}

SeriesNode* make_node(const SeriesIdentity& key, std::uint32_t hash) {
    void* memory = ::operator new(sizeof(SeriesNode) + key.text.size());
    auto* node = new (memory) SeriesNode{.references = 1,
                                         .hash = hash,
                                         .next = nullptr,
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

SeriesTable::SeriesTable() : buckets_(first_buckets) {
    // A fork while another thread holds the mutex would leave it locked in the child for ever.
    fork_mutex = &mutex_;
    pthread_atfork([] { fork_mutex->lock(); }, [] { fork_mutex->unlock(); }, [] { fork_mutex->unlock(); });
}

SeriesTable& SeriesTable::instance() {
    static SeriesTable& table = *new SeriesTable;
    return table;
}

SeriesNode* SeriesTable::intern(const SeriesIdentity& key) {
    const std::uint32_t hash = hash_of(key.text);
    const std::lock_guard lock{mutex_};
    for (SeriesNode* node = buckets_[hash & (buckets_.size() - 1)]; node != nullptr; node = node->next) {
        if (node->hash == hash && matches(*node, key)) {
            node->references.fetch_add(1, std::memory_order_relaxed);
            return node;
        }
    }
    if (2 * size_ >= buckets_.size()) { // each node that a lookup passes costs a cache miss
        grow();
    }
    SeriesNode* node = make_node(key, hash);
    SeriesNode*& head = buckets_[hash & (buckets_.size() - 1)];
    node->next = head;
    head = node;
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
    {
        const std::lock_guard lock{mutex_};
        if (node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) {
            return; // found or copied meanwhile
        }
        SeriesNode** link = &buckets_[node->hash & (buckets_.size() - 1)];
        while (*link != node) {
            link = &(*link)->next;
        }
        *link = node->next;
        --size_;
    }
    node->~SeriesNode();
    ::operator delete(node);
}

bool SeriesTable::claim(const Series& series) {
    SeriesNode& its = *series.node_;
    const std::lock_guard lock{mutex_};
    for (const SeriesNode* node = buckets_[its.hash & (buckets_.size() - 1)]; node != nullptr; node = node->next) {
        if (node->claimed && node->hash == its.hash && node->text() == its.text()) {
            return false;
        }
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

void SeriesTable::grow() {
    std::vector<SeriesNode*> wider(buckets_.size() * 2);
    for (SeriesNode* node : buckets_) {
        while (node != nullptr) {
            SeriesNode*& head = wider[node->hash & (wider.size() - 1)];
            SeriesNode* const rest = node->next;
            node->next = head;
            head = node;
            node = rest;
        }
    }
    buckets_ = std::move(wider);
}

} // namespace tickertape::point
