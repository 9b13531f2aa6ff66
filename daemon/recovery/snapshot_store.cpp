#include "daemon/recovery/snapshot_store.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "daemon/assembly/assembly.hpp"

namespace fermata {

JournalPlace place_behind(const JournalRecord& record, const JournalReader& reader) {
    JournalPlace place;
    place.boot_epoch = record.boot_epoch;
    place.segment = record.segment;
    place.offset = record.offset + record.frame.size();
    place.records = reader.records_of_run();
    if (reader.head()) {
        place.chain_block = reader.head()->block;
        place.chain_head = reader.head()->head;
    }
    return place;
}

SnapshotStore::SnapshotStore(FileSystem& files, std::string directory, const RunId& run,
                             const JournalManifest& manifest)
    : files_(files), directory_(std::move(directory)) {
    wanted_.run = run;
    wanted_.configuration_hash = manifest.configuration_hash;
    wanted_.build = build_id();
    wanted_.schedule = manifest.schedule;
    // What the journal holds shows when it is read up to the snapshot's place.
    wanted_.segment = std::numeric_limits<std::uint32_t>::max();
    wanted_.offset = wanted_.records = std::numeric_limits<std::uint64_t>::max();
}

void SnapshotStore::pass_over(std::vector<SnapshotRefusal> refusals) {
    for (SnapshotRefusal& refusal : refusals) {
        const auto known =
            std::find_if(refused_.begin(), refused_.end(),
                         [&](const SnapshotRefusal& r) { return r.file == refusal.file; });
        if (known == refused_.end()) refused_.push_back(std::move(refusal));
    }
}

std::optional<SnapshotStore::Start> SnapshotStore::next() {
    for (;;) {
        auto choice = load_newest_snapshot(files_, directory_, wanted_, sha256_hasher());
        if (!choice) throw std::runtime_error(choice.error().message);
        if (offered_.empty()) pass_over(std::move(choice->refused));
        if (!choice->snapshot) return std::nullopt;
        Snapshot& snapshot = *choice->snapshot;
        offered_ = snapshot_file_name(snapshot.number);
        wanted_.records = snapshot.header.records - 1;  // an older one, next time
        std::string reason;
        if (auto reader = reach(snapshot.header, reason)) {
            return Start{std::move(snapshot), std::move(reader)};
        }
        refuse(std::move(reason));
    }
}

void SnapshotStore::refuse(std::string reason) { pass_over({{offered_, std::move(reason)}}); }

std::unique_ptr<JournalReader> SnapshotStore::reach(const SnapshotHeader& header,
                                                    std::string& reason) {
    JournalReaderOptions options;
    options.first_segment = header.segment;
    options.chain_hasher = chain_hashers();
    auto opened = JournalReader::open(files_, directory_, options);
    if (!opened) {
        reason = opened.error().message;
        return nullptr;
    }
    JournalReader& reader = **opened;
    const auto beyond = [&](const JournalRecord& record) {
        return std::tuple(record.segment, record.offset + record.frame.size()) >
               std::tuple(header.segment, header.offset);
    };
    while (const JournalRecord* record = reader.next()) {
        if (beyond(*record)) break;
        if (record->is_market) continue;
        const JournalPlace place = place_behind(*record, reader);
        if (place.offset != header.offset) continue;
        const bool same_head =
            place.chain_block != header.chain_block || place.chain_head == header.chain_head;
        if (place.records == header.records && same_head) return std::move(*opened);
        break;
    }
    reason = reader.problem() != nullptr
                 ? reader.problem()->message
                 : "the journal has no record " + std::to_string(header.records) + " at segment " +
                       std::to_string(header.segment) + ", offset " +
                       std::to_string(header.offset) + ", any more";
    return nullptr;
}

std::string SnapshotStore::write(const JournalPlace& place, std::uint64_t trading_position,
                                 std::uint64_t feed_position, std::span<const std::byte> state,
                                 std::size_t keep) {
    SnapshotHeader header;
    header.run = wanted_.run;
    header.boot_epoch = place.boot_epoch;
    header.configuration_hash = wanted_.configuration_hash;
    header.build = wanted_.build;
    header.schedule = wanted_.schedule;
    header.segment = place.segment;
    header.offset = place.offset;
    header.records = place.records;
    header.trading_position = trading_position;
    header.feed_position = feed_position;
    header.chain_block = place.chain_block;
    header.chain_head = place.chain_head;
    const auto number =
        write_snapshot(files_, directory_, std::move(header), state, sha256_hasher());
    if (!number) throw std::runtime_error(number.error().message);
    if (const auto pruned = prune_snapshots(files_, directory_, keep); !pruned) {
        throw std::runtime_error(pruned.error().message);
    }
    return snapshot_file_name(*number);
}

void SnapshotStore::remove_beyond(std::uint64_t records) {
    SnapshotWanted wanted = wanted_;
    wanted.records = records;
    const auto choice = load_newest_snapshot(files_, directory_, wanted, sha256_hasher());
    if (!choice) throw std::runtime_error(choice.error().message);
    for (const SnapshotRefusal& refusal : choice->refused) {
        if (const auto removed = files_.remove(directory_ + "/" + refusal.file); !removed) {
            throw std::runtime_error(removed.error().message);
        }
    }
}

}  // namespace fermata
