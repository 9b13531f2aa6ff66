#include "daemon/live/fix_copies.hpp"

#include <algorithm>
#include <utility>

#include "daemon/fix/fix_sessions.hpp"

namespace fermata {

class FixCopies::Teller final : public LinkObserver {
public:
    Teller(std::size_t place, std::size_t index, RawTap* tap, SessionBoard& board)
        : place_(place), index_(static_cast<std::uint16_t>(index)), tap_(tap), board_(board) {}

    void on_link(const LinkEvent& event) noexcept override {
        board_.on_link(index_, event);
        if (desk != nullptr) desk->on_link(place_, event);
    }
    void on_status(const LinkOrderStatus&) noexcept override {}
    void on_raw(Timestamp ts, VenueId, bool sent, std::string_view bytes) noexcept override {
        board_.on_raw(index_, ts, sent, bytes);
        if (tap_ != nullptr) tap_->keep(ts, index_, sent, bytes);
    }
    DropCopyDesk* desk = nullptr;  // before the engine starts

private:
    std::size_t place_;
    std::uint16_t index_;
    RawTap* tap_;
    SessionBoard& board_;
};

bool FixCopies::configured(const Config& config) noexcept {
    return std::ranges::any_of(
        config.sessions, [](const SessionConfig& s) { return s.role == SessionRole::kDropCopy; });
}

FixCopies::FixCopies(const Config& config, const RunNames& names, const FixRun& run,
                     std::vector<VenueLink*> links, RawTap* tap, SessionBoard& board,
                     const std::function<void(const std::string&)>& report) {
    std::vector<fix::SessionSettings> settings;
    std::vector<CopySession> sessions;
    DropCopyReconciler::Settings compare;
    for (FixSession& made : make_fix_sessions(config, SessionRole::kDropCopy)) {
        const SessionConfig& from = config.sessions[made.index];
        tellers_.push_back(std::make_unique<Teller>(tellers_.size(), made.index, tap, board));
        made.settings.observer = tellers_.back().get();
        run.complete(made.settings, made.index, report);
        settings.push_back(std::move(made.settings));
        sessions.push_back({from.name, made.index, from.venue, nullptr});
        std::optional<Duration> book_after;
        if (from.missing == MissingFill::kBook) book_after = from.book_after;
        const auto same =
            std::ranges::find(compare.venues, from.venue, &DropCopyReconciler::Watched::venue);
        if (same == compare.venues.end()) {
            compare.venues.push_back({from.venue, book_after});
        } else if (same->book_after) {  // of two sessions the more careful one counts
            same->book_after = book_after ? std::max(*same->book_after, *book_after) : book_after;
        }
    }
    engine_ = make_fix_engine(std::move(settings), *tellers_.front());
    for (std::size_t n = 0; n < sessions.size(); ++n) sessions[n].link = &engine_->drop_copy(n);
    std::vector<DropCopyDesk::Venue> venues;
    for (std::size_t v = 0; v < names.venues.size(); ++v) {
        venues.push_back({names.venues[v], links.at(v)});
    }
    std::vector<std::string> instruments;
    for (const Instrument& i : config.instruments.all()) instruments.push_back(i.symbol);
    desk_ = std::make_unique<DropCopyDesk>(std::move(sessions), std::move(venues),
                                           std::move(instruments), std::move(compare), report,
                                           CopyBegin{run.start, run.first_epoch});
    for (const auto& teller : tellers_) teller->desk = desk_.get();
}

FixCopies::~FixCopies() {
    engine_->stop();  // before whom it tells
}

}  // namespace fermata
