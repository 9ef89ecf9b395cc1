// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_telnet.hpp>

#include <algorithm>
#include <cstring>
#include <string>

#include <testkit/fake_tsd_put.hpp>

#include "base/concat.hpp"
#include "push/put_rules.hpp"

namespace tickertape::testkit {

namespace {

constexpr std::string_view opentsdb_version =
    "net.opentsdb.tools BuildData built at revision eb125a342 (MODIFIED)\nBuilt on 2021/09/08 03:26:53 +0000 by "
    "tickertape@localhost:/fake-tsd\n";
constexpr std::size_t max_opentsdb_line = 1024;
constexpr std::size_t max_other_line = std::size_t{256} * 1024;
constexpr std::string_view influxdb_version = "InfluxDB TSDB proxy"; // without a newline

/// The common part of the personalities: lines, their ends and lengths.
class Telnet : public Protocol {
public:
    explicit Telnet(std::size_t max_line) : max_line_{max_line} {}

    std::size_t receive(std::string_view data, Conversation& conversation) override {
        std::size_t used = 0;
        while (conversation.lines_left > 0 && conversation.end != Conversation::End::close_unsaid &&
               conversation.end != Conversation::End::reset) {
            const std::size_t left = data.size() - used;
            const void* newline = left == 0 ? nullptr : std::memchr(data.data() + used, '\n', left);
            const std::size_t size =
                newline == nullptr ? left
                                   : static_cast<std::size_t>(static_cast<const char*>(newline) - data.data()) - used;
            const bool whole = newline != nullptr;
            if (size > max_line_ || discards_) {
                if (!discards_) {
                    too_long(conversation);
                }
                discards_ = !whole;
                used += size + (whole ? 1 : 0);
                if (!whole) {
                    return used;
                }
                continue;
            }
            if (!whole) {
                break;
            }
            take(data.substr(used, size), conversation);
            used += size + 1;
        }
        return used;
    }

    void finish(std::string_view rest, Conversation& conversation) override {
        if (!rest.empty() && stores_unended_) {
            take(rest, conversation);
        }
    }

protected:
    virtual void handle(std::string_view line, Conversation& conversation) = 0;
    /// Skips the line, unless this closes the connection.
    virtual void too_long(Conversation& conversation) { ++conversation.batch.counts.refused; }

    bool stores_unended_ = true; ///< accepts a last line without a newline

private:
    void take(std::string_view line, Conversation& conversation) {
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const bool is_version = line == "version" || line.starts_with("version ");
        conversation.batch.counts.versions += is_version ? 1 : 0;
        if (is_version && !conversation.faults->answer_version) {
            conversation.take_line(line, false);
        } else {
            handle(line, conversation);
        }
        if (first_) {
            first_ = false;
            if (!conversation.faults->complaint.empty()) {
                conversation.answer(conversation.faults->complaint + '\n');
            }
        }
    }

    std::size_t max_line_;
    bool discards_ = false;
    bool first_ = true;
};

class OpenTsdbTelnet final : public Telnet {
public:
    OpenTsdbTelnet() : Telnet{max_opentsdb_line} { stores_unended_ = false; }

private:
    void handle(std::string_view line, Conversation& conversation) override {
        if (line.starts_with("put ") || line == "put") {
            put(line, conversation);
            return;
        }
        const std::string_view command = line.substr(0, line.find(' '));
        const bool known = command == "version" || command == "stats" || command == "help" || command == "exit";
        conversation.take_line(line, false, !known);
        if (command == "version") {
            conversation.answer(opentsdb_version);
        } else if (command == "stats") {
            const Received received = conversation.common.ledger.received();
            const auto number = [&](std::string_view name, std::uint64_t value, std::string_view tag) {
                std::string text = base::concat(name, " 1700000000 ", value, " ", tag);
                conversation.answer(text.append(" host=fake\n"));
            };
            number("tsd.connectionmgr.connections", received.open, "type=open");
            number("tsd.rpc.received", received.lines, "type=put");
            number("tsd.rpc.errors", received.refused, "type=illegal_arguments");
        } else if (command == "help") {
            conversation.answer(
                "available commands: stats dropcaches version exit help put rollup histogram diediedie \n");
        } else if (command == "exit") {
            conversation.end = Conversation::End::close;
        } else {
            conversation.answer_or_drop(base::concat("unknown command: ", command, ".  Try `help'.\n"));
        }
    }

    void put(std::string_view line, Conversation& conversation) {
        const std::string wrong = rules_.check(line);
        const Faults& faults = *conversation.faults;
        if (faults.refuse == Refusal::read_only || faults.refuse == Refusal::unauthorized || wrong.empty()) {
            const std::string_view metric = metric_of(line);
            const Refusal refusal = refusal_of(faults, metric);
            if (refusal != Refusal::nothing) {
                conversation.take_line(line, false, true);
                conversation.answer_or_drop(refusal_line(refusal, metric));
                return;
            }
        }
        if (wrong.empty()) {
            std::string buffer;
            conversation.take_line(rules_.as_stored(line, buffer), true);
        } else {
            conversation.take_line(line, false, true);
            conversation.answer_or_drop(base::concat("put: ", wrong, "\n"));
        }
    }

    void too_long(Conversation& conversation) override {
        ++conversation.batch.counts.refused;
        conversation.end = Conversation::End::close_unsaid;
    }

    push::PutRules rules_;
};

class VictoriaMetricsTelnet final : public Telnet {
public:
    VictoriaMetricsTelnet() : Telnet{max_other_line} {}

private:
    void handle(std::string_view line, Conversation& conversation) override {
        const bool stored =
            victoria_metrics_stores(line) && refusal_of(*conversation.faults, metric_of(line)) == Refusal::nothing;
        conversation.take_line(line, stored, !stored);
    }
    void too_long(Conversation& conversation) override {
        ++conversation.batch.counts.refused;
        conversation.end = Conversation::End::reset;
    }
};

class InfluxDbTelnet final : public Telnet {
public:
    InfluxDbTelnet() : Telnet{max_other_line} {}

private:
    void handle(std::string_view line, Conversation& conversation) override {
        if (line == "version" || line.starts_with("version ")) {
            conversation.take_line(line, false);
            conversation.answer(influxdb_version);
            return;
        }
        const bool stored =
            influxdb_stores(line) && refusal_of(*conversation.faults, metric_of(line)) == Refusal::nothing;
        conversation.take_line(line, stored, !stored);
    }
};

class SilentTelnet final : public Telnet {
public:
    SilentTelnet() : Telnet{max_other_line} {}

private:
    void handle(std::string_view line, Conversation& conversation) override {
        const bool stored = line.starts_with("put ");
        conversation.take_line(line, stored, !stored);
    }
};

} // namespace

Spoken protocol_of(std::string_view begin, Personality personality) {
    if (begin.empty()) {
        return Spoken::unknown;
    }
    if (personality == Personality::victoria_metrics) {
        return begin[0] == 'p' ? Spoken::telnet : Spoken::http;
    }
    if (begin[0] < 'A' || begin[0] > 'Z') {
        return Spoken::telnet;
    }
    if (personality != Personality::influxdb) {
        return Spoken::http;
    }
    for (const std::string_view method : {"POST ", "GET ", "HEAD ", "PUT /"}) {
        if (const std::size_t size = std::min(begin.size(), method.size());
            begin.substr(0, size) == method.substr(0, size)) {
            return size == method.size() ? Spoken::http : Spoken::unknown;
        }
    }
    return Spoken::telnet;
}

std::unique_ptr<Protocol> make_telnet(Personality personality) {
    switch (personality) {
    case Personality::opentsdb: return std::make_unique<OpenTsdbTelnet>();
    case Personality::victoria_metrics: return std::make_unique<VictoriaMetricsTelnet>();
    case Personality::influxdb: return std::make_unique<InfluxDbTelnet>();
    case Personality::silent: break;
    }
    return std::make_unique<SilentTelnet>();
}

} // namespace tickertape::testkit
