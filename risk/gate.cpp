#include "risk/gate.hpp"

#include <algorithm>
#include <bit>

#include "core/base/assert.hpp"
#include "core/order/linked_shares.hpp"
#include "risk/price.hpp"
#include "risk/size.hpp"

namespace fermata {

Gate::Gate(const RiskConfig& config, const InstrumentTable& instruments, const MarkTable& marks,
           const AccountBook& accounts, const ExposureBook& exposures, std::uint64_t config_hash)
    : instruments_(instruments),
      marks_(marks),
      accounts_(accounts),
      exposures_(exposures),
      config_hash_(config_hash),
      valuation_(instruments, marks, accounts, exposures),
      limits_(config, accounts.strategies(), instruments.size(), accounts.accounts()),
      schedule_(config),
      permissions_(config, accounts.strategies(), accounts.accounts(), instruments.size()),
      restricted_(config, instruments.size()),
      states_(accounts.accounts(), accounts.strategies(), instruments.size()),
      duplicates_(limits_, accounts.strategies()),
      rates_(limits_, accounts.strategies()),
      gross_(limits_, instruments, accounts),
      drawdown_(limits_, accounts.accounts()),
      losses_(limits_, accounts.accounts()),
      quality_(limits_, instruments.size()),
      order_to_trade_(limits_, instruments.size()),
      repeat_(ControlId::kRepeat, LimitId::kRepeat, LimitId::kRepeatWindow, limits_,
              accounts.strategies()),
      rejects_(ControlId::kRejectRate, LimitId::kRejectRate, LimitId::kRejectRateWindow, limits_,
               accounts.strategies()),
      parents_(ControlId::kParent, LimitId::kParent, LimitId::kParentWindow, limits_,
               accounts.strategies()),
      turnover_(limits_, accounts.accounts(), instruments.size()),
      sectors_(limits_, instruments, accounts),
      liquidity_(limits_, instruments.size()),
      drift_(limits_, instruments.size()),
      day_trades_(config, limits_, accounts, instruments.size()),
      shorts_(limits_, instruments),
      bands_(instruments.size()),
      clock_(limits_),
      health_(limits_),
      in_flight_(limits_, instruments.size()),
      credit_(limits_, accounts.accounts()),
      intraday_(config, limits_, accounts),
      wash_sales_(limits_, instruments, config.taxpayers(), accounts.accounts()),
      own_(limits_, instruments.size()),
      baskets_(accounts.strategies()),
      portfolio_(limits_, instruments, accounts.accounts()),
      trips_(2 *
             (5 + 2 * accounts.accounts() + 3 * accounts.strategies() + 2 * instruments.size())),
      watches_orders_(order_to_trade_.watches() || repeat_.watches() || rejects_.watches() ||
                      parents_.watches() || turnover_.watches() || liquidity_.watches() ||
                      drift_.watches() || day_trades_.watches() || own_.watches() ||
                      gross_.watches() || sectors_.watches() || portfolio_.watches() ||
                      in_flight_.watches() || credit_.watches_orders() || wash_sales_.watches() ||
                      shorts_.watches() || rates_.watches()) {
    FERMATA_ASSERT(config.validate().empty());
    FERMATA_ASSERT(marks.size() >= instruments.size());
    for (const Instrument& i : instruments.all()) {
        FERMATA_ASSERT(i.lot.is_positive() && i.multiplier.is_positive() && !i.ticks.empty());
        for (const TickRule& rule : i.ticks) FERMATA_ASSERT(rule.tick.is_positive());
    }
}

namespace {

PriceTerms terms_of(const Request& r) noexcept {
    return {r.side, r.type, r.offset_kind, r.offset, r.price, r.stop_price, r.placed};
}
/// In force (`price` and `offset` may be others, asked for).
PriceTerms terms_of(const Order& order, Price price, Price stop_price,
                    std::int64_t offset) noexcept {
    const bool placed = order.type == OrderType::kTrailingStopLimit && order.is_placed_here();
    return {order.side, order.type, order.offset_kind, offset, price, stop_price, placed};
}

Request request_of(const OrderEvent& intent, const ExposureBook& exposures) noexcept {
    const NewOrderData& order = intent.data.new_order;
    Request r;
    r.now = intent.ts;
    r.tag = order.tag;
    r.order_id = order.order_id;
    r.instrument_id = intent.instrument;
    r.strategy = order.strategy;
    r.account = order.account;
    r.venue = order.venue;
    r.side = order.side;
    r.type = order.type;
    r.tif = order.tif;
    r.expire_time = order.expire_time;
    r.price = order.price;
    r.stop_price = order.stop_price;
    r.quantity = order.quantity;
    r.flags = order.flags;
    r.offset_kind = order.offset_kind;
    r.link_role = order.link_role;
    r.link = order.link;
    r.offset = order.offset;
    r.display = order.display_quantity;
    const bool counts = !r.is_reduce_only() || exposures.counts_reduce_only(r.venue);
    if (counts) r.open_after = std::max<WideQuantity>(order.quantity.raw(), 0);
    return r;
}

}  // namespace

/// Memory by instrument that the controls will read: at random, as orders come, and so never there.
[[gnu::always_inline]] inline void Gate::fetch(const Request& r) const noexcept {
    if (!instruments_.contains(r.instrument_id)) return;
    const auto* instrument = reinterpret_cast<const char*>(&instruments_[r.instrument_id]);
    __builtin_prefetch(instrument);
    __builtin_prefetch(instrument + 64);
    __builtin_prefetch(instrument + 128);
    __builtin_prefetch(&marks_[r.instrument_id]);
    bands_.fetch(r.instrument_id);
    quality_.fetch(r.instrument_id);
    order_to_trade_.fetch(r.instrument_id);
    drift_.fetch(r.instrument_id);
    own_.fetch(r.instrument_id);
    liquidity_.fetch(r.instrument_id);
    shorts_.fetch(r.instrument_id);
    if (!accounts_.contains(r.account)) return;
    __builtin_prefetch(&exposures_.at(r.account, r.instrument_id));
    gross_.fetch(r.account, r.instrument_id);
    sectors_.fetch(r.account, r.instrument_id);
    turnover_.fetch(r.account, r.instrument_id);
    day_trades_.fetch(r.account, r.instrument_id);
    wash_sales_.fetch(r.account, r.instrument_id);
}

VerdictData Gate::check_new(const OrderEvent& intent) noexcept {
    FERMATA_ASSERT(intent.type == OrderEventType::kNewOrder);
    Request r = request_of(intent, exposures_);
    fetch(r);
    duplicates_.prepare(r);
    locate(r);
    return judge(r, nullptr);
}

VerdictData Gate::preview(const OrderEvent& question, Explanation* explanation) noexcept {
    FERMATA_ASSERT(question.type == OrderEventType::kPreview);
    Request r = request_of(question, exposures_);
    r.is_preview = true;
    locate(r);
    return judge(r, explanation);
}

VerdictData Gate::check_replace(const OrderEvent& intent, const Order& live) noexcept {
    FERMATA_ASSERT(intent.type == OrderEventType::kReplace);
    const ChangeOrderData& change = intent.data.change;
    Request r;
    r.now = intent.ts;
    r.is_replace = true;
    r.tag = live.tag;
    r.order_id = live.id;
    r.instrument_id = live.instrument;
    r.strategy = live.strategy;
    r.account = live.account;
    r.venue = live.venue;
    r.is_owner = change.strategy == live.strategy && change.account == live.account;
    r.side = live.side;
    r.type = live.type;
    r.tif = live.tif;
    r.expire_time = live.expire_time;
    r.price = change.price;
    r.stop_price = change.stop_price;
    r.quantity = change.quantity;
    r.cumulative = live.cumulative_quantity;
    r.open_before = live.reserved_quantity.raw();
    replaced_ = live.tag;
    const WideQuantity wanted =
        static_cast<WideQuantity>(change.quantity.raw()) - live.cumulative_quantity.raw();
    r.flags = live.flags;
    r.offset_kind = live.offset_kind;
    r.link_role = live.link_role;
    r.link = live.link;
    // Zero is an offset like any other for a peg, and none for a trail.
    const bool keeps = change.offset == 0 && live.type != OrderType::kPegged;
    r.offset = keeps ? live.offset : change.offset;
    r.was_touched = live.triggered;
    r.placed = live.type == OrderType::kTrailingStopLimit && live.is_placed_here();
    // A trigger that nobody changes stays, but of what is held, which starts anew.
    if (is_trailing(live.type) &&
        (live.triggered || (change.stop_price.is_zero() && !live.held && r.offset == live.offset)))
        r.stop_price = live.stop_price;
    r.display = change.display_quantity;
    const bool counts = !r.is_reduce_only() || exposures_.counts_reduce_only(r.venue);
    r.open_after = std::max(r.open_before, counts ? wanted : WideQuantity{0});
    locate(r);
    // Valued even without a mark: limit prices stand for themselves.
    const Ratio collar = r.limits->ratio(LimitId::kCollar);
    const auto reserve = [&](Price price, Price stop_price, std::int64_t offset) {
        return reserve_at(r.instrument_id, terms_of(live, price, stop_price, offset), collar,
                          r.now);
    };
    // An emulated peg has an own worst price beside the price at which it stands.
    const Price named = live.type == OrderType::kPegged ? live.bound : live.named_price();
    r.reserve_before = reserve(named, live.stop_price, live.offset);
    if (live.replace_pending) {
        r.reserve_before =
            std::max(r.reserve_before,
                     reserve(live.pending_price, live.pending_stop_price, live.pending_offset));
    }
    r.reserved_before = live.reserved_value;
    replaced_reserve_ = r.worst_reserve();
    return judge(r, nullptr);
}

/// Fills in what follows from the ids and the books.
void Gate::locate(Request& r) noexcept {
    keep_schedule(r.now);
    r.knows_account = accounts_.contains(r.account);
    r.knows_strategy = accounts_.contains(r.strategy);
    r.limits = &limits_.resolve(r.strategy, r.instrument_id, r.account);
    bound_ = Price::zero();
    if (!instruments_.contains(r.instrument_id)) return;
    r.instrument = &instruments_[r.instrument_id];
    __builtin_prefetch(r.instrument->ticks.data());
    r.mark = valuation_.mark(r.instrument_id);
    if (r.mark != nullptr) r.reference = r.mark->price();
    r.limited = r.is_limit();
    r.limit = r.price;
    r.trigger = r.stop_price;
    if (limit_moves(r.type)) [[unlikely]]
        find_limit(r);
    r.reserve = reserve_at(r.instrument_id, terms_of(r), r.limits->ratio(LimitId::kCollar), r.now);
    if (!r.knows_account) return;
    r.knows_equity = accounts_.equity_known(r.account);
    r.equity = accounts_.equity(r.account);
    r.position = accounts_.position(r.account, r.instrument_id);
    const Exposure& open = exposures_.at(r.account, r.instrument_id);
    r.open_orders = open.open_orders();
    std::int64_t value = 0;
    r.open_value = __builtin_add_overflow(open.buy_value.raw(), open.sell_value.raw(), &value)
                       ? Money::max()
                       : Money::from_raw(value);
    // The exposure book has a live order already; it is judged by what it adds.
    const bool buys = r.side == Side::kBuy;
    r.open_buy = std::max<WideQuantity>(open.buy.raw() - (buys ? r.open_before : 0), 0);
    r.open_sell = std::max<WideQuantity>(open.sell.raw() - (buys ? 0 : r.open_before), 0);
    r.firm_open =
        std::max<WideQuantity>(exposures_.open_quantity(r.instrument_id) - r.open_before, 0);
    const Quantity once = buys ? open.buy - open.buy_shared : open.sell - open.sell_shared;
    WideQuantity own = r.open_before;
    const SharingGroup group{r.strategy, r.account, r.instrument_id, r.link, r.link_role, r.side};
    if (group.shares()) own = r.group = exposures_.counted_once(group).raw();
    r.open_once = std::max<WideQuantity>(once.raw() - own, 0);
    // A leg that can only reduce, beside one at least as large that shares its quantity, brings
    // nothing that may not come already.
    if (r.is_reduce_only() && r.open_before == 0 && r.group >= r.open_after) r.open_after = 0;
}

/// Of an order whose prices move with the market.
void Gate::find_limit(Request& r) noexcept {
    const Price tick = r.instrument->tick_at(r.now);
    const MovingLimit m = moving_limit(terms_of(r), r.mark, tick);
    r.limited = m.limited;
    r.limit = m.limit;
    r.trigger = m.trigger;
    if (r.type != OrderType::kPegged) return;
    r.worst = r.price;
    if (!r.price.is_zero()) return;
    if (r.mark == nullptr || !r.limits->on(LimitId::kCollar)) {
        r.worst = r.side == Side::kBuy ? Price::max() : Price::min();
        return;
    }
    r.worst = peg_bound(r.side, r.reference, r.limits->ratio(LimitId::kCollar), tick);
    if (!r.is_preview) bound_ = r.worst;
}

/// Without a decision yet.
VerdictData Gate::verdict_of(const Request& r, OrderEventType action) const noexcept {
    VerdictData verdict;
    verdict.tag = r.tag;
    verdict.order_id = r.order_id;
    verdict.config_hash = config_hash_;
    verdict.reference = r.reference;
    verdict.equity = r.equity;
    verdict.strategy = r.strategy;
    verdict.account = r.account;
    verdict.action = static_cast<std::uint8_t>(action);
    if (r.mark != nullptr && r.mark->has_quote) set_quote(verdict, {r.mark->bid, r.mark->ask});
    return verdict;
}

VerdictData Gate::judge(const Request& r, Explanation* explanation) noexcept {
    VerdictData verdict = verdict_of(r, r.is_preview   ? OrderEventType::kPreview
                                        : r.is_replace ? OrderEventType::kReplace
                                                       : OrderEventType::kNewOrder);
    Findings out(verdict, explanation);
    check_state(r, states_, out);
    check_field(r, out);
    check_instrument(r, marks_, states_, out);
    if (!r.is_replace && !r.is_parent()) duplicates_.check(r, out);
    rates_.check(r, out);
    drawdown_.check(r, out);
    clock_.check(out);
    health_.check(out);
    losses_.check(r, out);
    repeat_.check(r, out);
    rejects_.check(r, out);
    parents_.check(r, out);
    if (r.instrument != nullptr) check_instrument_limits(r, out);
    if (r.instrument != nullptr && r.knows_account && r.knows_strategy) {
        check_account_limits(r, out);
    }
    if (r.is_preview) {
        own_.cancel_none();
        verdict.approved = verdict.failed == 0 ? 1 : 0;
        return verdict;
    }
    if (verdict.failed != 0) {
        if (verdict.failed != bit(ControlId::kSelfMatch)) own_.cancel_none();
        ++counts_.refused;
        for (std::uint64_t bits = verdict.failed; bits != 0; bits &= bits - 1) {
            ++counts_.by_control[static_cast<std::size_t>(std::countr_zero(bits))];
        }
        return verdict;
    }
    verdict.approved = 1;
    approve(r);
    return verdict;
}

void Gate::check_instrument_limits(const Request& r, Findings& out) noexcept {
    restricted_.check(r, out);
    check_tick_lot(r, out);
    if (!r.is_parent()) check_max_quantity(r, out);
    check_collar(r, out);
    quality_.check(r, out);
    bands_.check(r, out);
    check_best_execution(r, out);
    order_to_trade_.check(r, out);
    drift_.check(r, out);
    in_flight_.check(r, out);
    own_.check(r, out);
}

void Gate::check_account_limits(const Request& r, Findings& out) noexcept {
    permissions_.check(r, out);
    if (!r.is_parent() && !r.is_reduce_only()) check_max_notional(r, valuation_, out);
    check_open_orders(r, valuation_, out);
    check_trade_loss(r, valuation_, out);
    check_position(r, valuation_, out);
    gross_.check(r, valuation_, out);
    check_cash(r, valuation_, instruments_.currencies().size(), out);
    turnover_.check(r, valuation_, out);
    sectors_.check(r, valuation_, out);
    baskets_.check(r, valuation_, out);
    liquidity_.check(r, out);
    day_trades_.check(r, intraday_, valuation_, out);
    shorts_.check(r, out);
    portfolio_.check(r, valuation_, out);
    credit_.check(r, valuation_, out);
    wash_sales_.check(r, out);
}

void Gate::approve(const Request& r) noexcept {
    ++counts_.approved;
    rates_.count(r.strategy, r.now);
    if (r.is_replace) {
        requested_ = r.tag;
        requested_at_ = r.now;
    }
    order_to_trade_.count_order(r);
    if (r.limits->on(LimitId::kLeverage)) gross_.approved(r, valuation_);
    sectors_.approved(r, valuation_);
    shorts_.approved(r);
    portfolio_.note(r.account, r.instrument_id);
    credit_.approved(r, valuation_);
    intraday_.approved(r, valuation_);
    day_trades_.approved(r);
    if (wash_sales_.watches()) tag_ = wash_sales_.judge(r, accounts_);
    if (!r.is_replace && r.has(kOrderBasket)) own_.on_member(r);
}

void Gate::count_cancel(const OrderEvent& intent) noexcept {
    ++counts_.cancels;
    rates_.count(intent.data.change.strategy, intent.ts);
    requested_ = intent.data.change.tag;
    requested_at_ = intent.ts;
}

Price Gate::reserve_at(InstrumentId i, const PriceTerms& terms, Ratio collar,
                       Timestamp now) const noexcept {
    const Mark* mark = valuation_.mark(i);
    if (limit_moves(terms.type)) [[unlikely]]
        return moving_reserve(terms, mark, instruments_[i].tick_at(now), collar);
    const std::optional<Price> reference =
        mark != nullptr ? std::optional(mark->price()) : std::nullopt;
    return fermata::reserve_price(reference, terms.side, terms.type, terms.price, terms.stop_price,
                                  collar);
}

Price Gate::reserve_price(const OrderEvent& intent) noexcept {
    if (intent.type == OrderEventType::kReplace) {
        FERMATA_ASSERT(intent.data.change.tag == replaced_);
        return replaced_reserve_;
    }
    FERMATA_ASSERT(intent.type == OrderEventType::kNewOrder);
    const NewOrderData& order = intent.data.new_order;
    const Limits& limits = limits_.resolve(order.strategy, intent.instrument, order.account);
    return reserve_at(intent.instrument,
                      {order.side, order.type, order.offset_kind, order.offset, order.price,
                       order.stop_price, false},
                      limits.ratio(LimitId::kCollar), intent.ts);
}

}  // namespace fermata
