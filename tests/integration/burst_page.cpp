// SPDX-License-Identifier: MIT
// The page of `tickertape burst --html`: parsed strictly as XML, and compared with --json.
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/burst_page.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/strict_xml.hpp"
#include "support/temporary_directory.hpp"

namespace {

using Catch::Matchers::ContainsSubstring;
using test::XmlElement;

/// A figure of the page: its value as in JSON, and its text.
struct Shown {
    std::string value;
    std::string text;
};

/// Returns all figures by their path in the JSON. A figure that is on the page twice must be the same.
class Figures {
public:
    void add(const std::string& path, const std::string& value, const std::string& text) {
        const auto [at, is_new] = all.emplace(path, Shown{test::as_json(value), text});
        CAPTURE(path);
        CHECK((is_new || (at->second.value == test::as_json(value) && at->second.text == text)));
    }
    std::map<std::string, Shown> all;
};

Figures figures_of(const XmlElement& page) {
    Figures figures;
    for (const XmlElement* const data : page.all("header")) {
        CHECK(data->all("data").empty());
    }
    const auto add = [&](const XmlElement& from, const std::string& prefix) {
        for (const XmlElement* const data : from.all("data")) {
            figures.add(prefix + data->attribute("data-figure"), data->attribute("value"), data->text);
        }
    };
    std::size_t index = 0;
    for (const XmlElement* const section : page.all("section")) {
        if (section->attribute("class") == "report") {
            const std::string prefix = "reports." + std::to_string(index++) + ".";
            figures.add(prefix + "series", section->all("h2").at(0)->text, section->all("h2").at(0)->text);
            add(*section, prefix);
        }
    }
    add(*page.all("footer").at(0), "");
    for (const XmlElement& child : page.all("main").at(0)->children) {
        if (child.name == "div") { // the overview
            add(child, "");
        }
    }
    return figures;
}

/// Returns whether `text` is a correct text for `value`: at least three digits, shares in percent, buckets as durations.
bool reads_as(const std::string& path, const Shown& shown, double step_seconds) {
    if (shown.value.empty()) {
        return shown.text == "n/a";
    }
    const std::string& text = shown.text;
    if (text == shown.value || (shown.value == "true" && text == "yes") || (shown.value == "false" && text == "no")) {
        return true;
    }
    const double value = std::stod(shown.value);
    std::smatch parts;
    if (std::regex_match(text, parts, std::regex{R"((?:\d+-\d+-\d+ )?(\d+):(\d+):(\d+)(?:\.(\d+))?)"})) {
        const double ms = ((std::stod(parts[1]) * 60 + std::stod(parts[2])) * 60 + std::stod(parts[3])) * 1000 +
                          (parts[4].matched ? std::stod(parts[4]) : 0);
        return ms == std::fmod(value, 86'400'000);
    }
    if (!std::regex_match(text, parts, std::regex{R"((-?[\d.]+(?:e[+-]?\d+)?)(?: (%|ms|s|min|h))?)"})) {
        return false;
    }
    const std::map<std::string, double> units{{"", 1}, {"%", 0.01}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}};
    const std::string unit = parts[2];
    double expected = value;
    if (!unit.empty() && unit != "%" && !path.ends_with("seconds")) {
        expected = value * (path.ends_with("_ms") ? 1e-3 : step_seconds);
    }
    return std::abs(std::stod(parts[1]) * units.at(unit) - expected) <= std::abs(expected) * 0.0051;
}

} // namespace

TEST_CASE("burst page: it is well-formed, and its figures are all those of the JSON and no others") {
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::string input = test::all_kinds_of_series(random);
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"--json"},
                                               {"--json", "--metric", "fine"},
                                               {"--json", "--capacity", "1000", "--lo", "2", "--dedup", "0"}}) {
        CAPTURE(arguments);
        const test::BurstPage made = test::make_page(input, arguments);
        const Figures found = figures_of(test::read_xml(made.page));
        const auto expected = test::figures_of_json(made.out);
        REQUIRE(expected.size() > 100);
        std::size_t bursts_left_out = 0;
        for (const auto& [path, value] : expected) {
            CAPTURE(path, value);
            const auto at = found.all.find(path);
            if (at == found.all.end() && path.find(".bursts.list.") != std::string::npos) {
                ++bursts_left_out; // the largest ones are there
                continue;
            }
            REQUIRE(at != found.all.end());
            REQUIRE(at->second.value == value);
            const std::string report = path.substr(0, path.find('.', path.find('.') + 1));
            const double step = path.starts_with("reports.") ? std::stod(expected.at(report + ".step_ms")) / 1000 : 1;
            CAPTURE(at->second.text);
            REQUIRE(reads_as(path, at->second, step));
        }
        for (const auto& [path, shown] : found.all) {
            CAPTURE(path, shown.value);
            REQUIRE(expected.contains(path));
        }
        REQUIRE(found.all.size() + bursts_left_out == expected.size());
    }
}

TEST_CASE("burst page: beside the text report it is the same page, and the report is the same without it") {
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::string input = test::all_kinds_of_series(random);
    const auto page_without_path = [](std::string page) {
        return std::regex_replace(page, std::regex{"Bursts in [^<]*<"}, "<");
    };
    const test::BurstPage text = test::make_page(input, {});
    CHECK(page_without_path(text.page) == page_without_path(test::make_page(input).page));
    const test::TemporaryDirectory directory;
    directory.write("input", input);
    CHECK(test::burst({(directory.path() / "input").string()}).out == text.out);
}

TEST_CASE("burst page: every picture has a title, a description, axes and a legend, and every table a caption") {
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const XmlElement page = test::read_xml(test::make_page(test::all_kinds_of_series(random)).page);
    std::set<std::string> ids;
    page.walk([&](const XmlElement& element) {
        const std::string id = element.attribute("id");
        REQUIRE((id.empty() || ids.insert(id).second));
    });
    std::size_t pictures = 0;
    for (const XmlElement* const figure : page.all("figure")) {
        REQUIRE(figure->all("h3").size() == 1);
        const auto drawings = figure->all("svg");
        if (drawings.empty()) {
            REQUIRE(figure->all("p").at(0)->attribute("class") == "note"); // gives the reason for having none
            continue;
        }
        ++pictures;
        const XmlElement& picture = *drawings.front();
        REQUIRE(picture.attribute("role") == "img");
        REQUIRE(picture.children.at(0).name == "title");
        REQUIRE(picture.children.at(1).name == "desc");
        REQUIRE(picture.attribute("aria-labelledby") ==
                picture.children.at(0).attribute("id") + " " + picture.children.at(1).attribute("id"));
        REQUIRE(!picture.children.at(0).text.empty());
        REQUIRE(!picture.children.at(1).text.empty());
        std::size_t labels_left = 0;
        std::size_t labels_below = 0;
        for (const XmlElement* const label : picture.all("text")) {
            REQUIRE(!label->text.empty());
            ++(label->attribute("class") == "left" ? labels_left : labels_below);
        }
        REQUIRE(labels_left >= 2);
        REQUIRE(labels_below >= 1);
        std::size_t keys = 0;
        for (const XmlElement* const span : figure->all("span")) {
            keys += span->attribute("class") == "key" ? 1 : 0;
        }
        REQUIRE(keys >= 1);
        REQUIRE_THAT(figure->text, ContainsSubstring("Across: ")); // the units and their quantities
    }
    CHECK(pictures > 10);
    for (const XmlElement* const table : page.all("table")) {
        REQUIRE(table->children.at(0).name == "caption");
        REQUIRE(!table->children.at(0).text.empty());
    }
}

TEST_CASE("burst page: bars are as high, and cells as dark, as their buckets are") {
    // Ten seconds of 100 ms: one bucket of 50, one of 100, and a gap of a second.
    std::string input;
    for (int i = 0; i < 100; ++i) {
        if (i < 40 || i >= 50) {
            input += test::page_line("m", test::page_origin * 1000 + i * 100, i == 23 ? "50" : i == 77 ? "100" : "0");
        }
    }
    const test::BurstPage made = test::make_page(input);
    CHECK_THAT(made.page, ContainsSubstring(R"(<svg viewBox="0 0 100 1000")"));
    CHECK_THAT(made.page,
               ContainsSubstring(
                   R"(<path class="max" d="M0 1000V1000h23V500h1V1000h16V1000zM50 1000V1000h27V0h1V1000h22V1000z"/>)"));
    CHECK_THAT(made.page, ContainsSubstring(R"(<rect class="gap" x="40%" y="0" width="10%")"));
    CHECK_THAT(made.page, ContainsSubstring(R"(<rect class="burst" x="23%")"));
    CHECK_THAT(made.page, ContainsSubstring(R"(<svg viewBox="0 0 10 10")"));
    CHECK_THAT(made.page, ContainsSubstring(R"(<path class="s1" d="M2 3h1v1H2z"/>)"));
    CHECK_THAT(made.page, ContainsSubstring(R"(<path class="s9" d="M7 7h1v1H7z"/>)"));
    CHECK_THAT(made.page, ContainsSubstring(R"(<path class="s0" d="M0 0h4v1H0zM5 0h5v1H5z)"));
}

TEST_CASE("burst page: a distribution's p99 has a picture with its maxima behind it, and no other series has") {
    std::string input;
    for (int i = 0; i < 10; ++i) {
        const std::int64_t stamp = (test::page_origin + i) * 1000;
        input += test::page_line("lat.p99", stamp, i == 7 ? "40" : "20");
        input += i == 9 ? "" : test::page_line("lat.max", stamp, i == 4 ? "100" : "50");
        input += test::page_line("other.max", stamp, "7");
        input += test::page_line("lonely.p99", stamp, "7");
    }
    const std::string page = test::make_page(input).page;
    const std::string title = "p99 and maximum over time";
    CHECK_THAT(page, ContainsSubstring("<h3>" + title + "</h3>"));
    CHECK(page.find("<h3>" + title + "</h3>") == page.rfind("<h3>" + title + "</h3>"));
    const std::string picture = page.substr(page.find("<h3>" + title + "</h3>"));
    CHECK_THAT(picture.substr(0, picture.find("</figure>")),
               ContainsSubstring(R"(<path class="max" d="M0 1000V500h4V0h1V500h4V800h1V1000z"/>)") &&
                   ContainsSubstring(R"(<path class="p50" d="M0 1000V800h7V600h1V800h2V1000z"/>)"));
}

TEST_CASE("burst page: a replaced file keeps its mode, and a new file follows the umask") {
    const test::TemporaryDirectory directory;
    directory.write("input", test::page_line("m", test::page_origin, "1"));
    directory.write("old.html", "");
    const auto old = directory.path() / "old.html";
    const auto made = directory.path() / "new.html";
    using std::filesystem::perms;
    const perms all_may = perms{0666};
    std::filesystem::permissions(old, all_may);
    const mode_t before = umask(077);
    for (const auto& page : {old, made}) {
        CHECK(test::burst({"--html", page.string(), (directory.path() / "input").string()}).ended == test::exit_0);
    }
    umask(before);
    CHECK(std::filesystem::file_size(old) > 0);
    CHECK(std::filesystem::status(old).permissions() == all_may);
    CHECK(std::filesystem::status(made).permissions() == perms{0600});
}

TEST_CASE("burst page: long series are reduced to columns of maxima, so the page stays small and shows their number") {
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::string input;
    for (int i = 0; i < 200'000; ++i) {
        input +=
            test::page_line("m", test::page_origin * 1000 + i * 10, std::to_string(test::up_to(random, 1'000'000)));
    }
    const test::BurstPage made = test::make_page(input);
    CHECK(made.page.size() < 400'000);
    CHECK_THAT(made.page, ContainsSubstring("(480 columns)"));
    CHECK_THAT(made.page, ContainsSubstring("(240 columns)"));
}
