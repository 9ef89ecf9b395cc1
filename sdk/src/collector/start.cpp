// SPDX-License-Identifier: MIT
#include "collector/start.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/privileges.hpp"
#include "point/start_evidence.hpp"

namespace tickertape::collector {

namespace {

/// Reads the config files of this process, strongest first. Throws UsageError.
std::vector<ConfigFile> read_config_files(const std::string& name, const std::optional<std::string>& only) {
    std::vector<std::filesystem::path> paths;
    if (only) {
        paths.emplace_back(*only);
    } else {
        paths = config_paths(name, point::start_evidence(STDOUT_FILENO).started_as, "/etc/tickertape");
    }
    std::vector<ConfigFile> files;
    for (const std::filesystem::path& path : paths) {
        if (auto file = read_config(path, geteuid())) {
            files.push_back(std::move(*file));
        } else if (only) {
            throw UsageError{"--config: there is no file " + path.string()};
        }
    }
    return files;
}

} // namespace

std::variant<Settings, Exit> read_settings(int argc, const char* const* argv, const Collector::Defaults& defaults,
                                           std::optional<Form> form) {
    std::vector<std::string> arguments;
    for (int i = 1; i < argc; ++i) {
        arguments.emplace_back(argv[i]); // NOLINT(*-pointer-arithmetic): an array from main
    }
    Surroundings surroundings;
    surroundings.environment = [](const std::string& variable) -> std::optional<std::string> {
        const char* const value = std::getenv(variable.c_str()); // NOLINT(concurrency-mt-unsafe): no thread changes it
        return value != nullptr ? std::optional{std::string{value}} : std::nullopt;
    };
    surroundings.files = [&](const std::optional<std::string>& config) {
        return read_config_files(defaults.name, config);
    };
    surroundings.user_exists = &user_exists;
    surroundings.form = form;
    return parse_command_line(arguments, defaults, surroundings);
}

bool fill_standard_descriptors() {
    bool stdout_is_open = true;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            stdout_is_open &= fd != STDOUT_FILENO;
            // `open` returns the lowest free number, which is `fd`.
            [[maybe_unused]] const int filled = open("/dev/null", O_RDWR);
        }
    }
    return stdout_is_open;
}

} // namespace tickertape::collector
