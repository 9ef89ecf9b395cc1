// SPDX-License-Identifier: MIT
/// \file
/// Ledger: counts the lines that a fake TSD receives, and keeps them.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "stage/ledger.hpp"

namespace tickertape::testkit {

/// A set of 64-bit hashes with open addressing: an insertion costs one cache miss.
///
/// Thread safety: none.
class HashSet {
public:
    /// Returns false if the hash was in the set.
    bool insert(std::uint64_t hash);
    [[nodiscard]] bool contains(std::uint64_t hash) const;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void clear();

private:
    [[nodiscard]] std::size_t place_of(std::uint64_t hash) const;

    std::vector<std::uint64_t> places_; // 0 marks a free place
    std::size_t size_ = 0;
};

/// The lines of one read of one connection. They are added to the ledger together.
///
/// Thread safety: none; each connection has its own.
class Batch {
public:
    Batch(Keep keep, bool with_text) : keep_{keep}, with_text_{with_text} {}

    void line(std::string_view text, bool stored, bool refused);
    void request(HttpRequest request) { requests_.push_back(std::move(request)); }

    Received counts; ///< without distinct, duplicates, connections and open

private:
    friend class Ledger;
    struct Entry {
        std::size_t size;
        bool stored;
    };

    Keep keep_;
    bool with_text_;
    std::vector<std::uint64_t> stored_hashes_;
    std::string text_;
    std::vector<Entry> entries_;
    std::vector<HttpRequest> requests_;
};

/// The accounts of all connections.
///
/// Thread safety: every function may be called from any thread.
class Ledger {
public:
    using OnLine = std::function<void(std::string_view)>;

    Ledger(Keep keep, std::size_t keep_at_most, OnLine on_line)
        : keep_{keep}, keep_at_most_{keep_at_most}, on_line_{std::move(on_line)} {}

    [[nodiscard]] Keep keep() const noexcept { return keep_; }
    [[nodiscard]] Batch batch() const { return {keep_, keep_ == Keep::lines || on_line_}; }
    /// Returns the number of the connection.
    std::size_t connected();
    void disconnected();
    /// Adds the batch to the counts, and empties it.
    void enter(std::size_t connection, Batch& batch);

    [[nodiscard]] Received received() const;
    [[nodiscard]] bool contains(std::string_view line) const;
    [[nodiscard]] std::vector<std::string> lines() const;
    [[nodiscard]] std::vector<std::string> lines_of(std::size_t connection) const;
    [[nodiscard]] std::vector<HttpRequest> requests() const;
    void clear();
    bool wait_until(const std::function<bool(const Received&)>& condition, std::chrono::milliseconds at_most) const;

private:
    struct Entry {
        std::size_t offset;
        std::size_t size;
        std::size_t connection;
        bool stored;
    };
    [[nodiscard]] std::vector<std::string> select(const std::function<bool(const Entry&)>& wanted) const;

    const Keep keep_;
    const std::size_t keep_at_most_;
    const OnLine on_line_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    Received counts_;
    std::size_t next_connection_ = 0;
    HashSet distinct_;
    std::string text_;
    std::vector<Entry> entries_;
    std::vector<HttpRequest> requests_;
};

} // namespace tickertape::testkit
