// SPDX-License-Identifier: MIT
/// \file
/// Table: a kernel file of rows that is read time and again.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proc/root.hpp"

namespace tickertape::proc {

/// The file `name` below `root`, a row for each of its lines as `parse` makes them. It keeps what reading takes, so that only
/// a file that is larger than before allocates.
///
/// Thread safety: none; one thread at a time.
template <class Row, std::vector<Row> (*parse)(std::string_view text, std::string_view file, std::vector<Row> room)>
class Table {
public:
    /// `root` and `name` are borrowed.
    Table(const Root& root, const char* name) : root_{root}, name_{name}, path_{(root.path() / name).string()} {}

    /// The rows of now; they and what they point to are good until the next call. Throws std::system_error or ParseError that
    /// names the file.
    [[nodiscard]] std::span<const Row> read() {
        rows_ = parse(root_.need_all(name_, text_), path_, std::move(rows_));
        return rows_;
    }

private:
    const Root& root_;
    const char* name_;
    std::string path_;
    std::string text_;
    std::vector<Row> rows_;
};

} // namespace tickertape::proc
