// SPDX-License-Identifier: MIT
// procnettcp: the number of TCP sockets, by state, service, user, and whether the other end is on the internet.
#include <pwd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/proc/tcp_sockets.hpp>
#include <tickertape/proc/tokens.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

struct Ports {
    int first;
    int last;
    std::string_view service;
};

constexpr std::array<Ports, 10> known_ports{{{80, 80, "http"},
                                             {443, 443, "https"},
                                             {3001, 3014, "http-varnish"},
                                             {3306, 3306, "mysql"},
                                             {3564, 3564, "mysql"},
                                             {9000, 9000, "namenode"},
                                             {9090, 9090, "thriftserver"},
                                             {11211, 11226, "memcache"},
                                             {50020, 50020, "datanode"},
                                             {60020, 60020, "hregionserver"}}};
constexpr std::string_view other = "other";
constexpr std::size_t states = 11; // the states of this metric, without new_syn_recv

std::string_view service_of(int port, std::string_view otherwise) {
    const auto known = std::find_if(known_ports.begin(), known_ports.end(),
                                    [port](const Ports& ports) { return port >= ports.first && port <= ports.last; });
    return known == known_ports.end() ? otherwise : known->service;
}

/// The users with their own series: `NAME`, or `NAME=NUMBER` for one that this machine does not know.
std::vector<std::pair<std::string, unsigned>> users_in(std::string_view list) {
    std::vector<std::pair<std::string, unsigned>> users;
    while (!list.empty()) {
        const std::string_view entry = list.substr(0, list.find(','));
        list.remove_prefix(std::min(entry.size() + 1, list.size()));
        const std::size_t equals = entry.find('=');
        std::string name{Name{entry.substr(0, equals)}.checked()};
        unsigned id = 0;
        if (equals != std::string_view::npos) {
            if (!proc::to_number(entry.substr(equals + 1), id)) {
                throw UsageError{"--users: " + quote(entry) + " is not NAME or NAME=NUMBER"};
            }
        } else if (const passwd* const user = getpwnam(name.c_str())) { // NOLINT(concurrency-mt-unsafe): one thread
            id = user->pw_uid;
        } else {
            continue;
        }
        users.emplace_back(std::move(name), id);
    }
    return users;
}

/// The present number of sockets by state, service, user and end; 0 for combinations that have occurred before.
using Counts = std::map<std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>, int>;

} // namespace

int main(int argc, char* argv[]) {
    bool all = false;
    std::string user_list = "root,www-data,mysql";
    Collector self{argc,
                   argv,
                   {.name = "procnettcp",
                    .description = "Report proc.net.tcp, TCP sockets by state, service, user and kind of endpoint.",
                    .interval = 60s,
                    .flags = {{.name = "--users",
                               .help = "Give these users their own series: NAME or NAME=NUMBER, with commas",
                               .kind = "LIST",
                               .target = &user_list},
                              {.name = "--all",
                               .help = "Report all combinations of tags, also those with 0 sockets",
                               .kind = "",
                               .chosen = &all}}}};
    const auto users = users_in(user_list);
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "net/tcp");
    proc::TcpSocketReader tcp{root};
    Counts counts;
    const auto begin = [&] { std::for_each(counts.begin(), counts.end(), [](auto& entry) { entry.second = 0; }); };
    const auto count = [&](const proc::TcpSocket& socket) {
        const auto user =
            std::find_if(users.begin(), users.end(), [&](const auto& u) { return u.second == socket.uid; });
        if (socket.state >= 1 && socket.state <= states) {
            ++counts[{proc::tcp_states[socket.state - 1],
                      service_of(socket.remote.port, service_of(socket.local.port, other)),
                      user == users.end() ? other : std::string_view{user->first},
                      socket.is_internal() ? "internal" : "external"}];
        }
    };
    for (std::size_t state = 0; all && state < states; ++state) {
        for (std::size_t port = 0; port <= known_ports.size(); ++port) {
            for (std::size_t user = 0; user <= users.size(); ++user) {
                for (const std::string_view end : {"internal", "external"}) {
                    counts[{proc::tcp_states[state], port < known_ports.size() ? known_ports[port].service : other,
                            user < users.size() ? std::string_view{users[user].first} : other, end}] = 0;
                }
            }
        }
    }
    std::string text;
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        attempt([&] {
            tcp.read({"net/tcp", "net/tcp6"}, text, std::ref(begin), std::ref(count));
            for (const auto& [key, sockets] : counts) {
                const auto& [state, service, user, end] = key;
                out("proc.net.tcp", sockets,
                    {{"state", state}, {"endpoint", end}, {"service", service}, {"user", user}});
            }
        });
    });
}
