// SPDX-License-Identifier: MIT
#include "cli/lint/examiner.hpp"

#include <algorithm>
#include <iterator>

#include "cli/lint/bytes.hpp"

namespace tickertape::cli::lint {

namespace {

constexpr std::size_t longest_telnet_line = 1024; // of OpenTSDB, without the newline
// VictoriaMetrics' limit for a key, and for the metric, which it treats as a value, in bytes.
constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = 16384;

/// Returns the kinds of bytes that separate words, other than the blank.
std::uint8_t separators_of(Target target) noexcept {
    switch (target) {
    case Target::tcollector: return blank_byte | white_byte | separator_byte;
    case Target::influxdb: return blank_byte | white_byte;
    case Target::opentsdb:
    case Target::victoriametrics: break;
    }
    return blank_byte;
}

/// Orders tags by key. Equal keys stay in their written order.
bool by_key(const LineTag& a, const LineTag& b) noexcept {
    return a.key != b.key ? a.key < b.key : a.word.data() < b.word.data();
}

bool checks_names(Target target) noexcept { return target == Target::tcollector || target == Target::opentsdb; }

} // namespace

Examiner::Examiner(Target target, std::string host, const FaultSet& ignored)
    : target_{target}, host_{std::move(host)}, separators_{separators_of(target)} {
    for (const Rule& rule : rules_of(target)) {
        if (!ignored.has(rule.fault)) {
            by_fault_[static_cast<std::size_t>(rule.fault)] = &rule;
            minded_.add(rule.fault);
        }
    }
}

void Examiner::observe(Fault fault, std::string_view token) {
    if (const Rule* const rule = rule_of(fault)) {
        seen_.push_back({rule, token});
    }
}

void Examiner::observe_first(const FaultSet& faults, std::string_view token) {
    if ((faults & minded_).empty()) {
        return;
    }
    for (const Rule& rule : rules_of(target_)) {
        if (faults.has(rule.fault) && rule_of(rule.fault) != nullptr) {
            seen_.push_back({&rule, token});
            return;
        }
    }
}

std::span<const Observation> Examiner::examine(std::string_view line, const LinePlace& place) {
    seen_.clear();
    words_.metric = words_.stamp = words_.value = {};
    words_.tags.clear();
    words_.characters = words_.bytes = 0;
    has_tags_ = has_host_ = false;
    if (line.size() >= longest_line) {
        observe(Fault::line_length, {});
        return seen_;
    }
    const std::uint8_t kinds = kinds_in(line);
    look_at_bytes(line, kinds, place);
    if (is_dropped()) {
        return seen_; // the fault explains the faults of the words
    }
    if (!place.has_end && rule_of(Fault::no_newline) != nullptr) {
        observe(Fault::no_newline, {});
        return seen_; // the line may be incomplete
    }
    std::string_view text = line;
    if ((kinds & high_byte) != 0 && (separators_ & white_byte) != 0 && first_not_utf8(line).empty()) {
        blank_unicode_white_space(line, unicode_);
        text = unicode_;
    }
    non_ascii_ = (kinds & high_byte) != 0;
    if (cut(text, place)) {
        look_at_tags();
        if (non_ascii_ && rule_of(Fault::metric_utf8) != nullptr) {
            if (!first_not_utf8(words_.metric).empty()) {
                observe(Fault::metric_utf8, words_.metric);
            } else if (const std::string_view bad = first_not_utf8(line); !bad.empty()) {
                observe(Fault::utf8, bad);
            }
        }
    }
    look_at_lengths();
    return seen_;
}

bool Examiner::is_dropped() const noexcept {
    return std::any_of(seen_.begin(), seen_.end(),
                       [](const Observation& one) { return one.rule->harm >= Harm::dropped; });
}

void Examiner::look_at_bytes(std::string_view line, std::uint8_t kinds, const LinePlace& place) {
    if (place.is_first) {
        const bool telnet = target_ == Target::victoriametrics
                                ? line.starts_with('p')
                                : line.empty() || line.front() < 'A' || line.front() > 'Z';
        if (!telnet) {
            observe(Fault::first_byte, line.substr(0, 1));
        }
    }
    if (target_ == Target::opentsdb && line.size() > longest_telnet_line) {
        observe(Fault::line_length, {});
    }
    constexpr std::uint8_t usual = name_byte | blank_byte | other_byte;
    if ((kinds & static_cast<std::uint8_t>(~usual)) == 0) {
        return;
    }
    if ((kinds & nul_byte) != 0) {
        observe(Fault::nul, {});
    }
    const std::string_view before_end = line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
    if (before_end.find('\r') != std::string_view::npos) {
        observe(Fault::carriage_return, {});
    }
    if (target_ == Target::opentsdb ? has_tab_for_opentsdb(line) : has_tab(line)) {
        observe(Fault::tab, {});
    }
    if ((kinds & high_byte) != 0 &&
        rule_of(Fault::metric_utf8) == nullptr) { // if there is such a rule, the position of the bytes matters
        if (const std::string_view bad = first_not_utf8(line); !bad.empty()) {
            observe(Fault::utf8, bad);
        }
    }
}

bool Examiner::is_separator(char c) const noexcept { return (kind_of(c) & separators_) != 0; }

/// Takes the next word from `rest`. OpenTSDB splits at each blank, the others at runs of separators. Returns an empty word at the
/// end.
std::string_view Examiner::next_word(std::string_view& rest) const noexcept {
    std::size_t begin = 0;
    if (target_ != Target::opentsdb) {
        while (begin < rest.size() && is_separator(rest[begin])) {
            ++begin;
        }
    }
    std::size_t end = begin;
    while (end < rest.size() && !is_separator(rest[end])) {
        ++end;
    }
    const std::string_view word = rest.substr(begin, end - begin);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

/// Returns whether the line is a put. `rest` becomes the text after that word.
bool Examiner::take_command(std::string_view& rest) {
    const std::string_view line = rest;
    const std::string_view command = next_word(rest);
    if (target_ == Target::tcollector) {
        std::string_view behind = rest;
        const std::string_view stamp = next_word(behind);
        if (command == "put" && !stamp.empty() && (stamp[0] < '0' || stamp[0] > '9')) {
            observe(Fault::put_prefix, command);
        } else {
            rest = line;
        }
        return true;
    }
    if (command == "put") {
        return true;
    }
    if (target_ == Target::opentsdb && (command == "diediedie" || command == "exit")) {
        observe(Fault::stop_command, command);
    } else if (target_ == Target::opentsdb && command.empty()) {
        observe(Fault::leading_blank, command);
    } else {
        observe(Fault::not_put, command);
    }
    return false;
}

bool Examiner::cut(std::string_view line, const LinePlace& place) {
    if (target_ != Target::tcollector && line.ends_with('\r')) {
        line.remove_suffix(1); // tcollector takes a carriage return for white space
    }
    std::string_view rest = line;
    if (line.empty() || (target_ != Target::opentsdb && next_word(rest).empty())) {
        observe(Fault::blank_line, line);
        return false;
    }
    rest = line;
    if (!take_command(rest)) {
        return false;
    }
    // OpenTSDB and VictoriaMetrics recognize a command only if a blank follows it.
    const std::string_view words = rest;
    words_.metric = next_word(rest);
    words_.stamp = next_word(rest);
    words_.value = next_word(rest);
    const bool some_are_empty = words_.metric.empty() || words_.stamp.empty() || words_.value.empty();
    if (target_ == Target::opentsdb) {
        if (some_are_empty && std::count(words.begin(), words.end(), ' ') < 3) {
            observe(Fault::too_few, words);
            return false;
        }
        if (some_are_empty) {
            observe(Fault::empty_word, words);
            return false;
        }
    } else if (some_are_empty) {
        observe(Fault::too_few, words);
        return false;
    }
    look_at_name(words_.metric, longest_value, Fault::metric_character, words_.metric);
    words_.time = read_stamp(words_.stamp, target_, place.now);
    look_at_number(words_.time.faults, words_.stamp);
    words_.number = read_number(words_.value, target_);
    look_at_number(words_.number.faults, words_.value);
    words_.bytes = words_.metric.size() + words_.stamp.size() + words_.value.size() + 2;
    words_.characters =
        non_ascii_ ? characters_in(words_.metric) + characters_in(words_.stamp) + characters_in(words_.value) + 2
                   : words_.bytes;
    while (!rest.empty()) {
        if (const std::string_view word = next_word(rest); !word.empty()) {
            words_.bytes += word.size() + 1;
            words_.characters += (non_ascii_ ? characters_in(word) : word.size()) + 1;
            take_tag(word);
        }
    }
    return true;
}

void Examiner::look_at_number(const FaultSet& faults, std::string_view token) {
    if (target_ == Target::tcollector && non_ascii_ && (kinds_in(token) & high_byte) != 0) {
        observe(Fault::non_ascii, token); // Python reads the digits of all scripts
    } else {
        observe_first(faults, token);
    }
}

void Examiner::look_at_name(std::string_view name, std::size_t longest, Fault fault, std::string_view token) {
    if (name.ends_with('\\')) {
        observe(Fault::backslash, token);
    }
    if (name.size() > longest) {
        observe(Fault::name_length, token);
    }
    if (!checks_names(target_)) {
        return;
    }
    const std::uint8_t kinds = kinds_in(name);
    if (kinds == name_byte) {
        return;
    }
    if (target_ == Target::tcollector) {
        observe((kinds & high_byte) != 0 && first_not_utf8(name).empty() ? Fault::non_ascii : fault, token);
        return;
    }
    const bool all_letters =
        std::all_of(name.begin(), name.end(), [](char c) { return (kind_of(c) & (name_byte | latin_letter)) != 0; });
    if (!all_letters) {
        observe(fault, token);
    } else if (first_not_utf8(name).empty()) {
        observe(Fault::non_ascii, token);
    }
}

void Examiner::take_tag(std::string_view word) {
    has_tags_ = true;
    const std::size_t sign = word.find('=');
    if (sign == std::string_view::npos) {
        observe(Fault::tag_form, word);
        return;
    }
    const LineTag tag{word, word.substr(0, sign), word.substr(sign + 1)};
    if (tag.key.empty() || tag.value.empty()) {
        observe(Fault::tag_empty, word);
        return;
    }
    const std::size_t before = seen_.size();
    look_at_name(tag.key, longest_key, Fault::tag_character, word);
    if (seen_.size() == before) {
        look_at_name(tag.value, longest_value, Fault::tag_character, word);
    }
    has_host_ = has_host_ || tag.key == "host";
    if (tag.key == "__name__") {
        observe(Fault::tag_metric, word);
    }
    words_.tags.push_back(tag);
}

void Examiner::look_at_tags() {
    const std::vector<LineTag>& tags = words_.tags;
    if (!has_tags_) {
        observe(Fault::tag_none, {});
    }
    const std::size_t distinct = look_at_keys();
    constexpr std::size_t most_of_victoriametrics = 29;
    if (target_ == Target::victoriametrics && tags.size() > most_of_victoriametrics) {
        observe(Fault::tag_count, tags[most_of_victoriametrics].word);
    }
    constexpr std::size_t most_of_opentsdb = 8;
    const bool adds_host = target_ == Target::tcollector && !has_host_;
    if (checks_names(target_) && distinct + (adds_host ? 1 : 0) > most_of_opentsdb) {
        observe(Fault::tag_count, {});
    }
}

/// Returns the number of different keys. Reports a key that occurs with two values.
std::size_t Examiner::look_at_keys() {
    sorted_tags_.assign(words_.tags.begin(), words_.tags.end());
    constexpr std::size_t few = 16;
    if (sorted_tags_.size() > few) {
        std::sort(sorted_tags_.begin(), sorted_tags_.end(), by_key);
    } else {
        for (std::size_t i = 1; i < sorted_tags_.size(); ++i) { // an insertion sort, because it does not allocate
            std::rotate(std::upper_bound(sorted_tags_.begin(), sorted_tags_.begin() + static_cast<std::ptrdiff_t>(i),
                                         sorted_tags_[i], by_key),
                        sorted_tags_.begin() + static_cast<std::ptrdiff_t>(i),
                        sorted_tags_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        }
    }
    look_at_time_tag();
    std::size_t distinct = sorted_tags_.empty() ? 0 : 1;
    for (std::size_t i = 1; i < sorted_tags_.size(); ++i) {
        const LineTag& tag = sorted_tags_[i];
        if (tag.key != sorted_tags_[i - 1].key) {
            ++distinct;
        } else if (tag.value != sorted_tags_[i - 1].value) {
            observe(Fault::tag_repeated, tag.word);
        }
    }
    return distinct;
}

void Examiner::look_at_time_tag() {
    const auto found =
        std::find_if(sorted_tags_.begin(), sorted_tags_.end(), [](const LineTag& tag) { return tag.key == "time"; });
    if (found == sorted_tags_.end()) {
        return;
    }
    const std::string_view before = found == sorted_tags_.begin() ? words_.metric : std::prev(found)->word;
    if (!before.ends_with('\\')) { // after a backslash InfluxDB reads the tag as a part of the value before it
        observe(Fault::tag_time, found->word);
    }
}

void Examiner::look_at_lengths() {
    switch (target_) {
    case Target::tcollector: {
        constexpr std::string_view host_tag = " host=";
        const std::size_t on_the_wire =
            words_.bytes + std::string_view{"put "}.size() + (has_host_ ? 0 : host_tag.size() + host_.size());
        // A line that cannot be split into words is dropped, whatever its length.
        if (words_.characters >= longest_telnet_line) {
            observe(Fault::line_length, {});
        } else if (on_the_wire > longest_telnet_line && !is_dropped()) {
            observe(Fault::wire_length, {});
        }
        break;
    }
    case Target::influxdb: {
        constexpr std::size_t longest_series = 65535;
        std::size_t bytes = words_.metric.size();
        for (const LineTag& tag : words_.tags) {
            bytes += 1 + tag.word.size();
        }
        if (bytes > longest_series) {
            observe(Fault::series_length, {});
        }
        break;
    }
    case Target::opentsdb: // the bytes were checked before
    case Target::victoriametrics: break;
    }
}

} // namespace tickertape::cli::lint
