#include "core/order/exposure.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/order/linked_shares.hpp"

namespace fermata {
namespace {

/// How much one share of a sum may come to: the maximum minus all other shares.
template <class F>
F room(F sum, F own) {
    return F::max() - (sum - own);
}

}  // namespace

ExposureBook::ExposureBook(const InstrumentTable& instruments, std::size_t accounts,
                           std::size_t strategies, const std::vector<VenueCapabilities>& venues)
    : instruments_(instruments),
      currencies_(instruments.currencies().size()),
      exposures_(accounts * instruments.size()),
      reserved_(accounts * currencies_),
      firm_(instruments.size()),
      strategy_orders_(strategies),
      account_orders_(accounts) {
    for (const VenueCapabilities& v : venues) {
        counts_reduce_only_.push_back(v.has(kVenueReduceOnly) ? 0 : 1);
    }
}

Quantity ExposureBook::counted_once(const SharingGroup& group) const noexcept {
    return shares_ != nullptr ? shares_->counted(group) : Quantity::zero();
}

void ExposureBook::share(const Order& order, Quantity change) noexcept {
    Exposure& e = exposures_[index(order.account, order.instrument)];
    (order.side == Side::kBuy ? e.buy_shared : e.sell_shared) += change;
}

bool ExposureBook::fits(const Order& order, ExposureShare before,
                        ExposureShare after) const noexcept {
    const ExposureShare most = limited(order, before, after);
    return most.quantity == after.quantity && most.value == after.value;
}

ExposureShare ExposureBook::limited(const Order& order, ExposureShare before,
                                    ExposureShare after) const noexcept {
    const Exposure& e = at(order.account, order.instrument);
    if (order.side == Side::kSell) {
        return {std::min(after.quantity, room(e.sell, before.quantity)),
                std::min(after.value, room(e.sell_value, before.value))};
    }
    const Money reserve = room(reserved_[reserve_index(order)], before.value);
    return {std::min(after.quantity, room(e.buy, before.quantity)),
            std::min({after.value, room(e.buy_value, before.value), reserve})};
}

void ExposureBook::open(const Order& order, ExposureShare share) noexcept {
    Exposure& e = exposures_[index(order.account, order.instrument)];
    ++(order.side == Side::kBuy ? e.buy_orders : e.sell_orders);
    ++strategy_orders_[order.strategy.value];
    ++account_orders_[order.account.value];
    ++open_orders_;
    change(order, ExposureShare{}, share);
}

void ExposureBook::change(const Order& order, ExposureShare before, ExposureShare after) noexcept {
    Exposure& e = exposures_[index(order.account, order.instrument)];
    const Quantity quantity = after.quantity - before.quantity;
    const Money value = after.value - before.value;
    firm_[order.instrument.value] += quantity.raw();
    if (order.side == Side::kSell) {
        e.sell += quantity;
        e.sell_value += value;
        return;
    }
    e.buy += quantity;
    e.buy_value += value;
    reserved_[reserve_index(order)] += value;
}

void ExposureBook::close(const Order& order, ExposureShare share) noexcept {
    change(order, share, ExposureShare{});
    Exposure& e = exposures_[index(order.account, order.instrument)];
    std::uint32_t& orders = order.side == Side::kBuy ? e.buy_orders : e.sell_orders;
    FERMATA_ASSERT(orders > 0 && open_orders_ > 0);
    --orders;
    --strategy_orders_[order.strategy.value];
    --account_orders_[order.account.value];
    --open_orders_;
}

}  // namespace fermata
