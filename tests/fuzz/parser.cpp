// SPDX-License-Identifier: MIT
// Promises of all parsers of kernel files for any text: a result, or a ParseError whose message names the file and is one short
// line of printable ASCII. FUZZ_PARSER calls the parser with `all`, `file` and `skipped`, and FUZZ_HEADER declares it;
// CMakeLists.txt lists them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include FUZZ_HEADER
#include "require.hpp"
#include <tickertape/proc/root.hpp>

using namespace tickertape::proc;
using fuzz::require;

namespace {

template <class Parser>
void call(Parser parser, std::string_view text) {
    const auto check = [](std::string_view sentence) {
        constexpr std::size_t longest_sentence = 250;
        require(sentence.starts_with("/p/f:"));
        require(sentence.size() <= longest_sentence);
        require(fuzz::is_printable(sentence));
    };
    SkippedRows skipped{check};
    try {
        static_cast<void>(parser(text, "/p/f", skipped));
    } catch (const ParseError& error) {
        check(error.what());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy that ends where the text does, so that reading beyond it is noticed.
    const std::string text{reinterpret_cast<const char*>(data),
                           size}; // NOLINT(*-reinterpret-cast): bytes are text here
    call([](std::string_view all, std::string_view file, [[maybe_unused]] SkippedRows& skipped) { return FUZZ_PARSER; },
         text);
    return 0;
}
