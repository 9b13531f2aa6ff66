#include "daemon/cli/journal_carry.hpp"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/account/lot_ledger.hpp"
#include "core/journal/journal_reader.hpp"
#include "daemon/cli/interrupt.hpp"
#include "daemon/cli/journal_folder.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/live/unbooked_fills.hpp"
#include "daemon/rerun/carry.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "daemon/retention/prune_log.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

struct Arguments {
    std::string directory;
    bool quiet = false;
};

/// What the records say of a run, beside its books.
struct OnRecord {
    std::vector<OpenLot> lots;
    std::vector<UnbookedFill> unbooked;
};

OnRecord read_records(FileSystem& files, const std::string& directory, const Config& config) {
    LotRules rules;
    rules.wash_sales = rules.fees_in_basis = false;
    LotLedger ledger(config.instruments, config.accounts, rules);
    UnbookedFills unbooked(config.venues.size());
    const bool live = config.mode == Mode::kLive;
    auto opened = JournalReader::open(files, directory);
    if (!opened) throw std::runtime_error(opened.error().message);
    while (const JournalRecord* record = (*opened)->next()) {
        if (!record->is_market && record->stream == JournalStream::kTrading) {
            ledger.on(record->event);
            if (live) unbooked.on_record(record->event);
        }
    }
    return {ledger.report().open, unbooked.list()};
}

/// Whoever carries on must know that the venue holds more, or less, than what is printed.
std::string told_of(const std::vector<UnbookedFill>& unbooked, const Config& config) {
    std::string comment;
    for (const UnbookedFill& fill : unbooked) {
        const std::string what =
            describe(fill, config) + ": the positions printed here do not include it";
        std::cerr << "warning: " << what << '\n';
        comment += "# " + what + '\n';
    }
    return comment;
}

/// What to write for positions of strategies that close each other.
std::string told_of(const std::vector<HeldAgainst>& against) {
    std::string comment;
    for (const HeldAgainst& held : against) {
        const std::string instead = held.lots.empty() ? ". Leave its positions there out instead"
                                                      : ". Give the account's own lots instead";
        std::cerr << "warning: " << held.what << instead
                  << (held.lots.empty() ? "\n" : ": see the comment above what is printed\n");
        comment += "# " + held.what + instead + (held.lots.empty() ? "\n" : ":\n");
        std::istringstream lines(held.lots);
        for (std::string line; std::getline(lines, line);) comment += "#   " + line + '\n';
    }
    return comment;
}

int carry(const Arguments& arguments) {
    catch_interrupts();
    const std::string directory = journal_folder(arguments.directory);
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    JournalDisk disk;
    refuse_pruned(disk.files(), directory, "carry over");
    ProgressLine line(!arguments.quiet && ::isatty(STDERR_FILENO) == 1);
    std::string yaml;
    std::size_t open_orders = 0;
    RerunRequest request;
    request.directory = directory;
    request.progress = [&line](const ReplayProgress& progress) { line.show(progress); };
    request.cancelled = interrupted;
    request.at_books = [&](const Config& config, const AccountBook& books,
                           const OrderManager& orders) {
        const OnRecord records = read_records(disk.files(), directory, config);
        yaml = told_of(records.unbooked, config) +
               told_of(held_against(config, books, records.lots)) +
               carried_yaml(config, books, records.lots);
        open_orders = orders.open_count();
    };
    const RerunReport report = rerun_journal(disk.files(), request, registry);
    line.finish();
    if (report.cancelled) {
        std::cerr << "fermata: interrupted after " << report.compared << " records\n";
        return 1;
    }
    if (report.problem) std::cerr << report.problem->message << '\n';
    if (!report.equal()) {
        std::cerr << "fermata: the run cannot be done again the same, so what it left is not "
                     "known; see fermata journal rerun "
                  << directory << '\n';
        return 1;
    }
    if (open_orders != 0) {
        std::cerr << "note: " << open_orders
                  << " orders are open at the end, which are not carried over\n";
    }
    std::cout << yaml;
    return 0;
}

}  // namespace

void register_journal_carry(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "carry",
        "Print the cash and positions that a run left, as `accounts` and `positions` of "
        "the configuration of the next one");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("DIR", arguments->directory, "Folder of a run, or of its journal")
        ->required();
    command->add_flag("--quiet,-q", arguments->quiet, "No progress");
    command->footer(
        "\nThe run is done again from its journal and compared, as by `journal rerun`: what is "
        "printed is\nproven. Not carried over: open orders, and what risk controls remember of "
        "the past\n(day trades, losses of the day and week, high-water marks). Fills that a venue "
        "counts "
        "and that are not\non record, accepted or not, are named by order and quantity, as a "
        "warning "
        "and as a comment: what is\nprinted does not include them.");
    command->callback([arguments] {
        if (const int code = carry(*arguments); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace fermata
