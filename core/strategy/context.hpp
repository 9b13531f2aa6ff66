#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/strategy/account_view.hpp"
#include "core/strategy/strategy.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

class ShardStage;
class StateArchive;

/// A new order as a strategy asks for it.
struct OrderRequest {
    InstrumentId instrument;
    Side side = Side::kBuy;
    Quantity quantity;
    OrderType type = OrderType::kMarket;
    Price price{};       ///< Limit price (limit, stop-limit).
    Price stop_price{};  ///< Trigger (stop, stop-limit).
    TimeInForce tif = TimeInForce::kGtc;
    Timestamp expire_time{};  ///< GTD only.
};

/// New terms for a live order; all three are absolute.
struct OrderTerms {
    Quantity quantity;
    Price price{};
    Price stop_price{};
};

/// How a strategy turns a signal into a quantity.
struct Sizing {
    enum class Type : std::uint8_t {
        kFixed,    ///< `quantity` units.
        kValue,    ///< `value` in the instrument's currency, whole lots, rounded down.
        kPercent,  ///< `fraction` of the account's equity, whole lots, rounded down.
    };
    Type type = Type::kFixed;
    Quantity quantity = Quantity::from_units(1);
    Money value;
    Ratio fraction;
};

/// What a strategy sees of its world and how it acts on it. One per strategy, owned by its shard.
class StrategyContext {
public:
    /// Timestamp of the event in hand.
    [[nodiscard]] Timestamp now() const noexcept;
    [[nodiscard]] StrategyId id() const noexcept { return id_; }
    /// Subscribed instruments, in the order of the configuration.
    [[nodiscard]] std::span<const InstrumentId> instruments() const noexcept {
        return instruments_;
    }
    [[nodiscard]] const Instrument& instrument(InstrumentId id) const noexcept;

    /// Sends an order to the gate. The answer comes as on_order (Denied, Rejected, New ...) and
    /// on_fill. Returns the tag under which this strategy knows the order.
    OrderTag submit(const OrderRequest& request) noexcept;
    /// Asks to cancel or to change a live order; ignored by the order manager if it is terminal.
    void cancel(OrderTag tag) noexcept;
    void replace(OrderTag tag, const OrderTerms& terms) noexcept;
    /// Asks for on_timer(timer_id) at `due`. Timers with the same id are independent.
    void set_timer(std::uint64_t timer_id, Timestamp due) noexcept;

    /// This strategy's own position, signed.
    [[nodiscard]] Quantity position(InstrumentId id) const noexcept;
    /// This strategy's orders that are not terminal, in all or in one instrument.
    [[nodiscard]] std::uint32_t open_orders() const noexcept { return open_orders_; }
    [[nodiscard]] std::uint32_t open_orders(InstrumentId id) const noexcept;
    /// The account that it trades in, shared with the other strategies of that account.
    [[nodiscard]] const AccountView& account() const noexcept { return *account_; }
    /// The configured sizing at `price`, in whole lots, never negative.
    [[nodiscard]] Quantity size(InstrumentId id, Price price) const noexcept;

    /// For the shard's snapshot.
    void persist(StateArchive& a);

private:
    friend class ShardStage;
    ShardStage* shard_ = nullptr;
    StrategyId id_;
    AccountId account_id_;
    VenueId venue_;
    Sizing sizing_;
    AccountView* account_ = nullptr;
    std::vector<InstrumentId> instruments_;
    std::vector<Quantity> positions_;  // by InstrumentId
    std::vector<std::uint32_t> open_by_instrument_;
    std::uint32_t open_orders_ = 0;
    std::uint64_t orders_sent_ = 0;
    std::uint64_t timers_set_ = 0;
};

}  // namespace fermata
