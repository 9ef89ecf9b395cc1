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
#include "push/trouble.hpp"

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
    Trouble trouble{};
    std::string asks_for{}; ///< of a probe, which is one point: the series or point in quarantine that it asks for

    [[nodiscard]] bool is_probe() const noexcept { return !asks_for.empty(); }
};

/// The consequences of one answer.
struct Settlement {
    std::size_t stored = 0;       ///< so many points are acknowledged
    std::size_t stored_bytes = 0; ///< of them, and one for each
    PutPoints rejected{};         ///< for good
    PutPoints unknown{};          ///< of metrics that the server does not know
    std::vector<PutWork> again{}; ///< to be sent, these first; when `is_wholesale`, when it has taken something else
    bool is_wholesale = false;    ///< the server has refused all that it ever got, and is not believed
};

/// Goes by what an answer says of each point. Points that are named as bad are rejected. When only something among them is
/// said to be bad, they are halved until the bad ones are alone; a server that has taken nothing yet gets ten samples of ten
/// or more points first, one by one. What a server refuses that has refused all it ever got is kept: fewer than ten points that it
/// names are believed to be bad, but nothing else.
///
/// Thread safety: none.
class Refusals {
public:
    static constexpr std::size_t enough_to_judge = 10;

    /// `results` has one for each point of `work`. `is_proven`: the server has taken points before.
    [[nodiscard]] Settlement settle(PutWork work, const std::vector<PointResult>& results, bool is_proven);
    /// How many points wait for what becomes of samples.
    [[nodiscard]] std::size_t held() const noexcept;
    [[nodiscard]] static constexpr std::string_view wholesale() noexcept {
        return "it refuses all that it is sent, which is kept";
    }

private:
    void settle_sample(PutWork work, bool is_refused, Settlement& settlement);
    void settle_refused(const PutWork& work, PutPoints refused, bool is_proven, Settlement& settlement);
    void settle_unsure(const PutWork& work, PutPoints unsure, bool is_proven, Settlement& settlement);
    void begin_trial(const PutWork& work, PutPoints unsure, Settlement& settlement);

    std::vector<std::weak_ptr<PutWork::Trial>> trials_;
    std::size_t refused_ = 0; // points that were named and rejected while nothing was taken
};

} // namespace tickertape::push
