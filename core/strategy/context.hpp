#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/strategy/account_view.hpp"
#include "core/strategy/order_request.hpp"
#include "core/strategy/sizing.hpp"
#include "core/strategy/strategy.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

class AlgoDesk;
class ShardStage;
class StateArchive;

/// Groups of tags that a call sent together.
struct BracketTags {
    OrderTag entry, stop, target;
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
    /// Asks the gate what it would say to such an order, rounded as submit does; nothing is sent.
    /// The answer comes as on_preview, under the tag that is returned; tags are of one row with
    /// those of orders. It is what the gate would say at the moment at which the question reaches
    /// it, and binds nobody: an order that is sent then is judged again. Questions go the way of
    /// orders, so one that is asked before an order is answered before it, and count against no
    /// rate; at most kPreviewsMax at one instant, further ones are not asked and return OrderTag{}.
    OrderTag preview(const OrderRequest& request) noexcept;
    static constexpr std::uint32_t kPreviewsMax = 64;
    /// A number for a group of linked orders, new for this strategy.
    [[nodiscard]] std::uint32_t new_link() noexcept { return ++links_; }
    /// An entry with a stop and a target that begin to work as it fills, as far as it filled, and
    /// of which each ends as the other fills.
    BracketTags submit_bracket(const OrderRequest& entry, Price stop, Price target) noexcept;
    /// Orders that the gate passes all together or not at all. Their links are replaced by the
    /// basket's; the tags ascend from the one returned. At least one, at most 0xffff.
    OrderTag submit_basket(std::span<const OrderRequest> orders) noexcept;
    /// Asks to cancel or to change a live order; ignored by the order manager if it is terminal.
    void cancel(OrderTag tag) noexcept;
    void replace(OrderTag tag, const OrderTerms& terms) noexcept;
    /// Asks to cancel every order of this strategy that is open.
    void cancel_all() noexcept;
    /// Puts an event of an execution algorithm (kAlgo, kAlgoReport, kRoute) on record.
    void record(OrderEvent event) noexcept;
    /// From now on nothing new: cancels every open order, waits until all are over, closes what is
    /// left of every position at the market with reduce-only orders, and again until nothing is
    /// left. Orders sent in the meantime are ignored. There is no way back.
    void wind_down() noexcept;
    [[nodiscard]] bool winding_down() const noexcept { return winding_down_; }
    /// It is winding down, no order is open and no position left.
    [[nodiscard]] bool wound_down() const noexcept;
    /// Asks for on_timer(timer_id) at `due`. Timers with the same id are independent. Ids are below
    /// 2^60.
    void set_timer(std::uint64_t timer_id, Timestamp due) noexcept;

    /// This strategy's own position, signed.
    [[nodiscard]] Quantity position(InstrumentId id) const noexcept;
    /// Average cost of a unit of the position that it began with (`accounts[].positions`); zero
    /// without one.
    [[nodiscard]] Price opening_cost(InstrumentId id) const noexcept;
    /// This strategy's orders that are not terminal, in all or in one instrument; without those of
    /// its managed exits and without the children of its algorithms.
    [[nodiscard]] std::uint32_t open_orders() const noexcept { return open_orders_; }
    [[nodiscard]] std::uint32_t open_orders(InstrumentId id) const noexcept;
    [[nodiscard]] AccountId account_id() const noexcept { return account_id_; }
    /// The newest price that the shard has seen: the mid of a quote, else the last trade or close;
    /// zero before the first.
    [[nodiscard]] Price mark(InstrumentId id) const noexcept;
    /// The stream of the market event in hand.
    [[nodiscard]] StreamId stream() const noexcept;
    /// The strategy's execution algorithms.
    [[nodiscard]] AlgoDesk& algorithms() noexcept { return *desk_; }
    /// The account that it trades in, shared with the other strategies of that account.
    [[nodiscard]] const AccountView& account() const noexcept { return *account_; }
    /// The configured sizing at `price`, in whole lots, never negative.
    [[nodiscard]] Quantity size(InstrumentId id, Price price) const noexcept;

    /// For the shard's snapshot.
    void persist(StateArchive& a);

private:
    friend class ShardStage;
    struct OpenOrder {
        OrderTag tag;
        InstrumentId instrument;
        std::uint8_t managed = 0;  // by an exit or an algorithm
        std::uint8_t closing = 0;  // sent by wind_down
        void persist(StateArchive& a);
    };
    OrderTag send(const OrderRequest& request, std::uint8_t extra_flags) noexcept;
    [[nodiscard]] NewOrderData next_order(const OrderRequest& request) noexcept;
    void on_over(OrderTag tag) noexcept;
    void on_again(OrderTag tag, InstrumentId instrument, std::uint8_t flags) noexcept;
    void on_action(InstrumentId id, const MarketEvent& e) noexcept;
    void go_on_winding_down() noexcept;
    ShardStage* shard_ = nullptr;
    StrategyId id_;
    AccountId account_id_;
    VenueId venue_;
    SizingModel sizing_;
    AccountView* account_ = nullptr;
    AlgoDesk* desk_ = nullptr;
    std::vector<InstrumentId> instruments_;
    std::vector<Quantity> positions_;  // by InstrumentId
    std::vector<std::uint32_t> open_by_instrument_;
    std::uint32_t open_orders_ = 0;
    std::uint64_t orders_sent_ = 0;
    std::uint64_t timers_set_ = 0;
    std::vector<OpenOrder> open_;  // ascending tags
    std::uint32_t links_ = 0;
    static constexpr int kTimerIdBits = 60;
    static constexpr Duration kCloseAgainAfter = Duration::seconds(1);
    std::uint8_t caller_ = 0;  // which of the slot's parts is being called: owns its timers
    bool winding_down_ = false;
    std::uint32_t previews_ = 0;  // asked at previewed_
    Timestamp previewed_{0};
    Timestamp close_again_{0};  // winding down: a refused close is not sent again before
};

}  // namespace fermata
