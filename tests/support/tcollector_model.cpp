// SPDX-License-Identifier: MIT
#include "support/tcollector_model.hpp"

#include <regex>

namespace test {

void TcollectorModel::process_line(const std::string& line) {
    static const std::regex grammar{
        "([-_./a-zA-Z0-9]+) ([0-9]+\\.?[0-9]+) ([^ ]+)((?: [-_./a-zA-Z0-9]+=[-_./a-zA-Z0-9]+)*)"};
    ++lines_;
    std::smatch words;
    if (line.size() >= 1024 || !std::regex_match(line, words, grammar)) {
        ++invalid_;
        return;
    }
    const std::pair series{words[1].str(), words[4].str()};
    const std::string digits = words[2].str();
    const double stamp = std::stod(digits);
    const std::string value = words[3].str();
    const double window = digits.size() > 11 ? 300'000 : 300;

    const auto known = seen_.find(series);
    if (known == seen_.end()) {
        seen_[series] = {value, stamp, line, false};
        forwarded_[series].push_back(line);
        return;
    }
    Seen& last = known->second;
    if (stamp <= last.stamp) {
        ++invalid_; // out of order
        return;
    }
    const bool window_is_over = stamp - last.stamp >= window;
    if (value == last.value) {
        if (!window_is_over) {
            last.line = line;
            last.withheld = true;
            return;
        }
    } else if (last.withheld || window_is_over) {
        forwarded_[series].push_back(last.line); // even one that has been sent
    }
    forwarded_[series].push_back(line);
    last = {value, stamp, line, false};
}

} // namespace test
