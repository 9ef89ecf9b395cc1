// SPDX-License-Identifier: MIT
/// \file
/// Refusals: decides which points are bad, and whether the server is wrong.
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
        half,   ///< a part of a few points, one of them bad
        sample, ///< one point, to test whether the server accepts any of these points
        part,   ///< a part of many points, some of them bad, after the server accepted samples
    };
    struct Trial;

    PutPoints points{};
    Sent sent = Sent::never;
    Kind kind = Kind::fresh;
    std::shared_ptr<Trial> trial{}; ///< of a sample
    Trouble trouble{};
    std::string asks_for{}; ///< for a probe (one point): the series or point in quarantine that it tests

    [[nodiscard]] bool is_probe() const noexcept { return !asks_for.empty(); }
};

/// The consequences of one answer.
struct Settlement {
    std::size_t stored = 0;       ///< acknowledged points
    std::size_t stored_bytes = 0; ///< their bytes, plus one for each point
    PutPoints rejected{};         ///< refused for good
    PutPoints unknown{};          ///< of metrics that the server does not know
    std::vector<PutWork> again{}; ///< to send next; if `is_wholesale`, after the server has accepted other points
    bool is_wholesale = false;    ///< the server has refused every point so far, so its refusal is not trusted
};

/// Decides about each point from an answer. Points that the answer names as bad are rejected. If the answer only reports that
/// some points are bad, they are halved until the bad ones are alone. For ten or more points, a server that has accepted no point
/// so far gets ten samples first, one by one. If the server has refused every point so far, points are kept, except fewer than
/// ten points that it names as bad.
///
/// Thread safety: none.
class Refusals {
public:
    static constexpr std::size_t enough_to_judge = 10;

    /// `results` has an entry for each point of `work`. `is_proven`: the server has accepted points before.
    [[nodiscard]] Settlement settle(PutWork work, const std::vector<PointResult>& results, bool is_proven);
    /// Returns the number of points that wait for the results of samples.
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
    std::size_t refused_ = 0; // points that were named and rejected before any point was accepted
};

} // namespace tickertape::push
