// SPDX-License-Identifier: MIT
/// \file
/// Refusals: which points are bad, and when it is the server that is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "push/put_answer.hpp"
#include "push/put_body.hpp"
#include "push/sent.hpp"

namespace tickertape::push {

/// Points for one request.
struct PutWork {
    enum class Kind : std::uint8_t {
        fresh,  ///< may be sent together with others
        half,   ///< of a few, one of which is bad
        sample, ///< one point, to see whether its like are taken at all
        part,   ///< of many, some of which are bad, after samples were taken
    };
    struct Trial;

    PutPoints points{};
    Sent sent = Sent::never;
    Kind kind = Kind::fresh;
    std::shared_ptr<Trial> trial{}; ///< of a sample
};

/// What follows from one answer.
struct Ruling {
    std::size_t stored = 0;       ///< so many points are acknowledged
    std::size_t stored_bytes = 0; ///< of them, and one for each
    PutPoints rejected{};         ///< for good
    std::vector<PutWork> again{}; ///< to be sent, these first
    bool is_wholesale = false;    ///< the server refuses too much to be believed: leave it alone for a while
};

/// Goes by what an answer says of each point. Points that are named as bad are rejected. When only something among them is
/// said to be bad, ten samples of ten or more points are sent one by one; when these are taken, the others are halved until
/// the bad ones are alone. In any case, where more than half of ten or more points would be rejected, or of so many that
/// came one after the other in small requests, none is.
///
/// Thread safety: none.
class Refusals {
public:
    static constexpr std::size_t enough_to_judge = 10;

    /// `fates` has one for each point of `work`.
    [[nodiscard]] Ruling rule(PutWork work, const std::vector<Fate>& fates);
    /// How many points wait for what becomes of samples.
    [[nodiscard]] std::size_t held() const noexcept;
    [[nodiscard]] static constexpr std::string_view wholesale() noexcept {
        return "it refuses more than half of what it is sent, which is kept";
    }

private:
    void rule_on_sample(PutWork work, bool is_refused, Ruling& ruling);
    void rule_on_refused(const PutWork& work, PutPoints refused, Ruling& ruling);
    void rule_on_unsure(const PutWork& work, PutPoints unsure, Ruling& ruling);
    void begin_trial(const PutWork& work, PutPoints unsure, Ruling& ruling);
    [[nodiscard]] bool is_too_much(std::size_t points, std::size_t refused) noexcept;

    std::vector<std::weak_ptr<PutWork::Trial>> trials_;
    std::size_t small_points_ = 0; // of small requests, since one that was taken
    std::size_t small_refused_ = 0;
};

} // namespace tickertape::push
