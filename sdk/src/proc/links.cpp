// SPDX-License-Identifier: MIT
#include <tickertape/proc/links.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include <tickertape/proc/number_file.hpp>
#include <tickertape/proc/relative_path.hpp>
#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

namespace {

constexpr std::int64_t bytes_of_a_megabit = 125'000;

/// Returns the value that `read` finds, or nothing if the file cannot be read. The kernel refuses (EINVAL) some values of an
/// interface that is down; any other failure is reported once.
template <class Read>
auto if_told(const Root& sys, const RelativePath& name, const Read& read) -> decltype(read(name.c_str())) {
    const auto leave_out = [&](const std::exception& error) {
        sys.skipped().add(sys.path_of(name.text()), "", 0, error.what());
    };
    try {
        return read(name.c_str());
    } catch (const ParseError& error) {
        leave_out(error);
    } catch (const std::system_error& error) {
        constexpr std::array quiet{std::errc::invalid_argument, std::errc::operation_not_supported,
                                   std::errc::not_a_directory}; // the last one is for the file `bonding_masters`
        if (std::none_of(quiet.begin(), quiet.end(), [&](std::errc one) { return error.code() == one; })) {
            leave_out(error);
        }
    }
    return std::nullopt;
}

RelativePath file_of(std::string_view interface, std::string_view file) {
    return RelativePath{"class/net/"}.append(interface).append("/").append(file);
}

std::optional<std::int64_t> number_of(const Root& sys, std::string_view interface, std::string_view file) {
    return if_told(sys, file_of(interface, file), [&](const char* name) { return read_number_file(sys, name); });
}

std::optional<bool> is_up(const Root& sys, std::string_view interface) {
    std::array<char, 64> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    auto state =
        if_told(sys, file_of(interface, "operstate"), [&](const char* name) { return sys.read(name, buffer); });
    return state ? std::optional{next_line(*state) == "up"} : std::nullopt;
}

} // namespace

std::vector<Link> read_links(const Root& sys, std::vector<Link> links) {
    links.clear();
    for (std::string& name : sys.list("class/net")) {
        Link link{.name = std::move(name)};
        link.is_up = is_up(sys, link.name);
        if (!link.is_up) {
            continue; // the interface is gone, or it is the file `bonding_masters`
        }
        link.carrier = number_of(sys, link.name, "carrier");
        const auto megabits = number_of(sys, link.name, "speed");
        link.speed = megabits && *megabits > 0 ? std::optional{*megabits * bytes_of_a_megabit}
                                               : std::nullopt; // -1 means unknown
        link.carrier_changes = number_of(sys, link.name, "carrier_changes");
        link.carrier_up_count = number_of(sys, link.name, "carrier_up_count");
        link.carrier_down_count = number_of(sys, link.name, "carrier_down_count");
        links.push_back(std::move(link));
    }
    return links;
}

} // namespace tickertape::proc
