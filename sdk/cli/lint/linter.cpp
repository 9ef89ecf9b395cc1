// SPDX-License-Identifier: MIT
#include "cli/lint/linter.hpp"

#include <algorithm>
#include <utility>

namespace tickertape::cli::lint {

namespace {

std::variant<TcollectorHistory, StoreHistory> history_for(const LinterOptions& options) {
    if (options.target == Target::tcollector) {
        return TcollectorHistory{options.series};
    }
    return StoreHistory{options.target, options.series};
}

} // namespace

Linter::Linter(LinterOptions options)
    : examiner_{options.target, options.host, options.ignored}, history_{history_for(options)} {}

void Linter::tell(const Rule* rule, std::string_view token) {
    if (rule == nullptr) {
        return;
    }
    findings_.push_back({rule, std::string{token}});
    ++findings_count_;
    ++counts_[static_cast<std::size_t>(rule->fault)];
    worst_ = std::max(worst_.value_or(rule->harm), rule->harm);
}

std::span<const Finding> Linter::add(std::string_view line, bool has_end, std::int64_t now) {
    findings_.clear();
    LinePlace place{.is_first = ++lines_ == 1, .has_end = has_end, .now = now};
    // Python reads with universal newlines: a carriage return ends a line, too.
    if (examiner_.target() == Target::tcollector && line.size() < Examiner::longest_line) {
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        std::size_t end = line.find('\r');
        if (end != std::string_view::npos) {
            tell(examiner_.rule_of(Fault::carriage_return), {});
        }
        for (; end != std::string_view::npos; end = line.find('\r')) {
            add_part(line.substr(0, end), {.is_first = std::exchange(place.is_first, false), .now = now});
            line.remove_prefix(end + 1);
        }
    }
    add_part(line, place);
    return findings_;
}

void Linter::add_part(std::string_view line, const LinePlace& place) {
    for (const Observation& seen : examiner_.examine(line, place)) {
        tell(seen.rule, seen.token);
    }
    if (examiner_.is_dropped() || examiner_.words().value.empty()) {
        return;
    }
    remarks_.clear();
    std::visit([this](auto& history) { history.add(examiner_.words(), remarks_); }, history_);
    for (const Remark& remark : remarks_) {
        tell(examiner_.rule_of(remark.fault), remark.token);
    }
}

std::uint64_t Linter::forgotten() const {
    return std::visit([](const auto& history) { return history.forgotten(); }, history_);
}

std::uint64_t Linter::unchecked() const {
    return std::visit([](const auto& history) { return history.unchecked(); }, history_);
}

} // namespace tickertape::cli::lint
