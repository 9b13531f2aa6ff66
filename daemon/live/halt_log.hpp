#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "core/journal/manifest.hpp"
#include "core/port/record_sink.hpp"

namespace fermata {

/// Tells the operator of every trading state that is set while the process runs, by a control that
/// trips, a person or the latch: a line when it goes on record, with what a control saw. What is
/// set again as it stands is told once.
///
/// Threads: `on_record` and `on_batch` on the journal's (before it runs: the owner's); `begin`
///          before it runs.
class HaltLog final : public RecordSink {
public:
    /// `next` gets every record first and may be null; it outlives this. `report` is for the
    /// operator; a line that begins with "warning:" says that less is let through.
    HaltLog(JournalManifest names, RecordSink* next, std::function<void(const std::string&)> report)
        : names_(std::move(names)), next_(next), report_(std::move(report)) {}

    void on_record(const OrderEvent& event) override;
    bool on_batch() override { return next_ != nullptr && next_->on_batch(); }
    /// All earlier records were given: what they say stands, and was told by another process.
    void begin() noexcept { begun_.store(true, std::memory_order_release); }

private:
    struct Standing {
        TradingState state = TradingState::kActive;
        std::uint8_t cancels = 0, control = 0xff;
        std::uint32_t actor = kNoActor;
        friend bool operator==(const Standing&, const Standing&) = default;
    };
    [[nodiscard]] std::string text(const OrderEvent& event) const;

    JournalManifest names_;
    RecordSink* next_;
    std::function<void(const std::string&)> report_;
    std::map<std::pair<ControlScope, std::uint64_t>, Standing> standing_;
    std::atomic<bool> begun_{false};
};

}  // namespace fermata
