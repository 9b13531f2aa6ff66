#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/dialect.hpp"
#include "adapters/fix/market_settings.hpp"
#include "adapters/fix/report_decoder.hpp"
#include "core/base/result.hpp"
#include "core/event/market_event.hpp"

namespace fermata::fix {

/// Reads MarketDataSnapshotFullRefresh (W), MarketDataIncrementalRefresh (X), TradingSessionStatus
/// (h) and SecurityStatus (f) of FIX 4.4 as they came over the wire, and keeps the best bid and
/// offer of every instrument, of which an update may name one side alone.
///
/// Strict: a number that is used is exact, groups are complete, symbols are known, or nothing of
///         the message is used.
/// Halts:  are kSession events, and last until the venue says that trading resumes or is open; a
///         quote or trade ends none. What it says of an instrument by name outweighs what it says
///         of all, but for a halt that it told before a logon and does not tell again: the status
///         of all that follows ends it.
/// Passed over: fields and entry types that are not ours, price levels behind the first, messages
///         of another subscription (MDReqID, 262), and old ones that are sent again without one.
/// Owner:  one thread. Allocates only while its scratch grows.
class MarketDecoder {
public:
    MarketDecoder(const Dialect& dialect, const MarketSettings& settings);

    /// What comes from now on answers the request of this id (262); all books are empty.
    void subscribe(std::string_view request_id);

    /// Appends what the message says to `out`: trades in their order, then a quote for every
    /// instrument whose best bid or offer it changed. `message` begins at 8=.
    [[nodiscard]] Result<bool, DecodeProblem> decode(std::string_view message, Timestamp arrived,
                                                     std::vector<MarketEvent>& out);

    /// For every instrument whether it is halted, where that was told, and a quote where there is
    /// one: what is known after a loss.
    void restate(Timestamp now, std::vector<MarketEvent>& out) const;
    /// A gap for every instrument of every stream.
    void gap(Timestamp now, std::uint64_t lost, std::vector<MarketEvent>& out) const;

private:
    struct Side {
        Price price;
        Quantity quantity;
        std::uint64_t id = 0;  ///< MDEntryID, if it was told.
        bool there = false;
        bool sized = true;
    };
    /// What the venue said of halts. It stays over logons: what was halted is, until it says
    /// otherwise.
    struct Halt {
        bool itself = false;    ///< Of the instrument by its name.
        bool with_all = false;  ///< Of all, by naming none.
        bool heard = false;     ///< It named the instrument since the logon.
        bool given = false;     ///< An event said ...
        bool given_on = false;  ///< ... that.
        [[nodiscard]] bool on() const noexcept { return itself || with_all; }
    };
    struct Book {
        Side bid, ask;
        bool subscribed = false;
        bool seen = false;    ///< Had a snapshot, or an update.
        bool quoted = false;  ///< A quote of it was given.
        bool closed = false;  ///< The venue said so.
        Halt halt;
    };
    struct Entry {
        Price price;
        Quantity quantity;
        std::uint64_t id = 0;
        std::uint32_t instrument = 0xffff'ffff;
        char action = '0';
        char type = 0;
        std::uint8_t aggressor = 0;
        bool has_price = false, has_quantity = false, behind = false;
        std::uint64_t tags = 0;  ///< Which of ours came.
    };
    struct Message;

    [[nodiscard]] bool read(std::string_view message, Message& in);
    void read_entry(int tag, std::string_view value, Message& in);
    void check(Message& in);
    void apply(const Message& in, Timestamp arrived, std::vector<MarketEvent>& out);
    static void put_side(const Entry& entry, bool snapshot, Side& side) noexcept;
    [[nodiscard]] static bool can_say(const Book& book) noexcept;
    [[nodiscard]] static MarketEvent gap_of(InstrumentId instrument, StreamId stream, Timestamp ts,
                                            std::uint64_t lost) noexcept;
    void add_quote(InstrumentId instrument, Timestamp ts, std::vector<MarketEvent>& out);
    [[nodiscard]] MarketEvent quote(InstrumentId instrument, Timestamp ts) const noexcept;
    void apply_status(const Message& in, Timestamp arrived, std::vector<MarketEvent>& out);
    void set_open(InstrumentId instrument, bool open, Timestamp ts, std::vector<MarketEvent>& out);
    void tell_halt(InstrumentId instrument, Timestamp ts, std::vector<MarketEvent>& out);
    [[nodiscard]] StreamId status_stream() const noexcept {
        return settings_.quotes ? settings_.quote_stream : settings_.trade_stream;
    }
    void add_gap(InstrumentId instrument, Timestamp ts, std::uint64_t lost,
                 std::vector<MarketEvent>& out) const;

    const MarketSettings settings_;
    const Names symbols_;
    std::vector<Book> books_;  // by InstrumentId
    std::string request_id_;
    std::vector<Entry> entries_;          // of the message in hand
    std::vector<std::uint32_t> touched_;  // instruments whose quote it changed
};

}  // namespace fermata::fix
