// SPDX-License-Identifier: MIT What all parsers of kernel files promise, for any text: a result, or a ParseError whose
// sentence names the file and is one short line of printable ASCII. FUZZ_PARSER calls the parser with `all` and `file`,
// FUZZ_HEADER is where it is; CMakeLists.txt says which there are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include FUZZ_HEADER
#include "proc/root.hpp"
#include "require.hpp"

using namespace tickertape::proc;
using fuzz::require;

namespace {

template <class Parser>
void call(Parser parser, std::string_view text) {
    constexpr std::size_t longest_sentence = 250;
    try {
        static_cast<void>(parser(text, "/p/f"));
    } catch (const ParseError& error) {
        const std::string_view sentence = error.what();
        require(sentence.starts_with("/p/f:"));
        require(sentence.size() <= longest_sentence);
        require(fuzz::is_printable(sentence));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy that ends where the text does, so that reading beyond it is noticed.
    const std::string text{reinterpret_cast<const char*>(data),
                           size}; // NOLINT(*-reinterpret-cast): bytes are text here
    call([](std::string_view all, std::string_view file) { return FUZZ_PARSER; }, text);
    return 0;
}
