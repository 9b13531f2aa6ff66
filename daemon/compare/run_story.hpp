#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/manifest.hpp"

namespace fermata::compare {

/// One market event of a run: what it says, without anything that differs between a recording and
/// what a session makes of it (ids of trades, prices of a side that is not there).
struct MarketFact {
    std::array<std::int64_t, 5> content{};  ///< The numbers of its payload, raw.
    std::uint64_t position = 0;             ///< Feed position in its run.
    Timestamp ts;                           ///< In its run's clock.
    bool size_unknown = false;

    [[nodiscard]] bool same_as(const MarketFact& other) const noexcept {
        return content == other.content && size_unknown == other.size_unknown;
    }
    // Of quotes.
    [[nodiscard]] Price bid() const noexcept { return Price::from_raw(content[0]); }
    [[nodiscard]] Quantity bid_size() const noexcept { return Quantity::from_raw(content[1]); }
    [[nodiscard]] Price ask() const noexcept { return Price::from_raw(content[2]); }
    [[nodiscard]] Quantity ask_size() const noexcept { return Quantity::from_raw(content[3]); }
};

/// The events of one kind (quotes, trades or bars) of one instrument, in order.
struct MarketStream {
    std::string instrument;
    MarketEventType kind = MarketEventType::kQuote;
    std::vector<MarketFact> facts;
};

/// An event among the streams of a run.
struct FactPlace {
    std::size_t stream = 0;
    std::size_t index = 0;  ///< In the stream, from 0.
    friend auto operator<=>(const FactPlace&, const FactPlace&) = default;
};

/// Terms that were in force at the venue: those of the order as it was sent, or of a change.
struct VenueTerms {
    Price price, stop_price;  ///< Zero: none.
    Quantity quantity;
    Timestamp sent;              ///< When they were asked for; moved by the venue: its report.
    std::uint64_t position = 0;  ///< Feed position then.
    bool limit = false;          ///< `price` is a limit.
    bool moved = false;          ///< The venue moved the order by itself: pegged, trailing.
    [[nodiscard]] bool same_as(const VenueTerms& other) const noexcept {
        return price == other.price && stop_price == other.stop_price && quantity == other.quantity;
    }
};

struct FillStory {
    Quantity quantity;
    Price price;
    Liquidity liquidity = Liquidity::kUnknown;
    Timestamp ts;                ///< When the trading stage booked it.
    std::uint64_t position = 0;  ///< Feed position that it had reached then.
    /// Feed position behind which the strategy knew of it.
    std::uint64_t known = 0;
    std::uint64_t record = 0;  ///< In the trading stream.
    ExecId exec_id;
    bool corrected = false;  ///< The venue changed it later.
    /// Which of the order's terms were in force: index into OrderStory::at_venue.
    std::size_t terms = 0;
    /// Feed position of the event that filled it, where the record says so: an exchange of the run.
    std::optional<std::uint64_t> met;
};

/// A cancel or new terms that the strategy asked for.
struct RequestStory {
    bool replace = false;
    Price price, stop_price;
    Quantity quantity;
    friend bool operator==(const RequestStory&, const RequestStory&) = default;
};

struct OrderStory {
    std::string strategy, account, instrument;
    std::string name;  ///< As its strategy counts it: "sma#3".
    NewOrderData terms;
    Timestamp decided;           ///< The strategy's now.
    std::uint64_t position = 0;  ///< Feed position that the strategy had reached.
    std::uint64_t cause = 0;
    std::uint64_t record = 0;           ///< In the trading stream.
    std::optional<Timestamp> answered;  ///< The venue's first report.
    /// In the order in which they came into force; the first as it was sent. Empty: never sent.
    std::vector<VenueTerms> at_venue;
    /// The order manager kept it first, and sent it on a later event.
    bool waited = false;
    /// The order of which it heard when this one was decided, such as the parent or what an exit
    /// closes: index into RunStory::orders. Nothing: decided on a market event or timer.
    std::optional<std::size_t> follows;
    std::uint64_t failed = 0;  ///< Controls that refused it.
    OrderState state = OrderState::kPendingNew;
    OrderReason reason = OrderReason::kNone;
    Money equity;                        ///< Of the account, as the gate saw it.
    std::vector<RequestStory> requests;  ///< In the order in which they were asked.
    std::vector<FillStory> fills;        ///< Those that were not taken back.
    std::size_t busted = 0;              ///< Fills that were.
    bool requested_cancel = false;       ///< By its strategy.
    [[nodiscard]] Side side() const noexcept { return terms.side; }
    /// The market event that it was decided on, or the newest one before it.
    [[nodiscard]] std::uint64_t decision() const noexcept {
        return cause_kind(cause) == CauseKind::kMarket ? cause_seq(cause) : position;
    }
    /// When it was on its way to the venue; nothing without an answer.
    [[nodiscard]] Timestamp sent() const noexcept {
        return waited ? at_venue.front().sent : decided;
    }
    [[nodiscard]] std::optional<Duration> latency() const noexcept {
        return answered ? std::optional(*answered - sent()) : std::nullopt;
    }
    /// What was in force at the venue for this fill of the order's.
    [[nodiscard]] VenueTerms terms_at(const FillStory& fill) const {
        if (fill.terms < at_venue.size()) return at_venue[fill.terms];
        return {terms.price, terms.stop_price, terms.quantity,
                decided,     decision(),       has_limit_price(terms.type)};
    }
};

/// What a run saw, wanted and got, as its journal has it.
struct RunStory {
    std::vector<MarketStream> market;  ///< Empty when market events are not on record.
    std::vector<OrderStory> orders;    ///< In the order in which the trading stage took them.
    std::uint64_t records = 0;
    /// The longest that a venue took to answer an order or a change of its terms.
    Duration longest_answer;
    /// Its end: from here on it accepted nothing new (RECOVERING, to the end of the record).
    struct Stop {
        std::uint64_t position = 0;  ///< Feed position.
        std::size_t orders = 0;      ///< Decided before it.
    };
    std::optional<Stop> stop;

    /// The event at this feed position; nothing when it is of none of the streams.
    [[nodiscard]] std::optional<FactPlace> at(std::uint64_t position) const;
    /// The newest event of a stream at or before this feed position.
    [[nodiscard]] std::optional<std::size_t> newest(std::size_t stream,
                                                    std::uint64_t position) const;
    [[nodiscard]] std::optional<std::size_t> stream_of(const std::string& instrument,
                                                       MarketEventType kind) const;
    /// The market event that the order was decided on; nothing when that was something else.
    [[nodiscard]] std::optional<FactPlace> decided_on(const OrderStory& order) const;
    [[nodiscard]] const MarketFact& fact(FactPlace place) const {
        return market[place.stream].facts[place.index];
    }
};

/// Makes a story of the records of a journal. Memory grows with the market events and orders.
class StoryBuilder {
public:
    /// Every record, in the order of the journal. `manifest`: of the boot that it belongs to.
    void add(const JournalRecord& record, const JournalManifest& manifest);
    /// After the last one.
    [[nodiscard]] RunStory finish();

private:
    void add(const MarketEvent& event, const JournalManifest& manifest);
    void add(const OrderEvent& event, const JournalManifest& manifest);
    void take(const ExecutionData& data, const OrderEvent& event);
    void correct(const CorrectionData& data);
    [[nodiscard]] OrderStory* find(OrderTag tag);
    [[nodiscard]] OrderStory* find(ClientOrderId id);

    RunStory story_;
    std::map<std::pair<std::uint32_t, MarketEventType>, std::size_t> streams_;
    std::unordered_map<std::uint64_t, std::size_t> by_tag_;  // looked up only
    std::unordered_map<std::uint64_t, std::size_t> by_id_;   // looked up only
    // Where shards run on threads of their own: at which feed position each consumed a record of
    // the trading stream, and of which order's state a record tells.
    std::map<std::size_t, std::unordered_map<std::uint64_t, std::uint64_t>> consumed_;
    std::vector<std::pair<std::uint64_t, std::size_t>> updates_;
    std::unordered_map<std::uint64_t, std::size_t> told_;  // order by record of a fill or update
    std::map<std::size_t, std::deque<VenueTerms>> asked_;  // new terms without an answer, by order
    std::pair<std::uint64_t, std::uint64_t> executed_;     // newest report: its record and cause
};

}  // namespace fermata::compare
