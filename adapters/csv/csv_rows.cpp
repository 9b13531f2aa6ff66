// The kinds of rows: what one row of bars, quotes, trades or depth becomes.

#include <limits>

#include "adapters/csv/csv_feed.hpp"

namespace fermata::csv {

bool CsvFeed::in_range(Timestamp t) const noexcept {
    return !(config_.from.has_value() && t < *config_.from) &&
           !(config_.to.has_value() && t >= *config_.to);
}

bool CsvFeed::in_session(Slot& slot, Timestamp t) const noexcept {
    if (slot.calendar == nullptr) return true;
    if (slot.session == nullptr || t < slot.session->open || t >= slot.session->close) {
        slot.session = slot.calendar->session_at(t);
    }
    return slot.session != nullptr;
}

std::optional<BarTimes> CsvFeed::bar_times(Fields row, Slot& slot, Timestamp stamp) {
    const std::string_view text = row[layout_.time.index];
    const auto times = slot.clock.times(stamp);
    if (!times) {
        static_cast<void>(
            tolerates({SkipReason::kMalformed,
                       {},
                       text,
                       times.error() == BarClockError::kOutsideCalendar
                           ? std::string_view("a time that the instrument's calendar covers")
                           : describe(times.error())},
                      &layout_.time));
        return std::nullopt;
    }
    return *times;
}

bool CsvFeed::takes(Fields row, Slot& slot, Timestamp stamp, Timestamp t) {
    const std::string_view text = row[layout_.time.index];
    own_time_ = t;
    if (stamp < last_stamp_ || !output_.accepts(t)) {
        own_time_.reset();
        static_cast<void>(tolerates({SkipReason::kTimeStepsBack,
                                     {},
                                     text,
                                     "a time that is not before the row in front of it"},
                                    &layout_.time));
        return false;
    }
    const bool any_hour = config_.on_bad[SkipReason::kOutOfSession] == BadAction::kKeep;
    if (config_.kind != CsvKind::kBar && !any_hour && !in_session(slot, t)) {
        return tolerates({SkipReason::kOutOfSession, {}, text, "a time within a session"},
                         &layout_.time);
    }
    return true;
}

bool CsvFeed::read_price(Fields row, const Slot& slot, const CsvField& field, Price& out) {
    RecordFault fault;
    const std::string_view text = row[field.index];
    if (!cells_.price(text, out, fault)) return tolerates(fault, &field);
    if (out.is_positive() || slot.negative_ok) return true;
    return tolerates(
        {SkipReason::kNegative, {}, text, "a positive price (negative_prices allows others)"},
        &field);
}

bool CsvFeed::read_quantity(Fields row, const CsvField& field, Quantity& out) {
    RecordFault fault;
    return cells_.quantity(row[field.index], out, fault) || tolerates(fault, &field);
}

void CsvFeed::read_bar(Fields row, Slot& slot, Timestamp stamp) {
    const std::optional<BarTimes> times = bar_times(row, slot, stamp);
    if (!times.has_value() || !in_range(times->start) || !takes(row, slot, stamp, times->start))
        return;
    const std::string_view text = row[layout_.time.index];
    if (slot.last_start.has_value() && times->start <= *slot.last_start) {
        const bool back = times->start < *slot.last_start;
        const SkipReason reason = back ? SkipReason::kTimeStepsBack : SkipReason::kDuplicate;
        const std::string_view expected = "a bar later than the instrument's bar before";
        if (!tolerates({reason, {}, text, expected}, &layout_.time)) return;
    }
    BarData bar;
    if (!read_price(row, slot, layout_.open, bar.open) ||
        !read_price(row, slot, layout_.high, bar.high) ||
        !read_price(row, slot, layout_.low, bar.low) ||
        !read_price(row, slot, layout_.close, bar.close)) {
        return;
    }
    if (layout_.volume.present() && !read_quantity(row, layout_.volume, bar.volume)) return;
    const bool consistent = bar.low <= bar.open && bar.open <= bar.high && bar.low <= bar.close &&
                            bar.close <= bar.high;
    if (!consistent) {
        const CsvField& field = bar.high < bar.low ? layout_.low : layout_.high;
        if (!tolerates(
                {SkipReason::kInconsistentBar, {}, row[field.index], "low <= open, close <= high"},
                &field)) {
            return;
        }
    }
    if (times->out_of_session &&
        !tolerates({SkipReason::kOutOfSession, {}, text, "a time within a session"},
                   &layout_.time)) {
        return;
    }
    slot.last_start = times->start;
    last_stamp_ = stamp;
    output_.bar(*times, slot.id, config_.stream, bar);
}

bool CsvFeed::read_side(Fields row, const Slot& slot, const CsvField& price, const CsvField& size,
                        QuoteSide& side) {
    side.empty = row[price.index].empty();
    if (side.empty && config_.empty_side == CsvEmptySide::kError) {
        return tolerates(
            {SkipReason::kMalformed, {}, {}, "a price (empty_side says what none means)"}, &price);
    }
    if (side.empty) return true;
    RecordFault fault;
    if (!cells_.price(row[price.index], side.price, fault)) return tolerates(fault, &price);
    if (!size.present()) {
        side.size_unknown = true;
    } else {
        if (!read_quantity(row, size, side.size)) return false;
        side.size_unknown = side.size.is_zero() && config_.zero_size_is_unknown;
    }
    const bool quoted = side.size_unknown || side.size.is_positive();
    if (!quoted || side.price.is_positive() || slot.negative_ok) return true;
    return tolerates({SkipReason::kNegative,
                      {},
                      row[price.index],
                      "a positive price (negative_prices allows others)"},
                     &price);
}

void CsvFeed::read_quote(Fields row, Slot& slot, Timestamp stamp) {
    Timestamp t = stamp;
    if (config_.interval.ns > 0) {
        const std::optional<BarTimes> times = bar_times(row, slot, stamp);
        if (!times.has_value()) return;
        t = times->end;
    }
    const bool unchanged = config_.empty_side == CsvEmptySide::kUnchanged;
    // Rows before `from` still tell the sides that later rows leave unchanged.
    if (!in_range(t) && !unchanged) return;
    if (!takes(row, slot, stamp, t)) return;
    QuoteSide bid;
    QuoteSide ask;
    if (!read_side(row, slot, layout_.bid, layout_.bid_size, bid) ||
        !read_side(row, slot, layout_.ask, layout_.ask_size, ask)) {
        return;
    }
    if (!bid.empty || !unchanged) {
        slot.quote.bid = bid.price;
        slot.quote.bid_quantity = bid.size;
        slot.bid_size_unknown = bid.size_unknown;
        slot.has_bid = !bid.empty;
    }
    if (!ask.empty || !unchanged) {
        slot.quote.ask = ask.price;
        slot.quote.ask_quantity = ask.size;
        slot.ask_size_unknown = ask.size_unknown;
        slot.has_ask = !ask.empty;
    }
    const bool size_unknown = slot.bid_size_unknown || slot.ask_size_unknown;
    // With unknown sizes the flag would make a quote of the side that is not known yet.
    if (!in_range(t) || (size_unknown && !(slot.has_bid && slot.has_ask))) return;
    const bool two_sided = size_unknown || (slot.quote.bid_quantity.is_positive() &&
                                            slot.quote.ask_quantity.is_positive());
    if (two_sided && slot.quote.bid > slot.quote.ask &&
        !tolerates(
            {SkipReason::kCrossed, {}, row[layout_.bid.index], "a bid that is not above the ask"},
            &layout_.bid)) {
        return;
    }
    MarketEvent event = make_quote(t, slot.id, config_.stream, slot.quote);
    if (size_unknown) event.flags |= kFlagSizeUnknown;
    last_stamp_ = stamp;
    output_.event(event);
}

void CsvFeed::read_trade(Fields row, Slot& slot, Timestamp stamp) {
    if (!in_range(stamp) || !takes(row, slot, stamp, stamp)) return;
    TradeData trade;
    if (!read_price(row, slot, layout_.price, trade.price) ||
        !read_quantity(row, layout_.quantity, trade.quantity)) {
        return;
    }
    RecordFault fault;
    if (layout_.side.present() && !cells_.side(row[layout_.side.index], trade.aggressor, fault)) {
        static_cast<void>(tolerates(fault, &layout_.side));
        return;
    }
    if (layout_.exchange.present() &&
        !CsvCells::letter(row[layout_.exchange.index], trade.exchange, fault)) {
        static_cast<void>(tolerates(fault, &layout_.exchange));
        return;
    }
    std::uint64_t number = 0;
    if (layout_.conditions.present()) {
        if (!CsvCells::unsigned_integer(row[layout_.conditions.index], 16,
                                        std::numeric_limits<std::uint32_t>::max(), number, fault)) {
            static_cast<void>(tolerates(fault, &layout_.conditions));
            return;
        }
        trade.conditions = static_cast<std::uint32_t>(number);
    }
    if (layout_.trade_id.present()) {
        const std::string_view text = row[layout_.trade_id.index];
        if (!CsvCells::unsigned_integer(text, 10, std::numeric_limits<std::uint64_t>::max(), number,
                                        fault)) {
            static_cast<void>(tolerates(fault, &layout_.trade_id));
            return;
        }
        trade.trade_id = number;
        if (number != 0 && number == slot.last_trade_id &&
            !tolerates(
                {SkipReason::kDuplicate, {}, text, "a trade id that differs from the row before"},
                &layout_.trade_id)) {
            return;
        }
        slot.last_trade_id = number;
    }
    last_stamp_ = stamp;
    output_.event(make_trade(stamp, slot.id, config_.stream, trade));
}

void CsvFeed::read_depth(Fields row, Slot& slot, Timestamp stamp) {
    if (!in_range(stamp) || !takes(row, slot, stamp, stamp)) return;
    DepthData depth;
    RecordFault fault;
    std::uint8_t side = 0;
    if (!cells_.side(row[layout_.side.index], side, fault) || side == 0) {
        if (fault.expected.empty())
            fault = {SkipReason::kMalformed, {}, {}, "the side of the level"};
        static_cast<void>(tolerates(fault, &layout_.side));
        return;
    }
    depth.side = side == 1 ? 0 : 1;
    if (!read_price(row, slot, layout_.price, depth.price) ||
        !read_quantity(row, layout_.quantity, depth.quantity)) {
        return;
    }
    if (layout_.orders.present()) {
        std::uint64_t orders = 0;
        if (!CsvCells::unsigned_integer(row[layout_.orders.index], 10,
                                        std::numeric_limits<std::uint32_t>::max(), orders, fault)) {
            static_cast<void>(tolerates(fault, &layout_.orders));
            return;
        }
        depth.orders = static_cast<std::uint32_t>(orders);
    }
    const std::string_view group =
        layout_.group.present() ? row[layout_.group.index] : std::string_view{};
    MarketEvent event = make_event(MarketEventType::kDepth, stamp, slot.id, config_.stream);
    const bool snapshot =
        layout_.snapshot.present() && row[layout_.snapshot.index] == config_.snapshot_value;
    if (snapshot && !slot.in_snapshot) {
        event.data.depth = DepthData{};
        event.data.depth.action = 1;
        emit_depth(event, group);
    }
    slot.in_snapshot = snapshot;
    last_stamp_ = stamp;
    event.data.depth = depth;
    emit_depth(event, group);
}

/// One event is held back when publications are groups, because only the row behind it tells
/// whether it was the last of its group.
void CsvFeed::emit_depth(const MarketEvent& event, std::string_view group) {
    if (!layout_.group.present()) {
        MarketEvent single = event;
        single.data.depth.last = event.data.depth.action == 1 ? 0 : 1;
        output_.event(single);
        return;
    }
    if (held_depth_.has_value()) {
        flush_depth(held_group_ != group || held_depth_->ts != event.ts ||
                    held_depth_->instrument != event.instrument);
    }
    held_depth_ = event;
    held_group_ = group;
}

void CsvFeed::flush_depth(bool last) {
    if (!held_depth_.has_value()) return;
    held_depth_->data.depth.last = last ? 1 : 0;
    output_.event(*held_depth_);
    held_depth_.reset();
}

}  // namespace fermata::csv
