#include "daemon/cli/completion.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "daemon/cli/report_text.hpp"
#include "ops/client/control_client.hpp"

namespace fermata {
namespace {

constexpr std::chrono::milliseconds kAnswerTime{300};

constexpr std::string_view kBash =
    R"shell(# bash completion of fermata; made by `fermata completion bash`
_fermata() {
    local IFS=$'\n'
    COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _fermata fermata
)shell";

constexpr std::string_view kZsh = R"shell(#compdef fermata
# zsh completion of fermata; made by `fermata completion zsh`
_fermata() {
    local -a found
    found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
if [[ "${funcstack[1]}" == _fermata ]]; then
    _fermata "$@"
elif (( $+functions[compdef] )); then
    compdef _fermata fermata
fi
)shell";

constexpr std::string_view kFish =
    R"shell(# fish completion of fermata; made by `fermata completion fish`
function __fermata_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c fermata -f -a '(__fermata_complete)'
)shell";

/// What a completed line says so far.
struct Line {
    const CLI::App* command = nullptr;
    const CLI::Option* pending = nullptr;       ///< The last word is its value.
    std::size_t arguments = 0;                  ///< That stand before it and belong to no option.
    std::map<std::string, std::string> values;  ///< Of options, by long name.
};

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option*) { return true; });
}

bool takes_value(const CLI::Option& option) { return option.get_type_size() > 0; }

const CLI::Option* find_option(const CLI::App& app, const std::string& word) {
    for (const CLI::Option* option : options_of(app)) {
        if (option->check_name(word)) return option;
    }
    return nullptr;
}

const CLI::App* find_command(const CLI::App& app, const std::string& word) {
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (below->get_name() == word) return below;
    }
    return nullptr;
}

Line read_line(const CLI::App& app, const std::vector<std::string>& words) {
    Line line{&app, nullptr, 0, {}};
    for (std::size_t n = 0; n + 1 < words.size(); ++n) {
        const std::string& word = words[n];
        if (line.pending != nullptr) {
            for (const std::string& name : line.pending->get_lnames()) line.values[name] = word;
            line.pending = nullptr;
        } else if (word.size() > 1 && word.front() == '-') {
            const CLI::Option* const option = find_option(*line.command, word);
            if (option != nullptr && takes_value(*option)) line.pending = option;
        } else if (const CLI::App* below = find_command(*line.command, word)) {
            line.command = below;
            line.arguments = 0;
        } else {
            ++line.arguments;
        }
    }
    return line;
}

/// The names in the braces of "TEXT:{firm,account}", as CLI::IsMember describes itself.
std::vector<std::string> set_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find('{');
    const std::size_t end = type.find('}', begin);
    std::vector<std::string> values;
    if (begin == std::string::npos || end == std::string::npos) return values;
    for (std::size_t at = begin + 1; at < end;) {
        const std::size_t comma = std::min(type.find(',', at), end);
        values.push_back(type.substr(at, comma - at));
        at = comma + 1;
    }
    return values;
}

/// Which names stand for this option or argument; empty: none that a daemon knows.
std::string kind_of(const CLI::Option& option, const Line& line) {
    const std::string name = option.get_single_name();
    if (name == "STRATEGY" || name == "strategy") return "strategy";
    if (name == "LIMIT") return "limit";
    const auto scope = line.values.find("scope");
    if (name == "target" && scope != line.values.end()) return scope->second;
    return {};
}

std::vector<std::string> values_of(const CLI::Option& option, const Line& line,
                                   const NamesOf& names_of) {
    std::vector<std::string> values = set_of(option);
    const CLI::Option* const socket = find_option(*line.command, "--socket");
    const std::string kind = kind_of(option, line);
    if (!values.empty() || socket == nullptr || kind.empty()) return values;
    const auto given = line.values.find("socket");
    std::string path = given != line.values.end() ? given->second : socket->get_default_str();
    if (const char* const set = std::getenv(socket->get_envname().c_str());
        set != nullptr && given == line.values.end()) {
        path = set;
    }
    return names_of(kind, path);
}

/// The method whose rows have names of this kind, and the key in them.
struct Source {
    std::string_view kind, method, key;
};
constexpr Source kSources[] = {
    {"strategy", "strategies", "strategy"}, {"account", "strategies", "account"},
    {"account", "positions", "account"},    {"instrument", "positions", "instrument"},
    {"instrument", "orders", "instrument"}, {"venue", "sessions", "venue"},
    {"limit", "limits", "limit"},
};

}  // namespace

std::vector<std::string> completions(const CLI::App& app, const std::vector<std::string>& words,
                                     const NamesOf& names_of) {
    if (words.empty()) return {};
    const Line line = read_line(app, words);
    const std::string& current = words.back();
    std::vector<std::string> all;
    if (line.pending != nullptr) {
        all = values_of(*line.pending, line, names_of);
    } else if (current.starts_with('-')) {
        for (const CLI::Option* option : options_of(*line.command)) {
            for (const std::string& name : option->get_lnames()) all.push_back("--" + name);
            for (const std::string& name : option->get_snames()) all.push_back("-" + name);
        }
    } else {
        for (const CLI::App* below :
             line.command->get_subcommands([](const CLI::App*) { return true; })) {
            if (!below->get_group().empty()) all.push_back(below->get_name());
        }
        std::size_t place = 0;
        for (const CLI::Option* option : options_of(*line.command)) {
            if (!option->get_positional() || place++ != line.arguments) continue;
            for (std::string& value : values_of(*option, line, names_of)) {
                all.push_back(std::move(value));
            }
        }
    }
    std::erase_if(all, [&](const std::string& word) { return !word.starts_with(current); });
    return all;
}

std::vector<std::string> names_in_daemon(const std::string& kind, const std::string& socket) {
    std::set<std::string> names;
    for (const Source& source : kSources) {
        if (source.kind != kind) continue;
        auto client = console::ControlClient::connect(socket);
        if (!client) break;
        const auto line = client->ask(
            R"({"v":1,"id":1,"method":")" + std::string(source.method) + "\"}", kAnswerTime);
        const Report answer = line ? Report::parse(*line, nullptr, false) : Report();
        if (!answer.is_object() || !answer.contains("ok")) break;
        for (const Report& row : answer["ok"].value("rows", Report::array())) {
            const std::string name = row.value(std::string(source.key), "");
            if (!name.empty()) names.insert(name);
        }
    }
    return {names.begin(), names.end()};
}

std::string_view completion_script(std::string_view shell) {
    if (shell == "zsh") return kZsh;
    return shell == "fish" ? kFish : kBash;
}

}  // namespace fermata
