// SPDX-License-Identifier: MIT
// Names that become equal, steps that no counter makes, and the /proc of another host.
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/cpu_usage.hpp>
#include <tickertape/proc/interrupts.hpp>
#include <tickertape/proc/net_dev.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using tickertape::LegalNames;
using tickertape::SteadyTime;
namespace proc = tickertape::proc;

TEST_CASE("Of two things whose names become equal, the first keeps the name for as long as it is there") {
    LegalNames names;
    names.begin();
    CHECK(names("eth0") == "eth0");
    CHECK(names("vpn+a") == "vpn_a");
    CHECK_FALSE(names("vpn_a").has_value());
    CHECK(names("vpn+a") == "vpn_a"); // as often as the test asks
    for (int run = 0; run < 3; ++run) {
        names.begin();
        CHECK_FALSE(names("vpn_a").has_value()); // whichever comes first
        CHECK(names("vpn+a") == "vpn_a");
    }
    names.begin(); // it has gone
    CHECK_FALSE(names("vpn_a").has_value());
    names.begin();
    CHECK(names("vpn_a") == "vpn_a");
    CHECK_FALSE(names("vpn+a").has_value());
}

TEST_CASE("Percentages of CPU time add up to 100, and the first reading has none") {
    proc::CpuUsage usage{1};
    CHECK_FALSE(usage({.user = 10, .idle = 100}, SteadyTime{1s}).has_value());
    const auto percent = usage({.user = 40, .idle = 170}, SteadyTime{2s});
    REQUIRE(percent.has_value());
    CHECK((*percent)[0] == 30);
    CHECK(percent->back() == 70);
    CHECK_FALSE(usage({.user = 40, .idle = 170}, SteadyTime{3s}).has_value()); // no tick has passed
    CHECK(usage.implausible() == 0);
}

TEST_CASE("An interval in which CPU time went back or leapt ahead has no percentages, the next one has") {
    proc::CpuUsage usage{1};
    static_cast<void>(usage({.user = 10, .idle = 350'000}, SteadyTime{1s}));
    CHECK_FALSE(usage({.user = 12, .idle = 1000}, SteadyTime{2s}).has_value());
    CHECK(usage.implausible() == 1);
    CHECK(usage({.user = 62, .idle = 1050}, SteadyTime{3s}).value().back() == 50);
    CHECK_FALSE(usage({.user = 64, .idle = 2'661'050}, SteadyTime{4s}).has_value());
    CHECK(usage.implausible() == 2);
    CHECK(usage({.user = 114, .idle = 2'661'100}, SteadyTime{5s}).value().back() == 50);
    // iowait alone may go back.
    static_cast<void>(usage({.user = 115, .idle = 2'661'200, .iowait = 50}, SteadyTime{6s}));
    CHECK(usage({.user = 165, .idle = 2'661'250, .iowait = 10}, SteadyTime{7s}).value().back() == 50);
}

TEST_CASE("Of a /proc that is mounted elsewhere, the network and the mounts are those of its process 1") {
    const test::TemporaryDirectory host;
    const std::string titles = "a|b\nc|d\n";
    const std::string counts = ": 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8\n";
    host.write("net/dev", titles + "inside" + counts);
    std::string buffer;
    CHECK(proc::read_net_dev(proc::Root{host.path()}, buffer).front().name == "inside"); // there is no process 1
    host.write("1/net/dev", titles + "outside" + counts);
    const proc::Root root{host.path()};
    CHECK(root.is_of_another_host());
    CHECK(proc::read_net_dev(root, buffer).front().name == "outside");
    CHECK(root.path_of("net/dev") == (host.path() / "1/net/dev").string());
    CHECK_FALSE(proc::Root{"/proc"}.is_of_another_host());
}

TEST_CASE("Interrupts of network cards are those that the kernel lists for a card, or for the device above it") {
    const test::TemporaryDirectory sys;
    sys.write("class/net/ens5/device/msi_irqs/40", "msix\n");
    sys.write("class/net/ens5/device/msi_irqs/41", "msix\n");
    sys.write("devices/pci/msi_irqs/30", "msix\n");
    std::filesystem::create_directories(sys.path() / "devices/pci/virtio0");
    std::filesystem::create_directories(sys.path() / "class/net/eth0");
    std::filesystem::create_directory_symlink(sys.path() / "devices/pci/virtio0", sys.path() / "class/net/eth0/device");
    std::filesystem::create_directories(sys.path() / "class/net/lo");
    const auto network = proc::read_network_interrupts(proc::Root{sys.path()});
    REQUIRE(network.size() == 3);
    CHECK(proc::device_of("30", network) == "eth0");
    CHECK(proc::device_of("41", network) == "ens5");
    CHECK(proc::device_of("42", network).empty());
    CHECK(proc::device_of("NMI", network).empty());
}
