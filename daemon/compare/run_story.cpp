#include "daemon/compare/run_story.hpp"

#include <algorithm>
#include <set>

namespace fermata::compare {
namespace {

std::string name_in(const std::vector<std::string>& names, std::uint64_t id) {
    return id < names.size() ? names[id] : "#" + std::to_string(id);
}

/// A side of nothing has no price.
void put_side(Price price, Quantity size, bool unknown, std::int64_t* to) {
    if (!unknown && !size.is_positive()) return;
    to[0] = price.raw();
    to[1] = unknown ? 0 : size.raw();
}

std::array<std::int64_t, 5> content_of(const MarketEvent& e) {
    std::array<std::int64_t, 5> content{};
    switch (e.type) {
        case MarketEventType::kQuote: {
            const QuoteData& q = e.data.quote;
            const bool unknown = (e.flags & kFlagSizeUnknown) != 0;
            put_side(q.bid, q.bid_quantity, unknown, content.data());
            put_side(q.ask, q.ask_quantity, unknown, content.data() + 2);
            break;
        }
        case MarketEventType::kTrade:
            content[0] = e.data.trade.price.raw();
            content[1] = e.data.trade.quantity.raw();
            break;
        default: {
            const BarData& b = e.data.bar;
            content = {b.open.raw(), b.high.raw(), b.low.raw(), b.close.raw(), b.volume.raw()};
        }
    }
    return content;
}

}  // namespace

std::optional<FactPlace> RunStory::at(std::uint64_t position) const {
    for (std::size_t s = 0; s < market.size(); ++s) {
        const auto index = newest(s, position);
        if (index && market[s].facts[*index].position == position) return FactPlace{s, *index};
    }
    return std::nullopt;
}

std::optional<std::size_t> RunStory::newest(std::size_t stream, std::uint64_t position) const {
    const auto& facts = market[stream].facts;
    const auto behind =
        std::upper_bound(facts.begin(), facts.end(), position,
                         [](std::uint64_t p, const MarketFact& f) { return p < f.position; });
    if (behind == facts.begin()) return std::nullopt;
    return static_cast<std::size_t>(behind - facts.begin()) - 1;
}

std::optional<std::size_t> RunStory::stream_of(const std::string& instrument,
                                               MarketEventType kind) const {
    for (std::size_t s = 0; s < market.size(); ++s) {
        if (market[s].kind == kind && market[s].instrument == instrument) return s;
    }
    return std::nullopt;
}

std::optional<FactPlace> RunStory::decided_on(const OrderStory& order) const {
    if (cause_kind(order.cause) != CauseKind::kMarket) return std::nullopt;
    return at(cause_seq(order.cause));
}

void StoryBuilder::add(const JournalRecord& record, const JournalManifest& manifest) {
    ++story_.records;
    if (record.is_market) return add(record.market, manifest);
    if (record.stream == JournalStream::kTrading) return add(record.event, manifest);
    if (record.stream < JournalStream::kShard0 || record.event.type != OrderEventType::kConsumed ||
        cause_kind(record.event.cause) != CauseKind::kTrading) {
        return;
    }
    const auto shard = static_cast<std::size_t>(record.stream);
    consumed_[shard].emplace(cause_seq(record.event.cause), record.event.feed_position);
}

RunStory StoryBuilder::finish() {
    // News of an order goes to the shard of its strategy; fills go to all of them.
    std::map<std::string, std::set<std::size_t>> shards;
    for (const auto& [record, order] : updates_) {
        for (const auto& [shard, at] : consumed_) {
            if (at.contains(record)) shards[story_.orders[order].strategy].insert(shard);
        }
    }
    for (OrderStory& order : story_.orders) {
        for (FillStory& fill : order.fills) {
            fill.known = fill.position;
            for (const std::size_t shard : shards[order.strategy]) {
                const auto at = consumed_.at(shard).find(fill.record);
                if (at != consumed_.at(shard).end()) fill.known = std::max(fill.known, at->second);
            }
        }
    }
    return std::move(story_);
}

void StoryBuilder::add(const MarketEvent& e, const JournalManifest& manifest) {
    if (e.type != MarketEventType::kQuote && e.type != MarketEventType::kTrade &&
        e.type != MarketEventType::kBar) {
        return;
    }
    const auto [at, is_new] =
        streams_.try_emplace({e.instrument.value, e.type}, story_.market.size());
    if (is_new) {
        story_.market.push_back({name_in(manifest.instruments, e.instrument.value), e.type, {}});
    }
    story_.market[at->second].facts.push_back(
        {content_of(e), e.seq, e.ts, (e.flags & kFlagSizeUnknown) != 0});
}

OrderStory* StoryBuilder::find(OrderTag tag) {
    const auto at = by_tag_.find(tag.value);
    return at == by_tag_.end() ? nullptr : &story_.orders[at->second];
}

OrderStory* StoryBuilder::find(ClientOrderId id) {
    const auto at = by_id_.find(id.value);
    return at == by_id_.end() ? nullptr : &story_.orders[at->second];
}

void StoryBuilder::add(const OrderEvent& e, const JournalManifest& manifest) {
    switch (e.type) {
        case OrderEventType::kNewOrder: {
            const NewOrderData& d = e.data.new_order;
            OrderStory order;
            order.strategy = name_in(manifest.strategies, d.strategy.value);
            order.account = name_in(manifest.accounts, d.account.value);
            order.instrument = name_in(manifest.instruments, e.instrument.value);
            order.name = order.strategy + '#' + std::to_string(d.tag.value & 0xffff'ffff'ffffULL);
            order.terms = d;
            order.decided = e.ts;
            order.position = e.feed_position;
            order.cause = e.cause;
            order.record = e.seq;
            if (cause_kind(e.cause) == CauseKind::kTrading) {
                const auto told = told_.find(cause_seq(e.cause));
                if (told != told_.end()) order.follows = told->second;
            }
            by_tag_[d.tag.value] = story_.orders.size();
            if (d.order_id.value != 0) by_id_[d.order_id.value] = story_.orders.size();
            story_.orders.push_back(std::move(order));
            return;
        }
        case OrderEventType::kVerdict: {
            const VerdictData& d = e.data.verdict;
            if (d.action != static_cast<std::uint8_t>(OrderEventType::kNewOrder)) return;
            OrderStory* const order = find(d.tag);
            if (order == nullptr) return;
            order->failed = d.approved != 0 ? 0 : d.failed;
            order->equity = d.equity;
            if (d.order_id.value != 0) {
                by_id_[d.order_id.value] = by_tag_.at(d.tag.value);
            }
            return;
        }
        case OrderEventType::kCancel:
        case OrderEventType::kReplace: {
            const ChangeOrderData& d = e.data.change;
            OrderStory* const order = find(d.tag);
            if (order == nullptr) return;
            const bool replace = e.type == OrderEventType::kReplace;
            order->requests.push_back(
                replace ? RequestStory{true, d.price, d.stop_price, d.quantity} : RequestStory{});
            order->requested_cancel |= !replace;
            return;
        }
        case OrderEventType::kSendNew: {
            const NewOrderData& d = e.data.new_order;
            OrderStory* const order = find(d.tag);
            if (order == nullptr) return;
            if (order->at_venue.empty()) {
                order->waited = e.cause != make_cause(CauseKind::kTrading, order->record);
            }
            order->at_venue.push_back({d.price, d.stop_price, d.quantity, e.ts, e.feed_position,
                                       has_limit_price(d.type)});
            return;
        }
        case OrderEventType::kSendReplace: {
            const ChangeOrderData& d = e.data.change;
            if (find(d.tag) == nullptr) return;
            asked_[by_tag_.at(d.tag.value)].push_back(
                {d.price, d.stop_price, d.quantity, e.ts, e.feed_position});
            return;
        }
        case OrderEventType::kRiskInput: {
            const RiskInputData& d = e.data.risk_input;
            if (d.kind != RiskInputKind::kRecovering) return;
            if (d.values[0] == 0) {
                story_.stop.reset();
            } else if (!story_.stop) {
                story_.stop = RunStory::Stop{e.feed_position, story_.orders.size()};
            }
            return;
        }
        case OrderEventType::kExecution:
            return take(e.data.execution, e);
        case OrderEventType::kOrderUpdate: {
            const OrderUpdateData& d = e.data.update;
            OrderStory* const order = find(d.tag);
            if (order == nullptr) return;
            updates_.emplace_back(e.seq, by_tag_.at(d.tag.value));
            told_[e.seq] = by_tag_.at(d.tag.value);
            order->state = d.state;
            if (d.reason != OrderReason::kNone) order->reason = d.reason;
            if (d.order_id.value != 0) by_id_[d.order_id.value] = by_tag_.at(d.tag.value);
            return;
        }
        case OrderEventType::kFill: {
            const FillData& d = e.data.fill;
            OrderStory* const order = find(d.tag);
            if (order == nullptr) return;
            FillStory fill;
            fill.quantity = d.quantity;
            fill.price = d.price;
            fill.liquidity = d.liquidity;
            fill.ts = e.ts;
            fill.position = e.feed_position;
            fill.record = e.seq;
            fill.exec_id = d.exec_id;
            fill.terms = order->at_venue.empty() ? 0 : order->at_venue.size() - 1;
            if (e.cause == make_cause(CauseKind::kTrading, executed_.first) &&
                cause_kind(executed_.second) == CauseKind::kMarket) {
                fill.met = cause_seq(executed_.second);
            }
            told_[e.seq] = by_tag_.at(d.tag.value);
            order->fills.push_back(fill);
            return;
        }
        case OrderEventType::kCorrection:
            return correct(e.data.correction);
        default:
            return;
    }
}

void StoryBuilder::take(const ExecutionData& d, const OrderEvent& e) {
    executed_ = {e.seq, e.cause};
    OrderStory* const order = find(d.order_id);
    if (order == nullptr) return;
    const auto took = [this](Duration answer) {
        story_.longest_answer = std::max(story_.longest_answer, answer);
    };
    if (!order->answered) {
        order->answered = e.ts;
        took(*order->latency());
    }
    const std::size_t index = by_id_.at(d.order_id.value);
    auto& asked = asked_[index];
    if (d.exec_type == ExecType::kReplaceRejected && !asked.empty()) {
        took(e.ts - asked.front().sent);
        asked.pop_front();
    }
    if (d.exec_type != ExecType::kReplaced && d.exec_type != ExecType::kRestated) return;
    VenueTerms in_force{d.price, d.stop_price, d.cumulative_quantity + d.leaves_quantity, e.ts,
                        e.feed_position};
    in_force.limit = !d.price.is_zero();
    in_force.moved = d.exec_type == ExecType::kRestated;
    if (d.exec_type == ExecType::kReplaced && !asked.empty()) {
        in_force.sent = asked.front().sent;
        in_force.position = asked.front().position;
        took(e.ts - in_force.sent);
        asked.pop_front();
    }
    order->at_venue.push_back(in_force);
}

void StoryBuilder::correct(const CorrectionData& d) {
    OrderStory* const order = find(d.order_id);
    if (order == nullptr) return;
    const auto at = std::find_if(order->fills.begin(), order->fills.end(),
                                 [&](const FillStory& f) { return f.exec_id == d.ref_exec_id; });
    if (at == order->fills.end()) return;
    if (d.kind == CorrectionKind::kBust) {
        order->fills.erase(at);
        ++order->busted;
        return;
    }
    at->price = d.price;
    at->quantity = d.quantity;
    at->exec_id = d.exec_id;
    at->corrected = true;
}

}  // namespace fermata::compare
