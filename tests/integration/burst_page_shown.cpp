// SPDX-License-Identifier: MIT
// The page of `tickertape burst --html` in a browser: harmless, legible, complete.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/burst_page.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/strict_xml.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::XmlElement;
namespace fs = std::filesystem;

/// Returns the perceived lightness of `#rrggbb`.
double luminance(const std::string& colour) {
    double sum = 0;
    const double weights[] = {0.2126, 0.7152, 0.0722};
    for (std::size_t i = 0; i < 3; ++i) {
        const double part = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
        sum += weights[i] * (part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

} // namespace

TEST_CASE("burst page: nothing from elsewhere, nothing that runs, whatever files are called and lines say") {
    const test::TemporaryDirectory directory;
    const std::string name = "a<script>alert('x')&\"<svg onload=y>\x01\xff\xc3.txt";
    directory.write(name,
                    test::page_line("m", test::page_origin, "1") + "put <b>m</b> 1 1 a=<i>\nput m]]> 1 1 &amp;\n");
    const fs::path html = directory.path() / "page.html";
    CHECK(test::burst({"--html", html.string(), (directory.path() / name).string()}).ended.code == 1);
    const std::string text = test::contents_of(html);
    const XmlElement page = test::read_xml(text);
    const std::set<std::string> allowed{
        "html", "head", "meta",     "title",   "style",   "body",       "header",  "h1",     "h2",   "h3",     "p",
        "span", "main", "div",      "table",   "thead",   "tbody",      "caption", "tr",     "th",   "td",     "a",
        "data", "svg",  "defs",     "pattern", "rect",    "line",       "path",    "text",   "desc", "circle", "dl",
        "dt",   "dd",   "polyline", "figure",  "polygon", "figcaption", "section", "footer", "i"};
    page.walk([&](const XmlElement& element) {
        CAPTURE(element.name);
        REQUIRE(allowed.contains(element.name));
        for (const auto& [key, value] : element.attributes) {
            CAPTURE(key, value);
            REQUIRE(!key.starts_with("on"));
            REQUIRE(key != "src");
            REQUIRE((key != "href" || value.starts_with("#")));
            REQUIRE((key == "xmlns" || value.find("//") == std::string::npos));
        }
    });
    CHECK_THAT(page.all("h1").at(0)->text, ContainsSubstring("a<script>alert('x')&\"<svg onload=y>\xEF\xBF\xBD"));
    CHECK_THAT(text,
               ContainsSubstring(R"(http-equiv="Content-Security-Policy" content="default-src 'none'; style-src)"));
    const std::string style = page.all("style").at(0)->text;
    CHECK(std::regex_replace(style, std::regex{R"(url\(#hatch\))"}, "").find("url(") == std::string::npos);
    CHECK(style.find("@import") == std::string::npos);
}

TEST_CASE("burst page: lightness alone distinguishes the shades, on light and on dark ground") {
    const std::string style =
        test::read_xml(test::make_page(test::page_line("m", test::page_origin, "1")).page).all("style").at(0)->text;
    const std::size_t dark = style.find("prefers-color-scheme: dark");
    REQUIRE(dark != std::string::npos);
    for (const bool is_dark : {false, true}) {
        CAPTURE(is_dark);
        const std::string part = is_dark ? style.substr(dark) : style.substr(0, dark);
        const auto colour = [&](const std::string& name) {
            return part.substr(part.find("--" + name + ": ") + name.size() + 4, 7);
        };
        const double ground = luminance(colour("ground"));
        CHECK(is_dark == (ground < 0.1));
        double last = luminance(colour("s0"));
        for (int shade = 1; shade <= 9; ++shade) {
            CAPTURE(shade);
            const double next = luminance(colour("s" + std::to_string(shade)));
            const double contrast = (std::max(last, next) + 0.05) / (std::min(last, next) + 0.05);
            CHECK(is_dark == (next > last));
            CHECK(contrast > 1.1);
            last = next;
        }
        // Contrast of text and background, by the usual rule for small letters.
        for (const std::string text : {"ink", "soft"}) {
            const double letters = luminance(colour(text));
            CHECK((std::max(letters, ground) + 0.05) / (std::min(letters, ground) + 0.05) >= 4.5);
        }
    }
}

TEST_CASE("burst page: it takes the place of the old one as a whole, or not at all") {
    const test::TemporaryDirectory directory;
    directory.write("input", test::page_line("m", test::page_origin, "1"));
    directory.write("page.html", "old");
    fs::create_symlink("page.html", directory.path() / "link");
    const std::string input = (directory.path() / "input").string();
    const auto listing = [&] {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator{directory.path()}) {
            names.insert(entry.path().filename());
        }
        return names;
    };
    const auto before = listing();
    CHECK(test::burst({"--html", (directory.path() / "link").string(), input}).ended == test::exit_0);
    CHECK_THAT(test::contents_of(directory.path() / "page.html"), ContainsSubstring("</html>"));
    CHECK(fs::is_symlink(directory.path() / "link"));
    CHECK(listing() == before);

    for (const std::string& place :
         {directory.path().string(), (directory.path() / "no/where").string(), std::string{"/dev/full"}}) {
        CAPTURE(place);
        const test::Result result = test::burst({"--html", place, input});
        CHECK(result.ended.code == 1);
        CHECK_THAT(result.err, ContainsSubstring("tickertape: cannot write " + place + ": "));
        CHECK(test::complete_lines(result.err).size() == 1);
    }
    CHECK(listing() == before);

    const test::Result result = test::burst({"--html", input, input});
    CHECK(result.ended.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("would overwrite the input"));
    CHECK(test::contents_of(input) == test::page_line("m", test::page_origin, "1"));
}

TEST_CASE("burst page: an interrupted report leaves the old page as it was, and nothing beside it") {
    const test::TemporaryDirectory directory;
    directory.write("page.html", "old");
    // Nobody reads its text report, so it blocks in the middle.
    std::string input;
    for (int series = 0; series < 200; ++series) {
        for (int i = 0; i < 40; ++i) {
            input += test::page_line("m" + std::to_string(series), test::page_origin + i, std::to_string(i % 7));
        }
    }
    directory.write("input", input);
    test::Process process{{.program = test::collector("tickertape"),
                           .arguments = {"burst", "--top", "0", "--html", (directory.path() / "page.html").string(),
                                         (directory.path() / "input").string()},
                           .out = test::Pipe{.capacity = 4096}}};
    REQUIRE(process.out.read_line(60s));
    process.signal(SIGINT);
    CHECK(process.wait(60s) == test::Ended{.signal = SIGINT});
    CHECK(test::contents_of(directory.path() / "page.html") == "old");
    CHECK(std::distance(fs::directory_iterator{directory.path()}, {}) == 2);
}

TEST_CASE("burst page: a browser shows it unchanged, without errors, and without a scroll bar at 360 pixels") {
    const char* const paths = std::getenv("PATH");
    std::string browser;
    for (std::string_view rest = paths == nullptr ? "" : paths; !rest.empty() && browser.empty();) {
        const fs::path folder{rest.substr(0, rest.find(':'))};
        rest.remove_prefix(std::min(folder.native().size() + 1, rest.size()));
        for (const char* name : {"chromium-headless-shell", "chromium"}) {
            if (browser.empty() && fs::exists(folder / name)) {
                browser = folder / name;
            }
        }
    }
    if (browser.empty()) {
        WARN("skipped: neither chromium-headless-shell nor chromium is installed");
        return;
    }
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const test::TemporaryDirectory directory;
    directory.write("input", test::all_kinds_of_series(random));
    const fs::path html = directory.path() / "page.html";
    const test::Result made = test::burst({"--json", "--html", html.string(), (directory.path() / "input").string()});
    int runs = 0;
    const auto open = [&](const fs::path& page, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"--headless",
                                           "--no-sandbox",
                                           "--disable-gpu",
                                           "--disable-quic",
                                           "--no-first-run",
                                           "--disable-background-networking",
                                           "--disable-component-update",
                                           "--disable-sync",
                                           "--enable-logging=stderr",
                                           "--window-size=360,800",
                                           "--dump-dom",
                                           "--user-data-dir=" +
                                               (directory.path() / ("profile" + std::to_string(++runs))).string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        arguments.push_back("file://" + page.string());
        return test::run({.program = browser, .arguments = arguments}, 300s);
    };
    const test::Result shown = open(html);
    CAPTURE(shown.err);
    REQUIRE(shown.ended == test::exit_0);
    CHECK(shown.err.find("CONSOLE") == std::string::npos);

    const auto expected = test::figures_of_json(made.out);
    const std::regex pattern{R"re(<section id="s(\d+)" class="report"|<data data-figure="([^"]*)" value="([^"]*)">)re"};
    std::string prefix;
    std::size_t figures = 0;
    for (std::sregex_iterator at{shown.out.begin(), shown.out.end(), pattern}; at != std::sregex_iterator{}; ++at) {
        if ((*at)[1].matched) {
            prefix = "reports." + (*at)[1].str() + ".";
            continue;
        }
        const std::string path = (*at)[2];
        const bool is_whole = path.starts_with("input.") || path.starts_with("reports.");
        CAPTURE(path);
        REQUIRE(expected.at(is_whole ? path : prefix + path) == test::as_json((*at)[3]));
        ++figures;
    }
    CHECK(figures > 300);

    // The same page with a script that the test adds: its policy forbids the script, and the console reports that.
    const std::string script = "<script>document.body.append(`[${document.documentElement.scrollWidth} of "
                               "${innerWidth} on ${getComputedStyle(document.body).backgroundColor}]`)</script></body>";
    std::string page = std::regex_replace(test::contents_of(html), std::regex{"</body>"}, script);
    directory.write("probe.html", page);
    const std::regex answer{R"(\[(\d+) of (\d+) on (rgb[^\]]+)\])"};
    const test::Result forbidden = open(directory.path() / "probe.html");
    CHECK_THAT(forbidden.err, ContainsSubstring("CONSOLE"));
    CHECK(!std::regex_search(forbidden.out, answer));

    page = std::regex_replace(page, std::regex{"<meta http-equiv=[^>]*>"}, "");
    directory.write("probe.html", page);
    std::set<std::string> grounds;
    for (const std::string scheme : {"0", "1"}) { // dark, light
        const test::Result measured =
            open(directory.path() / "probe.html", {"--blink-settings=preferredColorScheme=" + scheme});
        std::smatch parts;
        REQUIRE(std::regex_search(measured.out, parts, answer));
        CHECK(std::stoi(parts[2]) == 360);
        CHECK(std::stoi(parts[1]) <= 360);
        grounds.insert(parts[3]);
    }
    CHECK(grounds.size() == 2);
}
