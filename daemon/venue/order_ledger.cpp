#include "daemon/venue/order_ledger.hpp"

#include <charconv>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata::venue {

Price VenueOrder::average_price() const noexcept {
    __int128 value = 0;
    __int128 quantity_sum = 0;
    for (const BookedFill& fill : fills) {
        value += static_cast<__int128>(fill.price.raw()) * fill.quantity.raw();
        quantity_sum += fill.quantity.raw();
    }
    if (quantity_sum == 0) return Price::zero();
    const auto average = divide_half_even(value, quantity_sum);
    return average ? Price::from_raw(*average) : Price::zero();
}

std::string OrderLedger::key(std::uint32_t firm, const std::string& client_id) {
    return std::to_string(firm) + '\001' + client_id;
}

VenueOrder& OrderLedger::add(VenueOrder order) {
    FERMATA_ASSERT(!full() && !used(order.firm, order.client_id));
    const std::size_t place = orders_.size();
    by_id_[order.id.value] = place;
    if (!order.client_id.empty()) names_[key(order.firm, order.client_id)] = place;
    return orders_.emplace_back(std::move(order));
}

void OrderLedger::name(const VenueOrder& order, const std::string& client_id) {
    if (client_id.empty()) return;
    names_.emplace(key(order.firm, client_id), by_id_.at(order.id.value));
}

VenueOrder* OrderLedger::find(ClientOrderId id) noexcept {
    const auto at = by_id_.find(id.value);
    return at == by_id_.end() ? nullptr : &orders_[at->second];
}

VenueOrder* OrderLedger::find(std::uint32_t firm, const std::string& client_id) noexcept {
    const auto at = names_.find(key(firm, client_id));
    return at == names_.end() ? nullptr : &orders_[at->second];
}

VenueOrder* OrderLedger::find_by_order_id(std::uint32_t firm, std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return nullptr;
    VenueOrder* order = find(ClientOrderId{value});
    return order == nullptr || order->firm != firm ? nullptr : order;
}

std::vector<VenueOrder*> OrderLedger::live() {
    while (first_live_ < orders_.size() && !orders_[first_live_].live()) ++first_live_;
    std::vector<VenueOrder*> live;
    for (std::size_t n = first_live_; n < orders_.size(); ++n) {
        if (orders_[n].live()) live.push_back(&orders_[n]);
    }
    return live;
}

std::string order_id_text(const VenueOrder& order) { return std::to_string(order.id.value); }

}  // namespace fermata::venue
