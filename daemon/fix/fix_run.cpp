#include "daemon/fix/fix_run.hpp"

#include <optional>
#include <utility>

#include "adapters/fix/sequence_store.hpp"
#include "daemon/assembly/start_refusal.hpp"

namespace fermata {

void FixRun::complete(fix::SessionSettings& settings, std::size_t index,
                      std::function<void(const std::string&)> report) const {
    if (settings.kind != fix::SessionKind::kMarketData) settings.run = run;
    if (index < on_record.size()) settings.on_record = on_record[index];
    settings.report = std::move(report);
}

SequenceSurvey::SequenceSurvey(const Config& config)
    : records_(config.sessions.size()), lost_(config.sessions.size()) {
    for (const SessionConfig& s : config.sessions) {
        ends_.push_back({s.sender_comp_id, s.target_comp_id});
    }
}

bool SequenceSurvey::is_of(std::size_t session, std::string_view ours,
                           std::string_view theirs) const {
    return ends_[session].sender == ours && ends_[session].target == theirs;
}

void SequenceSurvey::on_raw(const RawMessage& message) {
    if (message.lost != 0) lost_.assign(lost_.size(), true);
    const bool head = !std::exchange(more_, message.more);
    const auto read = head ? fix::read_sequence(message.bytes) : std::nullopt;
    if (!read) return;
    const std::string_view ours = message.sent ? read->sender : read->target;
    const std::string_view theirs = message.sent ? read->target : read->sender;
    std::size_t session = message.session;
    if (session >= ends_.size() || !is_of(session, ours, theirs)) {
        for (session = 0; session < ends_.size() && !is_of(session, ours, theirs);) ++session;
    }
    if (session == ends_.size()) return;
    const bool lost = lost_[session];
    lost_[session] = false;
    records_[session].on_message(message.ts, message.sent, *read, lost);
}

std::unique_ptr<fix::Engine> make_fix_engine(std::vector<fix::SessionSettings> sessions,
                                             LinkObserver& observer) try {
    return std::make_unique<fix::Engine>(std::move(sessions), observer);
} catch (const fix::SequenceMissing& e) {
    throw StartRefusal(e.what());
}

}  // namespace fermata
