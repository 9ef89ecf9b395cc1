// SPDX-License-Identifier: MIT
// Rules of tcollector at 6b7a425, with an OpenTSDB behind it. Sources: functions of tcollector.py, observed in the running
// program. `then OpenTSDB` means: tcollector forwards the line, and OpenTSDB refuses such a put line.
#include <array>

#include "cli/lint/tables.hpp"

namespace tickertape::cli::lint {

namespace {

using enum Harm;

constexpr std::array rules{
    Rule{Fault::utf8, fatal, "tcollector loses all that it reads together with bytes that are no UTF-8, here {}",
         "print ASCII only", "Collector.read: UnicodeDecodeError"},
    Rule{Fault::no_newline, dropped, "tcollector never takes a last line that has no newline",
         "end each line with a newline", "Collector.read"},
    Rule{Fault::carriage_return, altered, "tcollector takes a carriage return for the end of a line",
         "print no carriage returns", "spawn_collector: universal newlines"},
    Rule{Fault::line_length, dropped, "tcollector drops lines of 1024 characters and more",
         "shorten metric and tags to 900 bytes", "process_line"},
    Rule{Fault::wire_length, fatal,
         "with 'put ' and the host tag the line exceeds 1024 bytes, at which OpenTSDB may close the connection on all "
         "that "
         "follows",
         "shorten metric and tags to 900 bytes", "send_data, then OpenTSDB"},
    Rule{Fault::nul, dropped, "tcollector drops a line with a NUL byte", "print text only", "process_line"},
    Rule{Fault::non_ascii, dropped, "no name or number may hold the bytes of {}", "print ASCII only",
         "process_line; numerals pass, then OpenTSDB"},
    Rule{Fault::put_prefix, dropped, "tcollector drops lines that begin with 'put', which it adds itself",
         "print 'metric timestamp value tags', as --format tcollector does", "process_line"},
    Rule{Fault::too_few, dropped, "tcollector drops a line of fewer than three words",
         "print 'metric timestamp value tags'", "process_line"},
    Rule{Fault::metric_character, dropped, "tcollector drops a line whose metric is {}",
         "use letters, digits and -_./ only", "process_line"},
    Rule{Fault::stamp_text, dropped, "tcollector drops the timestamp {}, which is no number",
         "print seconds or milliseconds since 1970", "process_line"},
    Rule{Fault::stamp_plus, dropped, "tcollector drops the timestamp {} for its sign", "print digits only",
         "process_line"},
    Rule{Fault::stamp_exponent, dropped, "tcollector drops the timestamp {} for its exponent", "print digits only",
         "process_line"},
    Rule{Fault::stamp_negative, dropped, "tcollector drops the timestamp {} for its sign", "print digits only",
         "process_line"},
    Rule{Fault::stamp_one_digit, dropped, "tcollector drops the timestamp {}, which has one digit",
         "print seconds or milliseconds since 1970", "process_line"},
    Rule{Fault::stamp_bare_point, dropped, "tcollector drops the timestamp {} for its point", "print digits only",
         "process_line"},
    Rule{Fault::stamp_zero, dropped, "tcollector forwards the timestamp {}, which OpenTSDB refuses",
         "print seconds or milliseconds since 1970", "then OpenTSDB"},
    Rule{Fault::stamp_digits, dropped, "tcollector forwards the timestamp {}, which OpenTSDB refuses as too large",
         "print 10 digits of seconds or 13 of milliseconds", "then OpenTSDB"},
    Rule{Fault::stamp_fraction, altered,
         "tcollector takes the timestamp {} for milliseconds and holds an unchanging value back for 300000 s; OpenTSDB "
         "passes "
         "over the point",
         "print 10 digits of seconds or 13 of milliseconds", "process_line: more than 11 characters, then OpenTSDB"},
    Rule{Fault::stamp_range, altered, "OpenTSDB takes the timestamp {} for milliseconds of before 2001",
         "print 10 digits of seconds or 13 of milliseconds", "then OpenTSDB"},
    Rule{Fault::value_text, dropped, "tcollector drops the value {}, which is no number", "print a decimal number",
         "process_line: float()"},
    Rule{Fault::value_nan, dropped, "tcollector forwards {}, which OpenTSDB refuses",
         "print no line when there is no value", "process_line: float() takes it, then OpenTSDB"},
    Rule{Fault::value_inf, dropped, "tcollector forwards {}, which OpenTSDB refuses",
         "print no line when there is no value", "process_line: float() takes it, then OpenTSDB"},
    Rule{Fault::value_boolean, dropped, "tcollector forwards {} as text, which OpenTSDB refuses", "print 0 and 1",
         "process_line: the conversion is not sent, then OpenTSDB"},
    Rule{Fault::value_underscore, dropped, "tcollector forwards {}, which OpenTSDB refuses", "print digits only",
         "process_line: float() takes it, then OpenTSDB"},
    Rule{Fault::value_hex, dropped, "tcollector drops the value {}", "print a decimal number", "process_line: float()"},
    Rule{Fault::value_suffix, dropped, "tcollector drops the value {}", "print the number without a suffix",
         "process_line: float()"},
    Rule{Fault::value_overflow, dropped, "tcollector forwards {}, which OpenTSDB refuses as infinite",
         "print no line when there is no value", "then OpenTSDB"},
    Rule{Fault::value_int64, dropped,
         "tcollector forwards {}, which OpenTSDB refuses as an integer of more than 64 bits",
         "print it with an exponent or a point", "then OpenTSDB"},
    Rule{Fault::tag_form, dropped, "tcollector drops a line for {}, which is no 'key=value'",
         "print tags as 'key=value'", "process_line"},
    Rule{Fault::tag_empty, dropped, "tcollector drops a line for {}, as key or value is empty",
         "leave out tags without a value", "process_line"},
    Rule{Fault::tag_character, dropped, "tcollector drops a line for the tag {}", "use letters, digits and -_./ only",
         "process_line"},
    Rule{Fault::tag_count, dropped, "with the host tag there are more than 8 tags, which OpenTSDB refuses",
         "print at most 7 tags beside host", "then OpenTSDB"},
    Rule{Fault::tag_repeated, dropped, "tcollector forwards a second value of the tag in {}, which OpenTSDB refuses",
         "print each key once", "then OpenTSDB"},
    Rule{Fault::stamp_poison, fatal,
         "a first timestamp as far ahead as {} makes tcollector drop all later points of the series until it restarts",
         "print the present time", "process_line: the first point is not checked"},
    Rule{Fault::stamp_future, dropped, "tcollector drops the timestamp {}, which lies behind the year 2040",
         "print the present time", "process_line: MAX_REASONABLE_TIMESTAMP"},
    Rule{Fault::stamp_unit, dropped, "tcollector takes seconds that follow milliseconds in a series, here {}, for old",
         "use one unit in a series", "process_line"},
    Rule{Fault::stamp_order, dropped,
         "tcollector drops the timestamp {}, as one of the series that it has forwarded is as new or newer",
         "print each series in order of time, and one value a timestamp", "process_line: out of order"},
    Rule{Fault::value_spelling, altered,
         "tcollector compares text, so {} counts as a change of the equal value before it", "print a number in one way",
         "process_line: dedup"},
    Rule{Fault::tag_order, altered,
         "tcollector takes the tags of {} in another order for another series, and neither dedups nor orders across "
         "both",
         "print tags in one order", "process_line: dedup's key"},
    Rule{Fault::silence, fatal,
         "tcollector kills a collector that prints nothing for 600 s; here it had printed nothing for {n} s",
         "print something at least every 300 s", "check_children: allowed_inactivity_time"},
    Rule{Fault::rate, altered,
         "tcollector forwards about 2000 lines/s of all collectors together; here {n} lines are waiting, and come late",
         "print fewer series, or less often", "SenderThread.run: 10001 lines in 5 s"},
    Rule{Fault::queue, dropped, "tcollector holds 100000 lines; here {n} are waiting, and what follows is dropped",
         "print fewer series, or less often", "ReaderQueue.nput"},
    Rule{Fault::churn, fatal,
         "tcollector never forgets series with timestamps in milliseconds; {n} have come since it started, and its "
         "memory "
         "grows",
         "print seconds, or keep to the same series", "evict_old_keys"},
};

} // namespace

std::span<const Rule> tcollector_rules() noexcept { return rules; }

} // namespace tickertape::cli::lint
