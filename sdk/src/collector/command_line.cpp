// SPDX-License-Identifier: MIT
#include "collector/command_line.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

#include <tickertape/choice.hpp>

#include "base/concat.hpp"
#include "base/duration.hpp"
#include "base/help_text.hpp"
#include "base/quote.hpp"
#include "collector/flags.hpp"
#include "collector/relations.hpp"
#include "collector/setting_values.hpp"
#include "collector/version.hpp"
#include "push/destinations.hpp"

namespace tickertape::collector {

namespace {

using std::chrono::milliseconds;

/// All flags of a collector, with their effects.
class Flags {
public:
    Flags(Settings& settings, Given& given, const Collector::Defaults& defaults) {
        for (const Collector::Flag& own : defaults.flags) {
            if (own.chosen != nullptr) {
                option(own.name, own.help, *own.chosen);
                continue;
            }
            if (own.list != nullptr) {
                list(own);
                continue;
            }
            value(own.name, own.help + base::help_default(*own.target), own.kind, [&own](const std::string& text) {
                if (own.check) {
                    own.check(text);
                }
                *own.target = text;
            });
        }
        group("This collector");
        const auto duration = [this](const std::string& name, const std::string& help, milliseconds& target,
                                     bool& was_given) {
            value(name, help + base::help_default(in_seconds(target)), "DURATION", [&](const std::string& text) {
                target = duration_of(text, milliseconds{1});
                was_given = true;
            });
        };
        duration("--interval", "Take a reading once per DURATION", settings.interval, given.interval);
        duration("--granularity", "Length of a bucket: one value per DURATION", settings.granularity,
                 given.granularity);
        duration("--timespan", "Write once per DURATION, a multiple of the granularity", settings.timespan,
                 given.timespan);
        group("Timing");
        value("--tag", "Add this tag to every line; may be repeated", "KEY=VALUE", [&](const std::string& text) {
            add_tag(settings.tags, text);
        }).repeats = true;
        value("--host-tag", "Host tag: auto (this machine's name), none, or a name [auto]", "NAME",
              [&](const std::string& text) { settings.host_tag = host_tag_of(text); });
        value("--format",
              "Form of the lines: put for a TSD, tcollector for tcollector, influx for telegraf's execd, collectd for "
              "collectd's exec; auto is tcollector if it reads the lines, else put [auto]",
              "auto|put|tcollector|influx|collectd", [&](const std::string& text) { settings.form = form_of(text); });
        value(
            "--dedup",
            "Hold back an unchanged value for at most DURATION; 0 writes every value [0 for influx and collectd, else "
            "300]",
            "DURATION", [&](const std::string& text) { settings.dedup = whole_seconds_of(text); });
        value("--self-metrics",
              "Report the collector's own metrics once per DURATION; 0: never [0 for put lines, else 60]", "DURATION",
              [&](const std::string& text) { settings.self_metrics = whole_seconds_of(text); });
        value("--log-level", "Write messages of this level and more serious ones to stderr [notice]",
              "error|warning|notice|info", [&](const std::string& text) { settings.log_level = log_level_of(text); });
        group("Output");
        value("--tsd", "Push to this server, as host:4242; repeat it for fail-over", "TARGET",
              [&](const std::string& text) { settings.targets.push_back(target_of(text)); })
            .repeats = true;
        value("--copy-to", "Push to this server, too; after commas its targets for fail-over; may be repeated",
              "TARGET", [&](const std::string& text) { settings.copies.push_back(push::copy_of(text)); })
            .repeats = true;
        value("--mps", "Push at most NUMBER lines in any second; 0: no limit [0]", "NUMBER",
              [&](const std::string& text) { settings.mps = number_of(text); });
        option("--no-sync", "Over HTTP, let OpenTSDB answer before it has stored the points", settings.no_sync);
        group("Pushing");
        option("--once", "Take one reading, write it and end", settings.once);
        value("--for", "End after DURATION", "DURATION",
              [&](const std::string& text) { settings.run_for = duration_of(text, milliseconds{1}); });
        value("--user", "Become this user if started by root [nobody]", "NAME",
              [&](const std::string& text) { settings.user = text; });
        value("--proc-root", "Read the kernel's files in this directory [/proc]", "DIRECTORY",
              [&](const std::string& text) { settings.proc_root = directory_of(text); });
        group("Running");
        value("--config", "Read this config file and no other", "FILE", [](const std::string&) {}).everywhere = false;
        option("--check-config", "Print the settings and where each was set, and end", settings.check_config)
            .everywhere = false;
        group("Other");
        hidden("--now", "DURATION", [&](const std::string& text) {
            const std::optional<milliseconds> since = base::parse_duration(text);
            if (!since) {
                refuse(text, "is no time; write seconds since 1970");
            }
            settings.now = WallTime{*since};
        });
        hidden("--hostname", "NAME",
               [&](const std::string& text) { settings.hostname = std::string{Name{text}.checked()}; });
    }

    /// Reads the command line. Throws UsageError.
    Asked parse(const std::vector<std::string>& arguments) { return read_arguments(flags_, arguments); }

    [[nodiscard]] std::string help(const Collector::Defaults& defaults) const {
        return base::concat(defaults.description, defaults.description.empty() ? "" : "\n\n", "Usage: ", defaults.name,
                            " [OPTIONS]\n", help_of(flags_), help_end(defaults.name));
    }

    /// Gives each flag its effective value. Returns the settings as a config file, with their sources in comments.
    std::string settle(const Surroundings& surroundings) {
        const std::vector<ConfigFile> files =
            surroundings.files ? surroundings.files(config()) : std::vector<ConfigFile>{};
        refuse_unknown_keys(files);
        std::string told;
        for (Flag& flag : flags_) {
            const auto [values, origin] = value_that_counts(flag, surroundings, files);
            for (const std::string& text : values) {
                try {
                    flag.take(text);
                } catch (const UsageError& error) {
                    throw UsageError{origin + ": " + error.what()};
                }
                flag.origin = origin;
                if (flag.everywhere) {
                    told += config_line(flag.key(), text) + "    # " + origin + "\n";
                }
            }
        }
        return told;
    }

    /// For --check-config, after `settle`: the collector's own patterns, and the globs that match nothing.
    [[nodiscard]] std::string lists(const std::filesystem::path& proc_root) const {
        std::string told;
        for (const Flag& flag : flags_) {
            if (flag.list == nullptr) {
                continue;
            }
            for (const std::string& text : flag.list->own ? flag.list->own() : std::vector<std::string>{}) {
                told += config_line(flag.key(), text) + "    # default\n";
            }
            if (!flag.list->list->empty() && flag.list->candidates) {
                told += unmatched(flag, proc_root);
            }
        }
        return told;
    }

    /// Returns the origin of a flag's value.
    [[nodiscard]] std::string origin_of(const std::string& name) const {
        const std::string& origin = flag_of(name).origin;
        return origin.empty() ? name : origin;
    }

private:
    static std::string unmatched(const Flag& flag, const std::filesystem::path& proc_root) {
        std::string told;
        try {
            const std::vector<std::string> candidates = flag.list->candidates(proc_root);
            for (const std::string& glob : *flag.list->list) {
                if (std::none_of(candidates.begin(), candidates.end(),
                                 [&](const std::string& value) { return matches_glob(glob, value); })) {
                    told += "# " + flag.origin + ": " + base::quote(glob) + " matches nothing here\n";
                }
            }
        } catch (const std::exception& error) {
            told += "# " + flag.origin + ": not compared with this host: " + on_one_line(error.what()) + "\n";
        }
        return told;
    }

    [[nodiscard]] const Flag& flag_of(std::string_view name) const {
        return *std::find_if(flags_.begin(), flags_.end(), [name](const Flag& flag) { return flag.name == name; });
    }

    /// Returns the file that --config names.
    [[nodiscard]] std::optional<std::string> config() const {
        const Flag& flag = flag_of("--config");
        return flag.given.empty() ? std::nullopt : std::optional{flag.given.back()};
    }

    /// Sets the title of the flags that were added since the last call.
    void group(const std::string& title) {
        for (Flag& flag : flags_) {
            flag.title = flag.title.empty() ? title : flag.title;
        }
    }

    Flag& add(Flag flag) {
        flags_.push_back(std::move(flag));
        return flags_.back();
    }
    // Values are parsed here as text, so that all errors have one form.
    Flag& value(const std::string& name, const std::string& help, const std::string& kind,
                std::function<void(const std::string&)> take) {
        return add({.name = name, .kind = kind, .help = help, .take = std::move(take)});
    }
    Flag& option(const std::string& name, const std::string& help, bool& target) {
        return add({.name = name,
                    .help = help,
                    .take = [&target](const std::string& text) { target = switch_of(text); },
                    .is_switch = true});
    }
    void list(const Collector::Flag& own) {
        Flag& flag = value(own.name, own.help + words_in_brackets(own), own.kind, [&own](const std::string& text) {
            if (own.check) {
                own.check(text);
            }
            own.list->push_back(text);
        });
        flag.repeats = true;
        flag.list = &own;
    }
    static std::string words_in_brackets(const Collector::Flag& own) {
        std::string words;
        for (const std::string& word : own.own ? own.own() : std::vector<std::string>{}) {
            words += (words.empty() ? " [" : " ") + word;
        }
        return words.empty() ? words : words + "]";
    }
    void hidden(const std::string& name, const std::string& kind, std::function<void(const std::string&)> take) {
        Flag& flag = value(name, "", kind, std::move(take));
        flag.everywhere = false;
        flag.is_hidden = true;
    }

    void refuse_unknown_keys(const std::vector<ConfigFile>& files) const {
        for (const ConfigFile& file : files) {
            for (const auto& [key, values] : file.values) {
                const bool known = std::any_of(flags_.begin(), flags_.end(), [&wanted = key](const Flag& flag) {
                    return flag.everywhere && flag.key() == wanted;
                });
                if (!known) {
                    throw UsageError{file.path.string() + ": " + base::quote(key) + " is no setting of this collector"};
                }
            }
        }
    }

    /// Returns the values of the strongest place that has any, and the name of that place.
    static std::pair<std::vector<std::string>, std::string>
    value_that_counts(const Flag& flag, const Surroundings& surroundings, const std::vector<ConfigFile>& files) {
        // Of several values in one place the last one counts, except for flags that may be repeated.
        const auto last = [&flag](std::vector<std::string> values) {
            if (!flag.repeats && values.size() > 1) {
                values.erase(values.begin(), values.end() - 1);
            }
            return values;
        };
        if (!flag.given.empty()) {
            return {last(flag.given), flag.name};
        }
        if (!flag.everywhere) {
            return {};
        }
        if (const auto text = surroundings.environment ? surroundings.environment(flag.variable()) : std::nullopt) {
            return {flag.repeats ? words_of(*text) : std::vector{*text}, flag.variable()};
        }
        for (const ConfigFile& file : files) {
            if (const auto found = file.values.find(flag.key()); found != file.values.end()) {
                std::vector<std::string> values;
                for (const std::string& text : found->second) {
                    const auto words = flag.repeats ? words_of(text) : std::vector{text};
                    values.insert(values.end(), words.begin(), words.end());
                }
                return {last(std::move(values)), file.path.string() + ": " + flag.key()};
            }
        }
        return {};
    }

    static std::vector<std::string> words_of(std::string_view text) {
        constexpr std::string_view blanks = " \t\n\v\f\r";
        std::vector<std::string> words;
        for (std::size_t at = 0; (at = text.find_first_not_of(blanks, at)) != std::string_view::npos;) {
            words.emplace_back(text.substr(at, text.find_first_of(blanks, at) - at));
            at += words.back().size();
        }
        return words;
    }

    std::vector<Flag> flags_;
};

void check_copies(const Settings& settings, const Flags& flags) {
    if (settings.copies.empty()) {
        return;
    }
    if (settings.targets.empty()) {
        throw UsageError{flags.origin_of("--copy-to") + ": it needs --tsd, whose points it copies"};
    }
    try {
        push::check_distinct(Targets{settings.targets}, settings.copies);
    } catch (const UsageError& error) {
        throw UsageError{flags.origin_of("--copy-to") + ": " + error.what()};
    }
}

} // namespace

std::variant<Settings, Exit> parse_command_line(const std::vector<std::string>& arguments,
                                                const Collector::Defaults& defaults, const Surroundings& surroundings) {
    Settings settings;
    settings.interval = defaults.interval;
    settings.timespan = defaults.timespan;
    settings.granularity = defaults.granularity;
    Given given;
    try {
        Flags flags{settings, given, defaults};
        switch (flags.parse(arguments)) {
        case Asked::help: return Exit{Collector::ExitCode::again, flags.help(defaults), ""};
        case Asked::version:
            // A collector has neither TLS nor a spool; `tickertape push` and `tickertape agent` have both.
            return Exit{Collector::ExitCode::again, version_line(defaults.name, {}) + "\n", ""};
        case Asked::to_run: break;
        }
        std::string told = flags.settle(surroundings);
        settings.form = surroundings.form.value_or(settings.form);
        if (settings.form == Form::collectd && settings.targets.empty()) {
            told += follow_collectd(settings, given, surroundings);
        }
        relate(settings, given, defaults);
        if (!settings.targets.empty()) {
            try {
                const Targets of_one_kind{settings.targets};
            } catch (const UsageError& error) {
                throw UsageError{flags.origin_of("--tsd") + ": " + error.what()};
            }
        }
        check_copies(settings, flags);
        if (settings.check_config) {
            if (surroundings.user_exists && !surroundings.user_exists(settings.user)) {
                throw UsageError{flags.origin_of("--user") + ": there is no user " + base::quote(settings.user)};
            }
            const std::string all = told + flags.lists(settings.proc_root);
            return Exit{Collector::ExitCode::again, all.empty() ? "# Nothing is set: all is as --help says.\n" : all,
                        ""};
        }
        return settings;
    } catch (const UsageError& error) {
        return Exit{Collector::ExitCode::usage, "", defaults.name + ": " + on_one_line(error.what()) + "\n"};
    }
}

std::string on_one_line(std::string sentence) {
    std::replace_if(sentence.begin(), sentence.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return sentence;
}

} // namespace tickertape::collector
