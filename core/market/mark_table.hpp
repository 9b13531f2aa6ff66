#pragma once

#include <vector>

#include "core/event/market_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// The latest prices of one instrument, as a stage knows them from the events that it consumed.
struct Mark {
    Price bid, ask;  ///< Valid when has_quote.
    Price last;  ///< Last trade, or the close (at its end) or open (at its start) of the last bar.
    Timestamp ts{Timestamp::min()};  ///< Of the newest event.
    bool has_quote = false;
    bool has_last = false;
    bool open = true;    ///< Trading session; true where there is no calendar.
    bool stale = false;  ///< After a gap, until the next event.
    /// Its venue halted trading, and has not said that it goes on. Prices are good for valuation.
    bool halted = false;

    /// Something to value a position at exists.
    [[nodiscard]] bool valid() const noexcept { return has_quote || has_last; }
    /// Mid of the quote if there is one, else the last price. Requires valid().
    [[nodiscard]] Price price() const noexcept {
        return has_quote ? Price::from_raw(bid.raw() + (ask.raw() - bid.raw()) / 2) : last;
    }
    void persist(StateArchive& a);
};

/// Marks of all instruments by dense id. One per stage that needs prices; no stage reads another's.
class MarkTable {
public:
    explicit MarkTable(std::size_t instruments) : marks_(instruments) {}

    /// Takes in one market event. Events that carry no price change only what is said of
    /// sessions and halts.
    void update(const MarketEvent& e) noexcept {
        if (e.instrument.value >= marks_.size()) return;
        Mark& m = marks_[e.instrument.value];
        switch (e.type) {
            case MarketEventType::kQuote:
                m.bid = e.data.quote.bid;
                m.ask = e.data.quote.ask;
                m.has_quote = true;
                break;
            case MarketEventType::kTrade:
                m.last = e.data.trade.price;
                m.has_last = true;
                break;
            case MarketEventType::kBar:
                m.last = e.data.bar.close;
                m.has_last = true;
                break;
            case MarketEventType::kBarOpen:
                m.last = e.data.bar_open.open;
                m.has_last = true;
                break;
            case MarketEventType::kCorporateAction:
                adjust(m, e.data.corporate_action);
                return;
            case MarketEventType::kSession:
                if (e.data.session.change == SessionChange::kBoundary) {
                    m.open = e.data.session.opens();
                } else {
                    m.halted = e.data.session.halts();
                }
                return;
            case MarketEventType::kGap:
                m.stale = true;
                return;
            default:
                return;
        }
        m.ts = e.ts;
        m.stale = false;
    }

    [[nodiscard]] const Mark& operator[](InstrumentId id) const noexcept {
        return marks_[id.value];
    }
    [[nodiscard]] std::size_t size() const noexcept { return marks_.size(); }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    /// A split rescales the last prices at once, so that equity does not jump before the next
    /// print.
    static void adjust(Mark& m, const CorporateActionData& action) noexcept;
    std::vector<Mark> marks_;
};

}  // namespace fermata
