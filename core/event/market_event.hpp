#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "core/base/assert.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What happened in the market. One event is one cache line. The numbers are part of the tape's and
/// the journal's format: never reuse one.
enum class MarketEventType : std::uint8_t {
    kNone = 0,
    kQuote = 1,    ///< Best bid and offer changed.
    kTrade = 2,    ///< A trade printed.
    kBar = 3,      ///< A bar is complete; the timestamp is its END, when it is known.
    kBarOpen = 4,  ///< A bar begins; the timestamp is its START. For the simulated exchange.
    kDepth = 5,    ///< One price level of the book changed.
    kCorporateAction = 6,  ///< A split or cash dividend takes effect.
    kSession = 7,          ///< The instrument's trading opens, closes, halts or resumes.
    kGap = 8,              ///< Events were lost; the instrument is stale until a fresh snapshot.
    kSkipped = 9,          ///< A record of the source was refused and counted, as configured.
    kClock = 10,           ///< Time passed; nothing happened in any market.
};
inline constexpr int kMarketEventTypeCount = 11;

struct QuoteData {
    Price bid;  ///< Meaningful only when bid_quantity > 0 or the flag says the size is unknown.
    Quantity bid_quantity;
    Price ask;
    Quantity ask_quantity;
    std::int64_t reserved = 0;
};

struct TradeData {
    Price price;
    Quantity quantity;
    std::uint64_t trade_id = 0;
    std::uint32_t conditions = 0;  ///< Source specific bits.
    std::uint8_t aggressor = 0;    ///< 0 unknown, 1 buyer, 2 seller.
    std::uint8_t exchange = 0;     ///< SIP letter, 0 unknown.
    std::uint16_t reserved = 0;
    std::int64_t reserved2 = 0;
};

struct BarData {
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;
};

/// The open of a bar that begins now. `volume` is the volume that the whole bar WILL have: it feeds
/// the simulated exchange's participation cap and must never reach a strategy.
struct BarOpenData {
    Price open;
    Quantity volume;
    std::int64_t reserved[3] = {};
};

struct DepthData {
    Price price;
    Quantity quantity;        ///< New size of the level; zero deletes it.
    std::uint8_t side = 0;    ///< 0 bid, 1 ask.
    std::uint8_t action = 0;  ///< 0 set level, 1 clear the whole book before what follows.
    std::uint8_t last = 0;    ///< 1 on the last event of one publication.
    std::uint8_t reserved = 0;
    std::uint32_t orders = 0;  ///< Orders at the level, 0 unknown.
    std::int64_t reserved2[2] = {};
};

enum class CorporateActionKind : std::uint8_t { kSplit = 1, kDividend = 2 };

/// Takes effect at the event's time, before the first trade of the ex date.
struct CorporateActionData {
    std::int64_t numerator = 1;    ///< Split: new shares ...
    std::int64_t denominator = 1;  ///< ... per this many old shares.
    Price cash;                    ///< Dividend: cash a share, in the instrument's currency.
    CorporateActionKind kind = CorporateActionKind::kSplit;
    std::uint8_t reserved[15] = {};
};

/// What a kSession event changes. Stable numbers: they stand in journals.
enum class SessionChange : std::uint8_t {
    kBoundary = 0,    ///< The session opens or closes. Whether trading is halted stays as it was.
    kHalt = 1,        ///< The venue halts trading; the session goes on. Prices do not end a halt.
    kResumption = 2,  ///< The venue ends the halt, or says that there is none.
};

struct SessionData {
    std::uint8_t open =
        0;  ///< Of a boundary: 1 the session opens, 0 it closes (DAY orders expire).
    SessionChange change = SessionChange::kBoundary;
    std::uint8_t reserved[38] = {};

    [[nodiscard]] constexpr bool opens() const noexcept {
        return change == SessionChange::kBoundary && open != 0;
    }
    [[nodiscard]] constexpr bool closes() const noexcept {
        return change == SessionChange::kBoundary && open == 0;
    }
    [[nodiscard]] constexpr bool halts() const noexcept { return change == SessionChange::kHalt; }
    [[nodiscard]] constexpr bool resumes() const noexcept {
        return change == SessionChange::kResumption;
    }
};

struct GapData {
    std::uint64_t lost = 0;  ///< Events that the consumer did not get.
    std::int64_t reserved[4] = {};
};

/// Why a source record was refused. Stable numbers: they stand in journals.
enum class SkipReason : std::uint8_t {
    kNone = 0,
    kMalformed = 1,
    kTimeStepsBack = 2,
    kDuplicate = 3,
    kCrossed = 4,
    kPriceOutOfRange = 5,
    kNegative = 6,
    kUnknownInstrument = 7,
    kEncoding = 8,
    kLineTooLong = 9,
    kInconsistentBar = 10,  ///< High below low, or open or close outside them.
    kOutOfSession = 11,
    kQuantityOutOfRange = 12,
    kFlagged = 13,  ///< The source marks the record as suspicious.
    kMissing =
        14,  ///< A part of the source that should exist does not; `line` is its date, yyyymmdd.
};
inline constexpr int kSkipReasonCount = 15;

struct SkippedData {
    std::uint64_t line = 0;  ///< Line or record number in the source, from 1.
    SkipReason reason = SkipReason::kNone;
    std::uint8_t reserved[31] = {};
};

/// Bits of MarketEvent::flags. The top bit belongs to the lane that carries the event.
inline constexpr std::uint8_t kFlagSizeUnknown =
    0x01;  ///< Quote without sizes: depth is unlimited.
inline constexpr std::uint8_t kFlagOutOfSession =
    0x02;  ///< The bar lies outside its calendar's sessions.
inline constexpr std::uint8_t kLaneFlag = 0x80;

/// One market event: 64 bytes, trivially copyable, no padding.
struct alignas(64) MarketEvent {
    union Payload {
        QuoteData quote;
        TradeData trade;
        BarData bar;
        BarOpenData bar_open;
        DepthData depth;
        CorporateActionData corporate_action;
        SessionData session;
        GapData gap;
        SkippedData skipped;
        std::uint64_t words[5] = {};
        constexpr Payload() {}
    };

    InstrumentId instrument;
    StreamId stream;
    MarketEventType type = MarketEventType::kNone;
    std::uint8_t flags = 0;
    /// Position in the merged feed of the run, from 1: the "feed position".
    std::uint64_t seq = 0;
    Timestamp ts;  ///< When it was known (UTC).
    Payload data;

    /// Which 8-byte word holds the lane's lap bit, the bit in it, and which word holds `seq`.
    static constexpr std::size_t kLaneWord = 0;
    static constexpr std::uint64_t kLaneMask = std::uint64_t{kLaneFlag} << 56;
    static constexpr std::size_t kSeqWord = 1;
};
static_assert(sizeof(MarketEvent) == 64 && alignof(MarketEvent) == 64);
static_assert(offsetof(MarketEvent, flags) == 7, "the lane's lap bit lives in this byte");
static_assert(offsetof(MarketEvent, seq) == 8 && offsetof(MarketEvent, ts) == 16);
static_assert(offsetof(MarketEvent, data) == 24 && sizeof(MarketEvent::Payload) == 40);
static_assert(std::is_trivially_copyable_v<MarketEvent>);
static_assert(std::endian::native == std::endian::little, "tape and journal are little-endian");
static_assert(sizeof(QuoteData) == 40 && sizeof(TradeData) == 40 && sizeof(BarData) == 40);
static_assert(sizeof(BarOpenData) == 40 && sizeof(DepthData) == 40 && sizeof(SessionData) == 40);
static_assert(sizeof(CorporateActionData) == 40 && sizeof(GapData) == 40 &&
              sizeof(SkippedData) == 40);
static_assert(std::has_unique_object_representations_v<QuoteData> &&
              std::has_unique_object_representations_v<TradeData> &&
              std::has_unique_object_representations_v<BarData> &&
              std::has_unique_object_representations_v<BarOpenData> &&
              std::has_unique_object_representations_v<DepthData> &&
              std::has_unique_object_representations_v<CorporateActionData> &&
              std::has_unique_object_representations_v<SessionData> &&
              std::has_unique_object_representations_v<GapData> &&
              std::has_unique_object_representations_v<SkippedData>);

/// Constructors with names; `seq` is set by whoever merges the feeds.
[[nodiscard]] inline MarketEvent make_event(MarketEventType type, Timestamp ts,
                                            InstrumentId instrument, StreamId stream) noexcept {
    MarketEvent e;
    e.ts = ts;
    e.instrument = instrument;
    e.stream = stream;
    e.type = type;
    return e;
}
[[nodiscard]] inline MarketEvent make_quote(Timestamp ts, InstrumentId instrument, StreamId stream,
                                            const QuoteData& quote) noexcept {
    MarketEvent e = make_event(MarketEventType::kQuote, ts, instrument, stream);
    e.data.quote = quote;
    return e;
}
[[nodiscard]] inline MarketEvent make_trade(Timestamp ts, InstrumentId instrument, StreamId stream,
                                            const TradeData& trade) noexcept {
    MarketEvent e = make_event(MarketEventType::kTrade, ts, instrument, stream);
    e.data.trade = trade;
    return e;
}
[[nodiscard]] inline MarketEvent make_bar(Timestamp end, InstrumentId instrument, StreamId stream,
                                          const BarData& bar) noexcept {
    MarketEvent e = make_event(MarketEventType::kBar, end, instrument, stream);
    e.data.bar = bar;
    return e;
}
[[nodiscard]] inline MarketEvent make_bar_open(Timestamp start, InstrumentId instrument,
                                               StreamId stream, Price open,
                                               Quantity volume) noexcept {
    MarketEvent e = make_event(MarketEventType::kBarOpen, start, instrument, stream);
    e.data.bar_open = BarOpenData{open, volume, {}};
    return e;
}

[[nodiscard]] inline MarketEvent make_session(Timestamp ts, InstrumentId instrument,
                                              StreamId stream, bool opens) noexcept {
    MarketEvent e = make_event(MarketEventType::kSession, ts, instrument, stream);
    e.data.session = SessionData{};
    e.data.session.open = opens ? 1 : 0;
    return e;
}
/// A halt, or the end of one.
[[nodiscard]] inline MarketEvent make_halt(Timestamp ts, InstrumentId instrument, StreamId stream,
                                           bool halts) noexcept {
    MarketEvent e = make_event(MarketEventType::kSession, ts, instrument, stream);
    e.data.session = SessionData{};
    e.data.session.change = halts ? SessionChange::kHalt : SessionChange::kResumption;
    return e;
}

/// Order of events with one timestamp: what ends (session close) comes after what it contains, and
/// what begins (corporate action, session open, bar open) after what was already over, so that an
/// order sent on the close of one bar can fill at the open of the next with the same timestamp.
[[nodiscard]] constexpr int phase_of(MarketEventType type, bool session_opens = false) noexcept {
    switch (type) {
        case MarketEventType::kSession:
            return session_opens ? 3 : 1;
        case MarketEventType::kCorporateAction:
            return 2;
        case MarketEventType::kBarOpen:
            return 4;
        default:
            return 0;
    }
}
[[nodiscard]] inline int phase_of(const MarketEvent& e) noexcept {
    const bool session = e.type == MarketEventType::kSession;
    if (session && e.data.session.change != SessionChange::kBoundary) return 0;
    return phase_of(e.type, session && e.data.session.opens());
}

[[nodiscard]] std::string_view name(MarketEventType v) noexcept;  ///< "quote", "bar_open", ...
[[nodiscard]] std::string_view name(SkipReason v) noexcept;       ///< "malformed", ...

}  // namespace fermata
