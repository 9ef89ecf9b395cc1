// SPDX-License-Identifier: MIT
#include "cli/parse_error.hpp"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "base/concat.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"

namespace tickertape::cli {

namespace {

/// Returns the names of the commands and flags of `app`.
std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
        words.push_back(command->get_name());
    }
    for (const CLI::Option* const option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words.push_back("--" + name);
        }
    }
    return words;
}

/// Returns CLI11's message in our form: in lower case, and with the flag before a wrong value.
std::string sentence_of(const CLI::ParseError& error) {
    std::string text{error.what()};
    constexpr std::string_view conversion = "Could not convert: ";
    if (const std::size_t equals = text.find(" = "); text.starts_with(conversion) && equals != std::string::npos) {
        return base::concat(text.substr(conversion.size(), equals - conversion.size()), ": ",
                            base::quote(text.substr(equals + 3)), " is not a valid value");
    }
    if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && (text[1] == ' ' || (text[1] >= 'a' && text[1] <= 'z'))) {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
}

} // namespace

std::string parse_error_message(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    const CLI::App& used = chosen.empty() ? app : *chosen.front();
    const std::vector<std::string> remaining = used.remaining();
    std::string text = sentence_of(error);
    if (!remaining.empty()) {
        const std::string& word = remaining.front();
        const bool may_be_command = chosen.empty() && app.get_require_subcommand_min() > 0;
        text = base::concat(may_be_command ? "there is no command or flag " : "there is no flag ", base::quote(word));
        if (const std::string meant = base::nearest(word.substr(0, word.find('=')), words_of(used)); !meant.empty()) {
            text.append("; perhaps ").append(meant).append(" is meant");
        }
    }
    return base::concat(text, "; see ", app.get_name(), " ", chosen.empty() ? "" : used.get_name() + " ", "--help");
}

} // namespace tickertape::cli
