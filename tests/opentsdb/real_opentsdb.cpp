// SPDX-License-Identifier: MIT
#include "opentsdb/real_opentsdb.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/json.hpp>

#include "support/free_port.hpp"
#include "support/peer.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr int nobody = 65534;
constexpr auto patience = 180s;

const std::filesystem::path& jars_folder() {
    static const std::filesystem::path folder{TICKERTAPE_OPENTSDB_JARS};
    return folder;
}

void give_to_nobody(const std::filesystem::path& path) {
    if (geteuid() == 0 && chown(path.c_str(), nobody, nobody) != 0) {
        throw std::runtime_error{"cannot give " + path.string() + " to nobody"};
    }
}

void make_folder(const std::filesystem::path& path) {
    std::filesystem::create_directories(path);
    give_to_nobody(path);
}

/// Returns the jars of `hbase` or `tsd`, except those that duplicate others: two loggers, older servlets.
std::string class_path(const std::string& what, const std::string& first, const std::string& also = {}) {
    constexpr std::array<std::string_view, 8> unwanted{"slf4j-log4j12",   "log4j-1.2.17", "netty-all",
                                                       "servlet-api-2.5", "jetty-6",      "jetty-util-6",
                                                       "jetty-sslengine", "sources"};
    std::string path = first;
    bool any = false;
    for (const auto& entry : std::filesystem::directory_iterator{jars_folder() / what}) {
        const std::string name = entry.path().filename().string();
        const bool is_unwanted = std::any_of(unwanted.begin(), unwanted.end(), [&name](std::string_view part) {
            return name.find(part) != std::string::npos;
        });
        if (name.ends_with(".jar") && !is_unwanted) {
            path.append(":").append(entry.path().string());
            any = true;
        }
    }
    if (!any) {
        throw std::runtime_error{"no jars in " + (jars_folder() / what).string() +
                                 "; scripts/check opentsdb fetches them"};
    }
    return path.append(also.empty() ? "" : ":").append(also);
}

/// OpenTSDB needs this one, and Java no longer contains it.
std::string jaxb() {
    for (const auto& entry : std::filesystem::directory_iterator{jars_folder() / "hbase"}) {
        if (entry.path().filename().string().starts_with("jaxb-api-")) {
            return entry.path().string();
        }
    }
    return {};
}

/// Starts a Java program as nobody. Its output goes to `log` in its folder.
Command java(const std::filesystem::path& home, const std::string& path, std::vector<std::string> words) {
    std::vector<std::string> all{"--pdeathsig", "KILL"};
    if (geteuid() == 0) {
        const std::string id = std::to_string(nobody);
        all.insert(all.end(), {"--reuid", id, "--regid", id, "--clear-groups"});
    }
    all.insert(all.end(), {"/usr/bin/java", "-Xmx1200m", "-Djava.net.preferIPv4Stack=true"});
    // HBase uses parts that newer versions of Java close.
    for (const char* const part :
         {"java.lang", "java.lang.reflect", "java.nio", "java.util", "sun.nio.ch", "jdk.internal.ref"}) {
        all.push_back(std::string{"--add-opens=java.base/"} + part + "=ALL-UNNAMED");
    }
    all.emplace_back("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
    all.emplace_back("--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED");
    all.insert(all.end(), {"-Dhbase.log.dir=" + home.string(), "-cp", path});
    std::move(words.begin(), words.end(), std::back_inserter(all));
    return {.program = "/usr/bin/setpriv",
            .arguments = std::move(all),
            .out = home / "log",
            .err = home / "log",
            .environment = {{"HOME", home.string()}},
            .directory = home};
}

[[noreturn]] void fail(const std::filesystem::path& home, const std::string& what) {
    const std::string log = contents_of(home / "log");
    throw std::runtime_error{home.string() + " " + what +
                             "; it says: " + log.substr(log.size() - std::min<std::size_t>(log.size(), 2000))};
}

template <class Done>
void wait_until(const std::filesystem::path& home, const std::string& what, Process& process, Done done) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done()) {
        if (process.wait(0ms) || std::chrono::steady_clock::now() >= deadline) {
            fail(home, what);
        }
        std::this_thread::sleep_for(100ms);
    }
}

bool takes_connections(std::uint16_t port) { return Peer{port}.connected(); }

void end(std::optional<Process>& process) {
    process->signal(SIGKILL);
    static_cast<void>(process->wait(60s));
    process.reset();
}

} // namespace

Tsd::Tsd(std::filesystem::path home, std::uint16_t zookeeper_port, std::vector<std::string> settings)
    : home_{std::move(home)}, port_{free_port()} {
    make_folder(home_);
    make_folder(home_ / "cache");
    make_folder(home_ / "static");
    std::ofstream conf{home_ / "conf"};
    conf << "tsd.network.bind = 127.0.0.1\ntsd.network.port = " << port_
         << "\ntsd.storage.hbase.zk_quorum = 127.0.0.1:" << zookeeper_port
         << "\ntsd.http.cachedir = " << (home_ / "cache").string()
         << "\ntsd.http.staticroot = " << (home_ / "static").string() << "\n";
    for (const std::string& setting : settings) {
        conf << setting << "\n";
    }
    std::ofstream{home_ / "logback.xml"} << R"(<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %m%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
)";
    conf.close();
    start();
}

void Tsd::start() {
    process_.emplace(java(home_, class_path("tsd", home_.string(), jaxb()),
                          {"net.opentsdb.tools.TSDMain", "--config=" + (home_ / "conf").string()}));
    wait_until(home_, "does not get ready", *process_, [this] { return try_to_ask("/api/version").has_value(); });
}

void Tsd::kill() { end(process_); }

std::optional<std::string> Tsd::try_to_ask(std::string_view path) const {
    const Peer peer{port_};
    if (!peer.connected()) {
        return std::nullopt;
    }
    // HTTP 1.0: the answer ends with the connection.
    peer.say("GET " + std::string{path} + " HTTP/1.0\r\n\r\n");
    std::string answer = peer.rest();
    const std::size_t head = answer.find("\r\n\r\n");
    if (head == std::string::npos || answer.find(" 200 ") != answer.find(' ')) {
        return std::nullopt;
    }
    return answer.substr(head + 4);
}

std::string Tsd::ask(std::string_view path) const {
    std::optional<std::string> answer = try_to_ask(path);
    if (!answer) {
        fail(home_, "does not answer " + std::string{path});
    }
    return std::move(*answer);
}

void Tsd::add_metric(const std::string& name) const { static_cast<void>(ask("/api/uid/assign?metric=" + name)); }

std::optional<std::string> Tsd::try_to_query(const std::string& series) const {
    std::string path = "/api/query?start=" + std::to_string(first_readable_second) +
                       "&end=" + std::to_string(last_readable_second) + "&ms=true&m=none:";
    for (const char c : series) {
        c == '{' ? path.append("%7B") : c == '}' ? path.append("%7D") : path.append(1, c);
    }
    return try_to_ask(path);
}

Stored Tsd::stored(const std::string& series) const {
    const std::optional<std::string> text = try_to_query(series);
    if (!text) {
        fail(home_, "does not answer for " + series);
    }
    Stored points;
    const json::value answer = json::parse(*text);
    for (const json::value& one : answer.as_array()) {
        for (const auto& [time, value] : one.at("dps").as_object()) {
            points.emplace(std::stoll(std::string{time}), value.to_number<double>());
        }
    }
    return points;
}

RealOpenTsdb& RealOpenTsdb::instance() {
    static RealOpenTsdb the_one;
    return the_one;
}

RealOpenTsdb::RealOpenTsdb()
    : home_{directory_.path() / "hbase"}, zookeeper_port_{free_port()}, master_port_{free_port()},
      region_port_{free_port()} {
    make_folder(home_);
    make_folder(directory_.path() / "tsd");
    configure_hbase();
    start_hbase();
    create_tables();
    tsd_.emplace(another({"tsd.core.auto_create_metrics = true"}));
}

Tsd RealOpenTsdb::another(std::vector<std::string> settings) {
    return {directory_.path() / "tsd" / std::to_string(tsds_++), zookeeper_port_, std::move(settings)};
}

void RealOpenTsdb::configure_hbase() const {
    const std::vector<std::pair<std::string, std::string>> settings{
        {"hbase.rootdir", "file://" + (home_ / "data").string()},
        {"hbase.tmp.dir", (home_ / "tmp").string()},
        {"hbase.wal.provider", "filesystem"},
        {"hbase.unsafe.stream.capability.enforce", "false"},
        {"hbase.cluster.distributed", "false"},
        {"hbase.localcluster.assign.random.ports", "false"},
        {"hbase.zookeeper.quorum", "127.0.0.1"},
        {"hbase.zookeeper.property.clientPort", std::to_string(zookeeper_port_)},
        {"hbase.zookeeper.property.clientPortAddress", "127.0.0.1"},
        {"hbase.zookeeper.property.dataDir", (home_ / "zookeeper").string()},
        {"hbase.master.hostname", "localhost"},
        {"hbase.master.ipc.address", "127.0.0.1"},
        {"hbase.master.port", std::to_string(master_port_)},
        {"hbase.master.info.port", "-1"},
        {"hbase.regionserver.hostname", "localhost"},
        {"hbase.regionserver.ipc.address", "127.0.0.1"},
        {"hbase.regionserver.port", std::to_string(region_port_)},
        {"hbase.regionserver.info.port", "-1"},
        // Otherwise its write-ahead logs fill the disk.
        {"hbase.master.logcleaner.ttl", "20000"},
        {"hbase.master.cleaner.interval", "15000"},
        {"hbase.master.hfilecleaner.ttl", "20000"},
    };
    std::ofstream site{home_ / "hbase-site.xml"};
    site << "<configuration>\n";
    for (const auto& [name, value] : settings) {
        site << "  <property><name>" << name << "</name><value>" << value << "</value></property>\n";
    }
    site << "</configuration>\n";
    std::ofstream{home_ / "log4j.properties"} << "log4j.rootLogger=ERROR,out\n"
                                                 "log4j.appender.out=org.apache.log4j.ConsoleAppender\n"
                                                 "log4j.appender.out.layout=org.apache.log4j.SimpleLayout\n";
}

void RealOpenTsdb::start_hbase() {
    hbase_.emplace(
        java(home_, class_path("hbase", home_.string()), {"org.apache.hadoop.hbase.master.HMaster", "start"}));
    wait_until(home_, "does not get ready", *hbase_,
               [this] { return takes_connections(zookeeper_port_) && takes_connections(region_port_); });
}

void RealOpenTsdb::kill_hbase() { end(hbase_); }

void RealOpenTsdb::create_tables() const {
    const std::filesystem::path source = home_ / "CreateTables.java";
    std::filesystem::copy_file(std::filesystem::path{TICKERTAPE_SOURCE_DIR} / "tests/opentsdb/CreateTables.java",
                               source);
    const Result created = run(java(home_, class_path("hbase", home_.string()), {source.string()}), patience);
    if (created.ended != exit_0) {
        fail(home_, "cannot make the tables");
    }
}

} // namespace test
