// SPDX-License-Identifier: MIT
#include "support/prometheus_text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <set>
#include <stdexcept>
#include <utility>

namespace test {

namespace {

using Labels = std::map<std::string, std::string>;

class Parser {
public:
    std::map<std::string, PrometheusFamily> parse(std::string_view text) {
        if (!text.empty() && text.back() != '\n') {
            throw std::runtime_error{"the last line has no newline"};
        }
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            line_ = text.substr(0, end);
            text.remove_prefix(end + 1);
            line_.starts_with("# ") ? take_comment() : take_sample();
        }
        for (const auto& [name, family] : families_) {
            require(!family.samples.empty(), "a family without samples: " + name);
            if (family.type == "histogram") {
                check_histogram(name, family);
            }
        }
        return std::move(families_);
    }

private:
    void require(bool is_met, const std::string& what) const {
        if (!is_met) {
            throw std::runtime_error{what + " in '" + line_ + "'"};
        }
    }

    void take_comment() {
        static const std::regex form{"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)"};
        std::smatch parts;
        require(std::regex_match(line_, parts, form), "no HELP or TYPE");
        enter(parts[2]);
        PrometheusFamily& family = families_[name_];
        require(family.samples.empty(), "it comes behind a sample");
        std::string& field = parts[1] == "HELP" ? family.help : family.type;
        require(field.empty(), "it is there twice");
        field = parts[3];
        static const std::set<std::string> types{"counter", "gauge", "histogram", "summary", "untyped"};
        require(parts[1] == "HELP" || types.contains(field), "no such type");
    }

    /// A family is in one place.
    void enter(const std::string& name) {
        if (name != name_) {
            require(seen_.insert(name).second, "a family in two places");
            name_ = name;
        }
    }

    void take_sample() {
        static const std::regex form{R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? ([^ ]+))re"};
        std::smatch parts;
        require(std::regex_match(line_, parts, form), "no sample");
        PrometheusSample sample{.name = parts[1], .labels = labels_of(parts[3]), .value = number_of(parts[4])};
        enter(family_of(sample));
        PrometheusFamily& family = families_[name_];
        require(series_.insert({sample.name, sample.labels}).second, "a series twice");
        require(family.type != "counter" || sample.value >= 0, "a counter below 0");
        family.samples.push_back(std::move(sample));
    }

    [[nodiscard]] std::string family_of(const PrometheusSample& sample) const {
        const std::string& type = families_.contains(name_) ? families_.at(name_).type : "";
        if (type == "histogram" || type == "summary") {
            const std::string suffix = sample.name.starts_with(name_) ? sample.name.substr(name_.size()) : "other";
            const bool is_part = suffix == "_sum" || suffix == "_count" ||
                                 (type == "histogram" && suffix == "_bucket" && sample.labels.contains("le")) ||
                                 (type == "summary" && suffix.empty() && sample.labels.contains("quantile"));
            if (is_part) {
                return name_;
            }
            require(suffix == "other" || !suffix.empty(), "a histogram's own name has no value");
        }
        return sample.name;
    }

    [[nodiscard]] Labels labels_of(std::string text) const {
        static const std::regex form{R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\n"])*)"(,|$))re"};
        Labels labels;
        std::smatch parts;
        while (!text.empty()) {
            require(std::regex_search(text, parts, form, std::regex_constants::match_continuous), "no label");
            require(!parts.str(1).starts_with("__"), "a reserved label");
            require(labels.emplace(parts[1], parts[2]).second, "a label twice");
            text = parts.suffix();
        }
        return labels;
    }

    [[nodiscard]] double number_of(const std::string& text) const {
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);
        require(*end == '\0' && !text.empty(), "no number");
        return number;
    }

    void check_histogram(const std::string& name, const PrometheusFamily& family) const {
        struct Of {
            double le = -std::numeric_limits<double>::infinity();
            double count = 0;
        };
        std::map<Labels, Of> last;
        std::map<Labels, double> counts;
        for (const PrometheusSample& sample : family.samples) {
            Labels labels = sample.labels;
            if (sample.name == name + "_bucket") {
                const double le = number_of(labels.at("le"));
                labels.erase("le");
                Of& before = last[labels];
                require(le > before.le && sample.value >= before.count, name + ": buckets do not ascend");
                before = {le, sample.value};
            } else if (sample.name == name + "_count") {
                counts[labels] = sample.value;
            }
        }
        require(last.size() == counts.size(), name + ": buckets without a count");
        for (const auto& [labels, of] : last) {
            require(std::isinf(of.le), name + ": no bucket +Inf");
            require(counts.contains(labels) && counts.at(labels) == of.count,
                    name + ": another count than that of +Inf");
        }
    }

    std::string line_;
    std::string name_; // of the family that the lines belong to
    std::set<std::string> seen_;
    std::set<std::pair<std::string, Labels>> series_;
    std::map<std::string, PrometheusFamily> families_;
};

} // namespace

std::map<std::string, PrometheusFamily> parse_prometheus(std::string_view text) { return Parser{}.parse(text); }

} // namespace test
