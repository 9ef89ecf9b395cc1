// SPDX-License-Identifier: MIT
/// \file
/// A model of tcollector's treatment of the lines of one collector, as observed from outside; shares no code with Dedup.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// tcollector's treatment of a collector's lines at its default settings: which lines it forwards to the TSD.
class TcollectorModel {
public:
    /// Takes one line without its newline.
    void process_line(const std::string& line);

    /// The lines forwarded so far of each series, a series being the metric and the text of the tags.
    using Forwarded = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;
    [[nodiscard]] const Forwarded& forwarded() const { return forwarded_; }
    /// Lines that it dropped because they are malformed, or older than the last one sent.
    [[nodiscard]] std::size_t invalid() const { return invalid_; }
    [[nodiscard]] std::size_t lines() const { return lines_; }

private:
    struct Seen {
        std::string value; // compared as text
        double stamp;      // when a line of this series was last sent for its own sake
        std::string line;  // the last one
        bool withheld;     // whether that line was kept back
    };

    std::map<std::pair<std::string, std::string>, Seen> seen_;
    Forwarded forwarded_;
    std::size_t invalid_ = 0;
    std::size_t lines_ = 0;
};

} // namespace test
