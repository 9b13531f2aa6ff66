#include "daemon/cli/watchdog_command.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/interrupt.hpp"
#include "daemon/config/config.hpp"
#include "daemon/watchdog/run_watchdog.hpp"
#include "ops/service/service_manager.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

constexpr int kUnconfirmed = 4;

struct Arguments {
    std::string config;
    std::vector<std::string> overrides;
};

/// Lines on stderr, with the priority in front (sd-daemon(3)) where a service manager reads them.
void line(bool alarm, const std::string& text) {
    const char* const priority = !service::ServiceManager::present() ? "" : alarm ? "<2>" : "<5>";
    std::cerr << priority << "fermata watchdog: " << text << std::endl;
}

int watch(const Arguments& a) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config = load_config(a.config, a.overrides, registry, sha256_hasher());
    if (config.latch.empty()) {
        line(true, a.config + ": it halts by the latch file; set risk.latch");
        return 2;
    }
    catch_interrupts();
    service::ServiceManager manager;
    const auto limit = service::ServiceManager::watchdog();
    bool ready = false;
    std::string told;
    auto ping_at = std::chrono::steady_clock::now();
    WatchdogRequest request;
    request.stopped = interrupted;
    request.report = line;
    request.alive = [&](const std::string& standing) {
        if (!ready) {
            ready = true;
            manager.ready(told = standing);
        } else if (standing != told) {
            manager.status(told = standing);
        }
        const auto now = std::chrono::steady_clock::now();
        if (!limit || now < ping_at) return;
        ping_at = now + *limit / 3;
        manager.ping();
    };
    const WatchdogReport report = run_watchdog(config, request);
    manager.stopping("stopped");
    line(report.unconfirmed != 0,
         "stopped; it stepped in " + std::to_string(report.incidents) + " times" +
             (report.unconfirmed == 0
                  ? ""
                  : "; orders may be open at " + std::to_string(report.unconfirmed) + " venues"));
    return report.unconfirmed == 0 ? 0 : kUnconfirmed;
}

}  // namespace

void register_watchdog_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(
        "watchdog", "Watch a daemon; when it hangs, halt the firm, kill it and cancel its orders");
    command->footer(
        "\nUntil SIGTERM. Exit codes: 0 stopped, nothing is left open; 4 stopped while orders were "
        "not\nconfirmed as canceled; 1 it failed; 2 wrong usage or configuration.");
    command->add_option("CONFIG", arguments->config, "The daemon's configuration (YAML)")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--set", arguments->overrides, "Override one key: watchdog.hang_after=1s")
        ->type_name("KEY=VALUE");
    command->callback([arguments] {
        if (const int code = watch(*arguments); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace fermata
