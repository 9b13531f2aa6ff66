#pragma once

#include <cstdint>
#include <optional>

#include "core/journal/journal_reader.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/rerun/divergence.hpp"

namespace fermata {

/// Holds what a trading stage puts on record against the trading stream of a journal.
class RecordCheck final : public RecordSink {
public:
    /// `reader` stands before the first record to be compared and outlives the check.
    explicit RecordCheck(JournalReader& reader) : reader_(reader) {}

    void on_record(const OrderEvent& event) override;

    /// Nothing more can be compared: the journal is at its end, or a difference was found.
    [[nodiscard]] bool done() const noexcept { return at_end_ || divergence_.has_value(); }
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }
    /// At the end of the run: a record that is left over is a divergence too.
    void finish();

    [[nodiscard]] const std::optional<Divergence>& divergence() const noexcept {
        return divergence_;
    }
    [[nodiscard]] std::uint64_t compared() const noexcept { return compared_; }
    /// The record that was compared last, while !done(); nullptr before the first.
    [[nodiscard]] const JournalRecord* last() const noexcept { return last_; }

private:
    [[nodiscard]] const JournalRecord* next_trading();

    JournalReader& reader_;
    const JournalRecord* last_ = nullptr;
    std::optional<Divergence> divergence_;
    std::uint64_t compared_ = 0;
    bool at_end_ = false;
};

}  // namespace fermata
