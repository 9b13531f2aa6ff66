#include "daemon/cli/surveil_command.hpp"

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/cli/journal_folder.hpp"
#include "daemon/cli/report_output.hpp"
#include "daemon/cli/surveil_report.hpp"
#include "daemon/cli/surveil_run.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

constexpr int kFound = 3;
constexpr int kFailed = 2;

struct Arguments {
    std::string directory;
    std::string config;
    std::vector<std::string> rules;
    std::vector<std::string> assignments;
    std::string format = "table";
    std::string output;
    bool list = false;
};

std::string rule_names() {
    std::string list;
    for (const surveillance::RuleInfo& rule : surveillance::rules()) {
        list += (list.empty() ? "" : ", ") + std::string(rule.name);
    }
    return list;
}

SurveilRequest request_of(const Arguments& arguments) {
    SurveilRequest request;
    request.directory = journal_folder(arguments.directory);
    request.config = arguments.config;
    request.wanted.fill(arguments.rules.empty());
    for (const std::string& name : arguments.rules) {
        const auto rule = surveillance::rule_of(name);
        if (!rule) {
            throw CLI::ValidationError("--rule: there is no rule \"" + name + "\"; there are " +
                                       rule_names());
        }
        request.wanted[static_cast<std::size_t>(*rule)] = true;
    }
    for (const std::string& assignment : arguments.assignments) {
        if (const auto set = request.settings.set(assignment); !set) {
            throw CLI::ValidationError("--set " + set.error());
        }
    }
    return request;
}

/// Every rule with its parameters, as it would be applied.
std::string rule_list(const surveillance::Settings& settings) {
    Report list;
    for (const surveillance::RuleInfo& rule : surveillance::rules()) {
        Report table = Report::array();
        for (const surveillance::ParameterInfo& p : surveillance::parameters()) {
            if (p.rule != rule.id) continue;
            table.push_back({{"key", p.key},
                             {"value", surveillance::text_of(settings.count(p.id), p.unit)},
                             {"meaning", p.meaning},
                             {"default from", p.source}});
        }
        list[std::string(rule.name)] = {{"name", rule.name},
                                        {"title", rule.title},
                                        {"source", rule.source},
                                        {"parameters", std::move(table)}};
    }
    return report_text(list, surveillance::kParameterCount);
}

int run(const Arguments& arguments) {
    const SurveilRequest request = request_of(arguments);
    if (arguments.list) {
        write_report(rule_list(request.settings), arguments.output);
        return 0;
    }
    if (arguments.directory.empty()) {
        throw CLI::ValidationError("DIR is required: the directory of a journal, or of its run");
    }
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    JournalDisk disk;
    const SurveilResult result = surveil_journal(disk.files(), request, registry);
    const SurveilFormat format = arguments.format == "csv"    ? SurveilFormat::kCsv
                                 : arguments.format == "json" ? SurveilFormat::kJson
                                                              : SurveilFormat::kTable;
    write_report(surveil_report_text(make_surveil_report(result, request), format),
                 arguments.output);
    // Whoever keeps the file only, or reads the exit code only, is told as well.
    for (const std::string& note : result.notes) std::cerr << "note: " << note << '\n';
    for (const surveillance::RuleOutcome& outcome : result.outcomes) {
        if (!outcome.wanted || outcome.note.empty()) continue;
        std::cerr << (outcome.applied ? "note: " : "not applied: ") << info(outcome.rule).name
                  << ": " << outcome.note << '\n';
    }
    if (!result.damage.empty()) {
        std::cerr << "fermata: damaged journal: " << result.damage << '\n';
        return kFailed;
    }
    return result.findings.empty() ? 0 : kFound;
}

int run_or_say(const Arguments& arguments) {
    try {
        return run(arguments);
    } catch (const CLI::Error&) {
        throw;
    } catch (const std::exception& e) {
        std::cerr << "fermata: " << e.what() << '\n';
        return kFailed;
    }
}

}  // namespace

void register_surveil_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "surveil",
        "Look for market abuse in the journal of a run: spoofing, wash trades and so on");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("DIR", arguments->directory, "Directory of the journal, or of its run");
    command
        ->add_option("--rule", arguments->rules,
                     "Only this rule; repeatable. There are " + rule_names())
        ->type_name("NAME")
        ->allow_extra_args(false);
    command
        ->add_option("--set", arguments->assignments,
                     "Another threshold, such as spoofing.size_min=3; repeatable")
        ->type_name("RULE.KEY=VALUE")
        ->allow_extra_args(false);
    command->add_option("--config", arguments->config,
                        "Configuration file, instead of the one on record (the hash must be "
                        "equal)");
    command->add_flag("--list", arguments->list, "Only print the rules and their thresholds");
    command->add_option("--format", arguments->format, "table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    command->add_option("--output,-o", arguments->output, "Write to this file");
    command->footer(
        "\nExit codes: 0 no findings; 3 findings; 2 wrong usage, a damaged journal, any other "
        "error.\n"
        "A rule that needs prices is not applied where the market data is not there, and says "
        "so.\n"
        "docs/surveillance.md defines every rule. Examples:\n"
        "  fermata surveil runs/demo\n"
        "  fermata surveil runs/demo/journal --rule spoofing --rule layering --format json\n"
        "  fermata surveil runs/demo --set marking_the_close.window=5m");
    command->callback([arguments] {
        if (const int code = run_or_say(*arguments); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace fermata
