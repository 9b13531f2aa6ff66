#include "daemon/replay/result_files.hpp"

#include "risk/controls.hpp"

namespace fermata {
namespace {

constexpr std::string_view kOrdersHeader =
    "ts_ns,order_id,strategy,account,instrument,side,type,tif,quantity,price,stop_price,state,"
    "cumulative_quantity,leaves_quantity,average_price,reason,failed_controls";
constexpr std::string_view kFillsHeader =
    "ts_ns,instrument,strategy,side,quantity,price,commission,cash_after,position_after,"
    "strategy_position_after,realized,account,order_id,exec_id,liquidity";

std::unique_ptr<Hasher> make(const HasherFactory& factory) { return factory ? factory() : nullptr; }

std::string_view name_of(Liquidity liquidity) {
    switch (liquidity) {
        case Liquidity::kMaker:
            return "maker";
        case Liquidity::kTaker:
            return "taker";
        case Liquidity::kUnknown:
            break;
    }
    return "";
}

bool has_limit(OrderType type) { return has_limit_price(type); }
bool has_stop(OrderType type) { return has_stop_price(type); }

/// Average price of the fills: gross value / (quantity x multiplier), rounded to the price's
/// resolution.
std::string average_price(const OrderUpdateData& update, const Instrument& instrument) {
    if (!update.cumulative_quantity.is_positive()) return {};
    // Money 1e-6 x 1e11 -> price 1e-9 x quantity 1e-8, with the multiplier in 1e-8 on both sides.
    const __int128 numerator = static_cast<__int128>(update.average_value.raw()) * 100'000'000'000;
    const auto units = divide_half_even(
        static_cast<__int128>(update.cumulative_quantity.raw()) * instrument.multiplier.raw(),
        Multiplier::kOne);
    if (!units || *units <= 0) return {};
    const auto price = divide_half_even(numerator, *units);
    return price ? to_string(Price::from_raw(*price)) : std::string{};
}

}  // namespace

ResultFiles::ResultFiles(const std::filesystem::path& dir, const RunNames& names,
                         const HasherFactory& hasher)
    : names_(names),
      orders_(dir / "orders.csv", kOrdersHeader, make(hasher)),
      fills_(dir / "fills.csv", kFillsHeader, make(hasher)) {}

void ResultFiles::on_record(const OrderEvent& e) {
    switch (e.type) {
        case OrderEventType::kNewOrder:
            ++counts_.orders;
            break;
        case OrderEventType::kFill:
            on_fill(e);
            break;
        case OrderEventType::kOrderUpdate:
            on_update(e);
            break;
        case OrderEventType::kAlert:
            ++counts_.alerts;
            if (e.data.alert.code == AlertCode::kFeedSkipped) ++counts_.skipped_records;
            break;
        default:
            break;
    }
}

void ResultFiles::on_fill(const OrderEvent& e) {
    const FillData& fill = e.data.fill;
    ++counts_.fills;
    fills_.field(e.ts.ns)
        .field(names_.instrument(e.instrument))
        .field(names_.strategy(fill.strategy))
        .field(name(fill.side))
        .field(fill.quantity)
        .field(fill.price)
        .field(fill.fee)
        .field(fill.cash_after)
        .field(fill.position_after)
        .field(fill.strategy_position_after)
        .field(fill.realized)
        .field(names_.account(fill.account))
        .field(fill.order_id.value)
        .field(fill.exec_id.value)
        .field(name_of(fill.liquidity))
        .end_row();
}

void ResultFiles::on_update(const OrderEvent& e) {
    const OrderUpdateData& update = e.data.update;
    if (is_terminal(update.state) && !is_terminal(update.previous)) {
        counts_.denied_orders += update.state == OrderState::kDenied ? 1 : 0;
        counts_.rejected_orders +=
            update.state == OrderState::kDenied || update.state == OrderState::kRejected ? 1 : 0;
        counts_.canceled_orders += update.state == OrderState::kCanceled ? 1 : 0;
        counts_.expired_orders += update.state == OrderState::kExpired ? 1 : 0;
        for (std::size_t bit = 0; bit < 64; ++bit) {
            if ((update.failed >> bit & 1) != 0) ++counts_.denied_by_control[bit];
        }
    }
    orders_.field(e.ts.ns)
        .field(update.order_id.value)
        .field(names_.strategy(update.strategy))
        .field(names_.account(update.account))
        .field(names_.instrument(e.instrument))
        .field(name(update.side))
        .field(name(update.type))
        .field(name(update.tif))
        .field(update.quantity);
    has_limit(update.type) ? orders_.field(update.price) : orders_.field(std::string_view{});
    has_stop(update.type) ? orders_.field(update.stop_price) : orders_.field(std::string_view{});
    orders_.field(name(update.state))
        .field(update.cumulative_quantity)
        .field(update.leaves_quantity);
    orders_.field(names_.instruments->contains(e.instrument)
                      ? average_price(update, (*names_.instruments)[e.instrument])
                      : std::string{});
    orders_.field(update.reason == OrderReason::kNone ? std::string_view{} : name(update.reason));
    std::string controls;
    for (int bit = 0; bit < kControlCount; ++bit) {
        if ((update.failed >> bit & 1) == 0) continue;
        if (!controls.empty()) controls.push_back(' ');
        controls.append(control(static_cast<ControlId>(bit)).code);
    }
    orders_.field(controls).end_row();
}

RunHashes ResultFiles::close() { return RunHashes{fills_.close(), orders_.close()}; }

void write_positions(const std::filesystem::path& dir, const RunNames& names,
                     const AccountBook& accounts) {
    CsvFile file(dir / "positions.csv",
                 "scope,name,instrument,quantity,mark,value,cost,realized,unrealized", nullptr);
    for (std::size_t i = 0; i < names.instruments->size(); ++i) {
        const InstrumentId id{static_cast<std::uint32_t>(i)};
        const auto mark = accounts.mark(id);
        for (std::size_t a = 0; a < accounts.accounts(); ++a) {
            const AccountId account{static_cast<std::uint16_t>(a)};
            const Money realized = accounts.realized(account, id, CostMethod::kAverage);
            if (accounts.position(account, id).is_zero() && realized.is_zero()) continue;
            file.field("account").field(names.account(account)).field(names.instrument(id));
            file.field(accounts.position(account, id));
            mark ? file.field(*mark) : file.field(std::string_view{});
            file.field(accounts.position_value(account, id))
                .field(accounts.cost(account, id, CostMethod::kAverage))
                .field(realized)
                .field(accounts.unrealized(account, id, CostMethod::kAverage))
                .end_row();
        }
        for (std::size_t s = 0; s < accounts.strategies(); ++s) {
            const StrategyId strategy{static_cast<std::uint16_t>(s)};
            const Quantity quantity = accounts.strategy_position(strategy, id);
            if (quantity.is_zero()) continue;
            file.field("strategy").field(names.strategy(strategy)).field(names.instrument(id));
            file.field(quantity);
            for (int empty = 0; empty < 5; ++empty) file.field(std::string_view{});
            file.end_row();
        }
    }
    file.close();
}

}  // namespace fermata
