#include "daemon/cli/command_pages.hpp"

#include <functional>
#include <iostream>
#include <vector>

namespace fermata {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option*) { return true; });
}

/// Visits every command with the words that lead to it.
void visit(const CLI::App& app, const std::string& path,
           const std::function<void(const CLI::App&, const std::string&)>& see) {
    see(app, path);
    for (const CLI::App* command : commands_of(app)) {
        visit(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), see);
    }
}

/// Text as roff shows it: no escapes, no requests.
std::string roff(const std::string& text) {
    std::string out;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        line_begins = c == '\n';
    }
    return out;
}

std::string option_names(const CLI::Option& option) {
    if (!option.get_positional()) return option.get_name(false, true);
    return option.get_name(true, false);
}

void write_options(const CLI::App& app, std::string& out) {
    for (const CLI::Option* option : options_of(app)) {
        out += ".TP\n.B " + roff(option_names(*option)) + "\n";
        out += roff(option->get_description());
        if (option->get_required()) out += " Required.";
        if (!option->get_default_str().empty()) {
            out += " Default: " + roff(option->get_default_str()) + ".";
        }
        out += '\n';
    }
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
    // Each case: a path of commands, and what may follow it.
    std::string cases;
    visit(app, {}, [&](const CLI::App& command, const std::string& path) {
        std::string words;
        for (const CLI::App* below : commands_of(command)) words += below->get_name() + " ";
        for (const CLI::Option* option : options_of(command)) {
            for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
            for (const std::string& name : option->get_snames()) words += "-" + name + " ";
        }
        if (!words.empty()) words.pop_back();
        cases += "        '" + path + "') words='" + words + "' ;;\n";
    });
    return R"bash(# bash completion of fermata; made by `fermata completion bash`
_fermata() {
    local current=${COMP_WORDS[COMP_CWORD]} path= words= word n known=$'\n'
    known+=$(_fermata_paths)$'\n'
    for ((n = 1; n < COMP_CWORD; ++n)); do
        word=${COMP_WORDS[n]}
        if [[ $known == *$'\n'"${path:+$path }$word"$'\n'* ]]; then path="${path:+$path }$word"; fi
    done
    case $path in
)bash" + cases +
           R"bash(    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ $current != -* && ${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
_fermata_paths() {
    cat <<'PATHS'
)bash" +
           [&app] {
               std::string paths;
               visit(app, {}, [&](const CLI::App&, const std::string& path) {
                   if (!path.empty()) paths += path + "\n";
               });
               return paths;
           }() +
           "PATHS\n}\ncomplete -F _fermata fermata\n";
}

std::string manual_page(const CLI::App& app) {
    std::string out = ".TH FERMATA 1\n.SH NAME\nfermata \\- " + roff(app.get_description()) +
                      "\n.SH SYNOPSIS\n.B fermata\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH OPTIONS\n";
    write_options(app, out);
    out += ".SH COMMANDS\n";
    visit(app, {}, [&](const CLI::App& command, const std::string& path) {
        if (path.empty()) return;
        out += ".SS fermata " + roff(path) + "\n" + roff(command.get_description()) + "\n";
        write_options(command, out);
        if (!command.get_footer().empty()) out += ".PP\n" + roff(command.get_footer()) + "\n";
    });
    if (!app.get_footer().empty()) out += ".SH EXIT STATUS\n" + roff(app.get_footer()) + "\n";
    return out;
}

void register_page_commands(CLI::App& app) {
    CLI::App* completion = app.add_subcommand("completion", "Print a completion for a shell");
    auto shell = std::make_shared<std::string>("bash");
    completion->add_option("SHELL", *shell, "bash")
        ->check(CLI::IsMember({"bash"}))
        ->capture_default_str();
    completion->callback([&app, shell] { std::cout << bash_completion(app); });
    CLI::App* man = app.add_subcommand("man", "Print the manual page (roff)");
    man->callback([&app] { std::cout << manual_page(app); });
}

}  // namespace fermata
