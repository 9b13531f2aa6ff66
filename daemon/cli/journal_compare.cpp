#include "daemon/cli/journal_compare.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/journal/journal_reader.hpp"
#include "daemon/cli/compare_report.hpp"
#include "daemon/cli/error_output.hpp"
#include "daemon/cli/journal_folder.hpp"
#include "daemon/cli/report_output.hpp"
#include "daemon/cli/whole_number.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {
namespace {

constexpr int kEqual = 0, kDifferent = 1, kWrongInput = 2;

struct Arguments {
    std::string first, second;
    std::string output;
    std::size_t limit = 20;
    bool json = false;
};

/// Throws std::runtime_error: no journal there, or a damaged one.
compare::RunStory read_story(FileSystem& files, const std::string& given) {
    const std::string directory = journal_folder(given);
    auto opened = JournalReader::open(files, directory);
    if (!opened) throw std::runtime_error(opened.error().message);
    JournalReader& reader = **opened;
    compare::StoryBuilder builder;
    while (const JournalRecord* record = reader.next()) builder.add(*record, *reader.manifest());
    if (reader.problem() != nullptr && reader.ending() != JournalEnding::kTorn) {
        throw std::runtime_error("damaged journal: " + reader.problem()->message);
    }
    if (reader.ending() == JournalEnding::kTorn) {
        std::cerr << "note: " << directory << " was not closed: it is compared up to its end\n";
    }
    if (reader.manifest() != nullptr && reader.manifest()->market != MarketRecord::kRecord) {
        std::cerr << "note: " << directory
                  << " has no market data on record: differences cannot be explained. Run it with "
                     "--set journal.market=record\n";
    }
    return builder.finish();
}

/// Runs that have nothing to do with each other are not different, they were mixed up.
void check_comparable(const compare::RunStory& first, const compare::RunStory& second) {
    if (first.orders.empty() || second.orders.empty()) return;
    const bool any = std::any_of(first.orders.begin(), first.orders.end(), [&](const auto& a) {
        return std::any_of(second.orders.begin(), second.orders.end(), [&](const auto& b) {
            return a.strategy == b.strategy && a.instrument == b.instrument;
        });
    });
    if (!any) {
        throw std::runtime_error(
            "the two runs have no strategy and instrument in common: nothing can be compared");
    }
}

int run(const Arguments& arguments) {
    JournalDisk disk;
    const compare::RunStory first = read_story(disk.files(), arguments.first);
    const compare::RunStory second = read_story(disk.files(), arguments.second);
    check_comparable(first, second);
    const compare::RunComparison result = compare::compare_runs(first, second);
    write_report(arguments.json ? compare_report(result, first, second).dump(2) + '\n'
                                : compare_text(result, first, second, arguments.limit),
                 arguments.output);
    return result.equal() ? kEqual : kDifferent;
}

int run_or_say(const Arguments& arguments) {
    try {
        return run(arguments);
    } catch (const std::exception& e) {
        std::cerr << "fermata: " << e.what() << '\n';
        if (arguments.json) print_json_error("data", e.what());
        return kWrongInput;
    }
}

}  // namespace

void register_journal_compare(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "compare",
        "Compare the orders and fills of two runs of one market, such as a live session and a "
        "replay of its data, and say of each difference why");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("FIRST", arguments->first, "Directory of a journal, or of its run")
        ->required();
    command->add_option("SECOND", arguments->second, "Directory of the other one")->required();
    command->add_flag("--json", arguments->json,
                      "Print JSON, with every difference; of an error too");
    command->add_option("--limit", arguments->limit, "At most so many differences; 0: all")
        ->check(whole_number_from(0))
        ->capture_default_str();
    command->add_option("--output,-o", arguments->output, "Write to this file");
    command->footer(
        "\nExit codes: 0 equal; 1 different; 2 wrong usage, no journal, a damaged one.\n"
        "Market events are the same when they say the same in the same place of their stream, "
        "whatever\nthe clock. Both runs need them on record (journal.market=record; live sessions "
        "always have).\nExample:\n"
        "  fermata replay live.yaml --set mode=replay --set journal.market=record --out "
        "runs/replayed\n"
        "  fermata journal compare runs/live/20260104T143000Z runs/replayed");
    command->callback([arguments] {
        if (const int code = run_or_say(*arguments); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace fermata
