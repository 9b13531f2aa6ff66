#include "daemon/cli/journal_keeping_command.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "adapters/file/directory_lock.hpp"
#include "adapters/openssl/openssl_hasher.hpp"
#include "adapters/postgres/postgres_event_store.hpp"
#include "daemon/cli/database_option.hpp"
#include "daemon/cli/whole_number.hpp"
#include "daemon/config/codec.hpp"
#include "daemon/database/compare.hpp"
#include "daemon/database/vocabulary.hpp"
#include "daemon/retention/anchor_command.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "daemon/retention/retain.hpp"

namespace fermata {
namespace {

Timestamp now() {
    using namespace std::chrono;
    return Timestamp{duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count()};
}

/// "operator@host", for the record.
std::string who() {
    const passwd* const user = ::getpwuid(::geteuid());
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return (user != nullptr ? std::string(user->pw_name) : std::to_string(::geteuid())) + "@" +
           host.data();
}

/// The lock, or the end of the command with a message.
DirectoryLock taken(Result<DirectoryLock, FileError> lock) {
    if (lock) return std::move(*lock);
    std::cerr << lock.error().message << '\n';
    throw CLI::RuntimeError(1);
}

/// Anchors have a lock of their own: the journal of a run that is at work, which holds the
/// directory's, can be anchored.
DirectoryLock lock_anchors(const std::string& directory) {
    return taken(DirectoryLock::take(directory, std::string(kAnchorsLock)));
}

void finish(int code) {
    if (code != 0) throw CLI::RuntimeError(code);
}

void add_anchor(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "anchor", "Print the head of a journal's hash chain, for a witness outside");
    const auto request = std::make_shared<AnchorRequest>();
    command->add_option("DIR", request->directory, "Directory of the journal")->required();
    command->add_option("--out", request->out, "Add the line to this file, too");
    command->footer(
        "\nThe line is added to anchors.jsonl in DIR. Keep a copy where whoever can write to DIR "
        "cannot:\n"
        "  fermata journal anchor run/journal --out /mnt/witness/anchors.jsonl");
    command->callback([request] {
        const DirectoryLock lock = lock_anchors(request->directory);
        JournalDisk disk;
        request->now = now();
        finish(anchor_journal(disk.files(), make_hasher, *request, std::cout, std::cerr));
    });
}

struct RetainArguments {
    RetentionRequest request;
    std::uint64_t segments = 0;
    std::string age;
    std::uint64_t bytes = 0;
    std::string database;
    bool without_database = false;
};

void run_retain(RetainArguments& arguments, const CLI::App& command) {
    RetentionRequest& request = arguments.request;
    if (command.count("--keep-segments") != 0) {
        request.policy.emplace().segments = arguments.segments;
    }
    if (command.count("--keep-bytes") != 0) request.policy.emplace().bytes = arguments.bytes;
    if (command.count("--keep-age") != 0) {
        const auto age = config::parse_duration(arguments.age);
        if (!age || age->ns < 0) {
            throw CLI::ValidationError("--keep-age: \"" + arguments.age +
                                       "\" is no duration; expected one like 30d or 12h");
        }
        request.policy.emplace().age = *age;
    }
    if (!request.compress && !request.policy) {
        throw CLI::ValidationError(
            "nothing to do: give --compress, --keep-segments, --keep-age or --keep-bytes");
    }
    const bool with_database = command.count("--database") != 0;
    if (request.policy && !with_database && !arguments.without_database) {
        throw CLI::ValidationError(
            "removing needs --database, which must hold the records first, or --without-database");
    }
    if (with_database) {
        request.loaded = [&request, options = database_options(arguments.database)](
                             std::uint64_t records) -> Result<std::uint64_t, std::string> {
            JournalDisk disk;
            postgres::PostgresEventStore store(options, database_vocabulary());
            auto held = records_held(disk.files(), request.directory, store, records);
            if (held) return held;
            return Err{store.describe() + ": nothing is removed: " + held.error()};
        };
    }
    const DirectoryLock lock = taken(DirectoryLock::take(request.directory));
    const DirectoryLock anchors = lock_anchors(request.directory);
    JournalDisk disk;
    PosixFileTimes times;
    request.now = now();
    request.by = who();
    finish(retain_journal(disk.plain(), times, make_hasher, request, std::cout, std::cerr));
}

void add_retain(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "retain", "Compress complete segments of a journal, and remove old ones by a policy");
    const auto arguments = std::make_shared<RetainArguments>();
    RetentionRequest& request = arguments->request;
    command->add_option("DIR", request.directory, "Directory of the journal")->required();
    command->add_flag("--compress", request.compress, "Compress complete segments (zstd)");
    auto* segments = command->add_option("--keep-segments", arguments->segments,
                                         "Remove all but the newest N segments");
    segments->check(whole_number_from(0));
    auto* age = command->add_option("--keep-age", arguments->age,
                                    "Remove segments that were written longer ago, e.g. 30d");
    auto* bytes = command->add_option("--keep-bytes", arguments->bytes,
                                      "Remove the oldest until the rest takes no more, e.g. 10GB");
    bytes->transform(CLI::AsSizeValue(false));
    segments->excludes(age)->excludes(bytes);
    age->excludes(bytes);
    CLI::Option* database = add_database_option(*command, arguments->database)->expected(0, 1);
    database->description(
        "Remove only what this database holds; without a URL: PGHOST, PGDATABASE and so on");
    command
        ->add_flag("--without-database", arguments->without_database,
                   "Remove also what is in no database")
        ->excludes(database);
    command->add_flag("--dry-run", request.dry_run, "Only say what would be done");
    command->footer(
        "\nNever removed: segments that no line of anchors.jsonl covers, any segment of a run that "
        "is open,\nand the last one. What is removed is put on record in retention.jsonl.\n"
        "  fermata journal retain run/journal --compress\n"
        "  fermata journal retain run/journal --keep-age 30d --database --dry-run");
    command->callback([arguments, command] { run_retain(*arguments, *command); });
}

}  // namespace

void register_journal_keeping_commands(CLI::App& journal) {
    add_anchor(journal);
    add_retain(journal);
}

}  // namespace fermata
