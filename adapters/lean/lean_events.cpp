// What a row of a LEAN file becomes: bars, quotes and trades.

#include "adapters/lean/lean_feed.hpp"

namespace fermata::lean {

bool LeanFeed::in_session(Timestamp t) noexcept {
    if (calendar_ == nullptr) return true;
    if (session_ == nullptr || t < session_->open || t >= session_->close) {
        session_ = calendar_->session_at(t);
    }
    return session_ != nullptr;
}

/// Whether an event at `t` still has its place.
bool LeanFeed::takes(Timestamp t, std::string_view text) {
    if (output_.accepts(t)) {
        own_time_ = t;
        return true;
    }
    return tolerates({SkipReason::kTimeStepsBack, "field 1", text,
                      "a time that is not before the row in front of it"});
}

bool LeanFeed::check_positive(Price price, std::string_view text) {
    return price.is_positive() ||
           tolerates({SkipReason::kNegative, "price", text, "a positive price"});
}

template <class Data>
bool LeanFeed::adjust(Data& data,
                      Result<Data, NumberError> (Adjustment::*rule)(const Data&, Date)
                          const noexcept,
                      Date date, std::string_view text) {
    if (!adjustment_.has_value()) return true;
    const auto result = ((*adjustment_).*rule)(data, date);
    if (!result) {
        return tolerates({SkipReason::kPriceOutOfRange, "field 1", text,
                          "a row whose adjusted numbers fit 64 bits"});
    }
    data = *result;
    return true;
}

void LeanFeed::read_row(const LeanRow& row, Timestamp stamp, Date date, std::string_view text) {
    if (row.suspicious) {
        if (output_.accepts(stamp)) own_time_ = stamp;
        if (!tolerates(
                {SkipReason::kFlagged, "suspicious", text, "0: the source flags this row"})) {
            return;
        }
    }
    if (config_.data == LeanData::kQuote) {
        emit_quote(row, stamp, date, text);
    } else if (config_.resolution == LeanResolution::kTick) {
        emit_trade(row, stamp, date, text);
    } else {
        emit_bar(row, stamp, date, text);
    }
}

std::optional<BarTimes> LeanFeed::bar_times(Timestamp stamp, std::string_view text) {
    const auto times = clock_->times(stamp);
    if (times) return *times;
    static_cast<void>(tolerates(
        {SkipReason::kMalformed, "field 1", text, "a time that the instrument's calendar covers"}));
    return std::nullopt;
}

void LeanFeed::emit_bar(LeanRow row, Timestamp stamp, Date date, std::string_view text) {
    const std::optional<BarTimes> times = bar_times(stamp, text);
    if (!times.has_value() || (times->out_of_session && !config_.extended_hours)) return;
    if (!takes(times->start, text)) return;
    if (last_start_ == times->start &&
        !tolerates({SkipReason::kDuplicate, "field 1", text, "a bar later than the one before"})) {
        return;
    }
    const BarData& bar = row.bar;
    for (const Price price : {bar.open, bar.high, bar.low, bar.close}) {
        if (!price.is_positive() && !check_positive(price, text)) return;
    }
    const bool consistent = bar.low <= bar.open && bar.open <= bar.high && bar.low <= bar.close &&
                            bar.close <= bar.high;
    if (!consistent && !tolerates({SkipReason::kInconsistentBar, "prices", text,
                                   "a bar with low <= open, close <= high"})) {
        return;
    }
    if (times->out_of_session &&
        !tolerates({SkipReason::kOutOfSession, "field 1", text, "a time within a session"})) {
        return;
    }
    if (!adjust(row.bar, &Adjustment::bar, date, text)) return;
    last_start_ = times->start;
    output_.bar(*times, instrument_->id, config_.stream, row.bar);
}

void LeanFeed::emit_quote(LeanRow row, Timestamp stamp, Date date, std::string_view text) {
    Timestamp t = stamp;
    if (clock_.has_value()) {
        const std::optional<BarTimes> times = bar_times(stamp, text);
        if (!times.has_value()) return;
        if (times->out_of_session && !config_.extended_hours) return;
        t = times->end;
    } else if (!config_.extended_hours && !in_session(t)) {
        return;
    }
    if (!takes(t, text)) return;
    if (row.has_bid && !check_positive(row.quote.bid, text)) return;
    if (row.has_ask && !check_positive(row.quote.ask, text)) return;
    if (!adjust(row.quote, &Adjustment::quote, date, text)) return;
    // A tick leaves the side that it does not state; a bar that has no quote on a side says so.
    const bool tick = !clock_.has_value();
    if (row.has_bid || !tick) {
        quote_.bid = row.quote.bid;
        quote_.bid_quantity = row.quote.bid_quantity;
    }
    if (row.has_ask || !tick) {
        quote_.ask = row.quote.ask;
        quote_.ask_quantity = row.quote.ask_quantity;
    }
    // Forex has no sizes, and a bar of crypto may come without.
    const bool both = row.has_bid && row.has_ask;
    const bool size_unknown = config_.security != LeanSecurity::kEquity && both &&
                              (quote_.bid_quantity.is_zero() || quote_.ask_quantity.is_zero());
    const bool two_sided =
        size_unknown || (quote_.bid_quantity.is_positive() && quote_.ask_quantity.is_positive());
    if (two_sided && quote_.bid > quote_.ask &&
        !tolerates({SkipReason::kCrossed, "bid", text, "a bid that is not above the ask"})) {
        return;
    }
    MarketEvent event = make_quote(t, instrument_->id, config_.stream, quote_);
    if (size_unknown) event.flags |= kFlagSizeUnknown;
    output_.event(event);
}

void LeanFeed::emit_trade(LeanRow row, Timestamp stamp, Date date, std::string_view text) {
    if (!config_.extended_hours && !in_session(stamp)) return;
    if (!takes(stamp, text)) return;
    if (!check_positive(row.trade.price, text)) return;
    if (!adjust(row.trade, &Adjustment::trade, date, text)) return;
    output_.event(make_trade(stamp, instrument_->id, config_.stream, row.trade));
}

}  // namespace fermata::lean
