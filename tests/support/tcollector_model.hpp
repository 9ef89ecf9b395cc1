// SPDX-License-Identifier: MIT
/// \file
/// A model of tcollector's treatment of the lines of one collector. It comes from observations, and shares no code with Dedup.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Decides which lines tcollector forwards to the TSD, with its default settings.
class TcollectorModel {
public:
    /// Takes a line without its newline.
    void process_line(const std::string& line);

    /// Returns the forwarded lines of each series. A series is the metric and the text of the tags.
    using Forwarded = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;
    [[nodiscard]] const Forwarded& forwarded() const { return forwarded_; }
    /// Returns the number of lines that it dropped, because they are malformed or older than the last sent one.
    [[nodiscard]] std::size_t invalid() const { return invalid_; }
    [[nodiscard]] std::size_t lines() const { return lines_; }

private:
    struct Seen {
        std::string value; // compared as text
        double stamp;      // when a line of this series was last sent, except held ones
        std::string line;  // the last line
        bool withheld;     // whether that line was held back
    };

    std::map<std::pair<std::string, std::string>, Seen> seen_;
    Forwarded forwarded_;
    std::size_t invalid_ = 0;
    std::size_t lines_ = 0;
};

} // namespace test
