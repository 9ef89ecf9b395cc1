// SPDX-License-Identifier: MIT Gives files to a fuzzing target, once each, and all their beginnings up to a length: for
// compilers that have no libFuzzer, and for tests.
//
// usage: replay FILE…     with exit code 1 if there is no such file
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char* argv[]) {
    constexpr std::size_t longest_beginning = 600;
    if (argc < 2) {
        std::fputs("replay: there is nothing to replay\n", stderr);
        return 1;
    }
    for (int i = 1; i < argc; ++i) {
        std::ifstream file{argv[i], std::ios::binary};
        if (!file) {
            std::fprintf(stderr, "replay: %s cannot be read\n", argv[i]);
            return 1;
        }
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        const auto* const data = reinterpret_cast<const std::uint8_t*>(text.data()); // NOLINT(*-reinterpret-cast)
        for (std::size_t size = 0; size < std::min(text.size(), longest_beginning); ++size) {
            LLVMFuzzerTestOneInput(data, size);
        }
        LLVMFuzzerTestOneInput(data, text.size());
    }
    return 0;
}
