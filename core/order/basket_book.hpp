#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// A numbered order that waits for the rest of its basket.
struct BasketMember {
    OrderEvent intent;
    std::uint64_t failed = 0;  ///< What refused it, once it was judged.
};

/// Baskets that are not complete yet. All orders of a basket are judged together, in their order,
/// and accepted only if all pass.
///
/// A strategy announces a basket with its link and the number of its orders and sends these next,
/// with the flag kOrderBasket and that link; one basket at a time. Whatever else it sends before
/// the basket is complete ends it, as does the end of a session: then its orders are denied with
/// kBasket. An order that says it belongs to a basket which was not announced is denied likewise.
///
/// Owner:  the trading stage.
/// Memory: fixed at construction; a basket that does not fit in is never complete.
class BasketBook {
public:
    static constexpr std::size_t kMembersMax = 1024;  ///< Of all strategies together.

    explicit BasketBook(std::size_t strategies);

    [[nodiscard]] bool any() const noexcept { return collecting_ != 0; }
    [[nodiscard]] bool collects(StrategyId s) const noexcept {
        return collecting_ != 0 && s.value < baskets_.size() && baskets_[s.value].count != 0;
    }
    /// The intent is the next order of its sender's basket.
    [[nodiscard]] bool expects(const OrderEvent& intent) const noexcept;
    /// The sender collects none. Nothing happens for a basket of no orders.
    void begin(const BasketData& basket) noexcept;
    /// False: it belongs to no basket that is being collected, or there is no room for it.
    [[nodiscard]] bool add(const OrderEvent& intent) noexcept;
    [[nodiscard]] bool complete(StrategyId s) const noexcept;
    /// What a sender's basket has so far, in the order in which it came; the basket is over. Valid
    /// until the next call of `add` or `take`.
    [[nodiscard]] std::span<BasketMember> take(StrategyId s) noexcept;

    /// A resting order that is to give way to the basket in hand, if that passes. What finds no
    /// room is false: then it has to give way at once.
    [[nodiscard]] bool give_way(ClientOrderId id) noexcept {
        if (giving_way_.size() == giving_way_.capacity()) return false;
        giving_way_.push_back(id);
        return true;
    }
    [[nodiscard]] std::span<const ClientOrderId> giving_way() const noexcept { return giving_way_; }
    void forget_giving_way() noexcept { giving_way_.clear(); }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Basket {
        std::uint32_t link = 0;
        std::uint32_t count = 0;  // announced; 0: none
        std::uint32_t have = 0;
        void persist(StateArchive& a);
    };

    std::vector<Basket> baskets_;        // by StrategyId
    std::vector<BasketMember> members_;  // of all baskets, as they came
    std::vector<BasketMember> taken_;
    std::vector<ClientOrderId> giving_way_;  // within one event
    std::uint32_t collecting_ = 0;
};

}  // namespace fermata
