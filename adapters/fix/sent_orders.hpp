#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/fix/order_text.hpp"
#include "core/event/order_event.hpp"
#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"

namespace fermata::fix {

/// What FIX asks for about an order beside its id, and which of its requests the venue accepted
/// last: that one is what the next request calls OrigClOrdID.
struct SentOrder {
    ClientOrderId id;
    Quantity quantity;
    Quantity cumulative_quantity;
    Quantity leaves_quantity;
    Price price;
    Price stop_price;
    Timestamp expire_time;
    std::uint32_t accepted = 0;  ///< Change; 0: the order itself.
    InstrumentId instrument;
    AccountId account;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;  ///< OrderFlag bits.
    bool acknowledged = false;
    bool over = false;  ///< Nothing of it is open any more.
};

/// Which request a MsgSeqNum carried.
struct SentRequest {
    std::uint64_t sequence = 0;
    RequestId id;
    OrderEventType type = OrderEventType::kNone;
};

/// The orders of one link that are open, and as many that are over as there is room for: a fill may
/// come late.
///
/// Owner:  the loop that sends.
/// Memory: fixed at construction.
class SentOrders {
public:
    /// `capacity` open orders at most. Of the last `requests` (a power of two) messages it is known
    /// what they asked for.
    explicit SentOrders(std::size_t capacity, std::size_t requests = 16'384);

    /// nullptr when it is not known.
    [[nodiscard]] SentOrder* find(ClientOrderId id) noexcept;
    /// Forgets the oldest order that is over, where there is no room. nullptr when too many are
    /// open, or the id is known.
    [[nodiscard]] SentOrder* insert(const SentOrder& order) noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

    void note(const SentRequest& request) noexcept {
        requests_[request.sequence & (requests_.size() - 1)] = request;
    }
    /// nullptr when it was too long ago, or no request.
    [[nodiscard]] const SentRequest* request(std::uint64_t sequence) const noexcept {
        const SentRequest& r = requests_[sequence & (requests_.size() - 1)];
        return r.sequence == sequence && r.type != OrderEventType::kNone ? &r : nullptr;
    }

private:
    std::vector<SentOrder> slots_;
    std::vector<SentRequest> requests_;
    IdIndex index_;
    std::size_t next_ = 0;  // the slot after the newest
};

}  // namespace fermata::fix
