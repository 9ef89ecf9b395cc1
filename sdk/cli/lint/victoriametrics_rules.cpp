// SPDX-License-Identifier: MIT
// Rules of VictoriaMetrics 1.79.5, -opentsdbListenAddr, with default settings. Sources: its packages, and the points that a
// running server stored.
#include <array>

#include "cli/lint/tables.hpp"

namespace tickertape::cli::lint {

namespace {

using enum Harm;

constexpr std::array rules{
    Rule{Fault::first_byte, fatal,
         "VictoriaMetrics takes a connection that begins with {} for HTTP, answers 400 and closes it",
         "begin the first line with 'put '", "ingestserver/opentsdb: listenerSwitch"},
    Rule{Fault::line_length, fatal,
         "VictoriaMetrics closes the connection at a line of 262144 bytes or more, and all that follows is lost",
         "shorten metric and tags", "protoparser/common: maxLineSize"},
    Rule{Fault::not_put, dropped, "VictoriaMetrics drops a line that begins with {}", "begin the line with 'put '",
         "protoparser/opentsdb: Row.unmarshal"},
    Rule{Fault::too_few, dropped, "VictoriaMetrics drops a line of fewer than four words",
         "print 'put metric timestamp value key=value'", "protoparser/opentsdb: Row.unmarshal"},
    Rule{Fault::tab, altered, "VictoriaMetrics takes tabs and form feeds for a part of the word",
         "separate words by blanks", "protoparser/opentsdb: Row.unmarshal"},
    Rule{Fault::carriage_return, altered, "VictoriaMetrics takes a carriage return for a part of the word",
         "print no carriage returns", "protoparser/opentsdb: unmarshalRow"},
    Rule{Fault::utf8, altered, "VictoriaMetrics stores {}, and its answers are then no UTF-8", "print UTF-8, or ASCII",
         "as stored"},
    Rule{Fault::name_length, altered,
         "VictoriaMetrics cuts keys to 256 bytes and values to 16384, so that series may merge",
         "shorten metric and tags", "storage: maxLabelNameLen, maxLabelValueLen"},
    Rule{Fault::stamp_text, dropped, "VictoriaMetrics drops the timestamp {}, which is no number",
         "print seconds since 1970", "fastfloat.Parse"},
    Rule{Fault::stamp_plus, dropped, "VictoriaMetrics drops the timestamp {} for its sign", "print digits only",
         "fastfloat.Parse"},
    Rule{Fault::stamp_bare_point, dropped, "VictoriaMetrics drops the timestamp {} for its point", "print digits only",
         "fastfloat.Parse"},
    Rule{Fault::stamp_zero, altered, "VictoriaMetrics puts the time of arrival for the timestamp {}",
         "print seconds since 1970", "protoparser/opentsdb: unmarshalWork.Unmarshal"},
    Rule{Fault::stamp_negative, dropped, "VictoriaMetrics drops the timestamp {}, which lies before 1970",
         "print seconds since 1970", "storage: small_timestamp"},
    Rule{Fault::stamp_milliseconds, dropped,
         "VictoriaMetrics takes the milliseconds {} for seconds and drops them as too far ahead",
         "print seconds, or send milliseconds to /api/put", "storage: big_timestamp"},
    Rule{Fault::stamp_future, dropped, "VictoriaMetrics drops the timestamp {}, more than two days ahead",
         "print the present time in seconds", "storage: big_timestamp"},
    Rule{Fault::stamp_old, dropped,
         "VictoriaMetrics drops the timestamp {} as older than its retention, a month by default",
         "raise -retentionPeriod and use --ignore timestamp-old, or print the present time",
         "storage: small_timestamp"},
    Rule{Fault::stamp_fraction, altered, "VictoriaMetrics cuts the timestamp {} to whole seconds",
         "print seconds, or send milliseconds to /api/put", "protoparser/opentsdb: Row.unmarshal"},
    Rule{Fault::value_text, dropped, "VictoriaMetrics drops the value {}, which is no number", "print a decimal number",
         "fastfloat.Parse"},
    Rule{Fault::value_nan, dropped, "VictoriaMetrics reads {} and stores nothing",
         "print no line when there is no value", "as stored"},
    Rule{Fault::value_inf, altered, "VictoriaMetrics stores {} as an infinity, which makes sums useless",
         "print no line when there is no value", "fastfloat.Parse"},
    Rule{Fault::value_boolean, dropped, "VictoriaMetrics drops the value {}", "print 0 and 1", "fastfloat.Parse"},
    Rule{Fault::value_underscore, dropped, "VictoriaMetrics drops the value {}", "print digits only",
         "fastfloat.Parse"},
    Rule{Fault::value_hex, dropped, "VictoriaMetrics drops the value {}", "print a decimal number", "fastfloat.Parse"},
    Rule{Fault::value_suffix, dropped, "VictoriaMetrics drops the value {}", "print the number without a suffix",
         "fastfloat.Parse"},
    Rule{Fault::value_plus, dropped, "VictoriaMetrics drops the value {} for its sign", "print no plus",
         "fastfloat.Parse"},
    Rule{Fault::value_bare_point, dropped, "VictoriaMetrics drops the value {}",
         "print a digit on both sides of the point", "fastfloat.Parse"},
    Rule{Fault::value_overflow, altered, "VictoriaMetrics stores {} as an infinity, which makes sums useless",
         "print no line when there is no value", "fastfloat.Parse"},
    Rule{Fault::value_integer, altered, "VictoriaMetrics stores the nearest double, which is not {}",
         "print integers below 2^53", "as stored"},
    Rule{Fault::value_tiny, altered, "VictoriaMetrics stores {} as 0", "print numbers above 1e-300, or 0", "as stored"},
    Rule{Fault::value_digits, note, "VictoriaMetrics keeps 12 digits that count, and {} has more", "print fewer digits",
         "as stored"},
    Rule{Fault::tag_form, dropped, "VictoriaMetrics drops a line for {}, which is no 'key=value'",
         "print tags as 'key=value'", "protoparser/opentsdb: Tag.unmarshal"},
    Rule{Fault::tag_empty, altered, "VictoriaMetrics stores the point without the tag {}, as key or value is empty",
         "print tags as 'key=value'", "protoparser/opentsdb: unmarshalTags"},
    Rule{Fault::tag_count, altered, "VictoriaMetrics keeps 29 tags and leaves out the others, from {} on",
         "print at most 29 tags", "storage: maxLabelsPerTimeseries"},
    Rule{Fault::tag_repeated, altered, "VictoriaMetrics keeps the last value of the tag in {}", "print each key once",
         "storage: MetricName.sortTags"},
    Rule{Fault::tag_metric, altered, "VictoriaMetrics takes {} for the name of the metric, which is lost",
         "use another key", "as stored"},
    Rule{Fault::stamp_repeated, altered, "VictoriaMetrics keeps both points of the second {}, and counts them both",
         "print one value a second", "as stored; -dedup.minScrapeInterval is off"},
};

} // namespace

std::span<const Rule> victoriametrics_rules() noexcept { return rules; }

} // namespace tickertape::cli::lint
