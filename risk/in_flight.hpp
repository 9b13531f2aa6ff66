#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/order/id_index.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// IN_FLIGHT: requests that were sent to a venue and not answered yet, the oldest first. One that
/// is not answered within the limit trips its instrument, once, until it is released.
///
/// Time:    of events. Whoever owns the gate asks at every event that moves the time on, before it
///          is taken in: an answer at the limit is in time.
/// Answers: a new order is answered by any report about it, a cancel and a replace when the order
///          manager does not wait for them any more. Of two placements of a sliced order the answer
///          to the second is taken for given once anything is said of the order.
/// Memory:  fixed at construction, for 65,536 requests. While all are under way every new order is
///          refused, because what is sent then could not be watched.
/// Cost:    constant for each request and for each answer.
class InFlight {
public:
    static constexpr std::size_t kRequestsMax = 65'536;

    InFlight(const LimitTable& limits, std::size_t instruments);

    /// Event time says nothing about how long an answer takes: it is never asked, nothing trips.
    /// Before the first event.
    void ignore() noexcept { on_ = false; }

    /// kSendNew, kSendCancel, kSendReplace.
    void on_sent(const OrderEvent& e) noexcept;
    /// An order as it stands now, after anything that happened to it.
    void on_order(const Order& order) noexcept;
    /// An order that its manager does not know (any more).
    void forget(OrderTag tag) noexcept;

    /// Something has waited for longer than the limit.
    [[nodiscard]] bool overdue(Timestamp now) const noexcept {
        return oldest_ != kNone && now > nodes_[oldest_].due;
    }
    struct Late {
        /// kUnanswered: detail[0] the number of the change, zero: the order itself; detail[1]
        /// nanoseconds since it was sent.
        OrderEvent alert;
        bool trips = false;
    };
    /// Requires overdue(). The oldest one, which is not waited for any more.
    [[nodiscard]] Late next(Timestamp now) noexcept;

    void release(InstrumentId i) noexcept {
        if (i.value < tripped_.size()) tripped_[i.value] = 0;
    }
    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept {
        if (!on_) return;
        out.checked(ControlId::kInFlight);
        if (tripped_[r.instrument_id.value] != 0) {
            out.refuse(ControlId::kInFlight, Scope::kInstrument, Fault::kTripped);
        } else if (free_ == kNone) {
            out.refuse(ControlId::kInFlight, Scope::kInstrument, Fault::kTooManyOrders);
        }
    }
    [[nodiscard]] bool watches() const noexcept { return on_; }
    [[nodiscard]] Duration limit() const noexcept { return limit_; }
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = IdIndex::kNone;
    enum class Kind : std::uint8_t { kNew = 0, kCancel = 1, kReplace = 2 };
    static constexpr int kKinds = 3;
    struct Node {
        OrderTag tag;
        ClientOrderId id;
        std::uint64_t change = 0;
        Timestamp due;
        InstrumentId instrument;
        StrategyId strategy;
        AccountId account;
        std::uint32_t next = kNone;  // sent later; or the next free one
        std::uint32_t previous = kNone;
        Kind kind = Kind::kNew;
        void persist(StateArchive& a);
    };

    [[nodiscard]] static IdIndex::Key key(Kind kind, OrderTag tag) noexcept {
        return {static_cast<std::uint32_t>(kind), tag.value};
    }
    void insert(const Node& node) noexcept;
    void remove(std::uint32_t at) noexcept;
    void answered(Kind kind, OrderTag tag) noexcept {
        if (waiting_[static_cast<std::size_t>(kind)] == 0) return;
        const std::uint32_t at = index_.find(key(kind, tag));
        if (at != kNone) remove(at);
    }

    Duration limit_;
    bool on_;
    std::vector<std::uint8_t> tripped_;  // by InstrumentId
    std::vector<Node> nodes_;
    IdIndex index_{0};
    std::uint32_t oldest_ = kNone;
    std::uint32_t newest_ = kNone;
    std::uint32_t free_ = kNone;
    std::array<std::uint32_t, kKinds> waiting_{};  // by Kind
};

}  // namespace fermata
