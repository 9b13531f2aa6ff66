#include "daemon/live/fix_market.hpp"

#include <exception>
#include <utility>

#include "daemon/fix/fix_sessions.hpp"

namespace fermata {
namespace {

/// Between two looks at sessions that have nothing: what it adds to the age of a quote, at most.
constexpr Duration kLookEvery = Duration::microseconds(20);

}  // namespace

class FixMarketSource::Teller final : public LinkObserver {
public:
    Teller(std::size_t index, RawTap* tap, SessionBoard& board, std::vector<std::string> names,
           std::function<void(const std::string&)> report)
        : index_(static_cast<std::uint16_t>(index)),
          tap_(tap),
          board_(board),
          names_(std::move(names)),
          report_(std::move(report)) {}

    void on_link(const LinkEvent& event) noexcept override {
        board_.on_link(index_, event);
        const char* what = nullptr;
        switch (event.kind) {
            case LinkEventKind::kUp:
                what = "logged on";
                break;
            case LinkEventKind::kDown:
                what = "the session is down: its instruments are stale until it is back";
                break;
            case LinkEventKind::kUnreadable:
                what = "a message cannot be understood: its instruments are stale";
                break;
            case LinkEventKind::kSequenceReset:
                what = "sequence numbers do not go on as they should: the session is over";
                break;
            case LinkEventKind::kRefused:
                what = "the venue refused a message";
                break;
            default:
                return;
        }
        try {
            if (!report_) return;
            const std::string venue =
                event.venue.value < names_.size() ? names_[event.venue.value] : "a venue";
            report_(venue + ", market data: " + what +
                    (event.text.empty() ? std::string() : " (" + std::string(event.text) + ")"));
        } catch (const std::exception&) {  // no memory for a line
        }
    }
    void on_status(const LinkOrderStatus&) noexcept override {}
    void on_raw(Timestamp ts, VenueId, bool sent, std::string_view bytes) noexcept override {
        board_.on_raw(index_, ts, sent, bytes);
        if (tap_ != nullptr) tap_->keep(ts, index_, sent, bytes, true);
    }

private:
    std::uint16_t index_;  // of the session, in the configuration
    RawTap* tap_;
    SessionBoard& board_;
    std::vector<std::string> names_;
    std::function<void(const std::string&)> report_;
};

FixMarketSource::FixMarketSource(const Config& config, const FixRun& run, RawTap* tap,
                                 SessionBoard& board,
                                 const std::function<void(const std::string&)>& report) {
    std::vector<std::string> names;
    for (const SimConfig& venue : config.venues) names.push_back(venue.name);
    std::vector<fix::SessionSettings> settings;
    for (FixSession& session : make_fix_sessions(config, SessionRole::kMarketData)) {
        tellers_.push_back(std::make_unique<Teller>(session.index, tap, board, names, report));
        session.settings.observer = tellers_.back().get();
        run.complete(session.settings, session.index, report);
        settings.push_back(std::move(session.settings));
    }
    const std::size_t count = settings.size();
    engine_ = make_fix_engine(std::move(settings), *tellers_.front());
    for (std::size_t n = 0; n < count; ++n) links_.push_back(&engine_->market(n));
}

FixMarketSource::~FixMarketSource() { engine_->stop(); }

void FixMarketSource::begin(LiveClock::Now, std::uint64_t) { engine_->start(); }

const MarketEvent* FixMarketSource::front(LiveClock::Now) {
    for (std::size_t tried = 0; !has_ && tried < links_.size(); ++tried) {
        has_ = links_[next_]->poll(event_);
        if (++next_ == links_.size()) next_ = 0;
    }
    return has_ ? &event_ : nullptr;
}

Duration FixMarketSource::quiet(LiveClock::Now) const { return kLookEvery; }

}  // namespace fermata
