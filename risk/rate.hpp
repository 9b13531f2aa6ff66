#pragma once

#include <cstdint>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/repeat_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// Generic cell rate algorithm (ITU-T I.371), the virtual scheduling form, exact for every rate:
/// time is counted in 1/rate nanoseconds, in which one message takes 1e9 units.
///
/// Of any stretch of w nanoseconds, at most 1 + (w x rate + tolerance) / 1e9 messages are allowed.
/// Messages that are counted without being allowed (cancels) delay later ones, by one full burst at
/// most.
class MessageRate {
public:
    /// Allows everything.
    MessageRate() = default;
    /// `per_second` > 0. `burst` of unused rate may be saved up, of which the share `reserve` is
    /// not for messages that ask `allows`.
    MessageRate(std::int64_t per_second, Duration burst, Ratio reserve) noexcept;
    /// Other terms from now on; what went out so far weighs as much time as it did.
    void change(std::int64_t per_second, Duration burst, Ratio reserve) noexcept;

    [[nodiscard]] bool allows(Timestamp now) const noexcept {
        return rate_ == 0 || next_ <= static_cast<__int128>(now.ns) * rate_ + tolerance_;
    }
    /// One message goes out now.
    void count(Timestamp now) noexcept {
        if (rate_ == 0) return;
        const __int128 at = static_cast<__int128>(now.ns) * rate_;
        next_ = (next_ > at ? next_ : at) + kMessage;
        if (next_ > at + debt_max_) next_ = at + debt_max_;
    }

    [[nodiscard]] bool on() const noexcept { return rate_ != 0; }
    /// Messages that may go out at one instant after a pause.
    [[nodiscard]] std::int64_t burst_messages() const noexcept {
        return static_cast<std::int64_t>(tolerance_ / kMessage) + 1;
    }
    /// How many messages the burst would hold with one more now; above burst_messages() if refused.
    [[nodiscard]] std::int64_t messages_with_one_more(Timestamp now) const noexcept;
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::int64_t kMessage = 1'000'000'000;
    static constexpr __int128 kLongAgo = -(static_cast<__int128>(1) << 120);

    std::int64_t rate_ = 0;
    __int128 next_ = kLongAgo;  // theoretical arrival time of the next message
    __int128 tolerance_ = 0;
    __int128 debt_max_ = 0;
};

/// MESSAGE_RATE of every strategy and of the firm.
class MessageRates {
public:
    MessageRates(LimitTable& limits, std::size_t strategies);
    /// Limits were changed while this runs.
    void adopt(LimitTable& limits) noexcept;

    void check(const Request& r, Findings& out) const noexcept;
    /// Some rate is limited.
    [[nodiscard]] bool watches() const noexcept;
    /// A message of that strategy goes out: an approved request, any cancel, or what follows from
    /// neither.
    void count(StrategyId s, Timestamp now) noexcept;
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    std::vector<MessageRate> strategies_;
    MessageRate firm_;
};

/// DUPLICATE: ids that were used, and equal orders in a sliding window.
///
/// Ids are given in ascending order (client order ids by the trading stage, order tags by each
/// strategy), so the last one tells whether an id was used before; an id that is not newer is
/// refused. "Newer" is serial-number arithmetic (RFC 1982), which survives a day field that wraps.
/// Every attempt counts as an equal order, refused ones too: a strategy that hammers stays refused
/// until it pauses.
class Duplicates {
public:
    Duplicates(LimitTable& limits, std::size_t strategies);
    /// Limits were changed while this runs.
    void adopt(const LimitTable& limits) noexcept {
        repeats_.set_window(limits.common().duration(LimitId::kDuplicateWindow));
    }

    /// Before anything else is read for a new order: fetches what `check` will need.
    [[gnu::always_inline]] void prepare(Request& r) const noexcept {
        r.repeat_bucket = repeats_.prepare(key_of(r));
    }
    /// Looks, and takes note of the ids and of the attempt, unless it is only asked about. New
    /// orders only. A question has no client order id; the stage would give it a new one.
    void check(const Request& r, Findings& out) noexcept;
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    [[nodiscard]] static RepeatKey key_of(const Request& r) noexcept {
        return {r.strategy, r.instrument_id, r.side, r.price, r.stop_price, r.quantity};
    }
    [[nodiscard]] static bool newer(std::uint64_t id, std::uint64_t last) noexcept {
        return static_cast<std::int64_t>(id - last) > 0;
    }

    ClientOrderId last_order_;
    bool any_order_ = false;
    std::vector<OrderTag> last_tags_;  // by StrategyId, then of what closes; zero: none yet
    RepeatTable repeats_;
};

}  // namespace fermata
