#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// SELF_MATCH: the firm's own resting orders, over all accounts and strategies, with the best price
/// of each side of each instrument.
///
/// Resting: live limit orders from their acceptance on; live orders with a trigger and a limit once
///          the trigger was touched or something is filled; pegged and market-to-limit orders once
///          they are sent. A pegged order that its venue moves may be anywhere up to its worst
///          price, so it rests there; one that follows from here rests where it was sent. A price
///          that nobody told is the worst there is. While a replace is pending, at the better of
///          both prices. Parents are never sent and never rest.
/// Crosses: a limit order whose price reaches the best own price of the other side; a market order
///          for which that price is no worse than the best price of the market (the quote, or the
///          last price without one). A pegged order that can come to take reaches its worst price,
///          another one the price at which it would stand now. Orders that wait for a trigger are
///          not judged: they trade later, at a price that is not known.
///
/// Memory:  fixed at construction, for 65,536 resting orders. Beyond it every new order is refused,
///          because what is not known could be crossed.
/// Cost:    constant, but for a walk over one side of one instrument after its best order left.
class OwnBook {
public:
    static constexpr std::size_t kOrdersMax = 65'536;

    /// What SELF_MATCH = 1, 2, 3 mean.
    enum class Mode : std::int64_t { kCancelBoth = 1, kCancelNewest = 2, kCancelOldest = 3 };

    OwnBook(const LimitTable& limits, std::size_t instruments);
    /// Limits were changed while this runs.
    void adopt(const LimitTable& limits) noexcept {
        mode_ = static_cast<Mode>(limits.common().raw(LimitId::kSelfMatch));
    }

    /// An order as it stands now, after anything that happened to it.
    void on_order(const Order& order) noexcept;
    /// A member of a basket was approved: it is in the books, and nothing is said of it before the
    /// whole basket was judged.
    void on_member(const Request& r) noexcept;
    /// An order that is not known to its manager any more.
    void forget(ClientOrderId id) noexcept;

    /// Requires a known instrument.
    void check(const Request& r, Findings& out) noexcept;
    /// A resting order that the request judged last would trade with and that is to be canceled:
    /// one after the other, in the order in which they came, until there is none.
    [[nodiscard]] std::optional<ClientOrderId> next_to_cancel() noexcept;
    /// Another control refused that request: nothing follows from it.
    void cancel_none() noexcept { cancel_from_ = kNone; }

    [[nodiscard]] bool watches() const noexcept { return on_; }
    /// The best own price, or nullopt.
    [[nodiscard]] std::optional<Price> best(InstrumentId i, Side side) noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        if (on_) __builtin_prefetch(&sides_[i.value * 2]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = IdIndex::kNone;
    struct Node {
        ClientOrderId id;
        Price price;  // the better one while a replace is pending
        InstrumentId instrument;
        Side side = Side::kBuy;
        std::uint32_t next = kNone;  // of the same side, in the order of arrival; or the next free
        std::uint32_t previous = kNone;
    };
    struct Rested {
        std::uint32_t first = kNone;
        std::uint32_t last = kNone;
        Price best;
        bool known = true;  // `best` is that of the list
    };

    [[nodiscard]] static IdIndex::Key key(ClientOrderId id) noexcept { return {0, id.value}; }
    [[nodiscard]] static bool better(Side side, Price a, Price b) noexcept {
        return side == Side::kBuy ? a > b : a < b;
    }
    [[nodiscard]] Rested& rested(InstrumentId i, Side side) noexcept {
        return sides_[i.value * 2 + static_cast<std::size_t>(side)];
    }
    /// The worst price at which `r` reaches an own order; nullopt when it reaches at none.
    [[nodiscard]] static std::optional<Price> reach(const Request& r) noexcept;
    /// The best price for others at which `order` may rest; nullopt when it does not.
    [[nodiscard]] static std::optional<Price> resting(const Order& order) noexcept;
    void insert(ClientOrderId id, InstrumentId i, Side side, Price price) noexcept;
    void remove(std::uint32_t at) noexcept;
    void reprice(std::uint32_t at, Price price) noexcept;

    bool on_ = false;
    Mode mode_ = Mode::kCancelNewest;
    std::vector<Node> nodes_;
    std::uint32_t free_ = kNone;
    IdIndex index_{0};
    std::vector<Rested> sides_;  // by InstrumentId, side
    // What is to be canceled for the request judged last.
    std::uint32_t cancel_from_ = kNone;
    Price cancel_at_;
};

}  // namespace fermata
