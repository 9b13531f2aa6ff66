#include "daemon/cli/journal_rerun.hpp"

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/interrupt.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/cli/record_printer.hpp"
#include "daemon/cli/stream_name.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "daemon/retention/prune_log.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

struct Arguments {
    std::string directory;
    std::string config;
    bool from_snapshot = false;
    std::optional<SnapshotPlan> snapshots;
    bool quiet = false;
};

void print_side(const char* label, const Divergence& d, const std::optional<OrderEvent>& event,
                const JournalManifest& manifest, std::ostream& out) {
    out << label << '\n';
    if (!event) {
        out << "  nothing\n";
        return;
    }
    JournalRecord record;
    record.event = *event;
    record.stream = d.stream;
    record.position = event->seq;
    make_record_printer(RecordFormat::kJson, {}, manifest, out)->print(record, {});
}

void print(const Divergence& d, const JournalManifest& manifest, std::ostream& out) {
    out << "first divergence: stream " << stream_text(d.stream) << ", position " << d.position
        << ": " << d.what << '\n';
    print_side("recorded", d, d.recorded, manifest, out);
    print_side("re-run", d, d.rerun, manifest, out);
}

int run(const Arguments& arguments) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    JournalDisk disk;
    ProgressLine line(!arguments.quiet && ::isatty(STDERR_FILENO) == 1);
    if (!arguments.from_snapshot) refuse_pruned(disk.files(), arguments.directory, "re-run");
    RerunRequest request;
    request.directory = arguments.directory;
    request.config = arguments.config;
    request.from_snapshot = arguments.from_snapshot;
    request.snapshots = arguments.snapshots;
    request.progress = [&line](const ReplayProgress& progress) { line.show(progress); };
    request.cancelled = interrupted;
    const RerunReport report = rerun_journal(disk.files(), request, registry);
    line.finish();
    for (const std::string& note : report.notes) std::cerr << "note: " << note << '\n';
    for (const SnapshotRefusal& refusal : report.refused) {
        std::cerr << "note: " << refusal.file << " is not used: " << refusal.reason << '\n';
    }
    if (report.problem) {
        std::cerr << (report.problem->torn ? "the journal was not closed: " : "damaged journal: ")
                  << report.problem->message << '\n';
    }
    if (report.divergence) print(*report.divergence, report.manifest, std::cerr);
    if (report.cancelled) {
        std::cerr << "fermata: interrupted after " << report.compared << " records\n";
        return 1;
    }
    if (!report.equal()) return 1;
    if (!report.began_with.empty()) {
        std::cout << "began with " << report.began_with << ", which holds the state after "
                  << report.records_before << " records\n";
    }
    char speed[64];
    std::snprintf(speed, sizeof speed, "%.3f s (%.2f M events/s)", report.seconds,
                  report.seconds > 0
                      ? static_cast<double>(report.market_events) / report.seconds / 1e6
                      : 0.0);
    std::cout << "equal: " << report.compared << " records of a " << name(report.manifest.schedule)
              << " run, re-run over " << report.market_events << " market events in " << speed
              << '\n';
    for (const std::string& file : report.written) std::cout << "wrote " << file << '\n';
    if (arguments.snapshots && report.written.empty()) {
        std::cout << (report.ending == JournalEnding::kClosed
                          ? "no snapshot: the run was closed, nobody goes on from its end (--every "
                            "writes some on the way)\n"
                          : "no snapshot: the journal holds nothing new\n");
    }
    return 0;
}

int finish(const Arguments& arguments) {
    catch_interrupts();
    return run(arguments);
}

}  // namespace

void register_journal_snapshot(CLI::App& journal) {
    CLI::App* snapshot = journal.add_subcommand(
        "snapshot",
        "Write the state of all stages at the end of a journal, so that recovery need not begin at "
        "its start");
    const auto arguments = std::make_shared<Arguments>();
    arguments->from_snapshot = true;
    arguments->snapshots = SnapshotPlan{.every = 0, .at_end = true};
    SnapshotPlan& plan = *arguments->snapshots;
    snapshot->add_option("DIR", arguments->directory, "Directory of the journal")->required();
    snapshot
        ->add_option("--every", plan.every, "Also write one after every so many records (0: none)")
        ->capture_default_str();
    snapshot->add_option("--keep", plan.keep, "Remove all but the newest so many")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    snapshot->add_flag("--quiet,-q", arguments->quiet, "No progress");
    snapshot->footer(
        "\nThe journal is run again from the newest snapshot on and compared record by record: a\n"
        "snapshot holds only what is proven. It may be done while the run goes on.");
    snapshot->callback([arguments] { throw CLI::RuntimeError(finish(*arguments)); });
}

void register_journal_rerun(CLI::App& journal) {
    CLI::App* rerun = journal.add_subcommand(
        "rerun",
        "Run a journal's run again in the recorded order and compare every record; exit code 1 "
        "prints the first difference with both sides");
    const auto arguments = std::make_shared<Arguments>();
    rerun->add_option("DIR", arguments->directory, "Directory of the journal")->required();
    rerun->add_option("--config", arguments->config,
                      "Configuration file, instead of the one on record (the hash must be equal)");
    rerun->add_flag("--from-snapshot", arguments->from_snapshot,
                    "Begin with the newest snapshot that fits (see journal snapshot)");
    rerun->add_flag("--quiet,-q", arguments->quiet, "No progress");
    rerun->callback([arguments] { throw CLI::RuntimeError(finish(*arguments)); });
}

}  // namespace fermata
