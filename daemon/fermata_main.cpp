/// The command-line tool.

#include <CLI/CLI.hpp>
#include <cerrno>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "core/port/feed.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/assembly/start_refusal.hpp"
#include "daemon/cli/command_pages.hpp"
#include "daemon/cli/config_command.hpp"
#include "daemon/cli/control_command.hpp"
#include "daemon/cli/data_command.hpp"
#include "daemon/cli/db_command.hpp"
#include "daemon/cli/error_output.hpp"
#include "daemon/cli/journal_command.hpp"
#include "daemon/cli/latch_command.hpp"
#include "daemon/cli/replay_command.hpp"
#include "daemon/cli/risk_command.hpp"
#include "daemon/cli/surveil_command.hpp"
#include "daemon/cli/venue_command.hpp"
#include "daemon/cli/watchdog_command.hpp"
#include "daemon/config/problem.hpp"

namespace {

/// What stands where a command was expected, with the command that was probably meant; nothing when
/// no word stands there.
std::string unknown_command(const CLI::App& app) {
    const std::vector<std::string> words = app.remaining(true);
    if (words.empty() || words.front().starts_with('-')) return {};
    const CLI::App* parent = &app;
    while (!parent->get_subcommands().empty()) parent = parent->get_subcommands().front();
    std::vector<std::string> commands;
    for (const CLI::App* command : parent->get_subcommands([](const CLI::App*) { return true; })) {
        commands.push_back(command->get_name());
    }
    return "fermata: there is no command " + fermata::config::in_quotes(words.front()) +
           fermata::config::did_you_mean(words.front(), commands);
}

/// Tells people what went wrong, and a program that asked for JSON with the code too. Returns
/// `exit_code`.
int failed(const CLI::App& app, int exit_code, const char* code, const std::string& message,
           const char* before = "fermata: ") {
    std::cerr << before << message << '\n';
    if (fermata::wants_json(app)) fermata::print_json_error(code, message);
    return exit_code;
}

}  // namespace

/// What the command line asks for. The exit code.
int run(int argc, char** argv) {
    using namespace fermata;
    CLI::App app{"Fermata: event-driven trading, the same on history and live.", "fermata"};
    app.set_version_flag("--version", build_id());
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 done; 1 the run failed or a check found problems; 2 wrong usage, "
        "configuration or data. surveil: 3 with findings; latch show: 3 when something is "
        "latched; risk check: 3 when refused. Commands to a running daemon: 3 no daemon, 4 done "
        "but "
        "not all confirmed, 5 waits for a second admin.");
    register_replay_command(app);
    register_config_commands(app);
    register_journal_commands(app);
    register_data_commands(app);
    register_db_commands(app);
    register_risk_commands(app);
    register_surveil_command(app);
    register_venue_command(app);
    register_latch_commands(app);
    register_control_commands(app);
    register_watchdog_command(app);
    register_page_commands(app);

    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::ParseError& e) {
        const std::string unknown = unknown_command(app);
        if (dynamic_cast<const CLI::RequiredError*>(&e) != nullptr && !unknown.empty()) {
            std::cerr << unknown << "\nRun with --help for more information.\n";
            return 2;
        }
        const int code = app.exit(e);
        // CLI11 has a code of its own for each kind of usage error; for callers they are one.
        if (dynamic_cast<const CLI::RuntimeError*>(&e) != nullptr || code == 0) return code;
        if (wants_json(app)) print_json_error("usage", e.what());
        return 2;
    } catch (const ConfigError& e) {
        return failed(app, 2, "configuration", e.what(), "");
    } catch (const StartRefusal& e) {
        return failed(app, 2, "refused", e.what());
    } catch (const FeedError& e) {
        return failed(app, 2, "data", e.what());
    } catch (const std::exception& e) {
        return failed(app, 1, "failed", e.what());
    }
}

/// Whoever reads the output must not take a part of it for the whole: a disk that is full, say.
int main(int argc, char** argv) {
    const int code = run(argc, argv);
    errno = 0;
    std::cout.flush();
    if (std::cout.good()) return code;
    std::cerr << "fermata: cannot write to the standard output"
              << (errno == 0 ? "" : ": " + std::generic_category().message(errno)) << '\n';
    return code == 0 ? 1 : code;
}
