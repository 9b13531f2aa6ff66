#include "daemon/cli/config_command.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/types/decimal.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/reference.hpp"
#include "daemon/live/approvals.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

constexpr int kRefused = 2;

StrategyRegistry shipped_strategies() {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    return registry;
}

/// "a, b, c", or the first few and how many more there are.
template <class Items, class Name>
std::string list(const Items& items, Name name_of) {
    constexpr std::size_t kShownMax = 8;
    std::string out = std::to_string(items.size());
    for (std::size_t i = 0; i < items.size() && i < kShownMax; ++i) {
        out += (i == 0 ? "  " : ", ") + name_of(items[i]);
    }
    if (items.size() > kShownMax) out += ", ...";
    return out;
}

std::string cash_of(const AccountConfig& account, const Config& config) {
    std::string out = account.name;
    for (const auto& [currency, amount] : account.cash) {
        out += " " + to_string(amount, 2) + " " + config.instruments.currencies()[currency.value];
    }
    return out;
}

void print_summary(const Config& config, std::ostream& out) {
    out << config.file << ": OK\n"
        << "  configuration  " << config.hash << '\n'
        << "  rules          " << config.rules_hash << '\n'
        << "  accounts       "
        << list(config.accounts, [&](const auto& a) { return cash_of(a, config); }) << '\n'
        << "  instruments    "
        << list(config.instruments.all(), [](const Instrument& i) { return i.symbol; }) << '\n'
        << "  feeds          " << list(config.feeds, [](const FeedConfig& f) { return f.name; })
        << '\n'
        << "  venues         " << list(config.venues, [](const SimConfig& v) { return v.name; })
        << '\n'
        << "  strategies     "
        << list(config.strategies,
                [](const StrategyConfig& s) { return s.name + " (" + s.type + ")"; })
        << '\n';
}

int check(const std::string& file, const std::vector<std::string>& overrides, bool print) {
    try {
        const Config config = load_config(file, overrides, shipped_strategies(), make_sha256);
        for (const ConfigProblem& warning : config.warnings) {
            std::cerr << "warning: " << to_string(warning) << '\n';
        }
        if (print) {
            std::cout << config.effective;
        } else {
            print_summary(config, std::cout);
        }
        return 0;
    } catch (const ConfigError& e) {
        std::cerr << e.what() << '\n';
        const std::size_t count = e.problems().size();
        std::cerr << count << (count == 1 ? " problem" : " problems") << '\n';
        return kRefused;
    }
}

void add_check(CLI::App& config) {
    struct Options {
        std::string file;
        std::vector<std::string> overrides;
        bool print = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App* command = config.add_subcommand("check", "Check a configuration file");
    command->add_option("FILE", options->file, "The configuration")->required();
    command
        ->add_option("--set", options->overrides,
                     "Change a value: strategies.sma.params.fast=10; may be repeated")
        ->allow_extra_args(false);
    command->add_flag("--print", options->print,
                      "Print the effective configuration, with all defaults");
    command->callback([options] {
        const int code = check(options->file, options->overrides, options->print);
        if (code != 0) throw CLI::RuntimeError(code);
    });
}

/// Adds the line that lets this build run that configuration in mode live.
int approve(const std::string& file, const std::vector<std::string>& overrides,
            const std::string& who, const std::string& why) {
    try {
        const Config config = load_config(file, overrides, shipped_strategies(), sha256_hasher());
        if (config.approvals.empty()) {
            std::cerr << file << ": risk.approvals names no file for approvals\n";
            return kRefused;
        }
        const std::string path = config.approvals.string();
        if (std::filesystem::exists(config.approvals)) (void)read_approvals(path);
        const Approval approval{approval_hash(config), build_id(), who + ": " + why};
        const std::string line = approval_line(approval);
        if (line.find_first_of("\r\n") != std::string::npos) {
            std::cerr << "--by and --why are one line each\n";
            return kRefused;
        }
        std::ofstream out(path, std::ios::app);
        out << line << '\n';
        out.close();
        if (!out) {
            std::cerr << path << ": cannot be written: " << std::strerror(errno) << '\n';
            return 1;
        }
        std::cout << path << ": " << line << '\n';
        return 0;
    } catch (const ConfigError& e) {
        std::cerr << e.what() << '\n';
        return kRefused;
    } catch (const std::runtime_error& e) {
        std::cerr << e.what() << '\n';
        return kRefused;
    }
}

void add_approve(CLI::App& config) {
    struct Options {
        std::string file, who, why;
        std::vector<std::string> overrides;
    };
    const auto options = std::make_shared<Options>();
    CLI::App* command = config.add_subcommand(
        "approve", "Let this build run a configuration in mode live (adds to risk.approvals)");
    command->add_option("FILE", options->file, "The configuration")->required();
    command->add_option("--by", options->who, "Who approves it")->required();
    command->add_option("--why", options->why, "What was checked, in a few words")->required();
    command
        ->add_option("--set", options->overrides,
                     "Change a value, as the daemon is started with; may be repeated")
        ->allow_extra_args(false);
    command->callback([options] {
        const int code = approve(options->file, options->overrides, options->who, options->why);
        if (code != 0) throw CLI::RuntimeError(code);
    });
}

void add_schema(CLI::App& config) {
    const auto format = std::make_shared<std::string>("text");
    CLI::App* command =
        config.add_subcommand("schema", "Print the reference of all configuration keys");
    command->add_option("--format", *format, "text, markdown or json (a JSON Schema)")
        ->check(CLI::IsMember({"text", "markdown", "json"}))
        ->capture_default_str();
    command->callback([format] {
        const SchemaFormat chosen = *format == "json"       ? SchemaFormat::kJson
                                    : *format == "markdown" ? SchemaFormat::kMarkdown
                                                            : SchemaFormat::kText;
        std::cout << config_schema(chosen, shipped_strategies());
    });
}

}  // namespace

void register_config_commands(CLI::App& app) {
    CLI::App* config = app.add_subcommand("config", "Check and explain configurations");
    config->require_subcommand(1);
    add_check(*config);
    add_approve(*config);
    add_schema(*config);
}

}  // namespace fermata
