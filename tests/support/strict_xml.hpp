// SPDX-License-Identifier: MIT
/// \file
/// A strict reader of XML, for pages that must be well-formed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// An element with its attributes and content.
struct XmlElement {
    std::string name;
    std::map<std::string, std::string> attributes = {};
    std::vector<XmlElement> children = {};
    std::string text = {}; ///< the text of the element and of all its descendants

    /// Returns an attribute; empty if there is none.
    [[nodiscard]] std::string attribute(const std::string& key) const;
    /// Calls f(element) for this element and all descendants, in the order of their start tags.
    void walk(const std::function<void(const XmlElement&)>& f) const;
    /// Returns this element and its descendants that have this name.
    [[nodiscard]] std::vector<const XmlElement*> all(std::string_view wanted) const;
};

/// Returns the root element of `document`. Throws std::runtime_error with the position of the first fault: markup that is not
/// well-formed, characters that XML does not allow, text that is not UTF-8. It also refuses comments, instructions, and entities
/// other than XML's five.
[[nodiscard]] XmlElement read_xml(std::string_view document);

} // namespace test
