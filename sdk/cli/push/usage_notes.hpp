// SPDX-License-Identifier: MIT
/// \file
/// The end of `tickertape push --help`.
#pragma once

#include <string_view>

namespace tickertape::cli::push {

inline constexpr std::string_view usage_notes =
    R"(Reads put lines, or lines in tcollector form, from the files or from standard
input. Sends them to the first TARGET that works. A line in tcollector form gets
'put' in front and a host tag.

Targets:
  host:4242                 An OpenTSDB or VictoriaMetrics, by telnet lines
  tsd://host:4242           The same
  unix:/run/tickertape/put.sock
                            An agent on this host, by its --put-socket
  http://host:4242          /api/put over HTTP
  https://host              /api/put over HTTPS
  influx://host:8086/DATABASE
                            An InfluxDB 1
  influx2://host:8086/ORGANISATION/BUCKET
                            An InfluxDB 2

With --copy-to every line goes to each of several destinations, which have an
account of their own. Each reads files by itself. Of a pipe, 8 MiB wait for one
that is slower than the others; then lines are dropped there, and counted. The
exit code is that of the destination that fared worst.

Exit codes:
  0  The target acknowledged all lines
  1  Lines were unusable, rejected or dropped, or a file could not be read
  2  A flag or an argument is wrong
  3  The target did not confirm some lines
  4  The target took none of the lines
  5  The rest waits in the spool

Examples:
  tickertape push tsdb:4242 lines.txt              Send a file
  uptime | tickertape push http://tsdb:4242        Send a collector's lines
  uptime | tickertape push old:4242 --copy-to http://new:4242
                            Send to two servers
  tickertape push --dry-run tsdb:4242 lines.txt    Only check the lines
  uptime | tickertape push --spool /var/spool/t http://tsdb:4242
                            Keep lines on disk until they are acknowledged)";

} // namespace tickertape::cli::push
