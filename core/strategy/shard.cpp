#include "core/strategy/shard.hpp"

#include <algorithm>
#include <utility>

#include "core/account/state_hash.hpp"
#include "core/base/assert.hpp"

namespace fermata {

ShardStage::ShardStage(std::uint16_t index, const InstrumentTable& instruments,
                       std::span<const AccountConfig> accounts, std::size_t timers_max, Lanes lanes)
    : index_(index),
      instruments_(instruments),
      lanes_(lanes),
      marks_(instruments.size()),
      timers_(timers_max),
      subscribers_(instruments.size()) {
    accounts_.reserve(accounts.size());
    for (const AccountConfig& account : accounts) {
        AccountView& view =
            accounts_.emplace_back(instruments, marks_, account.base, Money::zero());
        for (const auto& [currency, cash] : account.cash) view.set_cash(currency, cash);
        for (const OpeningPosition& p : account.positions) {
            view.set_position(p.instrument, view.position(p.instrument) + p.quantity);
            openings_.push_back(p);
        }
    }
}

void ShardStage::add(StrategySetup setup) {
    FERMATA_ASSERT(!running_);
    FERMATA_ASSERT(slots_.empty() || slots_.back()->context.id_ < setup.id);
    auto slot = std::make_unique<Slot>();
    FERMATA_ASSERT(setup.helpers.size() < 8);
    slot->parts.push_back(std::move(setup.strategy));
    for (auto& helper : setup.helpers) slot->parts.push_back(std::move(helper));
    StrategyContext& context = slot->context;
    context.shard_ = this;
    context.id_ = setup.id;
    context.account_id_ = setup.account;
    context.venue_ = setup.venue;
    context.sizing_ = SizingModel(setup.sizing, setup.instruments);
    context.open_.reserve(64);
    context.desk_ = &slot->desk;
    if (setup.routing != nullptr) slot->desk.configure(*setup.routing);
    context.account_ = &accounts_[setup.account.value];
    context.positions_.resize(instruments_.size());
    for (const OpeningPosition& p : openings_) {
        if (p.strategy == setup.id) context.positions_[p.instrument.value] += p.quantity;
    }
    context.open_by_instrument_.resize(instruments_.size());
    context.instruments_ = std::move(setup.instruments);
    for (const InstrumentId id : context.instruments_) {
        subscribers_[id.value].push_back(slot.get());
    }
    if (by_strategy_.size() <= setup.id.value) by_strategy_.resize(setup.id.value + 1u);
    by_strategy_[setup.id.value] = slot.get();
    slots_.push_back(std::move(slot));
}

void ShardStage::start(Timestamp now) {
    now_ = started_ = now;
    running_ = true;
    for (const auto& slot : slots_) slot->each([](auto& s, auto& c) { s.on_start(c); });
}

void ShardStage::stop(Timestamp now) {
    now_ = now;
    running_ = false;
    for (const auto& slot : slots_) slot->each([](auto& s, auto& c) { s.on_stop(c); });
}

Polled ShardStage::poll(std::size_t budget) {
    std::size_t consumed = 0;
    const std::uint64_t sent = sent_;
    for (std::size_t n = 0; n < budget && step_market(); ++n) ++consumed;
    for (std::size_t n = 0; n < budget && step_report(); ++n) ++consumed;
    return {consumed, sent_ - sent};
}

bool ShardStage::step_market() {
    const MarketEvent* e = lanes_.market->front();
    if (e == nullptr) return false;
    // Under the lockstep scheduler nothing is ever due here.
    while (timers_.next_due() < e->ts) fire_timers(timers_.next_due());
    on_market(*e);
    lanes_.market->pop();
    return true;
}

bool ShardStage::step_report() {
    const OrderEvent* e = lanes_.reports->front();
    if (e == nullptr) return false;
    on_report(*e);
    lanes_.reports->pop();
    return true;
}

std::span<ShardStage::Slot* const> ShardStage::subscribers_of(InstrumentId id) const noexcept {
    if (id.value >= subscribers_.size()) return {};
    return subscribers_[id.value];
}

template <class Call>
void ShardStage::for_subscribers(InstrumentId id, Call&& call) {
    if (id.value >= subscribers_.size()) return;
    for (Slot* slot : subscribers_[id.value]) {
        slot->each(call);
        if (slot->context.winding_down_) [[unlikely]]
            slot->context.go_on_winding_down();
    }
}

void ShardStage::on_market(const MarketEvent& e) {
    now_ = std::max(now_, e.ts);
    feed_position_ = e.seq;
    cause_ = make_cause(CauseKind::kMarket, e.seq);
    if (lanes_.progress_every != 0 && ++since_record_ >= lanes_.progress_every) {
        record_consumed(cause_, InstrumentId{0});
    }
    stream_ = e.stream;
    const InstrumentId id = e.instrument;
    const bool was_halted = id.value < marks_.size() && marks_[id].halted;
    marks_.update(e);
    switch (e.type) {
        case MarketEventType::kQuote:
            for_subscribers(id, [&](auto& s, auto& c) { s.on_quote(c, id, e.data.quote); });
            break;
        case MarketEventType::kTrade:
            for_subscribers(id, [&](auto& s, auto& c) { s.on_trade(c, id, e.data.trade); });
            break;
        case MarketEventType::kBar:
            for (Slot* slot : subscribers_of(id)) slot->context.sizing_.on_bar(id, e.data.bar);
            for_subscribers(id, [&](auto& s, auto& c) { s.on_bar(c, id, e.data.bar); });
            break;
        case MarketEventType::kDepth:
            for_subscribers(id, [&](auto& s, auto& c) { s.on_depth(c, id, e.data.depth); });
            break;
        case MarketEventType::kCorporateAction:
            for (Slot* slot : subscribers_of(id)) slot->context.on_action(id, e);
            for_subscribers(id, [&](auto& s, auto& c) {
                s.on_corporate_action(c, id, e.data.corporate_action);
            });
            break;
        case MarketEventType::kSession:
            if (e.data.session.change == SessionChange::kBoundary) {
                for_subscribers(
                    id, [&](auto& s, auto& c) { s.on_session(c, id, e.data.session.opens()); });
            } else if (e.data.session.halts() != was_halted) {
                for_subscribers(
                    id, [&](auto& s, auto& c) { s.on_halt(c, id, e.data.session.halts()); });
            }
            break;
        case MarketEventType::kGap:
            for_subscribers(id, [&](auto& s, auto& c) { s.on_gap(c, id, e.data.gap.lost); });
            break;
        case MarketEventType::kBarOpen:  // carries the bar's volume to come: never shown
        case MarketEventType::kSkipped:
        case MarketEventType::kClock:
        case MarketEventType::kNone:
            break;
    }
}

void ShardStage::on_report(const OrderEvent& e) {
    now_ = std::max(now_, e.ts);
    cause_ = make_cause(CauseKind::kTrading, e.seq);
    trading_position_ = e.seq;
    if (lanes_.journal != nullptr) record_consumed(cause_, e.instrument);
    switch (e.type) {
        case OrderEventType::kFill: {
            const FillData& fill = e.data.fill;
            AccountView& account = accounts_[fill.account.value];
            account.set_cash(instruments_[e.instrument].currency, fill.cash_after);
            account.set_position(e.instrument, fill.position_after);
            if (Slot* slot = slot_of(fill.strategy)) {
                slot->context.positions_[e.instrument.value] = fill.strategy_position_after;
                slot->context.sizing_.on_fill(instruments_[e.instrument], fill);
                slot->each([&](auto& s, auto& c) { s.on_fill(c, e.instrument, fill); });
            }
            break;
        }
        case OrderEventType::kOrderUpdate:
            on_update(e);
            break;
        case OrderEventType::kPosition:
        case OrderEventType::kAccount:
            on_position(e);
            break;
        case OrderEventType::kVerdict:
            if (Slot* slot = slot_of(e.data.verdict.strategy)) {
                slot->each(
                    [&](auto& s, auto& c) { s.on_preview(c, e.instrument, e.data.verdict); });
            }
            break;
        default:
            break;
    }
}

void ShardStage::on_update(const OrderEvent& e) {
    const OrderUpdateData& update = e.data.update;
    Slot* slot = slot_of(update.strategy);
    if (slot == nullptr) return;
    // Terminal once: a late report about a terminal order repeats the state.
    if (is_terminal(update.state) && !is_terminal(update.previous)) {
        slot->context.on_over(update.tag);
    } else if (!is_terminal(update.state) && is_terminal(update.previous)) {
        slot->context.on_again(update.tag, e.instrument, update.flags);
    }
    slot->each([&](auto& s, auto& c) { s.on_order(c, e.instrument, update); });
    // What was refused is tried again at a later price, not at once.
    const bool refused =
        update.state == OrderState::kDenied || update.state == OrderState::kRejected;
    if (slot->context.winding_down_ && refused) {
        slot->context.close_again_ = now_ + StrategyContext::kCloseAgainAfter;
    } else if (slot->context.winding_down_) {
        slot->context.go_on_winding_down();
    }
}

void ShardStage::on_position(const OrderEvent& e) {
    const PositionData& position = e.data.position;
    AccountView& account = accounts_[position.account.value];
    account.set_cash(position.currency, position.cash);
    account.set_position(e.instrument, position.position);
    if (Slot* slot = slot_of(position.strategy)) {
        slot->context.positions_[e.instrument.value] = position.strategy_position;
    }
}

void ShardStage::fire_timers(Timestamp now) {
    now_ = std::max(now_, now);
    while (timers_.next_due() <= now) {
        const PendingTimer timer = timers_.pop();
        const std::int64_t due = std::max<std::int64_t>(timer.due.ns, 0);
        cause_ = make_cause(CauseKind::kTimer, static_cast<std::uint64_t>(due));
        Slot* slot = slot_of(timer.strategy);
        OrderEvent e = make_order_event(OrderEventType::kTimer, now_, InstrumentId{0});
        e.data.timer = TimerData{timer.timer_id, timer.due, timer.strategy, {}, {}};
        emit(e);
        const std::uint64_t part = timer.timer_id >> StrategyContext::kTimerIdBits;
        const std::uint64_t own = (std::uint64_t{1} << StrategyContext::kTimerIdBits) - 1;
        FERMATA_ASSERT(part < slot->parts.size() || part == kDeskCaller);
        slot->context.caller_ = static_cast<std::uint8_t>(part);
        Strategy& target = part == kDeskCaller ? slot->desk : *slot->parts[part];
        target.on_timer(slot->context, timer.timer_id & own);
    }
}

ShardStage::Slot* ShardStage::slot_of(StrategyId id) noexcept {
    return id.value < by_strategy_.size() ? by_strategy_[id.value] : nullptr;
}

void ShardStage::emit(OrderEvent& e) noexcept {
    e.ts = now_;
    e.seq = ++sent_;
    e.cause = cause_;
    e.feed_position = feed_position_;
    e.source = index_;
    if (!push_or_wait(*lanes_.intents, e, lanes_.backpressure)) overflowed_ = true;
}

void ShardStage::record_consumed(std::uint64_t cause, InstrumentId instrument) noexcept {
    OrderEvent consumed = make_order_event(OrderEventType::kConsumed, now_, instrument);
    consumed.cause = cause;
    consumed.flags = kFlagInput;
    to_journal(consumed);
}

void ShardStage::to_journal(OrderEvent& e) noexcept {
    since_record_ = 0;
    e.seq = ++journaled_;
    e.feed_position = feed_position_;
    e.source = index_;
    if (!push_or_wait(*lanes_.journal, e, lanes_.backpressure)) overflowed_ = true;
}

void ShardStage::record_mark() {
    if (lanes_.journal == nullptr) return;
    OrderEvent mark = make_order_event(OrderEventType::kMark, now_, InstrumentId{0});
    mark.cause = make_cause(CauseKind::kTrading, trading_position_);
    mark.data.mark = MarkData{};
    mark.data.mark.market_events = feed_position_;
    mark.data.mark.state_hash = state_hash();
    to_journal(mark);
}

std::uint64_t ShardStage::state_hash() const noexcept {
    StateHash hash;
    for (const AccountView& account : accounts_) {
        for (std::size_t c = 0; c < instruments_.currencies().size(); ++c) {
            hash.add(account.cash(CurrencyId{static_cast<std::uint16_t>(c)}));
        }
        for (std::size_t i = 0; i < instruments_.size(); ++i) {
            hash.add(account.position(InstrumentId{static_cast<std::uint32_t>(i)}));
        }
    }
    for (const auto& slot : slots_) {
        const StrategyContext& context = slot->context;
        hash.add(context.id_);
        for (const Quantity position : context.positions_) hash.add(position);
        hash.add(context.open_orders_);
        hash.add(context.orders_sent_);
        hash.add(context.timers_set_);
        hash.add(context.open_.size());
        hash.add(context.winding_down_);
    }
    hash.add(timers_.size());
    return hash.value();
}

}  // namespace fermata
