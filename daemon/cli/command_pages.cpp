#include "daemon/cli/command_pages.hpp"

#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include "daemon/cli/completion.hpp"

namespace fermata {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option*) { return true; });
}

/// Visits every command of the help with the words that lead to it.
void visit(const CLI::App& app, const std::string& path,
           const std::function<void(const CLI::App&, const std::string&)>& see) {
    see(app, path);
    for (const CLI::App* command : commands_of(app)) {
        if (command->get_group().empty()) continue;
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
    completion->add_option("SHELL", *shell, "bash, zsh or fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->capture_default_str();
    completion->callback([shell] { std::cout << completion_script(*shell); });
    // For the scripts of `completion`, and not in the help.
    CLI::App* complete = app.add_subcommand("complete", "Print what may stand for the last word");
    complete->group("");
    auto words = std::make_shared<std::vector<std::string>>();
    complete->add_option("WORD", *words, "After --: what stands on the command line");
    complete->callback([&app, words] {
        for (const std::string& word : completions(app, *words, names_in_daemon)) {
            std::cout << word << '\n';
        }
    });
    CLI::App* man = app.add_subcommand("man", "Print the manual page (roff)");
    man->callback([&app] { std::cout << manual_page(app); });
}

}  // namespace fermata
