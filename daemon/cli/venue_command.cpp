#include "daemon/cli/venue_command.hpp"

#include <sys/resource.h>
#include <sys/select.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/interrupt.hpp"
#include "daemon/config/config.hpp"
#include "daemon/venue/venue_job.hpp"
#include "daemon/venue/venue_run.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

/// QuickFIX waits for its sockets with select, which a descriptor beyond FD_SETSIZE breaks: then
/// rather no more connections.
void limit_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= FD_SETSIZE) return;
    limit.rlim_cur = FD_SETSIZE;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

struct Options {
    std::string config;
    std::string speed;
    std::string log;
    std::vector<std::string> overrides;
    bool fresh = false;
    bool hold = false;
    bool quiet = false;
};

int run(const Options& options) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    std::vector<std::string> overrides;
    if (!options.speed.empty()) overrides.push_back("live.speed=" + options.speed);
    overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
    const Config config = load_config(options.config, overrides, registry, sha256_hasher());
    for (const ConfigProblem& warning : config.warnings) {
        std::cerr << "warning: " << to_string(warning) << '\n';
    }
    if (!config.exchange) {
        std::cerr
            << "fermata: " << options.config
            << " has no section `exchange`, which says what the venue is; see docs/venue.md\n";
        return 2;
    }
    Assembly assembly(config, registry);
    const std::unique_ptr<Feed> source = assembly.make_feed();
    venue::VenueJob job = venue::venue_job(config);
    job.source = source.get();
    job.streams = &assembly.streams();
    job.log = options.log;
    job.fresh = options.fresh;
    job.stopped = interrupted;
    if (options.hold) job.held = [] { return !opening_bell(); };
    if (!options.quiet) {
        job.report = [](const std::string& text) { std::cerr << "venue: " << text << '\n'; };
    }
    job.listening = [&] {
        std::cout << config.exchange->comp_id << " listens on port " << config.exchange->port
                  << std::endl;
    };
    PosixFileSystem files;
    limit_descriptors();
    const venue::VenueResult result = venue::run_venue(std::move(job), files);
    if (!options.quiet) {
        std::cout << result.market_events << " market events, " << result.requests << " requests, "
                  << result.reports << " reports, " << result.faults << " faults\n";
    }
    return 0;
}

}  // namespace

void register_venue_command(CLI::App& app) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "venue",
        "Be a FIX 4.4 exchange that plays the configured data, until SIGTERM or SIGINT; a second "
        "start goes on where the first one ended, however it ended");
    command->add_option("CONFIG", options->config, "Configuration (YAML) with `exchange`")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--speed", options->speed,
                        "Pace of the data: max, or a multiple of real time: 1x, 60x");
    command->add_option("--log", options->log,
                        "Write what happens, in the order in which it is dealt with, to this CSV "
                        "file");
    command->add_flag("--fresh", options->fresh,
                      "Begin anew: no orders, the data from its begin. Sequence numbers stay");
    command->add_flag("--hold", options->hold,
                      "Play no data before the process gets SIGUSR1, when members are ready; data "
                      "that had begun goes on at once");
    command->add_option("--set", options->overrides, "Override one key: exchange.port=9880")
        ->type_name("KEY=VALUE");
    command->add_flag("--quiet,-q", options->quiet, "Say only that it listens, and what is wrong");
    command->callback([options] {
        catch_interrupts();
        if (options->hold) catch_opening_bell();
        throw CLI::RuntimeError(run(*options));
    });
}

}  // namespace fermata
