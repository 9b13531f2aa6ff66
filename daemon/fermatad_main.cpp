/// The daemon: runs a configuration of mode paper on the machine's clock until it is asked to stop.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/port/feed.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/assembly/start_refusal.hpp"
#include "daemon/cli/interrupt.hpp"
#include "daemon/config/config.hpp"
#include "daemon/live/progress_watch.hpp"
#include "daemon/live/session.hpp"
#include "daemon/live/session_config.hpp"
#include "daemon/watchdog/progress_publisher.hpp"
#include "ops/service/service_log.hpp"
#include "ops/service/service_manager.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

struct Options {
    std::string config;
    std::string out;
    std::vector<std::string> overrides;
};

using service::Priority;

std::filesystem::path output_folder(const Options& options, const Config& config) {
    if (!options.out.empty()) return options.out;
    if (!config.run.out.empty()) return config.run.out;
    return std::filesystem::path("runs") / std::filesystem::path(options.config).stem();
}

int run(const Options& options) {
    service::ServiceLog log("fermatad");
    service::ServiceManager manager;
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const auto load = [&] {
        return load_config(options.config, options.overrides, registry, sha256_hasher());
    };
    const Config asked = load();
    std::optional<Config> on_record;
    if (asked.mode != Mode::kReplay) {
        on_record = configuration_on_record(output_folder(options, asked), asked, registry);
    }
    const Config& config = on_record ? *on_record : asked;
    if (config.mode == Mode::kReplay) {
        log.write(
            Priority::kError, "refused",
            options.config +
                " is for a replay (mode: replay), which fermata replay runs; fermatad runs mode "
                "paper");
        return 2;
    }
    for (const ConfigProblem& warning : config.warnings) {
        log.write(Priority::kWarning, "warning", "warning: " + to_string(warning));
    }
    log.always("FERMATA_MODE", std::string(mode_name(config.mode)));
    if (on_record) {
        log.write(Priority::kWarning, "configuration",
                  "warning: " + options.config +
                      " changed since the session that is gone on with began; it keeps its rules, "
                      "and but for tighter limits the changes wait for the session after it");
    }
    std::optional<ProgressPublisher> publisher;
    if (const auto& path = config.watchdog.progress_file; !path.empty()) {
        publisher.emplace(path.string());
    }
    std::unique_ptr<ProgressWatch> watch;
    SessionRequest request;
    request.out = output_folder(options, config);
    request.asked = &asked;
    request.stopped = interrupted;
    request.report = [&](const std::string& text) {
        const bool warns = text.compare(0, 8, "warning:") == 0;
        log.write(warns ? Priority::kWarning : Priority::kNotice, warns ? "warning" : "", text);
    };
    request.started = [&](ProgressWatch::Loops loops) {
        if (publisher) publisher->running(loops);
        // Two looks within the time that the manager waits; a second without one.
        const auto limit = service::ServiceManager::watchdog();
        const std::chrono::nanoseconds interval =
            limit ? std::chrono::nanoseconds(*limit) / 3 : std::chrono::seconds(1);
        watch = std::make_unique<ProgressWatch>(
            std::move(loops), interval, [&manager] { manager.ping(); },
            [&](const std::string& name) {
                log.write(Priority::kCritical, "hangs", "the loop of " + name + " does not go on",
                          {{"FERMATA_LOOP", name}});
                manager.status("the loop of " + name + " does not go on");
            });
        manager.ready(std::string(mode_name(config.mode)) + ", running");
        log.write(Priority::kNotice, "running", "running");
    };
    request.reload = ReloadRequest{
        // What became tighter since the session began holds from its next start on.
        .asked = [first = on_record.has_value()]() mutable -> std::optional<std::uint32_t> {
            if (std::exchange(first, false)) return ::getuid();
            return take_reload();
        },
        .load = load,
        .notify =
            [&](bool begins) {
                if (begins) {
                    manager.reloading();
                } else {
                    manager.ready(std::string(mode_name(config.mode)) + ", running");
                }
            },
        .report =
            [&](const std::string& text, bool refused) {
                log.write(refused ? Priority::kWarning : Priority::kNotice, "reload", text);
            }};
    request.stopping = [&] {
        manager.stopping("bringing orders to an end");
        log.write(Priority::kNotice, "stopping", "stopping");
    };
    request.ending = [&] {
        if (publisher) publisher->ending("the loops end");
        watch.reset();
        manager.ping();  // the last one: what follows takes as long as the journal's disk
    };
    const SessionReport report = run_session(config, registry, request);
    const LiveResult& result = report.result;
    const auto left_behind = [&](const std::string& what) {
        if (publisher) publisher->failed(what);
    };
    if (result.end == LiveEnd::kStalled) {
        left_behind("a lane stayed full");
        log.write(Priority::kError, "stalled",
                  "a lane stayed full at event " + std::to_string(result.feed_position) +
                      "; the journal is left open, and the next start goes on with it");
        return 1;
    }
    for (const std::string& difference : report.differences) {
        log.write(Priority::kWarning, "warning", "warning: not settled: " + difference);
    }
    if (report.stored && !*report.stored) {
        log.write(
            Priority::kError, "database",
            "the database does not hold the whole journal; fermata journal load brings the rest");
    }
    if (result.open_orders != 0 && config.live.stop == StopPolicy::kCancel) {
        left_behind(std::to_string(result.open_orders) + " orders are not confirmed as canceled");
        log.write(Priority::kError, "unconfirmed",
                  std::to_string(result.open_orders) + " orders are not confirmed as canceled");
        return 1;
    }
    if (publisher) {
        publisher->ended(result.end == LiveEnd::kDataEnded ? "the data ended" : "as asked");
    }
    log.write(Priority::kNotice, "ended",
              (result.end == LiveEnd::kDataEnded ? "the data ended; " : "stopped; ") +
                  what_is_left(report) + "; " + std::to_string(result.records) + " records in " +
                  report.folder.string());
    if (!report.halted.empty()) {
        log.write(Priority::kCritical, "halted", "trading was halted: " + report.halted);
        return 1;
    }
    return 0;
}

int guarded(const Options& options) {
    const auto say = [](const std::string& text) {
        service::ServiceLog("fermatad").write(Priority::kError, "failed", text);
    };
    try {
        return run(options);
    } catch (const ConfigError& e) {
        say(e.what());
        return 2;
    } catch (const FeedError& e) {
        say(e.what());
        return 2;
    } catch (const StartRefusal& e) {
        say(e.what());
        return kExitRefused;
    } catch (const std::exception& e) {
        say(e.what());
        return 1;
    }
}

}  // namespace
}  // namespace fermata

int main(int argc, char** argv) {
    using namespace fermata;
    CLI::App app{"Fermata's daemon: trades on the machine's clock until SIGTERM.", "fermatad"};
    app.set_version_flag("--version", build_id());
    app.footer(
        "Exit codes: 0 stopped in order; 1 the run failed, was halted or left orders unconfirmed; "
        "2 wrong usage, configuration or data; 3 the start is refused until somebody does what the "
        "log says: an approval, a secret or a role is missing.");
    Options options;
    app.add_option("CONFIG", options.config, "Configuration (YAML)")
        ->required()
        ->check(CLI::ExistingFile);
    app.add_option("--out", options.out,
                   "Folder of the sessions (default: run.out, else runs/NAME)");
    app.add_option("--set", options.overrides, "Override one key: live.speed=10x")
        ->type_name("KEY=VALUE");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    catch_interrupts();
    catch_reloads();
    return guarded(options);
}
