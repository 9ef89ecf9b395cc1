// SPDX-License-Identifier: MIT
// Rules of the telnet port of OpenTSDB 2.5.0-RC1 with default settings. Sources: its classes.
#include <array>

#include "cli/lint/tables.hpp"

namespace tickertape::cli::lint {

namespace {

using enum Harm;

constexpr std::array rules{
    Rule{Fault::first_byte, fatal, "OpenTSDB takes a connection that begins with a capital letter, here {}, for HTTP",
         "begin the first line with 'put '", "PipelineFactory"},
    Rule{Fault::line_length, fatal,
         "OpenTSDB may close the connection at a line of more than 1024 bytes, and all that follows is lost",
         "shorten metric and tags", "LineBasedFrameDecoder(1024)"},
    Rule{Fault::stop_command, fatal, "{} is a command that ends the connection or the server", "print put lines only",
         "RpcManager"},
    Rule{Fault::no_newline, dropped, "OpenTSDB drops a last line that has no newline", "end each line with a newline",
         "LineBasedFrameDecoder"},
    Rule{Fault::nul, dropped, "OpenTSDB refuses a line with a NUL byte", "print text only", "Tags.validateString"},
    Rule{Fault::leading_blank, dropped, "OpenTSDB knows no command that begins with a blank",
         "begin the line with 'put '", "Tags.splitString"},
    Rule{Fault::tab, dropped, "OpenTSDB takes tabs and form feeds for a part of the word",
         "separate words by one blank", "Tags.splitString"},
    Rule{Fault::blank_line, note, "OpenTSDB answers an empty line with an error, which somebody has to read",
         "print no empty lines", "RpcHandler"},
    Rule{Fault::not_put, dropped, "OpenTSDB takes {} for a command, not for a point", "begin the line with 'put '",
         "RpcHandler"},
    Rule{Fault::too_few, dropped, "OpenTSDB refuses a put of fewer than four words and a tag",
         "print 'put metric timestamp value key=value'", "PutDataPointRpc"},
    Rule{Fault::empty_word, dropped, "OpenTSDB takes the second of two blanks for an empty word",
         "separate words by one blank", "Tags.splitString"},
    Rule{Fault::metric_character, dropped, "OpenTSDB refuses the metric {}", "use letters, digits and -_./ only",
         "Tags.validateString"},
    Rule{Fault::stamp_text, dropped, "OpenTSDB refuses the timestamp {}, which is no number",
         "print seconds or milliseconds since 1970", "Tags.parseLong"},
    Rule{Fault::stamp_exponent, dropped, "OpenTSDB refuses the timestamp {} for its exponent", "print digits only",
         "Tags.parseLong"},
    Rule{Fault::stamp_negative, dropped, "OpenTSDB refuses the timestamp {}, which lies before 1970",
         "print seconds or milliseconds since 1970", "PutDataPointRpc: invalid timestamp"},
    Rule{Fault::stamp_zero, dropped, "OpenTSDB refuses the timestamp {}", "print seconds or milliseconds since 1970",
         "PutDataPointRpc: invalid timestamp"},
    Rule{Fault::stamp_digits, dropped, "OpenTSDB refuses the timestamp {} as too large",
         "print 10 digits of seconds or 13 of milliseconds", "IncomingDataPoints.checkTimestamp"},
    Rule{Fault::stamp_point, altered,
         "OpenTSDB passes over the point in {} and takes the digits for another time than is meant",
         "print 10 digits of seconds or 13 of milliseconds", "PutDataPointRpc"},
    Rule{Fault::stamp_range, altered,
         "OpenTSDB stores the timestamp {} at another time: it holds seconds up to 4294967295, also of milliseconds, "
         "and "
         "takes "
         "larger numbers for milliseconds",
         "print 10 digits of seconds or 13 of milliseconds, up to 2106", "Const.SECOND_MASK, Internal.buildQualifier"},
    Rule{Fault::value_text, dropped, "OpenTSDB refuses the value {}, which is no number", "print a decimal number",
         "Tags.parseLong, Double.parseDouble"},
    Rule{Fault::value_nan, dropped, "OpenTSDB refuses {}", "print no line when there is no value", "Tags.parseLong"},
    Rule{Fault::value_inf, dropped, "OpenTSDB refuses {}", "print no line when there is no value", "Tags.parseLong"},
    Rule{Fault::value_boolean, dropped, "OpenTSDB refuses {}", "print 0 and 1", "Tags.parseLong"},
    Rule{Fault::value_underscore, dropped, "OpenTSDB refuses {}", "print digits only", "Tags.parseLong"},
    Rule{Fault::value_hex, dropped, "OpenTSDB refuses {}", "print a decimal number", "Tags.parseLong"},
    Rule{Fault::value_overflow, dropped, "OpenTSDB refuses {} as infinite", "print no line when there is no value",
         "TSDB.addPoint"},
    Rule{Fault::value_int64, dropped, "OpenTSDB refuses {} as an integer of more than 64 bits",
         "print it with an exponent or a point", "Tags.parseLong"},
    Rule{Fault::tag_none, dropped, "OpenTSDB refuses a point without tags", "print a tag, such as host=NAME",
         "IncomingDataPoints.checkMetricAndTags"},
    Rule{Fault::tag_form, dropped, "OpenTSDB refuses {}, which is no 'key=value'", "print tags as 'key=value'",
         "Tags.parse"},
    Rule{Fault::tag_empty, dropped, "OpenTSDB refuses {}, as key or value is empty", "leave out tags without a value",
         "Tags.parse"},
    Rule{Fault::tag_character, dropped, "OpenTSDB refuses the tag {}", "use letters, digits and -_./ only",
         "Tags.validateString"},
    Rule{Fault::tag_count, dropped, "OpenTSDB refuses more than 8 tags", "print at most 8 tags", "Const.MAX_NUM_TAGS"},
    Rule{Fault::tag_repeated, dropped, "OpenTSDB refuses a second value of the tag in {}", "print each key once",
         "Tags.parse"},
    Rule{Fault::non_ascii, altered, "OpenTSDB takes the bytes of {} for letters of Latin-1", "print ASCII only",
         "PipelineFactory: ISO-8859-1"},
    Rule{Fault::stamp_conflict, fatal,
         "OpenTSDB stores the value for the timestamp {} beside an earlier one in another encoding, and then fails to "
         "read "
         "the "
         "whole row",
         "print one value a timestamp, and numbers in one way", "CompactionQueue: Duplicate timestamp"},
    Rule{Fault::stamp_overwritten, altered, "OpenTSDB keeps the last of two values for the timestamp {}",
         "print one value a timestamp", "TSDB.addPoint"},
};

} // namespace

std::span<const Rule> opentsdb_rules() noexcept { return rules; }

} // namespace tickertape::cli::lint
