// SPDX-License-Identifier: MIT
#include "cli/watch/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/concat.hpp"
#include "cli/page/text.hpp"
#include "cli/terminal/progress.hpp"

namespace tickertape::cli::watch {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::int64_t, 10> zooms{1, 2, 5, 10, 20, 30, 60, 120, 300, 600};
constexpr std::size_t longest_filter = 100;
constexpr std::size_t other_rows = 3; // the header, the heading and the footer
constexpr std::chrono::seconds quiet{2};

// The width of a line, and the indentation of its continuation.
struct HelpEntry {
    std::string_view name;
    std::string_view text;
};
constexpr std::array help{
    HelpEntry{"Keys", ""},
    HelpEntry{"q", "quit"},
    HelpEntry{"s, r", "order by the next column; reverse"},
    HelpEntry{"/", "filter: a part of the name, or a pattern with * and ?; Enter keeps it, Esc clears it"},
    HelpEntry{"p, blank", "hold the picture, or let it go on; input is read all the while"},
    HelpEntry{"+, -", "more or less time in a column of the picture"},
    HelpEntry{"arrows", "scroll, as do PgUp, PgDn, Home, End"},
    HelpEntry{"?", "this; any other key leaves it"},
    HelpEntry{"Columns", ""},
    HelpEntry{"NEWEST", "the value with the newest time"},
    HelpEntry{"CHANGE/s", "from the value before to the newest one, per second: of a total, its rate"},
    HelpEntry{"PEAK", "the highest value in the picture"},
    HelpEntry{"P/MEAN", "as a multiple of the mean in the picture: what an average hides"},
    HelpEntry{"GAPS", "how often buckets were missing, since the start"},
    HelpEntry{"picture", "a column is the maximum of its buckets; the newest is on the right"},
    HelpEntry{"p99-max", "a distribution: the left bar is its p99, the right one its maximum, as are PEAK and P/MEAN"},
};
constexpr std::size_t help_indent = 12;

} // namespace

WatchSession::WatchSession(WatchOptions options, WatchView view) : model_{std::move(options)}, view_{std::move(view)} {}

void WatchSession::set_time(SteadyTime now, WallTime wall) {
    now_ = now;
    model_.set_time(now, wall);
}

WatchSession::Request WatchSession::press(terminal::Key key) {
    if (key.kind == terminal::Key::redraw) {
        return Request::redraw;
    }
    if (view_.is_typing) {
        return type(key);
    }
    const auto rows = static_cast<std::int64_t>(rows_);
    switch (key.kind) {
    case terminal::Key::up: scroll(-1); return Request::nothing;
    case terminal::Key::down: scroll(1); return Request::nothing;
    case terminal::Key::page_up: scroll(-rows); return Request::nothing;
    case terminal::Key::page_down: scroll(rows); return Request::nothing;
    case terminal::Key::home: view_.first_row = 0; return Request::nothing;
    case terminal::Key::end: scroll(INT32_MAX); return Request::nothing;
    default: break;
    }
    if (key.kind == terminal::Key::character && key.text == 'q') {
        return Request::quit;
    }
    if (has_help_) {
        has_help_ = false;
        view_.first_row = 0;
        return Request::nothing;
    }
    if (key.kind == terminal::Key::escape) {
        view_.filter.clear();
    } else if (key.kind == terminal::Key::character) {
        switch (key.text) {
        case 's': view_.sort = static_cast<SortBy>((static_cast<std::size_t>(view_.sort) + 1) % sort_orders); break;
        case 'r': view_.reverse = !view_.reverse; break;
        case '/':
            view_.is_typing = true;
            view_.filter.clear();
            break;
        case 'p':
        case ' ':
            if (paused_) {
                paused_.reset();
            } else {
                paused_ = model_;
            }
            break;
        case '+':
        case '=': zoom(1); break;
        case '-': zoom(-1); break;
        case '?':
        case 'h':
            has_help_ = true;
            view_.first_row = 0;
            break;
        default: return Request::nothing;
        }
    }
    ordered_at_.reset();
    return Request::nothing;
}

// Handles a key in the filter, which takes effect at once.
WatchSession::Request WatchSession::type(terminal::Key key) {
    switch (key.kind) {
    case terminal::Key::enter: view_.is_typing = false; break;
    case terminal::Key::escape:
        view_.is_typing = false;
        view_.filter.clear();
        break;
    case terminal::Key::backspace:
        if (!view_.filter.empty()) {
            view_.filter.pop_back();
        }
        break;
    case terminal::Key::clear_line: view_.filter.clear(); break;
    case terminal::Key::character:
        if (view_.filter.size() < longest_filter) {
            view_.filter.push_back(key.text);
        }
        break;
    default: return Request::nothing;
    }
    view_.first_row = 0;
    ordered_at_.reset();
    return Request::nothing;
}

void WatchSession::zoom(int by) {
    const auto at = std::lower_bound(zooms.begin(), zooms.end(), view_.cells); // the present one may be between two
    if (by > 0) {
        const auto next = at != zooms.end() && *at == view_.cells ? at + 1 : at;
        view_.cells = next == zooms.end() ? view_.cells : *next;
    } else {
        view_.cells = at == zooms.begin() ? view_.cells : *(at - 1);
    }
}

// The last position is the one with the last row at the bottom of the screen.
void WatchSession::scroll(std::int64_t by) {
    const std::size_t all = has_help_ ? help_text().size() : order_.size();
    const auto last = static_cast<std::int64_t>(all - std::min(all, rows_));
    view_.first_row =
        static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(view_.first_row) + by, 0, last));
}

Grid WatchSession::grid() const {
    return {.column = shown().options().series.cell * view_.cells, .edge = shown().edge(), .columns = widths_.picture};
}

void WatchSession::put_in_order(terminal::Size size) {
    const WatchModel& model = shown();
    const bool has_room_for_more = order_.size() < rows_ && model.series().size() != series_;
    if (ordered_at_ && now_ - *ordered_at_ < 1s && generation_ == model.generation() && size == size_ &&
        !has_room_for_more) {
        return;
    }
    names_ = names_of(model, view_.filter);
    widths_ = widths_for(size.columns, names_.longest);
    order_ = ordered(model, view_, grid());
    give_labels(names_, model, order_, widths_.name);
    ordered_at_ = now_;
    generation_ = model.generation();
    series_ = model.series().size();
    size_ = size;
    if (!has_help_) {
        scroll(0);
    }
}

// Returns the most important texts first, because there may not be room for all.
std::vector<std::string> WatchSession::status() const {
    std::vector<std::string> words;
    const auto add = [&words](const auto&... parts) { words.push_back(base::concat(parts...)); };
    if (paused_) {
        add("PAUSED");
    }
    if (has_ended_) {
        add("input ended");
    } else if (model_.silence() >= quiet) {
        add("no input for ", page::length_text(std::chrono::floor<std::chrono::seconds>(model_.silence())));
    } else {
        add(terminal::rate_text(model_.lines_per_second()));
    }
    const std::size_t all = shown().series().size();
    if (view_.filter.empty()) {
        add(all, " series");
    } else {
        add(order_.size(), " of ", all, " series");
    }
    const WatchLosses& losses = model_.losses();
    if (losses.unusable() > 0) {
        add(losses.unusable(), " unusable lines");
    }
    if (losses.without_room > 0) {
        add(losses.without_room, " lines beyond --max-series");
    }
    if (losses.too_old > 0) {
        add(losses.too_old, " too late");
    }
    add("by ", describe(view_.sort), view_.reverse ? ", reversed" : "");
    if (!names_.host.empty()) {
        add(names_.host);
    }
    if (!names_.common.empty()) {
        add("~ is ", names_.common);
    }
    return words;
}

terminal::ScreenLine WatchSession::footer(terminal::Size size, const terminal::Style& style) const {
    terminal::LineWriter line{size.columns, style};
    if (view_.is_typing) {
        const std::size_t room = size.columns - std::min<std::size_t>(size.columns, 2);
        const std::string_view filter = view_.filter;
        line.put("/").put(filter.substr(filter.size() - std::min(filter.size(), room))).put("_", terminal::Look::bold);
        return line.take();
    }
    std::vector<std::string> words;
    if (order_.size() > rows_) {
        const std::size_t last = std::min(order_.size(), view_.first_row + rows_);
        words.push_back(std::to_string(view_.first_row + 1).append("-").append(std::to_string(last)).append(" of "));
        words.back().append(std::to_string(order_.size()));
    }
    if (!view_.filter.empty()) {
        words.push_back(base::concat("/", view_.filter));
    }
    for (const char* key : {"q quit", "? help", "s sort", "r reverse", "/ filter", "p pause", "+ - time"}) {
        words.emplace_back(key);
    }
    for (const std::string& word : words) {
        if (word.size() + 2 <= line.room()) {
            line.put(word).put("  ");
        }
    }
    return line.take();
}

std::vector<std::string> WatchSession::help_text() const {
    std::vector<std::string> lines;
    const auto entry = [&](std::string_view name, std::string_view text) {
        std::string wrapped;
        terminal::append_wrapped(wrapped, {std::string{text}}, 0,
                                 size_.columns > 2 * help_indent ? size_.columns - help_indent : 1);
        std::string_view rest = wrapped;
        for (bool is_first = true; is_first || !rest.empty(); is_first = false) {
            const std::string_view part = rest.substr(0, rest.find('\n'));
            std::string& line = lines.emplace_back(text.empty() ? "" : "  ").append(is_first ? name : "");
            line.append(help_indent - std::min(help_indent, line.size()), ' ').append(part);
            rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        }
    };
    for (const HelpEntry& one : help) {
        entry(one.name, one.text);
    }
    const WatchLosses& losses = model_.losses();
    entry("Input", "");
    entry("lines", std::to_string(model_.lines()));
    for (std::size_t i = 0; i < losses.faults.size(); ++i) {
        if (losses.faults[i] > 0) {
            entry("unusable",
                  std::to_string(losses.faults[i]).append(": ").append(describe(static_cast<lines::LineFault>(i))));
        }
    }
    entry("too many", std::to_string(losses.without_room).append(" lines of series beyond --max-series"));
    entry("too late", std::to_string(losses.too_old).append(" older than what is kept of their series"));
    entry("forgotten", std::to_string(losses.forgotten).append(" series that fell silent"));
    return lines;
}

std::vector<terminal::ScreenLine> WatchSession::frame(terminal::Size size, const terminal::Style& style) {
    rows_ = size.rows > other_rows ? size.rows - other_rows : 1;
    put_in_order(size);
    std::vector<terminal::ScreenLine> lines;
    terminal::LineWriter header{size.columns, style};
    for (const std::string& word : status()) {
        if (word.size() + 2 <= header.room()) {
            header.put(" ", terminal::Look::reverse)
                .put(word, terminal::Look::reverse)
                .put(" ", terminal::Look::reverse);
        }
    }
    lines.push_back(header.fill_to(size.columns, terminal::Look::reverse).take());
    const Table table{
        .model = shown(), .view = view_, .names = names_, .widths = widths_, .grid = grid(), .columns = size.columns};
    if (has_help_) {
        const std::vector<std::string> text = help_text();
        for (std::size_t i = view_.first_row; i < std::min(text.size(), view_.first_row + rows_ + 1); ++i) {
            lines.push_back(terminal::LineWriter{size.columns, style}.put(text[i]).take());
        }
    } else {
        lines.push_back(heading(table, style));
        for (std::size_t i = view_.first_row; i < std::min(order_.size(), view_.first_row + rows_); ++i) {
            lines.push_back(row(table, shown().series()[order_[i]], names_.labels[i], style));
        }
    }
    lines.resize(std::max<std::size_t>(size.rows, 1) - (size.rows > 1 ? 1 : 0));
    if (size.rows > 1) {
        lines.push_back(footer(size, style));
    }
    return lines;
}

} // namespace tickertape::cli::watch
