#include "research/trade_ledger.hpp"

#include <algorithm>
#include <cmath>

#include "core/indicator/to_double.hpp"

namespace fermata {
namespace {

/// Units of the underlying per unit of quantity.
double units_of(const Instrument& instrument) noexcept {
    return static_cast<double>(instrument.multiplier.raw()) / Multiplier::kOne;
}

}  // namespace

void TradeLedger::OpenTrade::excursion(double price) noexcept {
    if (cost == 0) return;  // a fraction of nothing
    const double gain = sign(trade.side) * (price - cost) / std::fabs(cost);
    trade.mfe = std::max(trade.mfe, gain);
    trade.mae = std::max(trade.mae, -gain);
}

void TradeLedger::on_fill(Timestamp ts, InstrumentId instrument, const FillData& fill) {
    const Key key{instrument, fill.strategy};
    const double quantity = to_double(fill.quantity);
    const double fee = to_double(fill.fee);
    const double after = to_double(fill.strategy_position_after);
    const double before =
        to_double(fill.side == Side::kBuy ? fill.strategy_position_after - fill.quantity
                                          : fill.strategy_position_after + fill.quantity);
    follow(key, std::fabs(before));
    if (before * sign(fill.side) >= 0) {
        traded_value_ += increase(key, ts, fill.side, to_double(fill.price), quantity, fee);
        return;
    }
    const double reduced = std::min(quantity, std::fabs(before));
    const double share = reduced / quantity;
    reduce(key, ts, fill, reduced, fee * share);
    if (before * after < 0) {
        traded_value_ += increase(key, ts, fill.side, to_double(fill.price), quantity - reduced,
                                  fee * (1 - share));
    }
}

void TradeLedger::on_opening(InstrumentId instrument, const PositionData& lot) {
    const Side side = lot.lot.is_positive() ? Side::kBuy : Side::kSell;
    (void)increase({instrument, lot.strategy}, lot.opened, side, to_double(lot.cost),
                   std::fabs(to_double(lot.lot)), 0);
}

void TradeLedger::follow(const Key& key, double held) {
    const auto place = open_.find(key);
    if (place == open_.end()) return;
    place->second.quantity = held;
    if (held == 0) close(place);
}

void TradeLedger::close(Open::iterator place) {
    place->second.trade.exit = place->second.changed;
    closed_.push_back(place->second.trade);
    open_.erase(place);
}

double TradeLedger::increase(const Key& key, Timestamp ts, Side side, double price, double quantity,
                             double fee) {
    const auto [place, is_new] = open_.try_emplace(key);
    OpenTrade& open = place->second;
    if (is_new) {
        open.trade.instrument = key.first;
        open.trade.strategy = key.second;
        open.trade.side = side;
        open.trade.entry = ts;
    }
    const double value = price * quantity * units_of(instruments_[key.first]);
    open.cost = (open.cost * open.quantity + price * quantity) / (open.quantity + quantity);
    open.quantity += quantity;
    open.changed = ts;
    open.trade.entry_value += std::fabs(value);
    open.trade.fees += fee;
    open.trade.profit -= fee;
    open.excursion(price);
    return std::fabs(value);
}

void TradeLedger::reduce(const Key& key, Timestamp ts, const FillData& fill, double quantity,
                         double fee) {
    const auto place = open_.find(key);
    if (place == open_.end()) return;  // a position from before the run: its entry is unknown
    OpenTrade& open = place->second;
    const double price = to_double(fill.price);
    const double units = quantity * units_of(instruments_[key.first]);
    open.quantity -= quantity;
    open.trade.exit_value += std::fabs(price * units);
    open.trade.fees += fee;
    open.trade.profit += sign(open.trade.side) * (price - open.cost) * units - fee;
    open.excursion(price);
    traded_value_ += std::fabs(price * units);
    open.changed = ts;
    if (open.quantity == 0) close(place);
}

void TradeLedger::on_prices(InstrumentId instrument, Price low, Price high) {
    const auto [first, end] = range(instrument);
    for (auto held = first; held != end; ++held) {
        held->second.excursion(to_double(low));
        held->second.excursion(to_double(high));
    }
}

void TradeLedger::on_corporate_action(Timestamp ts, InstrumentId instrument,
                                      const CorporateActionData& action) {
    const auto [first, end] = range(instrument);
    for (auto held = first; held != end; ++held) {
        OpenTrade& open = held->second;
        open.changed = ts;
        if (action.kind == CorporateActionKind::kSplit) {
            const double factor =
                static_cast<double>(action.numerator) / static_cast<double>(action.denominator);
            open.quantity *= factor;
            open.cost /= factor;
            continue;
        }
        const double income = sign(open.trade.side) * open.quantity * to_double(action.cash) *
                              units_of(instruments_[instrument]);
        open.trade.income += income;
        open.trade.profit += income;
    }
}

std::vector<Trade> TradeLedger::open() const {
    std::vector<Trade> trades;
    trades.reserve(open_.size());
    for (const auto& [key, held] : open_) trades.push_back(held.trade);
    return trades;
}

}  // namespace fermata
