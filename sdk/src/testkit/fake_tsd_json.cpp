// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include <boost/json.hpp>

#include "base/concat.hpp"

namespace tickertape::testkit {

namespace {

/// Text that cannot be parsed.
struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Kind : std::uint8_t { null, text, number, boolean, object, array };

struct Json {
    Kind kind = Kind::null;
    std::string text{}; // for text, number and boolean
    std::vector<std::pair<std::string, Json>> members{};
    std::vector<Json> elements{};
};

class Reader {
public:
    explicit Reader(std::string_view rest) : rest_{rest} {}

    Json value(unsigned depth = 0) {
        constexpr unsigned deepest = 100;
        if (depth > deepest) {
            throw Unreadable{"too deep"};
        }
        skip_blanks();
        switch (next()) {
        case '{': return object(depth);
        case '[': return array(depth);
        case '"': return {.kind = Kind::text, .text = string()};
        default: return word();
        }
    }

private:
    [[nodiscard]] char next() const {
        if (rest_.empty()) {
            throw Unreadable{"unexpected end"};
        }
        return rest_.front();
    }
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
    bool take(char c) {
        skip_blanks();
        const bool is_there = next() == c;
        rest_.remove_prefix(is_there ? 1 : 0);
        return is_there;
    }
    void expect(char c) {
        if (!take(c)) {
            throw Unreadable{"unexpected character"};
        }
    }

    Json object(unsigned depth) {
        Json json{.kind = Kind::object};
        expect('{');
        if (take('}')) {
            return json;
        }
        do {
            skip_blanks();
            std::string name = string();
            expect(':');
            json.members.emplace_back(std::move(name), value(depth + 1));
        } while (take(','));
        expect('}');
        return json;
    }
    Json array(unsigned depth) {
        Json json{.kind = Kind::array};
        expect('[');
        if (take(']')) {
            return json;
        }
        do {
            json.elements.push_back(value(depth + 1));
        } while (take(','));
        expect(']');
        return json;
    }

    /// Boost decodes the escapes.
    std::string string() {
        std::size_t end = 1;
        if (next() != '"') {
            throw Unreadable{"expected a double quote"};
        }
        while (end < rest_.size() && rest_[end] != '"') {
            end += rest_[end] == '\\' ? 2 : 1;
        }
        boost::system::error_code error;
        const auto text = boost::json::parse(rest_.substr(0, end + 1), error);
        if (error) {
            throw Unreadable{error.message()};
        }
        rest_.remove_prefix(end + 1);
        return {text.get_string().data(), text.get_string().size()};
    }

    Json word() {
        const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\r\n,:]}"));
        rest_.remove_prefix(word.size());
        constexpr std::array no_numbers{std::string_view{"NaN"},       std::string_view{"Infinity"},
                                        std::string_view{"+Infinity"}, std::string_view{"-Infinity"},
                                        std::string_view{"INF"},       std::string_view{"+INF"},
                                        std::string_view{"-INF"}};
        if (word == "null") {
            return {};
        }
        if (word == "true" || word == "false") {
            return {.kind = Kind::boolean, .text = std::string{word}};
        }
        if (std::find(no_numbers.begin(), no_numbers.end(), word) == no_numbers.end()) {
            boost::system::error_code error;
            const auto number = boost::json::parse({word.data(), word.size()}, error);
            if (error || !number.is_number()) {
                throw Unreadable{"no number"};
            }
        }
        return {.kind = Kind::number, .text = std::string{word}};
    }

    std::string_view rest_;
};

std::optional<std::string> text_of(const Json& json) {
    if (json.kind == Kind::object || json.kind == Kind::array) {
        throw Unreadable{"no text"};
    }
    return json.kind == Kind::null ? std::nullopt : std::optional{json.text};
}

/// Returns a whole number, without its decimals.
std::string timestamp_of(const Json& json) {
    if (json.kind == Kind::null || (json.kind == Kind::text && json.text.empty())) {
        return "0";
    }
    const char* const end = json.text.data() + json.text.size();
    std::int64_t whole = 0;
    const auto [at, error] = std::from_chars(json.text.data(), end, whole);
    if (error == std::errc{} && at == end && (json.kind == Kind::number || json.kind == Kind::text)) {
        return json.text;
    }
    double real = 0;
    constexpr double most = 9.2e18;
    if (json.kind != Kind::number || std::from_chars(json.text.data(), end, real).ptr != end ||
        !(std::abs(real) < most)) {
        throw Unreadable{"no timestamp"};
    }
    return std::to_string(static_cast<std::int64_t>(real));
}

PutParts parts_of(const Json& json) {
    if (json.kind != Kind::object) {
        throw Unreadable{"no point"};
    }
    PutParts parts;
    bool is_time_typed = false;
    bool is_value_typed = false;
    for (const auto& [name, value] : json.members) {
        if (name == "metric") {
            parts.metric = text_of(value);
        } else if (name == "timestamp") {
            parts.timestamp = timestamp_of(value);
            is_time_typed = value.kind == Kind::number && value.text == parts.timestamp;
        } else if (name == "value") {
            parts.value = text_of(value);
            is_value_typed = value.kind == Kind::number;
        } else if (name == "tags" && value.kind != Kind::null) {
            if (value.kind != Kind::object) {
                throw Unreadable{"no tags"};
            }
            parts.tags.emplace();
            for (const auto& [key, tag] : value.members) {
                std::erase_if(*parts.tags, [&key = key](const auto& other) { return other.first == key; });
                parts.tags->emplace_back(key, text_of(tag).value_or(""));
            }
        }
    }
    parts.typed = is_time_typed && is_value_typed;
    return parts;
}

} // namespace

std::string PutParts::line() const {
    std::string text = base::concat("put ", metric.value_or(""), " ", timestamp, " ", value.value_or(""));
    if (tags) {
        for (const auto& [key, tag] : *tags) {
            text.append(" ").append(key).append("=").append(tag);
        }
    }
    return text;
}

std::optional<std::vector<PutParts>> read_put_parts(std::string_view body) {
    try {
        const Json json = Reader{body}.value();
        std::vector<PutParts> points;
        if (json.kind == Kind::array) {
            std::transform(json.elements.begin(), json.elements.end(), std::back_inserter(points), &parts_of);
        } else {
            points.push_back(parts_of(json));
        }
        return points;
    } catch (const Unreadable&) {
        return std::nullopt;
    }
}

} // namespace tickertape::testkit
