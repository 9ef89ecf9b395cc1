// SPDX-License-Identifier: MIT
// Rules of the [[opentsdb]] listener of InfluxDB 1.6.7. Sources: its packages, and the points that a running server stored.
#include <array>

#include "cli/lint/tables.hpp"

namespace tickertape::cli::lint {

namespace {

using enum Harm;

constexpr std::array rules{
    Rule{Fault::line_length, dropped,
         "InfluxDB drops a line of 262144 bytes or more, as series of more than 65535 bytes", "shorten metric and tags",
         "models: MaxKeyLength"},
    Rule{Fault::not_put, dropped, "InfluxDB drops a line that begins with {}", "begin the line with 'put '",
         "services/opentsdb: handleTelnetConn"},
    Rule{Fault::too_few, dropped, "InfluxDB drops a line of fewer than four words",
         "print 'put metric timestamp value key=value'", "services/opentsdb: handleTelnetConn"},
    Rule{Fault::metric_utf8, fatal,
         "InfluxDB may drop all that it writes together with the metric {}, which is no UTF-8", "print ASCII only",
         "tsdb: MeasurementFieldSet, as seen on the server"},
    Rule{Fault::utf8, altered, "InfluxDB answers with U+FFFD for {}, so that series look alike",
         "print UTF-8, or ASCII", "as stored"},
    Rule{Fault::backslash, altered, "InfluxDB takes the backslash at the end of {} to belong to what follows",
         "end no name with a backslash", "models: MakeKey"},
    Rule{Fault::series_length, dropped, "InfluxDB drops series of more than 65535 bytes", "shorten metric and tags",
         "models: MaxKeyLength"},
    Rule{Fault::stamp_length, dropped, "InfluxDB drops the timestamp {}, which has neither 10 nor 13 characters",
         "print 10 digits of seconds", "services/opentsdb: handleTelnetConn"},
    Rule{Fault::stamp_text, altered, "InfluxDB stores what has the timestamp {}, which is no number, in 1970",
         "print 10 digits of seconds", "services/opentsdb: handleTelnetConn goes on behind Malformed time"},
    Rule{Fault::stamp_exponent, altered, "InfluxDB stores what has the timestamp {}, which is no integer, in 1970",
         "print 10 digits of seconds", "services/opentsdb: handleTelnetConn goes on behind Malformed time"},
    Rule{Fault::stamp_bare_point, altered, "InfluxDB stores what has the timestamp {}, which is no integer, in 1970",
         "print 10 digits of seconds", "services/opentsdb: handleTelnetConn goes on behind Malformed time"},
    Rule{Fault::stamp_fraction, altered, "InfluxDB stores what has the timestamp {}, which is no integer, in 1970",
         "print 10 digits of seconds", "services/opentsdb: handleTelnetConn goes on behind Malformed time"},
    Rule{Fault::stamp_odd_thousand, altered,
         "InfluxDB takes the milliseconds of {} for microseconds and stores the point too early",
         "print seconds, or write milliseconds to /write", "services/opentsdb: time.Unix(ts/1000, (ts%1000)*1000)"},
    Rule{Fault::value_text, dropped, "InfluxDB drops the value {}, which is no number", "print a decimal number",
         "strconv.ParseFloat"},
    Rule{Fault::value_nan, dropped, "InfluxDB drops {}", "print no line when there is no value", "models.NewPoint"},
    Rule{Fault::value_inf, dropped, "InfluxDB drops {}", "print no line when there is no value", "models.NewPoint"},
    Rule{Fault::value_boolean, dropped, "InfluxDB drops the value {}", "print 0 and 1", "strconv.ParseFloat"},
    Rule{Fault::value_suffix, dropped, "InfluxDB drops the value {}", "print the number without a suffix",
         "strconv.ParseFloat"},
    Rule{Fault::value_overflow, dropped, "InfluxDB drops {} as infinite", "print no line when there is no value",
         "strconv.ParseFloat"},
    Rule{Fault::value_integer, altered, "InfluxDB stores the nearest double, which is not {}",
         "print integers below 2^53", "as stored"},
    Rule{Fault::tag_form, altered, "InfluxDB stores the point without {}, which is no 'key=value'",
         "print tags as 'key=value'", "services/opentsdb: Malformed tag data"},
    Rule{Fault::tag_empty, altered, "InfluxDB stores the point without the tag {}, as key or value is empty",
         "print tags as 'key=value'", "services/opentsdb: Malformed tag data"},
    Rule{Fault::tag_time, dropped, "InfluxDB drops a point with a tag named time, here {}", "use another key",
         "tsdb: Shard.validateSeriesAndFields"},
    Rule{Fault::tag_repeated, altered, "InfluxDB keeps the last value of the tag in {}", "print each key once",
         "services/opentsdb: handleTelnetConn"},
    Rule{Fault::stamp_overwritten, altered, "InfluxDB keeps the last of two values for the timestamp {}",
         "print one value a timestamp", "as stored"},
};

} // namespace

std::span<const Rule> influxdb_rules() noexcept { return rules; }

} // namespace tickertape::cli::lint
