// SPDX-License-Identifier: MIT
/// \file
/// ParseError and SkippedRows: kernel files, and rows of them, that cannot be parsed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tickertape::proc {

/// Thrown for a kernel file that cannot be parsed. `what()` names file, line and token.
class ParseError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The rows of kernel files that a reader could not read and left out. Each row is counted each time, but reported once:
/// file, first word and the number of the wrong field identify a row, so another value or another place in the
/// file is not reported again. At most `most_reported` rows of a file are reported.
///
/// Thread safety: any thread.
class SkippedRows {
public:
    using Report = std::function<void(std::string_view sentence)>;

    /// Any reading thread may call `report`. Without `report`, rows are reported on stderr, as `warn` does.
    explicit SkippedRows(Report report = nullptr);

    /// Counts a row of `file` that begins with `name`; `field` is the number of the wrong one. `sentence` names file, line,
    /// field and token.
    void add(std::string_view file, std::string_view name, std::size_t field, std::string_view sentence);

    /// Returns the number of rows that were left out so far. The same row in two readings counts twice.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    /// The same for all readers of this process.
    [[nodiscard]] static std::uint64_t count_of_all() noexcept;

    static constexpr std::size_t most_reported = 8;
    static constexpr std::size_t most_files = 256; ///< the most files whose rows are reported

private:
    Report report_;
    std::atomic<std::uint64_t> count_{0};
    std::mutex mutex_;
    std::map<std::string, std::set<std::size_t>, std::less<>> reported_; // hashes by file
};

} // namespace tickertape::proc
