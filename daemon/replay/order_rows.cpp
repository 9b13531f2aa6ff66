#include "daemon/replay/order_rows.hpp"

#include <utility>

#include "daemon/replay/order_flags.hpp"
#include "risk/verdict_text.hpp"

namespace fermata {
namespace {

constexpr std::string_view kHeader =
    "ts_ns,order_id,tag,parent,link,link_role,strategy,account,venue,instrument,side,type,tif,"
    "flags,quantity,price,stop_price,offset_kind,offset,display_quantity,previous,state,reason,"
    "cumulative_quantity,leaves_quantity,average_price,failed_controls,"
    "reject_text";

/// Average price of the fills: gross value / (quantity x multiplier), rounded to the price's
/// resolution.
std::string average_price(const OrderUpdateData& update, const Instrument& instrument) {
    if (!update.cumulative_quantity.is_positive()) return {};
    // Money 1e-6 x 1e11 -> price 1e-9 x quantity 1e-8, with the multiplier in 1e-8 on both sides.
    const __int128 numerator = static_cast<__int128>(update.average_value.raw()) * 100'000'000'000;
    const auto units = divide_half_even(
        static_cast<__int128>(update.cumulative_quantity.raw()) * instrument.multiplier.raw(),
        Multiplier::kOne);
    if (!units || *units <= 0) return {};
    const auto price = divide_half_even(numerator, *units);
    return price ? to_string(Price::from_raw(*price)) : std::string{};
}

/// Of a sale: what it was sent as, not what was asked for.
constexpr std::uint8_t kMarks = kOrderShort | kOrderShortExempt;

}  // namespace

OrderRows::OrderRows(const std::filesystem::path& dir, const RunNames& names,
                     std::unique_ptr<Hasher> hasher)
    : names_(names), file_(dir / "orders.csv", kHeader, std::move(hasher)) {}

void OrderRows::on_record(const OrderEvent& e) {
    if ((e.flags & kFlagInput) != 0) replaced_ = ClientOrderId{};
    switch (e.type) {
        case OrderEventType::kExecution:
            if (e.data.execution.exec_type == ExecType::kReplaced) {
                replaced_ = e.data.execution.order_id;
            }
            break;
        case OrderEventType::kNewOrder:
            on_new(e.data.new_order);
            break;
        case OrderEventType::kVerdict:
            on_verdict(e.data.verdict);
            break;
        case OrderEventType::kSendReplace:
            if (const auto found = terms_.find(e.data.change.tag.value); found != terms_.end()) {
                found->second.wanted =
                    Distance{e.data.change.offset, e.data.change.display_quantity};
            }
            break;
        case OrderEventType::kOrderUpdate:
            on_update(e);
            break;
        default:
            break;
    }
}

ClientOrderId OrderRows::id_of(OrderTag tag) const {
    const auto found = terms_.find(tag.value);
    return found == terms_.end() ? ClientOrderId{} : found->second.order_id;
}

void OrderRows::on_new(const NewOrderData& d) {
    Terms terms;
    terms.order_id = d.order_id;
    terms.parent = d.parent;
    terms.link = d.link;
    terms.venue = d.venue;
    terms.offset_kind = d.offset_kind;
    terms.link_role = d.link_role;
    terms.flags = d.flags;
    terms.now = {d.offset, d.display_quantity};
    // A tag that is used again gets no id, and must not cover the order that has it.
    if (d.order_id.value != 0) {
        terms_[d.tag.value] = terms;
    } else {
        terms_.try_emplace(d.tag.value, terms);
    }
}

void OrderRows::on_verdict(const VerdictData& d) {
    // The answer to a question decides about no order.
    if (d.action == static_cast<std::uint8_t>(OrderEventType::kPreview)) return;
    if (d.approved == 0) refused_[d.tag.value] = d;
}

/// The text of the refusal that an update tells of.
std::string OrderRows::reject_text(const OrderUpdateData& update) {
    if (update.failed == 0) return {};
    const auto found = refused_.find(update.tag.value);
    if (found == refused_.end()) return {};
    const VerdictData verdict = found->second;
    refused_.erase(found);
    return render_verdict(verdict);
}

void OrderRows::on_update(const OrderEvent& e) {
    const OrderUpdateData& update = e.data.update;
    const auto found = terms_.find(update.tag.value);
    Terms* terms = found == terms_.end() ? nullptr : &found->second;
    if (terms != nullptr && terms->wanted && replaced_ == terms->order_id) {
        terms->now = *std::exchange(terms->wanted, std::nullopt);
    }
    file_.field(e.ts.ns).field(update.order_id.value).field(names_.tag(update.tag));
    const auto none = [this] { file_.field(std::string_view{}); };
    const auto shown = [&](bool given, auto value) { given ? (void)file_.field(value) : none(); };
    if (terms != nullptr) {
        file_.field(names_.tag(terms->parent));
        shown(terms->link != 0, static_cast<std::uint64_t>(terms->link));
        shown(terms->link_role != LinkRole::kNone, name(terms->link_role));
    } else {
        for (int column = 0; column < 3; ++column) none();
    }
    file_.field(names_.strategy(update.strategy)).field(names_.account(update.account));
    shown(terms != nullptr, terms != nullptr ? names_.venue(terms->venue) : std::string_view{});
    file_.field(names_.instrument(e.instrument))
        .field(name(update.side))
        .field(name(update.type))
        .field(name(update.tif))
        .field(render_order_flags(static_cast<std::uint8_t>(
            update.flags | (terms != nullptr ? terms->flags & ~kMarks : 0))))
        .field(update.quantity);
    shown(has_limit_price(update.type) || !update.price.is_zero(), update.price);
    shown(has_stop_price(update.type) || !update.stop_price.is_zero(), update.stop_price);
    const bool distant = terms != nullptr && terms->offset_kind != OffsetKind::kNone;
    shown(distant, distant ? name(terms->offset_kind) : std::string_view{});
    shown(distant, Price::from_raw(distant ? terms->now.offset : 0));
    const bool iceberg = terms != nullptr && terms->now.display_quantity.is_positive();
    shown(iceberg, iceberg ? terms->now.display_quantity : Quantity{});
    file_.field(name(update.previous)).field(name(update.state));
    shown(update.reason != OrderReason::kNone, name(update.reason));
    file_.field(update.cumulative_quantity).field(update.leaves_quantity);
    file_.field(names_.instruments->contains(e.instrument)
                    ? average_price(update, (*names_.instruments)[e.instrument])
                    : std::string{});
    file_.field(render_codes(update.failed)).field(reject_text(update)).end_row();
}

}  // namespace fermata
