#include "daemon/live/fix_venues.hpp"

#include <utility>

#include "daemon/assembly/start_refusal.hpp"
#include "daemon/fix/fix_sessions.hpp"

namespace fermata {

class FixVenues::Teller final : public LinkObserver {
public:
    explicit Teller(SessionBoard& board) : board_(board) {}

    void on_link(const LinkEvent& event) noexcept override {
        board_.on_link(session_at(event.venue), event);
        if (desk != nullptr) desk->on_link(event);
    }
    void on_status(const LinkOrderStatus& status) noexcept override {
        if (desk != nullptr) desk->on_status(status);
    }
    void on_raw(Timestamp ts, VenueId venue, bool sent, std::string_view bytes) noexcept override {
        if (desk != nullptr) desk->on_raw(ts, venue, sent, bytes);
        const std::uint16_t session = session_at(venue);
        board_.on_raw(session, ts, sent, bytes);
        if (tap != nullptr) tap->keep(ts, session, sent, bytes);
    }
    // All of these before the engine starts.
    VenueDesk* desk = nullptr;
    RawTap* tap = nullptr;
    std::vector<std::uint16_t> session_of;  // by venue: its index in the configuration

private:
    [[nodiscard]] std::uint16_t session_at(VenueId venue) const noexcept {
        return venue.value < session_of.size() ? session_of[venue.value] : std::uint16_t{0xffff};
    }
    SessionBoard& board_;
};

FixVenues::FixVenues(const Config& config, const RunNames& names, const FixRun& run,
                     std::unique_ptr<Latch> latch, RawTap* tap, SessionBoard& board,
                     std::function<void(const std::string&)> report)
    : latch_(std::move(latch)), teller_(std::make_unique<Teller>(board)) {
    std::vector<fix::SessionSettings> settings(config.venues.size());
    std::vector<bool> told(config.venues.size()), cancels(config.venues.size());
    std::vector<bool> has(config.venues.size());
    teller_->session_of.resize(config.venues.size(), 0xffff);
    teller_->tap = tap;
    for (FixSession& session : make_fix_sessions(config, SessionRole::kOrders)) {
        const SessionConfig& from = config.sessions[session.index];
        settings[from.venue.value] = std::move(session.settings);
        run.complete(settings[from.venue.value], session.index, report);
        told[from.venue.value] = from.mass_status;
        cancels[from.venue.value] = from.mass_cancel;
        has[from.venue.value] = true;
        teller_->session_of[from.venue.value] = static_cast<std::uint16_t>(session.index);
    }
    for (std::size_t v = 0; v < has.size(); ++v) {
        if (has[v]) continue;
        throw StartRefusal("venue " + names.venues[v] +
                           " has no session with role orders in `sessions`");
    }
    engine_ = make_fix_engine(std::move(settings), *teller_);
    std::vector<DeskVenue> venues;
    for (std::size_t v = 0; v < config.venues.size(); ++v) {
        own_.push_back(std::make_unique<VenueLink>(
            engine_->link(v), [this, v](ClientOrderId order) { return engine_->ask(v, order); }));
        links_.push_back(own_.back().get());
        DeskVenue& venue = venues.emplace_back();
        venue.name = names.venues[v];
        venue.link = own_.back().get();
        venue.ask_all = [this, v] { return engine_->ask_all(v); };
        venue.tells_all = told[v];
        if (cancels[v]) venue.cancel_all = [this, v] { return engine_->cancel_all(v); };
    }
    if (FixCopies::configured(config)) {
        std::vector<VenueLink*> links;
        for (const auto& link : own_) links.push_back(link.get());
        copies_ =
            std::make_unique<FixCopies>(config, names, run, std::move(links), tap, board, report);
    }
    std::vector<std::string> instruments;
    for (const Instrument& i : config.instruments.all()) instruments.push_back(i.symbol);
    desk_ =
        std::make_unique<VenueDesk>(std::move(venues), std::move(instruments),
                                    VenueDesk::Settings{config.live.settle, config.live.patience,
                                                        config.live.release == Release::kWhenEqual},
                                    std::move(report));
    teller_->desk = desk_.get();
}

FixVenues::~FixVenues() {
    engine_->stop();  // before whom it tells
}

}  // namespace fermata
