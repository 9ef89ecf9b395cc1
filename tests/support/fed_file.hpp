// SPDX-License-Identifier: MIT
/// \file
/// FedFile: a file that changes between two readings of a program that does not wait for the test.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test {

/// A FIFO at `file`. A reader that opens it and reads to the end gets the next of `texts` each time. Opening it waits for the
/// other side.
class FedFile {
public:
    FedFile(const std::filesystem::path& file, std::vector<std::string> texts) {
        std::filesystem::create_directories(file.parent_path());
        make_fifo(file);
        feeder_ = std::thread{[file, texts = std::move(texts)] {
            for (std::size_t i = 0; i < texts.size(); ++i) {
                std::ofstream writer{file}; // waits for the reader
                writer << texts[i] << std::flush;
                if (i + 1 < texts.size()) {
                    // Another FIFO gets the name before this one is closed, which ends this reading. So the next reading cannot
                    // open this FIFO.
                    const std::filesystem::path next = file.string() + ".next";
                    make_fifo(next);
                    std::filesystem::rename(next, file);
                }
            }
        }};
    }
    FedFile(const FedFile&) = delete;
    FedFile& operator=(const FedFile&) = delete;
    /// Waits until all texts have been read.
    ~FedFile() { feeder_.join(); }

private:
    static void make_fifo(const std::filesystem::path& file) {
        if (::mkfifo(file.c_str(), 0644) != 0) {
            throw std::runtime_error{"cannot make a FIFO " + file.string()};
        }
    }

    std::thread feeder_;
};

} // namespace test
