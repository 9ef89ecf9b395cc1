// SPDX-License-Identifier: MIT
/// \file
/// The suites of the benchmark program, each run in a process of its own.
#pragma once

#include <string>
#include <vector>

namespace bench {

void counter_suite();      ///< inc, add and set against bare adds and fetch_add
void distribution_suite(); ///< record, and dumps of 1,000 distributions
void burst_suite();        ///< buckets of 1 ms
void memory_suite();       ///< 100,000 counters on 16 threads
void growth_suite();       ///< ticks of many counters, and many threads
void dump_suite();         ///< lines through all stages
void read_suite();         ///< lines as `tickertape burst` reads them
void push_suite();         ///< `tickertape push` of a file against nc
void http_suite();         ///< the same by HTTP through a slow network
void client_suite();       ///< TsdClient::send and its queue
void telemeter_suite();    ///< Telemeter's calls
void end_to_end_suite();   ///< 1,000 series each second
void scan_suite();         ///< a scan of all processes
void footprint_suite();    ///< the collectors
void agent_suite();        ///< `tickertape agent` with 20 and with 1,000 programs

/// Compares the host collectors with the originals in `folder`, a checkout of tcollector; if it is empty, only with bare reading.
void collectors_suite(const std::string& folder);

/// A process that only reads `files`, `times` times; for a name with `mount:` before it, it reads the space of a mount instead. Writes
/// the processor time of one reading to stderr.
int read_files(int times, const std::vector<std::string>& files);

/// For callgrind: calls tickertape_bench_measured(), which callgrind counts, around inc, a line or a dump.
int count_instructions(const char* what);

/// A program of the agent's suite, with its settings in `file`. Writes lines once a second.
int run_agent_program(const char* file);

/// A process of 1,000 counters that runs for `seconds`, printing to standard output or pushing to `target`.
int run_thousand_counters(int seconds, const char* target);

} // namespace bench
