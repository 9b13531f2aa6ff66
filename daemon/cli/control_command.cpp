#include "daemon/cli/control_command.hpp"

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "daemon/cli/control_call.hpp"
#include "daemon/cli/error_output.hpp"

namespace fermata {
namespace {

constexpr std::size_t kRowsShown = 1'000'000;
constexpr auto kPollEvery = std::chrono::milliseconds(20);

struct Arguments {
    std::string socket = "/run/fermata/control.sock";
    bool json = false;
    std::string scope = "firm";
    std::string target;
    std::string reason;
    std::optional<std::uint64_t> expect;
    std::string limit, value;
    std::optional<std::uint64_t> alert;
    std::string strategy;
    double wait = 2;  // seconds
};
using Shared = std::shared_ptr<Arguments>;

void print(const Arguments& a, const Report& report) {
    if (a.json) {
        std::cout << report.dump(2) << '\n';
    } else {
        std::cout << report_text(report, kRowsShown);
    }
}

/// The protocol's, or what there is instead of an answer.
std::string_view code_of(const ControlFailure& e) {
    if (!e.code.empty()) return e.code;
    return e.exit_code == kControlNoDaemon ? "no_daemon" : "no_answer";
}

int status(const Arguments& a) {
    ControlCall call(a.socket);
    print(a, call.ask("status"));
    return kControlDone;
}

int alive(const Arguments& a) {
    ControlCall call(a.socket);
    print(a, call.ask("alive"));
    return kControlDone;
}

int list(const Arguments& a, const std::string& method) {
    ControlCall call(a.socket);
    Report report;
    report[method] = call.list(method);
    if (!a.json && report[method].empty()) {
        std::cout << "no " << method << '\n';
    } else {
        print(a, report);
    }
    return kControlDone;
}

int tail(const Arguments& a) {
    ControlCall call(a.socket);
    (void)call.ask("tail");
    while (std::cout) {
        const Report event = call.next_event();
        if (a.json) {
            std::cout << event.dump() << '\n';
        } else if (event.contains("lost")) {
            std::cout << "... " << event["lost"] << " events were too fast for this terminal\n";
        } else {
            std::cout << event.value("time", "") << "  " << event.value("type", "") << "  "
                      << event.value("instrument", "") << "  " << event.value("text", "") << '\n';
        }
        std::cout.flush();
    }
    return kControlFailed;
}

Report target_of(const Arguments& a) {
    if (a.scope == "firm") {
        if (!a.target.empty()) {
            throw CLI::ValidationError("--target: the firm is one; leave it out");
        }
        return {{"scope", "firm"}};
    }
    if (a.target.empty()) {
        throw CLI::ValidationError("--target is required with --scope " + a.scope);
    }
    return {{"scope", a.scope}, {"target", a.target}};
}

/// Orders that are not ours may be open at a venue.
bool elsewhere(const Report& cancels) {
    return cancels.value("not_ours", std::uint64_t{0}) != 0 ||
           (cancels.contains("not_compared") && !cancels["not_compared"].empty());
}

/// Cancels are not answered, or, where `all` was to be canceled, something is still open: also what
/// an earlier command canceled in vain.
bool open_here(const Report& cancels, bool all) {
    return cancels.value("waiting", std::uint64_t{0}) != 0 ||
           (all && cancels.value("open_orders", std::uint64_t{0}) != 0);
}

/// Until the venues have answered all cancels, and with `flatten` nothing is held any more, or
/// --wait is over.
Report wait_for_cancels(ControlCall& call, const Arguments& a, const Report& params,
                        std::uint64_t before, bool all, bool flatten) {
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(static_cast<std::int64_t>(a.wait * 1'000));
    for (;;) {
        Report cancels = call.ask("cancels", params);
        const bool begun = cancels.value("number", std::uint64_t{0}) > before;
        const bool over = begun && !open_here(cancels, all) && !elsewhere(cancels) &&
                          !(flatten && cancels.value("positions", std::uint64_t{0}) != 0);
        if (over || std::chrono::steady_clock::now() >= until) {
            cancels["begun"] = begun;
            return cancels;
        }
        std::this_thread::sleep_for(kPollEvery);
    }
}

void tell_elsewhere(const Report& cancels) {
    for (const Report& venue : cancels.value("cannot_tell", Report::array())) {
        std::cerr << "fermata: " << venue.get<std::string>()
                  << ": it cannot be asked for all that is open (sessions.mass_status), so orders "
                     "that are not ours are not known\n";
    }
    if (const auto n = cancels.value("not_ours", std::uint64_t{0}); n != 0) {
        std::cerr << "fermata: " << n
                  << " orders that are not ours are open at the venues: fermata status names them; "
                     "those that cannot be canceled from here have to be canceled there\n";
    }
    for (const Report& venue : cancels.value("not_compared", Report::array())) {
        std::cerr << "fermata: " << venue.get<std::string>()
                  << ": what is open there is not known: it is down, does not answer, or is not "
                     "reconciled yet\n";
    }
}

int stop(const Arguments& a, const std::string& method) {
    const Report params =
        method == "disable" ? Report{{"scope", "strategy"}, {"target", a.strategy}} : target_of(a);
    ControlCall call(a.socket);
    Report report = call.command(method, params, a.reason, a.expect);
    int code = kControlDone;
    bool unconfirmed = false;
    if (report.value("cancels", false)) {
        Report where = report["latched"];
        where.erase("level");
        where.erase("latch");
        if (where.value("target", "").empty()) where.erase("target");
        const bool all = method != "reduce";
        Report cancels =
            wait_for_cancels(call, a, where, report.value("cancels_before", std::uint64_t{0}), all,
                             report.value("flattens", false));
        unconfirmed = !cancels.value("begun", false) || open_here(cancels, all) ||
                      cancels.value("unknown", std::uint64_t{0}) != 0;
        if (unconfirmed || elsewhere(cancels)) code = kControlOpen;
        report["cancels"] = std::move(cancels);
    }
    std::uint64_t held = 0;
    if (method == "flatten") {
        held = report["cancels"].value("positions", std::uint64_t{0});
        if (held != 0) code = kControlOpen;
    }
    print(a, report);
    if (report["cancels"].is_object()) tell_elsewhere(report["cancels"]);
    if (held != 0) {
        std::cerr
            << "fermata: " << held
            << " positions are not closed yet: it goes on; fermata alerts says what keeps it\n";
    } else if (unconfirmed) {
        std::cerr << "fermata: it is latched, but not every cancel is confirmed: look at fermata "
                     "orders; what is unknown keeps its exposure\n";
    }
    return code;
}

int loosen(const Arguments& a, const std::string& method, const Report& params) {
    ControlCall call(a.socket);
    const Report report = call.command(method, params, a.reason, a.expect);
    print(a, report);
    return report.contains("pending") ? kControlPending : kControlDone;
}

int accept(const Arguments& a) {
    ControlCall call(a.socket);
    const Report report = call.command("accept", Report::object(), a.reason, a.expect);
    print(a, report);
    if (report.contains("pending")) return kControlPending;
    return report.value("complete", true) ? kControlDone : kControlOpen;
}

int change_limit(const Arguments& a, const std::string& method) {
    Report params = target_of(a);
    params["limit"] = a.limit;
    params["value"] = a.value;
    ControlCall call(a.socket);
    Report report = call.command(method, params, a.reason, a.expect);
    if (report.contains("pending")) {
        print(a, report);
        return kControlPending;
    }
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(static_cast<std::int64_t>(a.wait * 1'000));
    std::string outcome;
    while (outcome.empty() && std::chrono::steady_clock::now() < until) {
        const Report status = call.ask("status");
        for (const Report& row : status["limit_commands"]) {
            if (row["command"] == report["command"]) outcome = row.value("outcome", "");
        }
        if (outcome.empty()) std::this_thread::sleep_for(kPollEvery);
    }
    report["outcome"] = outcome.empty() ? "not on record yet" : outcome;
    print(a, report);
    if (outcome == "changed") return kControlDone;
    return outcome.empty() ? kControlOpen : kControlFailed;
}

int acknowledge(const Arguments& a) {
    if (!a.alert && a.strategy.empty()) {
        throw CLI::ValidationError("acknowledge: give --alert or --strategy");
    }
    Report params = Report::object();
    if (!a.strategy.empty()) params = {{"scope", "strategy"}, {"target", a.strategy}};
    if (a.alert) params["alert"] = *a.alert;
    ControlCall call(a.socket);
    print(a, call.command("acknowledge", params, a.reason, a.expect));
    return kControlDone;
}

class Adder {
public:
    explicit Adder(CLI::App& app) : app_(app) {}

    template <class Run>
    std::pair<CLI::App*, Shared> add(const std::string& name, const std::string& what, Run run) {
        auto arguments = std::make_shared<Arguments>();
        CLI::App* command = app_.add_subcommand(name, what);
        command->group("Running daemon");
        command
            ->add_option("--socket", arguments->socket,
                         "Control socket of the daemon (control.socket in its configuration)")
            ->envname("FERMATA_SOCKET")
            ->capture_default_str();
        command->add_flag("--json", arguments->json, "Print JSON, of an error too");
        command->footer(
            "Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 no daemon, or not for this "
            "user;\n4 done, but orders are unknown or not confirmed, or positions stay; 5 waits "
            "for a second admin.");
        command->callback([arguments, run] {
            int code = kControlFailed;
            try {
                code = run(*arguments);
            } catch (const ControlFailure& e) {
                std::cerr << "fermata: " << (e.code.empty() ? "" : e.code + ": ") << e.message
                          << '\n';
                if (arguments->json) {
                    print_json_error(code_of(e), e.message, e.state_version);
                }
                code = e.exit_code;
            }
            if (code != 0) throw CLI::RuntimeError(code);
        });
        return {command, arguments};
    }
    void add_reason(CLI::App& command, Arguments& a) {
        command.add_option("--reason", a.reason, "Why, for the record (200 bytes at most)")
            ->required()
            ->check([](const std::string& text) {
                return text.find_first_not_of(' ') == std::string::npos
                           ? std::string("a reason is wanted")
                           : std::string();
            });
    }
    void add_target(CLI::App& command, Arguments& a) {
        command.add_option("--scope", a.scope, "firm, account, strategy, instrument or venue")
            ->check(CLI::IsMember({"firm", "account", "strategy", "instrument", "venue"}))
            ->capture_default_str();
        command.add_option("--target", a.target,
                           "Its name, as the configuration writes it; not with the firm");
    }
    void add_expect(CLI::App& command, Arguments& a, bool required) {
        CLI::Option* option =
            command.add_option("--expect", a.expect,
                               "The state_version that status printed: refused when anything "
                               "changed since");
        if (required) option->required();
    }
    void add_wait(CLI::App& command, Arguments& a) {
        command.add_option("--wait", a.wait, "Seconds to wait for what the venues say")
            ->check(CLI::Range(0.0, 3'600.0))
            ->capture_default_str();
    }

private:
    CLI::App& app_;
};

void add_questions(Adder& adder) {
    adder.add("status", "How a running daemon is: state, counts, what is halted and why", status);
    const std::pair<const char*, const char*> lists[] = {
        {"positions", "What the accounts hold, and for which strategies"},
        {"orders", "Every order that is not over"},
        {"strategies", "Strategies with their states, orders and fills"},
        {"limits", "The limits in force"},
        {"sessions", "Every FIX session: orders, market data and drop copies, and how it stands"},
        {"latency", "How long each stage takes"},
        {"alerts", "The newest alerts, and who acknowledged them"}};
    for (const auto& [name, what] : lists) {
        adder.add(name, what,
                  [method = std::string(name)](const Arguments& a) { return list(a, method); });
    }
    adder.add("tail", "Follow what happens, until interrupted", tail);
    adder.add("alive", "Say that somebody is there, where the dead-man switch wants it", alive);
}

void add_stops(Adder& adder) {
    const std::pair<const char*, const char*> stops[] = {
        {"kill", "Halt and cancel all orders: of the firm, or of --scope and --target"},
        {"halt", "No new orders; those that are open stay"},
        {"reduce", "Only orders that reduce; cancels those that increase"},
        {"cancel", "Halt and cancel all orders, as kill does"},
        {"flatten", "Halt, cancel all orders, and close the positions in slices"}};
    for (const auto& [name, what] : stops) {
        const auto [command, a] = adder.add(
            name, what,
            [method = std::string(name)](const Arguments& given) { return stop(given, method); });
        if (std::string_view(name) == "flatten") a->wait = 60;
        adder.add_target(*command, *a);
        adder.add_reason(*command, *a);
        adder.add_expect(*command, *a, false);
        adder.add_wait(*command, *a);
    }
    const auto [command, a] =
        adder.add("disable", "Halt one strategy and cancel its orders",
                  [](const Arguments& given) { return stop(given, "disable"); });
    command->add_option("STRATEGY", a->strategy, "Its name")->required();
    adder.add_reason(*command, *a);
    adder.add_expect(*command, *a, false);
    adder.add_wait(*command, *a);
}

void add_releases(Adder& adder) {
    {
        const auto [command, a] = adder.add(
            "release", "Let trade again what was halted; takes two admins",
            [](const Arguments& given) { return loosen(given, "release", target_of(given)); });
        adder.add_target(*command, *a);
        adder.add_reason(*command, *a);
        adder.add_expect(*command, *a, true);
    }
    {
        const auto [command, a] = adder.add(
            "enable", "Release one strategy; takes two admins", [](const Arguments& given) {
                return loosen(given, "enable", {{"scope", "strategy"}, {"target", given.strategy}});
            });
        command->add_option("STRATEGY", a->strategy, "Its name")->required();
        adder.add_reason(*command, *a);
        adder.add_expect(*command, *a, true);
    }
    for (const bool looser : {false, true}) {
        const std::string name = looser ? "loosen" : "tighten";
        const auto [command, a] =
            adder.add(name,
                      looser ? "Loosen a limit, within its hard limit; takes two admins"
                             : "Tighten a limit, at once",
                      [name](const Arguments& given) { return change_limit(given, name); });
        command->add_option("LIMIT", a->limit, "Its key, as `limits` prints it")->required();
        command->add_option("VALUE", a->value, "As a configuration writes it: 100, 5%, 250ms")
            ->required();
        adder.add_target(*command, *a);
        adder.add_reason(*command, *a);
        adder.add_expect(*command, *a, looser);
        adder.add_wait(*command, *a);
    }
    const auto [command, a] = adder.add(
        "acknowledge", "Mark an alert as seen, or a strategy's fills as intended", acknowledge);
    command->add_option("--alert", a->alert, "Its number, as `alerts` prints it");
    command->add_option("--strategy", a->strategy,
                        "Alone: its fills so far are as intended (control REPEAT)");
    adder.add_reason(*command, *a);
    adder.add_expect(*command, *a, false);
}

void add_accept(Adder& adder) {
    const auto [command, a] = adder.add(
        "accept",
        "Accept venues and drop copies that differ from what is on record as they are, and end "
        "RECOVERING; takes two admins. Books nothing: fills that a venue counts and never reported "
        "stay out of the positions. Exit code 4: something could not be accepted yet",
        accept);
    adder.add_reason(*command, *a);
    adder.add_expect(*command, *a, true);
}

}  // namespace

void register_control_commands(CLI::App& app) {
    Adder adder(app);
    add_questions(adder);
    add_stops(adder);
    add_accept(adder);
    add_releases(adder);
}

}  // namespace fermata
