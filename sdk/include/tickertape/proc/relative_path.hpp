// SPDX-License-Identifier: MIT
/// \file
/// RelativePath: the name of a file below a root, put together.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace tickertape::proc {

/// Made of parts without allocating. It has room for two file names of the greatest length. A longer path is cut, and so
/// names no file.
///
/// Thread safety: none.
class RelativePath {
public:
    explicit RelativePath(std::string_view begin) noexcept { append(begin); }

    RelativePath& append(std::string_view part) noexcept {
        part = part.substr(0, text_.size() - 1 - size_);
        std::copy(part.begin(), part.end(), text_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += part.size();
        return *this;
    }
    RelativePath& append(int number) noexcept {
        std::array<char, 12> digits{};
        const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        return append(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
    }

    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, 640> text_{}; // ends with a zero
    std::size_t size_ = 0;
};

} // namespace tickertape::proc
