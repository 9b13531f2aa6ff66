#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/sequence_record.hpp"
#include "adapters/fix/session_settings.hpp"
#include "core/journal/raw_message.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// What a run knows of its FIX sessions before they are opened: which run it is, and how far their
/// sequence numbers came in its earlier processes.
struct FixRun {
    fix::SequenceRun run;
    Timestamp start;                             ///< Of its first process.
    std::uint16_t first_epoch = 0;               ///< In order ids of the day of `start`.
    std::vector<fix::SequenceRecord> on_record;  ///< By session of the configuration.

    /// Into the settings of the session with this index. `report` gets lines for the operator.
    void complete(fix::SessionSettings& settings, std::size_t index,
                  std::function<void(const std::string&)> report) const;
};

/// Finds out how far the sequence numbers of every session came, from the raw messages of a journal
/// in their order. A message is of the session with its CompIDs, whatever place that had in the
/// configuration in which it was recorded; where several have the same, of the one at that place.
class SequenceSurvey {
public:
    explicit SequenceSurvey(const Config& config);

    void on_raw(const RawMessage& message);
    [[nodiscard]] std::vector<fix::SequenceRecord> take() && { return std::move(records_); }

private:
    struct Ends {
        std::string sender, target;
    };
    [[nodiscard]] bool is_of(std::size_t session, std::string_view ours,
                             std::string_view theirs) const;

    std::vector<Ends> ends_;  // by session
    std::vector<fix::SequenceRecord> records_;
    std::vector<bool> lost_;  // before the session's next message
    bool more_ = false;       // parts of a message whose head was seen
};

/// The sessions in an engine. Throws StartRefusal where numbers of a session go on and their file
/// is missing, and what the engine throws.
[[nodiscard]] std::unique_ptr<fix::Engine> make_fix_engine(
    std::vector<fix::SessionSettings> sessions, LinkObserver& observer);

}  // namespace fermata
