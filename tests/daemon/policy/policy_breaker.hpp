#pragma once

/// A strategy that tries to break every rule of the risk policy, day after day: orders of all kinds
/// and sizes, whatever was refused before and whatever state it was told to be in.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/registry.hpp"
#include "risk/controls.hpp"

namespace fermata::test {

/// Seeded; a function of its events. Not for snapshots.
class PolicyBreaker final : public Strategy {
public:
    /// `shorts`: it sells what it does not hold, too.
    PolicyBreaker(std::uint64_t seed, bool shorts) : random_(seed), shorts_(shorts) {}

    void on_session(StrategyContext& context, InstrumentId id, bool open) override {
        if (!open) return;
        const auto minute = static_cast<std::int64_t>(id.value) + 1;
        context.set_timer(kAttack | id.value, context.now() + Duration::minutes(minute));
        if (id == context.instruments().front()) {
            lost_ = context.account().equity() < equity_;
            equity_ = context.account().equity();
        }
    }
    void on_timer(StrategyContext& context, std::uint64_t timer) override {
        const InstrumentId id{static_cast<std::uint32_t>(timer & 0xffff)};
        if ((timer & kEnlarge) != 0) {
            enlarge(context, id);
        } else {
            attack(context, id);
        }
    }
    /// At the close, too, when some marks are of this instant and some of yesterday.
    void on_bar(StrategyContext& context, InstrumentId id, const BarData&) override {
        if (random_.below(4) == 0) attack(context, id);
    }
    /// Whatever was refused is tried again at half the size, down to what just fits.
    void on_order(StrategyContext& context, InstrumentId, const OrderUpdateData& update) override {
        if (update.state != OrderState::kDenied) return;
        if ((update.failed & bit(ControlId::kDrawdown)) != 0) ++halted_;
        if ((update.flags & kOrderBasket) != 0) return;
        OrderRequest& request = sent_[tag_number(update.tag) % sent_.size()];
        const std::int64_t half = whole(update.quantity) / 2;
        if (half < 1 || random_.below(4) == 0) return;
        OrderRequest again = request;
        again.quantity = Quantity::from_units(half);
        send(context, again);
    }

private:
    static constexpr std::uint64_t kAttack = std::uint64_t{1} << 20;
    static constexpr std::uint64_t kEnlarge = std::uint64_t{1} << 21;
    /// So that fills at one opening stay below what REPEAT takes for a runaway.
    static constexpr std::uint32_t kOpenAtMost = 24;

    static std::int64_t whole(Quantity q) { return q.raw() / Quantity::kOne; }
    static std::uint64_t tag_number(OrderTag tag) { return tag.value & 0xffff'ffff; }

    void attack(StrategyContext& context, InstrumentId id) {
        if (!context.mark(id).is_positive()) return;
        // After thousands of refusals it goes on with one try in fifty.
        if (halted_ > 5'000 && random_.below(50) != 0) return;
        if (context.open_orders() >= kOpenAtMost) {
            if (random_.below(4) == 0) context.cancel_all();
            return;
        }
        // On a bad day some of what it does is allowed: what reduces.
        const Money now = context.account().equity();
        const bool bad = now.raw() < equity_.raw() / 100 * 98;
        if (bad && random_.below(2) == 0) {
            reduce(context, id);
            return;
        }
        const Side side = direction(id);
        if (side == Side::kBuy && hardly_any_cash(context) && random_.below(4) != 0) {
            market(context, id, side, 20 + random_.below(160));  // the last of it
            return;
        }
        switch (random_.below(13)) {
            case 0:  // far too large
                market(context, id, side, percent(5 + random_.below(200)));
                break;
            case 1:  // too large as a sum
                for (std::uint64_t n = 0; n < 5; ++n) {
                    market(context, id, side, 700 + 13 * n + random_.below(500));
                }
                break;
            case 2:
                limit(context, id, side, 150 + random_.below(60));
                break;
            case 3:
                stop(context, id, side, 100 + random_.below(100));
                break;
            case 4:  // small, and larger once it is at work
                enlarged_ = limit(context, id, side, 30);
                context.set_timer(kEnlarge | id.value, context.now() + Duration::seconds(20));
                break;
            case 5:
                basket(context, id, side);
                break;
            case 6:
            case 7:  // who may not be short invests all that he may, so that cash becomes scarce
                if (shorts_ || random_.below(4) == 0) {
                    reduce(context, id);
                } else {
                    market(context, id, side, 20 + random_.below(160));
                }
                break;
            case 8:  // what was lost has to come back
                market(context, id, side, lost_ ? last_share_ * 2 : last_share_);
                break;
            case 9:  // all of a kind: neighbours in the list share a sector
                for (const InstrumentId other : context.instruments()) {
                    if (other.value / 6 == id.value / 6) market(context, other, side, 190);
                }
                break;
            case 10:  // all the cash that there is
                order(context, id, side,
                      units(context, id, context.account().cash().raw() / Money::kOne));
                break;
            case 11:
                stop_limit(context, id, side, 190);
                break;
            default:
                market(context, id, side, 195);
        }
    }

    /// Long where it may not be short; else one side for some weeks, and then the other.
    Side direction(InstrumentId id) {
        if (!shorts_) return Side::kBuy;
        if (random_.below(40) == 0) flipped_ ^= std::uint64_t{1} << (id.value % 64);
        const bool up = ((flipped_ >> (id.value % 64)) & 1) == (id.value & 1);
        return up ? Side::kBuy : Side::kSell;
    }

    /// Less than 14% of equity: near the 10% that must remain.
    static bool hardly_any_cash(StrategyContext& context) {
        return context.account().cash().raw() < context.account().equity().raw() / 100 * 14;
    }
    static std::uint64_t percent(std::uint64_t n) { return n * 100; }
    /// How many for `money`.
    static std::int64_t units(StrategyContext& context, InstrumentId id, std::int64_t money) {
        if (!context.mark(id).is_positive()) return 0;
        const double price = static_cast<double>(context.mark(id).raw()) / Price::kOne;
        return std::min<std::int64_t>(
            static_cast<std::int64_t>(static_cast<double>(std::max<std::int64_t>(money, 0)) /
                                      price),
            900'000);
    }
    /// The same for so many hundredths of a percent of equity.
    static std::int64_t share(StrategyContext& context, InstrumentId id, std::uint64_t parts) {
        const std::int64_t equity = context.account().equity().raw() / Money::kOne;
        return units(context, id, equity / 10'000 * static_cast<std::int64_t>(parts));
    }
    /// The mark moved by some tenths of a percent, on the tick.
    static Price moved(StrategyContext& context, InstrumentId id, std::int64_t tenths) {
        const std::int64_t raw = context.mark(id).raw();
        const std::int64_t tick = context.instrument(id).tick_at(context.now()).raw();
        const std::int64_t to = raw + raw / 1'000 * tenths;
        return Price::from_raw(to - to % tick);
    }

    OrderTag send(StrategyContext& context, const OrderRequest& request) {
        if (!request.quantity.is_positive()) return {};
        const OrderTag tag = context.submit(request);
        sent_[tag_number(tag) % sent_.size()] = request;
        return tag;
    }
    OrderTag order(StrategyContext& context, InstrumentId id, Side side, std::int64_t quantity) {
        OrderRequest request;
        request.instrument = id;
        request.side = side;
        request.quantity = Quantity::from_units(quantity);
        return send(context, request);
    }
    void market(StrategyContext& context, InstrumentId id, Side side, std::uint64_t parts) {
        last_share_ = std::min<std::uint64_t>(parts, 20'000);
        order(context, id, side, share(context, id, parts));
    }
    /// For the day, and near the market: fills in one instrument that lie further apart than
    /// COLLAR_TIME allows would halt it for good.
    OrderRequest for_the_day(InstrumentId id, Side side, std::int64_t quantity) {
        OrderRequest request;
        request.instrument = id;
        request.side = side;
        request.quantity = Quantity::from_units(quantity);
        request.tif = TimeInForce::kDay;
        return request;
    }
    OrderTag limit(StrategyContext& context, InstrumentId id, Side side, std::uint64_t parts) {
        OrderRequest request = for_the_day(id, side, share(context, id, parts));
        request.type = OrderType::kLimit;
        request.price = moved(context, id, static_cast<std::int64_t>(random_.below(20)) - 10);
        return send(context, request);
    }
    void stop(StrategyContext& context, InstrumentId id, Side side, std::uint64_t parts) {
        OrderRequest request = for_the_day(id, side, share(context, id, parts));
        request.type = OrderType::kStop;
        request.stop_price = moved(context, id, side == Side::kBuy ? 5 : -5);
        send(context, request);
    }
    void stop_limit(StrategyContext& context, InstrumentId id, Side side, std::uint64_t parts) {
        OrderRequest request = for_the_day(id, side, share(context, id, parts));
        request.type = OrderType::kStopLimit;
        request.stop_price = moved(context, id, side == Side::kBuy ? 4 : -4);
        request.price = moved(context, id, side == Side::kBuy ? 8 : -8);
        send(context, request);
    }
    void enlarge(StrategyContext& context, InstrumentId id) {
        OrderTerms terms;
        terms.quantity = Quantity::from_units(share(context, id, 60 + 60 * random_.below(20)));
        terms.price = moved(context, id, 5);
        if (terms.quantity.is_positive()) context.replace(enlarged_, terms);
    }
    void basket(StrategyContext& context, InstrumentId first, Side side) {
        std::vector<OrderRequest> members;
        const std::uint64_t count = 2 + random_.below(5);
        const auto all = static_cast<std::uint64_t>(context.instruments().size());
        for (std::uint64_t n = 0; n < count; ++n) {
            const auto place = (first.value + n) % all;
            const InstrumentId id = context.instruments()[place];
            if (!context.mark(id).is_positive()) continue;
            OrderRequest request;
            request.instrument = id;
            request.side = side;
            request.quantity = Quantity::from_units(share(context, id, 150 + random_.below(60)));
            if (request.quantity.is_positive()) members.push_back(request);
        }
        if (!members.empty()) context.submit_basket(members);
    }
    void reduce(StrategyContext& context, InstrumentId id) {
        const std::int64_t held = whole(context.position(id));
        if (held == 0) return;
        const std::int64_t size = std::max<std::int64_t>(held < 0 ? -held : held, 1);
        const std::int64_t most = share(context, id, 190);
        order(context, id, held > 0 ? Side::kSell : Side::kBuy,
              std::max<std::int64_t>(1, std::min(size, most)));
    }

    Xoshiro256 random_;
    bool shorts_;
    bool lost_ = false;
    Money equity_;
    std::uint64_t last_share_ = 100;
    std::uint64_t flipped_ = 0;
    std::uint64_t halted_ = 0;  // refusals since the drawdown
    OrderTag enlarged_;
    std::array<OrderRequest, 256> sent_{};
};

inline void register_policy_breaker(StrategyRegistry& registry) {
    using Kind = ParamSpec::Kind;
    StrategyType type;
    type.name = "policy_breaker";
    type.doc = "Tries to break every rule of the risk policy.";
    type.params = {{"seed", Kind::kInteger, "1", 1, 1e9, "Of its dice.", {}},
                   {"shorts", Kind::kBoolean, "false", 0, 0, "Whether it sells short.", {}}};
    type.make = [](const ParamValues& values) {
        return std::make_unique<PolicyBreaker>(static_cast<std::uint64_t>(values.integer("seed")),
                                               values.boolean("shorts"));
    };
    registry.add(type);
}

}  // namespace fermata::test
