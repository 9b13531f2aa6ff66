#include "adapters/fix/market_decoder.hpp"

#include <algorithm>
#include <optional>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/wire_fields.hpp"

namespace fermata::fix {

/// The message in hand, before anything of it is used.
struct MarketDecoder::Message {
    char type = 0;
    std::string_view request_id, session;
    std::uint32_t instrument = 0xffff'ffff;  // of the message as a whole
    char status = 0;
    std::string_view security_status;
    std::int64_t count = -1;
    int delimiter = 0;  // the field that opens an entry
    bool counted = false;
    bool repeated = false;
    bool ended = false;
    std::optional<DecodeProblem> problem;

    void refuse(int tag, std::string_view what) noexcept {
        if (!problem) problem = DecodeProblem{tag, what};
    }
    template <class F>
    F number(int tag, std::string_view text, bool sign) noexcept {
        const auto parsed = parse_as<F>(text);
        if (!parsed) {
            refuse(tag, describe(parsed.error()));
            return {};
        }
        if (!sign && parsed->is_negative()) refuse(tag, "negative");
        return *parsed;
    }
};

namespace {

constexpr std::uint32_t kNoInstrument = 0xffff'ffff;
constexpr std::size_t kEntriesMax = 100'000;

/// A place among the fields of an entry that we read; -1: it is none of them.
int place_of(int tag) noexcept {
    constexpr int kTags[] = {55, 269, 270, 271, 278, 279, 290, 1023, 2446};
    for (int n = 0; n < static_cast<int>(std::size(kTags)); ++n) {
        if (kTags[n] == tag) return n;
    }
    return -1;
}

char code(std::string_view text) noexcept { return text.size() == 1 ? text[0] : '\0'; }

}  // namespace

MarketDecoder::MarketDecoder(const Dialect& dialect, const MarketSettings& settings)
    : settings_(settings), symbols_(dialect.symbols), books_(dialect.symbols.size()) {
    for (const InstrumentId id : settings_.instruments) {
        if (id.value < books_.size()) books_[id.value].subscribed = true;
    }
}

void MarketDecoder::subscribe(std::string_view request_id) {
    request_id_ = request_id;
    for (Book& book : books_) {
        const bool subscribed = book.subscribed, closed = book.closed;
        const Halt halt = book.halt;
        book = Book{};
        book.subscribed = subscribed;
        book.closed = closed;
        book.halt = halt;
        book.halt.heard = false;
    }
}

Result<bool, DecodeProblem> MarketDecoder::decode(std::string_view message, Timestamp arrived,
                                                  std::vector<MarketEvent>& out) {
    Message in;
    entries_.clear();
    if (!read(message, in)) {
        if (in.problem) return Err{*in.problem};
        return Err{DecodeProblem{0, "not fields of the form tag=value"}};
    }
    const bool other = !in.request_id.empty() && in.request_id != request_id_;
    if (in.type == 'h' || in.type == 'f') {
        if (in.problem) return Err{*in.problem};
        apply_status(in, arrived, out);
        return true;
    }
    // What was said to a subscription that is over tells nothing about now.
    if (other || (in.request_id.empty() && in.repeated)) return false;
    check(in);
    if (in.problem) return Err{*in.problem};
    apply(in, arrived, out);
    return true;
}

bool MarketDecoder::read(std::string_view message, Message& in) {
    WireFields fields(message);
    while (!in.ended && fields.next()) {
        const int tag = fields.tag();
        const std::string_view value = fields.value();
        if (tag == 10) {
            in.ended = true;
            break;
        }
        if (in.counted && in.count > 0) {
            read_entry(tag, value, in);
            continue;
        }
        switch (tag) {
            case 35:
                in.type = code(value);
                break;
            case 43:
                in.repeated = value == "Y";
                break;
            case 55:
                in.instrument = symbols_.find(value);
                if (in.instrument == kNoInstrument) in.refuse(55, "not one of our symbols");
                break;
            case 262:
                in.request_id = value;
                break;
            case 268: {
                const auto count = parse_whole(value);
                if (!count) in.refuse(268, "not a number");
                in.count = count.value_or(0);
                in.counted = true;
                break;
            }
            case 326:
                in.security_status = value;
                break;
            case 336:
                in.session = value;
                break;
            case 340:
                in.status = code(value);
                break;
            default:
                break;
        }
    }
    return in.ended && !fields.broken() && in.type != 0;
}

void MarketDecoder::read_entry(int tag, std::string_view value, Message& in) {
    if (in.delimiter == 0) in.delimiter = tag;
    if (tag == in.delimiter) {
        if (entries_.size() == kEntriesMax) return in.refuse(268, "too many entries");
        entries_.emplace_back();
    }
    const int place = place_of(tag);
    if (place < 0) return;
    Entry& entry = entries_.back();
    const std::uint64_t bit = std::uint64_t{1} << place;
    if ((entry.tags & bit) != 0) return in.refuse(tag, "comes twice");
    entry.tags |= bit;
    switch (tag) {
        case 55:
            entry.instrument = symbols_.find(value);
            if (entry.instrument == kNoInstrument) in.refuse(55, "not one of our symbols");
            break;
        case 269:
            entry.type = code(value);
            break;
        case 270:
            entry.price = in.number<Price>(270, value, true);
            entry.has_price = true;
            break;
        case 271:
            entry.quantity = in.number<Quantity>(271, value, false);
            entry.has_quantity = true;
            break;
        case 278:
            entry.id = id_of(value);
            break;
        case 279:
            entry.action = code(value);
            if (entry.action < '0' || entry.action > '2') in.refuse(279, "not new, change, delete");
            break;
        case 290:
        case 1023:
            entry.behind = entry.behind || value != "1";
            break;
        case 2446:
            if (value == "1" || value == "2") {
                entry.aggressor = static_cast<std::uint8_t>(value[0] - '0');
            }
            break;
        default:
            break;
    }
}

/// That the entries are complete, and of which instrument each is.
void MarketDecoder::check(Message& in) {
    if (in.type != 'W' && in.type != 'X') return in.refuse(35, "not market data");
    if (!in.counted) return in.refuse(268, "missing");
    if (static_cast<std::size_t>(in.count) != entries_.size()) {
        return in.refuse(268, "not the number of entries that follow");
    }
    if (in.type == 'W' && in.instrument == kNoInstrument) return in.refuse(55, "missing");
    std::uint32_t instrument = in.instrument;
    for (Entry& entry : entries_) {
        if (in.type == 'W' && (entry.action != '0' || entry.instrument != kNoInstrument)) {
            return in.refuse(279, "an update in a snapshot");
        }
        if (in.type == 'X' && (entry.tags & (1U << place_of(279))) == 0) {
            return in.refuse(279, "missing");
        }
        if (entry.type == 0) return in.refuse(269, "missing");
        // An entry without a symbol is of the same one as the entry before it.
        if (entry.instrument == kNoInstrument) entry.instrument = instrument;
        instrument = entry.instrument;
        if (instrument == kNoInstrument) return in.refuse(55, "missing");
        if (entry.behind || entry.action == '2') continue;
        if (entry.type != '0' && entry.type != '1' && entry.type != '2') continue;
        if (!entry.has_price) return in.refuse(270, "missing");
        if (entry.type == '2' && !entry.quantity.is_positive()) {
            return in.refuse(271, "a trade of nothing");
        }
    }
}

void MarketDecoder::apply(const Message& in, Timestamp arrived, std::vector<MarketEvent>& out) {
    touched_.clear();
    const bool snapshot = in.type == 'W';
    bool first = false;
    if (snapshot) {
        Book& book = books_[in.instrument];
        if (!book.subscribed) return;
        first = !book.seen;
        book.seen = true;
        if (settings_.quotes) {
            book.bid = book.ask = Side{};
            touched_.push_back(in.instrument);
        }
    }
    for (const Entry& entry : entries_) {
        Book& book = books_[entry.instrument];
        if (!book.subscribed || entry.behind) continue;
        book.seen = true;
        if (entry.type == '2') {
            // The last trade of a first snapshot happened before we looked.
            if (!settings_.trades || entry.action == '2' || first) continue;
            TradeData trade;
            trade.price = entry.price;
            trade.quantity = entry.quantity;
            trade.trade_id = entry.id;
            trade.aggressor = entry.aggressor;
            out.push_back(
                make_trade(arrived, InstrumentId{entry.instrument}, settings_.trade_stream, trade));
            continue;
        }
        if (!settings_.quotes || (entry.type != '0' && entry.type != '1')) continue;
        put_side(entry, snapshot, entry.type == '0' ? book.bid : book.ask);
        if (std::find(touched_.begin(), touched_.end(), entry.instrument) == touched_.end()) {
            touched_.push_back(entry.instrument);
        }
    }
    for (const std::uint32_t n : touched_) add_quote(InstrumentId{n}, arrived, out);
}

void MarketDecoder::put_side(const Entry& entry, bool snapshot, Side& side) noexcept {
    if (entry.action == '2') {
        // Of an entry that is known by an id another one may stand there by now.
        if (entry.id == 0 || side.id == 0 || entry.id == side.id) side = Side{};
        return;
    }
    const bool worse = snapshot && side.there &&
                       (entry.type == '0' ? entry.price < side.price : side.price < entry.price);
    if (worse) return;
    side.price = entry.price;
    side.quantity = entry.quantity;
    side.id = entry.id;
    side.sized = entry.has_quantity;
    side.there = !entry.has_quantity || entry.quantity.is_positive();
}

MarketEvent MarketDecoder::quote(InstrumentId instrument, Timestamp ts) const noexcept {
    const Book& book = books_[instrument.value];
    QuoteData q;
    if (book.bid.there) {
        q.bid = book.bid.price;
        q.bid_quantity = book.bid.quantity;
    }
    if (book.ask.there) {
        q.ask = book.ask.price;
        q.ask_quantity = book.ask.quantity;
    }
    MarketEvent e = make_quote(ts, instrument, settings_.quote_stream, q);
    if (book.bid.there && !book.bid.sized) e.flags |= kFlagSizeUnknown;
    return e;
}

bool MarketDecoder::can_say(const Book& book) noexcept {
    const auto unsized = [](const Side& side) { return side.there && !side.sized; };
    if (!unsized(book.bid) && !unsized(book.ask)) return true;
    return unsized(book.bid) && unsized(book.ask);
}

void MarketDecoder::add_quote(InstrumentId instrument, Timestamp ts,
                              std::vector<MarketEvent>& out) {
    Book& book = books_[instrument.value];
    if (!can_say(book)) {
        // A quote has sizes on both sides or on none.
        out.push_back(gap_of(instrument, settings_.quote_stream, ts, 0));
        return;
    }
    if (!book.bid.there && !book.ask.there && !book.quoted) return;  // nobody ever was
    book.quoted = true;
    out.push_back(quote(instrument, ts));
}

void MarketDecoder::restate(Timestamp now, std::vector<MarketEvent>& out) const {
    for (const InstrumentId id : settings_.instruments) {
        if (id.value >= books_.size()) continue;
        const Book& book = books_[id.value];
        if (book.halt.given) out.push_back(make_halt(now, id, status_stream(), book.halt.on()));
        if (settings_.quotes && book.quoted && can_say(book)) out.push_back(quote(id, now));
    }
}

MarketEvent MarketDecoder::gap_of(InstrumentId instrument, StreamId stream, Timestamp ts,
                                  std::uint64_t lost) noexcept {
    MarketEvent e = make_event(MarketEventType::kGap, ts, instrument, stream);
    e.data.gap = GapData{lost, {}};
    return e;
}

void MarketDecoder::add_gap(InstrumentId instrument, Timestamp ts, std::uint64_t lost,
                            std::vector<MarketEvent>& out) const {
    if (settings_.trades) out.push_back(gap_of(instrument, settings_.trade_stream, ts, lost));
    if (settings_.quotes) out.push_back(gap_of(instrument, settings_.quote_stream, ts, lost));
}

void MarketDecoder::gap(Timestamp now, std::uint64_t lost, std::vector<MarketEvent>& out) const {
    for (const InstrumentId id : settings_.instruments) add_gap(id, now, lost, out);
}

/// A halt leaves the session open, and a close leaves a halt in force.
void MarketDecoder::apply_status(const Message& in, Timestamp arrived,
                                 std::vector<MarketEvent>& out) {
    bool halted = false, resumed = false, opened = false, closed = false;
    if (in.type == 'h') {
        halted = in.status == '1';
        resumed = opened = in.status == '2';
        closed = in.status == '3';
    } else {
        // 2 halt, 4 no open or resumption, 18 not available; 3 resumption, 17 ready to trade.
        const std::string_view status = in.security_status;
        halted = status == "2" || status == "4" || status == "18";
        resumed = status == "3" || status == "17";
    }
    // Some venues name an instrument by the session.
    const std::uint32_t named =
        in.instrument != kNoInstrument ? in.instrument : symbols_.find(in.session);
    const auto tell = [&](InstrumentId id) {
        if (id.value >= books_.size() || !books_[id.value].subscribed) return;
        Halt& halt = books_[id.value].halt;
        if (named != kNoInstrument && (halted || resumed)) {
            halt.itself = halted;
            halt.with_all = halt.with_all && halted;
            halt.heard = true;
        } else if (halted || resumed) {
            halt.with_all = halted;
            if (resumed && !halt.heard) halt.itself = false;
        }
        // What opens a session that was halted ends the halt first.
        if (halted || resumed) tell_halt(id, arrived, out);
        if (opened || closed) set_open(id, opened, arrived, out);
    };
    if (named != kNoInstrument) return tell(InstrumentId{named});
    for (const InstrumentId id : settings_.instruments) tell(id);
}

void MarketDecoder::set_open(InstrumentId instrument, bool open, Timestamp ts,
                             std::vector<MarketEvent>& out) {
    Book& book = books_[instrument.value];
    if (book.closed == !open) return;
    book.closed = !open;
    out.push_back(make_session(ts, instrument, status_stream(), open));
}

/// The first word of a venue is given whatever it is: an earlier process may have been told
/// another.
void MarketDecoder::tell_halt(InstrumentId instrument, Timestamp ts,
                              std::vector<MarketEvent>& out) {
    Halt& halt = books_[instrument.value].halt;
    if (halt.given && halt.given_on == halt.on()) return;
    halt.given = true;
    halt.given_on = halt.on();
    out.push_back(make_halt(ts, instrument, status_stream(), halt.on()));
}

}  // namespace fermata::fix
