// SPDX-License-Identifier: MIT
/// \file
/// A strict reader of XML, for pages that are to be well-formed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// An element with its attributes and what is in it.
struct XmlElement {
    std::string name;
    std::map<std::string, std::string> attributes = {};
    std::vector<XmlElement> children = {};
    std::string text = {}; ///< that of the element and all its descendants

    /// Empty if there is none.
    [[nodiscard]] std::string attribute(const std::string& key) const;
    /// f(element) for this one and all descendants, in order of their beginnings.
    void walk(const std::function<void(const XmlElement&)>& f) const;
    /// All descendants of this name, and itself.
    [[nodiscard]] std::vector<const XmlElement*> all(std::string_view name) const;
};

/// The root element of `document`. Throws std::runtime_error that says where, for whatever is not well-formed, for
/// characters that XML does not have and text that is no UTF-8; comments, instructions and entities beside the five that
/// XML knows are refused as well.
[[nodiscard]] XmlElement read_xml(std::string_view document);

} // namespace test
