#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_verifier.hpp"
#include "core/journal/journal_writer.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata::test {

inline constexpr OrderEventType kAllTypes[] = {
    OrderEventType::kNewOrder,    OrderEventType::kCancel,      OrderEventType::kReplace,
    OrderEventType::kTimerSet,    OrderEventType::kVerdict,     OrderEventType::kSendNew,
    OrderEventType::kSendCancel,  OrderEventType::kSendReplace, OrderEventType::kExecution,
    OrderEventType::kOrderUpdate, OrderEventType::kFill,        OrderEventType::kAccount,
    OrderEventType::kTimer,       OrderEventType::kControl,     OrderEventType::kAlert,
    OrderEventType::kPosition,    OrderEventType::kMark};

/// The i-th event of a run, from 0: all types in turn, `words` words of payload that are not zero.
inline OrderEvent event_of(std::uint64_t i, std::size_t words) {
    OrderEvent event = make_order_event(kAllTypes[i % std::size(kAllTypes)],
                                        Timestamp{static_cast<std::int64_t>(1'000 + i)},
                                        InstrumentId{static_cast<std::uint32_t>(i % 3)});
    event.seq = i + 1;
    event.cause = make_cause(CauseKind::kMarket, i / 2);
    event.feed_position = i / 2;
    event.source = static_cast<std::uint16_t>(i % 5);
    for (std::size_t w = 0; w < words; ++w) event.data.words[w] = (i + 1) * 0x0101010101010101U + w;
    return event;
}

inline std::vector<OrderEvent> events_of(std::size_t n) {
    std::vector<OrderEvent> events;
    for (std::size_t i = 0; i < n; ++i) events.push_back(event_of(i, i % 12));
    return events;
}

/// The market event at that feed position: a trade.
inline MarketEvent market_of(std::uint64_t position) {
    TradeData trade;
    trade.price = Price::from_raw(static_cast<std::int64_t>(position) * 1'000);
    trade.trade_id = position * 7;
    MarketEvent event = make_trade(Timestamp{static_cast<std::int64_t>(500 + position)},
                                   InstrumentId{1}, StreamId{0}, trade);
    event.seq = position;
    return event;
}

template <class Event>
bool same_bytes(const Event& a, const Event& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

inline JournalManifest manifest() {
    JournalManifest m;
    m.build = "test";
    m.configuration_hash = "sha256:00";
    m.instruments = {"SPY", "IBM", "X"};
    m.strategies = {"s"};
    return m;
}

inline constexpr RunId kRun = {std::byte{1}, std::byte{2}, std::byte{3}};
inline constexpr char kDirectory[] = "run";

/// Plain hashes for the records and for the chain, under the number of a real algorithm.
inline JournalHashers hashers() {
    return {make_plain_hasher, HashAlgorithm::kSha256, make_plain_hasher_for};
}
/// Blocks are small, so that every test meets some.
inline JournalOptions options(std::uint64_t segment_bytes = 1 << 20,
                              std::size_t buffer_bytes = 1 << 12) {
    JournalOptions made;
    made.directory = kDirectory;
    made.segment_bytes = segment_bytes;
    made.buffer_bytes = buffer_bytes;
    made.block_bytes = 512;
    made.configuration = "run: test\n";
    return made;
}
inline JournalReaderOptions checking() {
    JournalReaderOptions made;
    made.records_hasher = make_plain_hasher;
    made.chain_hasher = make_plain_hasher_for;
    return made;
}
inline JournalVerification verify(FileSystem& files) {
    JournalVerifierOptions made;
    made.records_hasher = make_plain_hasher;
    made.chain_hasher = make_plain_hasher_for;
    return verify_journal(files, kDirectory, made);
}

/// Writes a closed journal of `events` and returns its summary.
inline JournalSummary write_journal(FileSystem& files, const std::vector<OrderEvent>& events,
                                    std::uint64_t segment_bytes = 1 << 20,
                                    std::size_t buffer_bytes = 1 << 12) {
    auto writer = JournalWriter::create(files, options(segment_bytes, buffer_bytes), manifest(),
                                        kRun, hashers());
    FERMATA_ASSERT(writer.ok());
    for (const OrderEvent& event : events) {
        FERMATA_ASSERT((*writer)->append(event).ok());
    }
    auto summary = (*writer)->close();
    FERMATA_ASSERT(summary.ok());
    return *summary;
}

inline std::string path_of(std::uint32_t segment) {
    return std::string(kDirectory) + "/" + segment_file_name(segment);
}

/// Everything that a reader returns up to its first stop.
struct ReadBack {
    std::vector<OrderEvent> events;
    JournalEnding ending = JournalEnding::kReading;
    std::optional<JournalProblem> problem;
};
inline ReadBack read_back(FileSystem& files) {
    ReadBack result;
    auto reader = JournalReader::open(files, kDirectory, checking());
    if (!reader) {
        result.problem = reader.error();
        return result;
    }
    while (const JournalRecord* record = (*reader)->next()) result.events.push_back(record->event);
    result.ending = (*reader)->ending();
    if ((*reader)->problem() != nullptr) result.problem = *(*reader)->problem();
    return result;
}

/// Whether `part` is the beginning of `whole`, byte for byte.
inline bool is_prefix(const std::vector<OrderEvent>& part, const std::vector<OrderEvent>& whole) {
    if (part.size() > whole.size()) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (!same_bytes(part[i], whole[i])) return false;
    }
    return true;
}

}  // namespace fermata::test
