// SPDX-License-Identifier: MIT
#define PCRE2_CODE_UNIT_WIDTH 8
#include <tickertape/pattern.hpp>

#include <pcre2.h>

#include <array>
#include <new>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"

namespace tickertape {

namespace {

struct Free {
    void operator()(pcre2_code* code) const noexcept { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const noexcept { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const noexcept { pcre2_match_context_free(context); }
};

std::string reason(int error) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data()); // NOLINT(*-reinterpret-cast): bytes of ASCII
}

} // namespace

struct Pattern::State {
    std::string expression;
    std::unique_ptr<pcre2_code, Free> code{};
    std::unique_ptr<pcre2_match_data, Free> data{};
    std::unique_ptr<pcre2_match_context, Free> limits{};
};

Pattern::Pattern(const std::string& expression) : state_{std::make_unique<State>(State{.expression = expression})} {
    int error = 0;
    PCRE2_SIZE place = 0;
    state_->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), // NOLINT(*-reinterpret-cast)
                                     expression.size(), PCRE2_NEVER_UTF, &error, &place, nullptr));
    if (!state_->code) {
        throw UsageError{base::quote(expression).append(" is no regular expression: ").append(reason(error))};
    }
    state_->data.reset(pcre2_match_data_create_from_pattern(state_->code.get(), nullptr));
    state_->limits.reset(pcre2_match_context_create(nullptr));
    if (!state_->data || !state_->limits) {
        throw std::bad_alloc{};
    }
    constexpr std::uint32_t most_kib = 4096;
    pcre2_set_match_limit(state_->limits.get(), most_steps);
    pcre2_set_depth_limit(state_->limits.get(), most_steps);
    pcre2_set_heap_limit(state_->limits.get(), most_kib);
}

Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::search(std::string_view text) {
    const auto* const begin = reinterpret_cast<PCRE2_SPTR>(text.data()); // NOLINT(*-reinterpret-cast)
    const int found =
        pcre2_match(state_->code.get(), begin, text.size(), 0, 0, state_->data.get(), state_->limits.get());
    if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
        ++given_up_;
        // Message: pattern 'REGEX': a search failed (REASON): the line counts as no match
        // Cause: The regular expression needs more steps for a line than its limit.
        // Remedy: Write a simpler expression for --match: one without nested repetitions.
        base::report(base::concat("pattern ", base::quote(state_->expression), ": a search failed (", reason(found),
                                  "): the line counts as no match"));
    }
    return found > 0;
}

bool Pattern::matches(std::string_view text) { return search(text); }

std::optional<std::string_view> Pattern::group(std::string_view text, std::size_t number) {
    if (!search(text) || number >= pcre2_get_ovector_count(state_->data.get())) {
        return std::nullopt;
    }
    const PCRE2_SIZE* const places = pcre2_get_ovector_pointer(state_->data.get());
    const std::size_t begin = places[2 * number];   // NOLINT(*-pointer-arithmetic)
    const std::size_t end = places[2 * number + 1]; // NOLINT(*-pointer-arithmetic)
    if (begin == PCRE2_UNSET || end < begin || end > text.size()) {
        return std::nullopt;
    }
    return text.substr(begin, end - begin);
}

} // namespace tickertape
