// SPDX-License-Identifier: MIT
#include "base/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tickertape::base {

namespace {

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last = std::exchange(last, std::move(row));
        row.assign(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
    }
    return row.back();
}

} // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& words) {
    constexpr std::size_t longest = 64; // flags and commands are shorter
    std::string best;
    std::size_t least = typed.size() > longest ? 0 : typed.size() / 3 + 1;
    for (const std::string& word : words) {
        if (const std::size_t far = least == 0 ? 0 : distance(typed, word); far < least) {
            best = word;
            least = far;
        }
    }
    return best;
}

} // namespace tickertape::base
