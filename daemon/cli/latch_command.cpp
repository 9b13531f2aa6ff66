#include "daemon/cli/latch_command.hpp"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "adapters/latch/latch_file.hpp"
#include "core/market/date.hpp"
#include "core/types/time.hpp"
#include "daemon/cli/error_output.hpp"
#include "daemon/cli/report_text.hpp"
#include "daemon/cli/whole_number.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

using latch::Level;

constexpr int kFailed = 1;
constexpr int kHalted = 2;  // absent or unreadable
constexpr int kLatched = 3;
constexpr int kAsked = 4;  // a second person must ask for it too
constexpr int kWaitMs = 5'000;

const std::map<std::string, ControlScope> kScopes = {
    {"firm", ControlScope::kFirm},         {"account", ControlScope::kAccount},
    {"strategy", ControlScope::kStrategy}, {"instrument", ControlScope::kInstrument},
    {"venue", ControlScope::kVenue},
};
const std::map<std::string, Level> kLevels = {
    {"reduce-only", Level::kReduceOnly},
    {"no-new-orders", Level::kNoNewOrders},
    {"cancel-all", Level::kCancelAll},
};

struct Arguments {
    std::string file;
    std::string scope = "firm";
    std::string target;
    std::string level = "cancel-all";
    std::string reason;
    std::optional<std::uint64_t> version;
    std::uint32_t people = 2;
    bool repair = false;
    bool json = false;
};

std::int64_t now_ns() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

/// Who asks: whoever logged in, also behind sudo.
std::uint32_t asking() {
    std::ifstream file("/proc/self/loginuid");
    std::uint32_t login = kNoActor;
    if (file >> login && login != kNoActor) return login;
    return ::getuid();
}

std::string person(std::uint32_t actor, std::uint8_t control) {
    if (control < kControlCount) {
        return "control " + std::string(fermata::control(static_cast<ControlId>(control)).code);
    }
    if (actor == kNoActor) return "-";
    const passwd* const user = ::getpwuid(actor);
    return user != nullptr ? user->pw_name : "uid " + std::to_string(actor);
}

std::string level_name(Level level) {
    for (const auto& [text, known] : kLevels) {
        if (known == level) return text;
    }
    return level == Level::kFlatten ? "flatten" : "active";
}

std::string time_text(std::int64_t ns) { return format_iso_timestamp(Timestamp{ns}); }

Report report_of(const std::string& file, const latch::State& state) {
    Report report;
    report["file"] = file;
    report["version"] = state.version();
    report["last change"] = time_text(state.slot.when_ns);
    report["by"] = person(state.slot.actor, 0xff);
    report["reason"] = std::string(state.slot.reason.view());
    report["people to release"] = state.people;
    if (state.asked_by != kNoActor) {
        report["release asked for by"] = person(state.asked_by, 0xff);
        report["asked at"] = time_text(state.asked_when_ns);
    }
    Report table = Report::array();
    const auto row = [&](ControlScope scope, const std::string& target, Level level,
                         const std::string& by, std::int64_t when, const std::string& reason) {
        table.push_back({{"scope", name(scope)},
                         {"target", target},
                         {"state", name(latch::state_of(level))},
                         {"level", level_name(level)},
                         {"since", time_text(when)},
                         {"by", by},
                         {"reason", reason}});
    };
    if (state.emergency) {
        row(ControlScope::kFirm, "", Level::kCancelAll,
            person(state.emergency_actor, state.emergency_control), state.emergency_when_ns,
            "emergency");
    }
    for (const latch::Entry& e : state.latched()) {
        row(e.scope, std::string(e.target.view()), e.level, person(e.actor, e.control), e.when_ns,
            std::string(e.reason.view()));
    }
    report["latched"] = std::move(table);
    return report;
}

/// The protocol's names where it has one.
std::string_view code_of(latch::ErrorCode code) {
    using enum latch::ErrorCode;
    switch (code) {
        case kAbsent:
            return "absent";
        case kExists:
            return "exists";
        case kUnreadable:
            return "unreadable";
        case kStale:
            return "stale";
        case kNotLatched:
            return "nothing_to_do";
        case kBusy:
            return "busy";
        case kNone:
        case kInputOutput:
        case kSecondPerson:
            break;
    }
    return "failed";
}

int fail(const Arguments& a, latch::ErrorCode code, const std::string& message) {
    std::cerr << "fermata: " << message << '\n';
    if (a.json) print_json_error(code_of(code), message);
    using enum latch::ErrorCode;
    return code == kAbsent || code == kUnreadable ? kHalted : kFailed;
}

int fail(const Arguments& a, const latch::Error& error, const std::string& before = {}) {
    using enum latch::ErrorCode;
    std::string message = before + latch::describe(a.file, error);
    if (error.code == kAbsent) message += "; make one with `fermata latch init`";
    if (error.code == kUnreadable) {
        message += "; look into what happened, then use `fermata latch init --repair`";
    }
    if (error.code == kStale) message += "; look at it again with `fermata latch show`";
    return fail(a, error.code, message);
}

/// Exit code kAsked.
int ask_another(const Arguments& a, std::uint32_t asked_by) {
    constexpr std::int64_t kSeconds = latch::kAgreeWithinNs / 1'000'000'000;
    const std::string by = person(asked_by, 0xff);
    const std::string message = a.file + ": nothing is released yet: another person than " + by +
                                " must ask for the same within " + std::to_string(kSeconds / 60) +
                                " minutes";
    std::cerr << "fermata: " << message << '\n';
    if (a.json) {
        Report report;
        report["pending"] = {
            {"command", "release"}, {"by", by}, {"seconds", kSeconds}, {"message", message}};
        std::cout << report.dump(2) << '\n';
    }
    return kAsked;
}

int print(const Arguments& a, const latch::State& state) {
    const Report report = report_of(a.file, state);
    if (a.json) {
        std::cout << report.dump(2) << '\n';
    } else {
        std::cout << report_text(report, latch::kEntriesMax + 1);
    }
    return state.emergency || !state.latched().empty() ? kLatched : 0;
}

int show(const Arguments& a) {
    const auto file = latch::File::open(a.file, latch::File::Access::kRead);
    if (!file) return fail(a, file.error());
    const auto state = std::make_unique<latch::State>();
    file->read(*state);
    if (state->fault != latch::Fault::kNone) {
        return fail(a, {latch::ErrorCode::kUnreadable, 0, state->fault});
    }
    return print(a, *state);
}

int init(const Arguments& a) {
    const std::filesystem::path folder = std::filesystem::path(a.file).parent_path();
    if (!a.repair && !folder.empty()) {
        std::error_code failed;
        std::filesystem::create_directories(folder, failed);
        if (failed) {
            return fail(a, latch::ErrorCode::kInputOutput,
                        folder.string() + ": the folder cannot be made: " + failed.message());
        }
    }
    const auto file = a.repair
                          ? latch::File::repair(a.file, asking(), now_ns(), a.reason, a.people)
                          : latch::File::create(a.file, asking(), now_ns(), a.reason, a.people);
    if (!file) {
        if (a.repair && file.error().code == latch::ErrorCode::kExists) {
            return fail(a, latch::ErrorCode::kNotLatched,
                        a.file + ": it can be read: there is nothing to repair");
        }
        return fail(a, file.error());
    }
    const auto state = std::make_unique<latch::State>();
    file->read(*state);
    (void)print(a, *state);
    if (!a.repair) {
        std::cerr << "fermata: a daemon that started without this file takes it up by itself; one "
                     "whose file was removed, replaced or written over while it ran must be "
                     "restarted (fermata status says which)\n";
    }
    return 0;
}

int change(const Arguments& a, latch::Change wanted) {
    wanted.scope = kScopes.at(a.scope);
    const bool firm = wanted.scope == ControlScope::kFirm;
    if (firm != a.target.empty()) {
        throw CLI::ValidationError(firm ? "--target: the firm is one; leave it out"
                                        : "--target is required with --scope " + a.scope);
    }
    if (a.target.size() >= latch::kTextMax || a.reason.size() >= latch::kTextMax) {
        throw CLI::ValidationError("--target and --reason: at most " +
                                   std::to_string(latch::kTextMax - 1) + " bytes each");
    }
    wanted.target = a.target;
    wanted.actor = asking();
    wanted.when_ns = now_ns();
    wanted.reason = a.reason;
    auto file = latch::File::open(a.file, latch::File::Access::kWrite);
    if (!file) return fail(a, file.error());
    const auto state = std::make_unique<latch::State>();
    latch::Error error = file->change(wanted, *state, kWaitMs);
    if (error.code == latch::ErrorCode::kBusy && wanted.level != Level::kActive) {
        // A halt does not wait for whoever hangs.
        std::cerr << "fermata: " << latch::describe(a.file, error)
                  << "; the whole firm is halted instead\n";
        error = file->halt_now(wanted.actor, 0xff, wanted.when_ns);
        file->read(*state);
    }
    if (error.code == latch::ErrorCode::kSecondPerson) return ask_another(a, wanted.actor);
    if (error.code == latch::ErrorCode::kNotLatched) {
        return fail(a, error.code,
                    a.file + ": " + a.scope + (firm ? "" : " ") + a.target + " is not latched");
    }
    if (error.code != latch::ErrorCode::kNone) {
        const bool in_force =
            error.code == latch::ErrorCode::kInputOutput && wanted.level != Level::kActive;
        return fail(a, error, in_force ? "in force, but perhaps lost when the power fails: " : "");
    }
    (void)print(a, *state);
    return 0;
}

int halt(const Arguments& a) {
    latch::Change wanted;
    wanted.level = kLevels.at(a.level);
    return change(a, wanted);
}

int release(const Arguments& a) {
    latch::Change wanted;
    wanted.may_loosen = true;
    wanted.expected_version = a.version;
    return change(a, wanted);
}

template <class Run>
CLI::App* add(CLI::App& latch_app, const std::string& name, const std::string& what,
              const std::shared_ptr<Arguments>& arguments, Run run) {
    CLI::App* command = latch_app.add_subcommand(name, what);
    command->add_option("FILE", arguments->file, "The latch file")->required();
    command->add_flag("--json", arguments->json, "Print JSON, of an error too");
    command->callback([arguments, run] {
        if (const int code = run(*arguments); code != 0) throw CLI::RuntimeError(code);
    });
    return command;
}

void add_target(CLI::App& command, Arguments& arguments) {
    command.add_option("--scope", arguments.scope, "firm, account, strategy, instrument or venue")
        ->check(CLI::IsMember(kScopes))
        ->capture_default_str();
    command.add_option("--target", arguments.target,
                       "Its name, as the configuration writes it; not with the firm");
}

void add_reason(CLI::App& command, Arguments& arguments) {
    command.add_option("--reason", arguments.reason, "Why, for the record")
        ->required()
        ->check([](const std::string& text) {
            return text.empty() ? std::string("a reason is wanted") : std::string();
        });
}

}  // namespace

void register_latch_commands(CLI::App& app) {
    CLI::App* latch_app =
        app.add_subcommand("latch", "Show, set and release halts that survive a restart");
    latch_app->require_subcommand(1);
    latch_app->footer(
        "\nExit codes: 0 done, with show: nothing is latched; 3 with show: something is; 1 the "
        "file\ncould not be changed; 2 wrong usage, or a file that is absent or cannot be read, "
        "which\ncounts as HALTED; 4 noted, a second person must ask for the same release.");

    add(*latch_app, "show", "What is latched, by whom and why", std::make_shared<Arguments>(),
        show);

    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        add(*latch_app, "init",
            "Make a latch file in which the firm is HALTED (no-new-orders), and its folder",
            arguments, init);
    add_reason(*command, *arguments);
    command->add_flag("--repair", arguments->repair,
                      "Replace what an existing file holds, if it cannot be read");
    command
        ->add_option("--people", arguments->people,
                     "How many different people must ask for a release: 1 or 2")
        ->check(CLI::Range(1, 2))
        ->capture_default_str();

    arguments = std::make_shared<Arguments>();
    command = add(*latch_app, "halt", "Latch the firm, or one account, strategy, instrument, venue",
                  arguments, halt);
    add_target(*command, *arguments);
    command
        ->add_option("--level", arguments->level,
                     "no-new-orders; reduce-only, which cancels what increases; cancel-all. A "
                     "target that is\nlatched more strictly stays so")
        ->check(CLI::IsMember(kLevels))
        ->capture_default_str();
    add_reason(*command, *arguments);

    arguments = std::make_shared<Arguments>();
    command = add(*latch_app, "release", "Release what is latched", arguments, release);
    add_target(*command, *arguments);
    add_reason(*command, *arguments);
    command
        ->add_option("--version", arguments->version,
                     "The version that `latch show` printed: refused when anything changed since")
        ->required();
}

}  // namespace fermata
