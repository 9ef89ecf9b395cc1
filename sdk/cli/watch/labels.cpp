// SPDX-License-Identifier: MIT
#include "cli/watch/labels.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/concat.hpp"

namespace tickertape::cli::watch {

namespace {

/// Collects values: whether there is one, and whether all are equal.
struct Shared {
    std::string_view first{};
    bool differs = false;
    std::size_t count = 0;

    void add(std::string_view value) noexcept {
        differs = differs || (count > 0 && value != first);
        first = count == 0 ? value : first;
        ++count;
    }
};

std::string_view metric_of(std::string_view name) { return name.substr(0, name.find(' ')); }

/// Calls f(part) for each part of `text` between separators.
template <class F>
void for_each_part(std::string_view text, char separator, F f) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        f(text.substr(0, end));
        text.remove_prefix(std::min(text.size(), end + 1));
    }
}

/// Calls f(key, value) for each tag of a name.
template <class F>
void for_each_tag(std::string_view name, F f) {
    name.remove_prefix(metric_of(name).size());
    name.remove_prefix(std::min<std::size_t>(name.size(), 1));
    for_each_part(name, ' ', [&](std::string_view tag) {
        const std::size_t equals = std::min(tag.find('='), tag.size());
        f(tag.substr(0, equals), tag.substr(std::min(tag.size(), equals + 1)));
    });
}

/// Finds the parts of metrics that have alternatives.
class Parts {
public:
    void add(std::string_view metric) {
        for_each(metric, [&](std::string_view before, std::string_view part) { next_[before].add(part); });
        next_[metric].add({}); // the metric may end where a longer one goes on
    }

    /// Returns the parts that have alternatives, and the last part, with a `~` for the parts between them.
    [[nodiscard]] std::string short_metric(std::string_view metric) const {
        std::string result;
        for_each(metric, [&](std::string_view before, std::string_view part) {
            const bool is_last = part.data() + part.size() == metric.data() + metric.size();
            if (next_.at(before).differs || is_last) {
                const bool continues = !result.empty() && result.back() != '~';
                result.append(continues ? "." : "").append(part);
            } else if (result.empty() || result.back() != '~') {
                result.append("~");
            }
        });
        return result;
    }

private:
    /// Calls f(the parts before it, the part) for each part.
    template <class F>
    static void for_each(std::string_view metric, F f) {
        for_each_part(metric, '.', [&](std::string_view part) {
            const auto begin = static_cast<std::size_t>(part.data() - metric.data());
            f(metric.substr(0, begin - std::min<std::size_t>(begin, 1)), part);
        });
    }

    std::unordered_map<std::string_view, Shared> next_;
};

/// The series of one metric.
struct Family {
    std::vector<std::size_t> places{};
    std::map<std::string_view, Shared> values{}; // by key
    std::size_t longest = 0;
};

bool has_all_keys(const Family& family) {
    return std::all_of(family.values.begin(), family.values.end(),
                       [&](const auto& key) { return key.second.count == family.places.size(); });
}

/// Returns the metric and the tags that distinguish the series within its family.
std::string telling(std::string_view name, std::string metric, const Family& family, bool with_keys) {
    for_each_tag(name, [&](std::string_view key, std::string_view value) {
        const Shared& shared = family.values.at(key);
        if (shared.differs || shared.count < family.places.size()) {
            metric.append(" ").append(with_keys ? key : "").append(with_keys ? "=" : "").append(value);
        }
    });
    return metric;
}

/// Gives labels to one family: the full names, or the best short forms that fit.
void label(const Family& family, std::span<const std::string_view> names, const Parts& parts, std::size_t width,
           std::vector<std::string>& labels) {
    const auto all_fit = [&] {
        return std::all_of(family.places.begin(), family.places.end(),
                           [&](std::size_t place) { return labels[place].size() <= width; });
    };
    for (const std::size_t place : family.places) {
        labels[place] = names[place];
    }
    if (all_fit()) {
        return;
    }
    const std::string metric = parts.short_metric(metric_of(names[family.places.front()]));
    for (const bool with_keys : {true, false}) {
        if (with_keys || has_all_keys(family)) {
            for (const std::size_t place : family.places) {
                labels[place] = telling(names[place], metric, family, with_keys);
            }
        }
        if (all_fit()) {
            return;
        }
    }
}

/// Returns the start of the part or value in which equal-looking texts begin to differ.
std::size_t difference(std::span<const std::size_t> places, const std::vector<std::string>& texts) {
    const std::string& first = texts[places.front()];
    std::size_t common = first.size();
    for (const std::size_t place : places.subspan(1)) {
        const std::string& other = texts[place];
        const auto [end, ignored] = std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(common),
                                                  other.begin(), other.end());
        common = static_cast<std::size_t>(end - first.begin());
    }
    const std::size_t part = first.find_last_of(" ./=-_", common == 0 ? 0 : common - 1);
    constexpr std::size_t longest_lead = 4;
    return part != std::string::npos && common - part <= longest_lead ? part + 1 : common;
}

/// Cuts the texts to the width, so that they stay different.
void cut(std::vector<std::string>& texts, std::size_t width) {
    std::unordered_map<std::string, std::vector<std::size_t>> alike;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        alike[shortened(texts[i], width)].push_back(i);
    }
    std::unordered_set<std::string> taken;
    std::vector<std::string> cuts(texts.size());
    std::vector<std::size_t> late;
    for (const auto& [text, places] : alike) {
        if (places.size() == 1) {
            cuts[places.front()] = text;
            taken.insert(text);
            continue;
        }
        const std::size_t from = difference(places, texts);
        for (const std::size_t place : places) {
            std::string rest = shortened(std::string_view{texts[place]}.substr(from), width - 1);
            cuts[place] = (from > 0 ? "~" : "") + rest;
            late.push_back(place);
        }
    }
    std::sort(late.begin(), late.end()); // so that a series keeps its number as long as the names stay the same
    std::unordered_map<std::string, std::uint32_t> numbers;
    for (const std::size_t place : late) {
        std::string label = cuts[place];
        while (!taken.insert(label).second) {
            const std::string number = base::concat("#", ++numbers[cuts[place]] + 1);
            if (number.size() >= width) {
                break; // there is no room to distinguish them
            }
            label = cuts[place].substr(0, width - number.size()).append(number);
        }
        cuts[place] = std::move(label);
    }
    texts = std::move(cuts);
}

} // namespace

std::vector<std::string> labels_for(std::span<const std::string_view> names, std::size_t width) {
    if (std::all_of(names.begin(), names.end(), [width](std::string_view name) { return name.size() <= width; })) {
        return {names.begin(), names.end()};
    }
    if (width == 0) {
        return std::vector<std::string>(names.size());
    }
    Parts parts;
    std::unordered_map<std::string_view, Family> families;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto found = families.try_emplace(metric_of(names[i]));
        if (found.second) {
            parts.add(found.first->first);
        }
        Family& family = found.first->second;
        family.places.push_back(i);
        for_each_tag(names[i], [&](std::string_view key, std::string_view value) { family.values[key].add(value); });
    }
    std::vector<std::string> labels(names.size());
    for (const auto& [metric, family] : families) {
        label(family, names, parts, width, labels);
    }
    cut(labels, width);
    return labels;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (text.size() <= width) {
        return std::string{text};
    }
    if (width == 0) {
        return {};
    }
    const std::size_t head = (width - 1) / 2;
    return base::concat(text.substr(0, head), "~", text.substr(text.size() - (width - 1 - head)));
}

std::string_view common_parts(std::span<const std::string_view> names) {
    std::string_view common = names.empty() ? std::string_view{} : metric_of(names.front());
    for (const std::string_view name : names) {
        const std::string_view metric = metric_of(name);
        const auto [end, ignored] = std::mismatch(common.begin(), common.end(), metric.begin(), metric.end());
        const auto size = static_cast<std::size_t>(end - common.begin());
        const bool ends_common = size == common.size() || common[size] == '.';
        const bool ends_metric = size == metric.size() || metric[size] == '.';
        const std::size_t last = common.substr(0, size).rfind('.');
        common = common.substr(0, ends_common && ends_metric ? size : last == std::string_view::npos ? 0 : last);
    }
    return common;
}

} // namespace tickertape::cli::watch
