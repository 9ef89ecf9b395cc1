// SPDX-License-Identifier: MIT
/// \file
/// A collector started by a stand-in of tcollector.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace test {

/// The stand-in passes on the collector's lines: read them from `tcollector.out` and `tcollector.err`.
class UnderTcollector {
public:
    /// `name` is the name of the stand-in.
    explicit UnderTcollector(const std::filesystem::path& program, std::vector<std::string> arguments = {},
                             const std::string& name = "tcollector.py")
        : tcollector{start(directory_, program, std::move(arguments), name)}, collector{adopt(tcollector)} {}

private:
    TemporaryDirectory directory_;

    static Process start(const TemporaryDirectory& directory, const std::filesystem::path& program,
                         std::vector<std::string> arguments, const std::string& name) {
        std::filesystem::create_symlink(test_program("stand_in_tcollector"), directory.path() / name);
        arguments.insert(arguments.begin(), program.string());
        return Process{{.program = directory.path() / name, .arguments = arguments, .in = Pipe{}, .directory = "/"}};
    }
    static Process adopt(Process& tcollector) {
        const auto line = tcollector.err.read_line(at_some_time);
        if (!line) {
            throw std::runtime_error{"the stand-in did not start the collector"};
        }
        return Process::adopt(std::stoi(*line));
    }

public:
    Process tcollector;
    Process collector; ///< the test can wait for it after `tcollector` has ended
};

} // namespace test
