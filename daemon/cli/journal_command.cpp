#include "daemon/cli/journal_command.hpp"

#include <charconv>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "core/market/date.hpp"
#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/journal_dump.hpp"
#include "daemon/cli/journal_report.hpp"

namespace fermata {
namespace {

[[noreturn]] void wrong_usage(const std::string& message) { throw CLI::ValidationError(message); }

/// What the command line says, before it is understood.
struct DumpArguments {
    std::string directory;
    std::vector<std::string> types;
    std::string strategy;
    std::string order;
    std::string from;
    std::string to;
    std::int64_t limit = 0;
    std::string format = "table";
};

OrderEventType type_of(const std::string& text) {
    std::string known;
    for (const OrderEventType type : order_event_types()) {
        if (name(type) == text) return type;
        known.append(known.empty() ? "" : ", ").append(name(type));
    }
    wrong_usage("--type: no event type is called \"" + text + "\"; there are " + known);
}

std::optional<Timestamp> time_of(const std::string& option, const std::string& text) {
    if (text.empty()) return std::nullopt;
    std::int64_t ns = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ns);
    if (error == std::errc{} && end == text.data() + text.size()) return Timestamp{ns};
    const auto parsed = parse_iso_timestamp(text);
    if (!parsed) {
        wrong_usage(option + ": \"" + text +
                    "\" is no time; expected 2010-05-06, 2010-05-06T14:30:00Z or nanoseconds since "
                    "1970");
    }
    return parsed;
}

DumpOptions understand(const DumpArguments& arguments) {
    DumpOptions options;
    options.directory = arguments.directory;
    for (const std::string& type : arguments.types) options.types.push_back(type_of(type));
    options.strategy = arguments.strategy;
    options.order = arguments.order;
    options.from = time_of("--from", arguments.from);
    options.to = time_of("--to", arguments.to);
    options.limit = static_cast<std::uint64_t>(arguments.limit);
    if (arguments.format == "csv") options.format = DumpFormat::kCsv;
    if (arguments.format == "json") options.format = DumpFormat::kJson;
    return options;
}

void finish(int code) {
    std::cout.flush();
    if (code != 0) throw CLI::RuntimeError(code);
}

void add_dump(CLI::App& journal) {
    CLI::App* dump = journal.add_subcommand("dump", "Print the records of a journal");
    const auto arguments = std::make_shared<DumpArguments>();
    dump->add_option("DIR", arguments->directory, "Directory of the journal")->required();
    dump->add_option("--type", arguments->types, "Only these types of events, e.g. fill,verdict")
        ->delimiter(',');
    dump->add_option("--strategy", arguments->strategy, "Only what concerns this strategy");
    dump->add_option("--order", arguments->order,
                     "Only what concerns this order: its id, or its tag such as sma#3");
    dump->add_option("--from", arguments->from, "Only from this time on (UTC)");
    dump->add_option("--to", arguments->to, "Only before this time (UTC)");
    dump->add_option("--limit", arguments->limit, "At most so many records; 0: all")
        ->check(CLI::NonNegativeNumber);
    dump->add_option("--format", arguments->format, "table, csv, or json (one object a line)")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    dump->callback([arguments] {
        PosixFileSystem files;
        finish(dump_journal(files, understand(*arguments), std::cout, std::cerr));
    });
}

using Report = int (*)(FileSystem&, const std::string&, std::ostream&, std::ostream&);

void add_report(CLI::App& journal, const char* command, const char* description, Report report) {
    CLI::App* added = journal.add_subcommand(command, description);
    const auto directory = std::make_shared<std::string>();
    added->add_option("DIR", *directory, "Directory of the journal")->required();
    added->callback([directory, report] {
        PosixFileSystem files;
        finish(report(files, *directory, std::cout, std::cerr));
    });
}

}  // namespace

void register_journal_commands(CLI::App& app) {
    CLI::App* journal = app.add_subcommand("journal", "Look into the journal of a run");
    journal->require_subcommand(1);
    add_dump(*journal);
    add_report(*journal, "stat", "Summarise a journal: manifest, records by type, hash, segments",
               print_journal_statistics);
    add_report(*journal, "verify",
               "Check every byte of a journal; exit code 1 names what is wrong with it",
               print_journal_verification);
}

}  // namespace fermata
