// SPDX-License-Identifier: MIT
// Promises for config files with any text: a printable message that names the file, or settings that read back the same after
// they were written as lines.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tickertape/name.hpp>

#include "collector/config.hpp"
#include "require.hpp"

using namespace tickertape;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size}; // NOLINT(*-reinterpret-cast)
    try {
        const collector::ConfigFile file = collector::parse_config(text, "/etc/x.conf");
        std::string lines;
        for (const auto& [key, values] : file.values) {
            for (const std::string& value : values) {
                require(value.find('\n') == std::string::npos);
                lines.append(collector::config_line(key, value)).append("\n");
            }
        }
        require(collector::parse_config(lines, "/etc/x.conf").values == file.values);
    } catch (const UsageError& error) {
        const std::string_view sentence = error.what();
        require(sentence.starts_with("/etc/x.conf:") && fuzz::is_printable(sentence));
    }
    return 0;
}
