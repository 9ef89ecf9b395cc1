// SPDX-License-Identifier: MIT
#include "support/strict_xml.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace test {

namespace {

class Reader {
public:
    explicit Reader(std::string_view document) : rest_{document}, all_{document} {}

    XmlElement read() {
        if (constexpr std::string_view doctype = "<!DOCTYPE html>"; rest_.starts_with(doctype)) {
            rest_.remove_prefix(doctype.size());
        }
        skip_blanks();
        XmlElement root = element();
        skip_blanks();
        require(rest_.empty(), "something behind the root");
        return root;
    }

private:
    void require(bool holds, const std::string& otherwise) const {
        if (!holds) {
            throw std::runtime_error{"not well-formed at byte " + std::to_string(all_.size() - rest_.size()) + ": " +
                                     otherwise + " before '" + std::string{rest_.substr(0, 40)} + "'"};
        }
    }
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) {
            return false;
        }
        rest_.remove_prefix(text.size());
        return true;
    }
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }

    std::string name() {
        const std::size_t length = rest_.find_first_of(" \n\t<>/='\"&");
        require(length != 0 && length != std::string_view::npos, "no name");
        const std::string found{rest_.substr(0, length)};
        require(std::all_of(found.begin(), found.end(),
                            [](unsigned char c) {
                                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                       c == '-' || c == ':';
                            }),
                "an odd name");
        rest_.remove_prefix(length);
        return found;
    }

    // Returns the text up to one of `ends`, without its escapes.
    std::string text_until(char end) {
        std::string text;
        while (!rest_.empty() && rest_.front() != end) {
            require(rest_.front() != '<', "a bare <");
            require(!rest_.starts_with("]]>"), "a bare ]]>");
            if (rest_.front() == '&') {
                text += entity();
            } else {
                text += character();
            }
        }
        require(!rest_.empty(), "the end");
        return text;
    }

    char entity() {
        for (const auto& [escaped, c] : {std::pair<std::string_view, char>{"&amp;", '&'},
                                         {"&lt;", '<'},
                                         {"&gt;", '>'},
                                         {"&quot;", '"'},
                                         {"&apos;", '\''}}) {
            if (take(escaped)) {
                return c;
            }
        }
        require(false, "an unknown entity");
        return 0;
    }

    std::string_view character() {
        const auto first = static_cast<unsigned char>(rest_.front());
        const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        require(length <= rest_.size() && (first < 0x80 || (first >= 0xC2 && first <= 0xF4)), "no UTF-8");
        std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(rest_[i]);
            require((next & 0xC0U) == 0x80U, "no UTF-8");
            code = (code << 6U) | (next & 0x3FU);
        }
        require(code >= ' ' || code == '\n' || code == '\t', "a control character");
        require((length < 3 || code >= 0x800) && (length < 4 || code >= 0x10000) && code <= 0x10FFFF, "no UTF-8");
        require((code < 0xD800 || code > 0xDFFF) && code != 0xFFFE && code != 0xFFFF, "no character");
        const std::string_view found = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return found;
    }

    XmlElement element() {
        require(take("<"), "no element");
        XmlElement found{.name = name()};
        while (true) {
            const bool blank = !rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n');
            skip_blanks();
            if (take("/>")) {
                return found;
            }
            if (take(">")) {
                break;
            }
            require(blank, "no blank in front of an attribute");
            const std::string key = name();
            require(take("=\""), "an attribute without a value in quotes");
            require(found.attributes.emplace(key, text_until('"')).second, "an attribute twice");
            require(take("\""), "no end of an attribute");
        }
        while (!rest_.starts_with("</")) {
            require(!rest_.empty(), "the end");
            if (rest_.front() == '<') {
                found.children.push_back(element());
                found.text += found.children.back().text;
            } else {
                found.text += text_until('<');
            }
        }
        rest_.remove_prefix(2);
        require(take(found.name) && take(">"), "no end of " + found.name);
        return found;
    }

    std::string_view rest_;
    std::string_view all_;
};

} // namespace

std::string XmlElement::attribute(const std::string& key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string{} : found->second;
}

void XmlElement::walk(const std::function<void(const XmlElement&)>& f) const {
    f(*this);
    for (const XmlElement& child : children) {
        child.walk(f);
    }
}

std::vector<const XmlElement*> XmlElement::all(std::string_view wanted) const {
    std::vector<const XmlElement*> found;
    walk([&](const XmlElement& one) {
        if (one.name == wanted) {
            found.push_back(&one);
        }
    });
    return found;
}

XmlElement read_xml(std::string_view document) { return Reader{document}.read(); }

} // namespace test
