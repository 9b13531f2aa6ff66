#include "daemon/cli/journal_command.hpp"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "daemon/cli/database_option.hpp"
#include "daemon/cli/journal_carry.hpp"
#include "daemon/cli/journal_compare.hpp"
#include "daemon/cli/journal_database.hpp"
#include "daemon/cli/journal_keeping_command.hpp"
#include "daemon/cli/journal_load.hpp"
#include "daemon/cli/journal_query.hpp"
#include "daemon/cli/journal_report.hpp"
#include "daemon/cli/journal_rerun.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/cli/time_option.hpp"
#include "daemon/cli/whole_number.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {
namespace {

void finish(int code) {
    if (code != 0) throw CLI::RuntimeError(code);
}

/// What the command line says, before it is understood.
struct QueryArguments {
    JournalQuery query;
    std::string from;
    std::string to;
    std::string format = "table";
};

int run_query(const QueryArguments& arguments) {
    JournalQuery query = arguments.query;
    query.from = time_option("--from", arguments.from);
    query.to = time_option("--to", arguments.to);
    if (arguments.format == "csv") query.format = RecordFormat::kCsv;
    if (arguments.format == "json") query.format = RecordFormat::kJson;
    JournalDisk disk;
    ProgressLine progress(::isatty(STDERR_FILENO) == 1);
    return query_journal(disk.files(), query, std::cout, std::cerr, &progress);
}

void add_query(CLI::App& journal) {
    CLI::App* command =
        journal.add_subcommand("query", "Print the records of a journal that answer a question");
    command->alias("dump");
    const auto arguments = std::make_shared<QueryArguments>();
    JournalQuery& query = arguments->query;
    command->add_option("DIR", query.directory, "Directory of the journal")->required();
    // One name an occurrence, because a name may hold a comma.
    const auto add_names = [&](const char* option, std::vector<std::string>& names,
                               const char* description) {
        return command->add_option(option, names, description)->allow_extra_args(false);
    };
    command->add_option("--order", query.order,
                        "Everything about this order: its id (20779-1-17 or the number), or its "
                        "tag such as sma#3");
    command->add_option("--execution", query.execution,
                        "Only this execution: its number, or the venue's ExecID; with --type raw "
                        "the messages that tell it");
    add_names("--strategy", query.strategies, "Only what concerns this strategy; repeatable");
    add_names("--account", query.accounts, "Only what concerns this account; repeatable");
    add_names("--instrument", query.instruments, "Only this instrument, by symbol; repeatable");
    add_names("--type", query.types, "Only these types of events, e.g. fill,verdict")
        ->delimiter(',');
    add_names("--verdict", query.verdicts,
              "Only verdicts in which this control refused, e.g. POSITION; or: approved, denied, "
              "preview (answers to what strategies asked)")
        ->delimiter(',');
    add_names("--stream", query.streams, "Only trading, feed, venue.N or shard.N")->delimiter(',');
    command->add_option("--from", arguments->from,
                        "Only from this time on (UTC, or ns since 1970)");
    command->add_option("--to", arguments->to, "Only before this time");
    command->add_option("--limit", query.limit, "At most so many records; 0: all")
        ->check(whole_number_from(0));
    command->add_option("--format", arguments->format, "table, csv, or json (one object a line)")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    command->footer(
        "\nAll conditions must hold. Examples:\n"
        "  fermata journal query run/journal --order sma#3\n"
        "  fermata journal query run/journal --type raw --execution 16394310928476193527\n"
        "  fermata journal query run/journal --verdict POSITION --instrument SPY\n"
        "  fermata journal query run/journal --from 2024-01-02T14:03:07.123Z --limit 20");
    command->callback([arguments] { finish(run_query(*arguments)); });
}

void add_stat(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "stat", "Summarise a journal: manifest, boots, streams, records by type, chain, segments");
    const auto directory = std::make_shared<std::string>();
    command->add_option("DIR", *directory, "Directory of the journal")->required();
    command->callback([directory] {
        JournalDisk disk;
        finish(print_journal_statistics(disk.files(), *directory, std::cout, std::cerr));
    });
}

void add_verify(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "verify", "Check every byte of a journal; exit code 1 names what is wrong with it");
    const auto directory = std::make_shared<std::string>();
    const auto expected = std::make_shared<JournalExpectation>();
    command->add_option("DIR", *directory, "Directory of the journal")->required();
    command->add_option("--anchor", expected->anchor_file,
                        "A file of anchors that was kept outside: the journal must contain them");
    command->add_flag("--open", expected->open,
                      "The run goes on, or died: an end without a footer is told, and no problem");
    const auto database = std::make_shared<std::string>();
    CLI::Option* compare = add_database_option(*command, *database)->expected(0, 1);
    compare->description(
        "Also compare every record with this database; without a URL: PGHOST, PGDATABASE and so "
        "on");
    command->callback([directory, expected, database, compare] {
        JournalDisk disk;
        int code =
            print_journal_verification(disk.files(), *directory, *expected, std::cout, std::cerr);
        if (compare->count() > 0) {
            code |= print_database_comparison(*directory, *database, std::cout, std::cerr);
        }
        finish(code);
    });
}

}  // namespace

void register_journal_commands(CLI::App& app) {
    CLI::App* journal = app.add_subcommand("journal", "Look into the journal of a run");
    journal->require_subcommand(1);
    add_query(*journal);
    add_stat(*journal);
    add_verify(*journal);
    add_journal_load(*journal);
    register_journal_keeping_commands(*journal);
    register_journal_rerun(*journal);
    register_journal_compare(*journal);
    register_journal_carry(*journal);
    register_journal_snapshot(*journal);
}

}  // namespace fermata
