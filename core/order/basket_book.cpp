#include "core/order/basket_book.hpp"

#include <algorithm>
#include <array>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/event/codec.hpp"

namespace fermata {

static_assert(sizeof(BasketBook) == 104, "BasketBook::persist must deal with every member");

BasketBook::BasketBook(std::size_t strategies) : baskets_(strategies) {
    members_.reserve(kMembersMax);
    taken_.reserve(kMembersMax);
    giving_way_.reserve(kMembersMax);
}

bool BasketBook::expects(const OrderEvent& intent) const noexcept {
    if (intent.type != OrderEventType::kNewOrder) return false;
    const NewOrderData& d = intent.data.new_order;
    return (d.flags & kOrderBasket) != 0 && collects(d.strategy) &&
           baskets_[d.strategy.value].link == d.link;
}

void BasketBook::begin(const BasketData& basket) noexcept {
    if (basket.strategy.value >= baskets_.size() || basket.count == 0) return;
    FERMATA_ASSERT(!collects(basket.strategy));
    baskets_[basket.strategy.value] = Basket{basket.link, basket.count, 0};
    ++collecting_;
}

bool BasketBook::add(const OrderEvent& intent) noexcept {
    if (!expects(intent) || members_.size() == kMembersMax ||
        intent.data.new_order.order_id.value == 0) {
        return false;
    }
    members_.push_back({intent, 0});
    ++baskets_[intent.data.new_order.strategy.value].have;
    return true;
}

bool BasketBook::complete(StrategyId s) const noexcept {
    return collects(s) && baskets_[s.value].have == baskets_[s.value].count;
}

std::span<BasketMember> BasketBook::take(StrategyId s) noexcept {
    taken_.clear();
    if (!collects(s)) return taken_;
    const auto mine = [s](const BasketMember& m) { return m.intent.data.new_order.strategy == s; };
    for (const BasketMember& m : members_) {
        if (mine(m)) taken_.push_back(m);
    }
    members_.erase(std::remove_if(members_.begin(), members_.end(), mine), members_.end());
    baskets_[s.value] = Basket{};
    --collecting_;
    return taken_;
}

void BasketBook::Basket::persist(StateArchive& a) { a.all<Basket>(link, count, have); }

void BasketBook::persist(StateArchive& a) {
    a(baskets_);
    if (a.reading()) a.require(collecting_ == 0, "baskets are read over baskets");
    members_.resize(a.count(members_.size(), kMembersMax));
    for (BasketMember& m : members_) {
        if (!a.ok()) return;
        std::array<std::byte, kOrderEventBytesMax> bytes{};
        std::size_t length = a.reading() ? 0 : encode(m.intent, bytes.data());
        length = a.count(length, bytes.size());
        for (std::size_t n = 0; n < length; ++n) a.plain(bytes[n]);
        if (!a.reading() || !a.ok()) continue;
        if (!a.require(decode(std::span(bytes).first(length), m.intent).ok() &&
                           m.intent.type == OrderEventType::kNewOrder &&
                           m.intent.data.new_order.strategy.value < baskets_.size(),
                       "a member of a basket makes no sense")) {
            return;
        }
    }
    if (!a.reading() || !a.ok()) return;
    for (std::size_t s = 0; s < baskets_.size(); ++s) {
        const Basket& b = baskets_[s];
        const auto have = static_cast<std::size_t>(std::count_if(
            members_.begin(), members_.end(),
            [s](const BasketMember& m) { return m.intent.data.new_order.strategy.value == s; }));
        a.require(b.have == have && (b.count == 0 ? have == 0 : have < b.count),
                  "a basket has other members than it says");
        collecting_ += b.count != 0 ? 1 : 0;
    }
}

}  // namespace fermata
