#include "daemon/replay/result_files.hpp"

#include "core/event/order_event.hpp"

namespace fermata {
namespace {

constexpr std::string_view kFillsHeader =
    "ts_ns,instrument,strategy,side,quantity,price,commission,cash_after,position_after,"
    "strategy_position_after,realized,account,order_id,exec_id,liquidity";

std::unique_ptr<Hasher> make(const HasherFactory& factory) { return factory ? factory() : nullptr; }

}  // namespace

ResultFiles::ResultFiles(const std::filesystem::path& dir, const RunNames& names,
                         const HasherFactory& hasher)
    : names_(names),
      orders_(dir, names, make(hasher)),
      executions_(dir, names, make(hasher)),
      algos_(dir, names, orders_),
      fills_(dir / "fills.csv", kFillsHeader, make(hasher)) {}

void ResultFiles::on_record(const OrderEvent& e) {
    orders_.on_record(e);
    executions_.on_record(e);
    algos_.on_record(e);
    switch (e.type) {
        case OrderEventType::kNewOrder:
            ++counts_.orders;
            break;
        case OrderEventType::kFill:
            on_fill(e);
            break;
        case OrderEventType::kOrderUpdate:
            count_end(e.data.update);
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
        .field(liquidity_name(fill.liquidity))
        .end_row();
}

void ResultFiles::count_end(const OrderUpdateData& update) {
    if (!is_terminal(update.state) || is_terminal(update.previous)) return;
    counts_.denied_orders += update.state == OrderState::kDenied ? 1 : 0;
    counts_.rejected_orders +=
        update.state == OrderState::kDenied || update.state == OrderState::kRejected ? 1 : 0;
    counts_.canceled_orders += update.state == OrderState::kCanceled ? 1 : 0;
    counts_.expired_orders += update.state == OrderState::kExpired ? 1 : 0;
    for (std::size_t bit = 0; bit < 64; ++bit) {
        if ((update.failed >> bit & 1) != 0) ++counts_.denied_by_control[bit];
    }
}

RunHashes ResultFiles::close() {
    algos_.close();
    return {fills_.close(), orders_.close(), executions_.close()};
}

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
