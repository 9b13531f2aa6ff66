// Replaces that a venue does not answer: the report was lost, or the request never came there. See
// venue_desk.hpp.

#include <algorithm>
#include <optional>

#include "daemon/cli/id_text.hpp"
#include "daemon/live/report_in_place.hpp"
#include "daemon/live/venue_desk.hpp"

namespace fermata {
namespace {

/// So often a venue is asked because of one replace.
constexpr unsigned kAskedMax = 3;

/// What the venue says of the order as the answer that never came; nothing: it does not tell.
/// `told`: nullptr, it tells of all that is open, and not of this.
std::optional<OrderEvent> answer_of(const BookedOrder& known, const ToldOrder* told,
                                    Timestamp now) {
    const KnownOrder& order = known.order;
    if (told == nullptr || is_terminal(told->status.state)) {
        // Of one that it said more of it was filled than is booked, or that it did not end, the
        // desk asks otherwise.
        if (!known.over || !known.missing().is_zero()) return std::nullopt;
        return report_in_place(now, order, ExecType::kReplaceRejected,
                               OrderReason::kTooLateToCancel);
    }
    const LinkOrderStatus& there = told->status;
    if (there.cumulative_quantity != known.filled() || there.state == OrderState::kPendingReplace ||
        there.state == OrderState::kPendingCancel) {
        return std::nullopt;
    }
    if (told->name == client_order_text(order.id) + "-" + std::to_string(order.asked)) {
        OrderEvent e = report_in_place(now, order, ExecType::kReplaced, OrderReason::kNone);
        e.data.execution.leaves_quantity = there.leaves_quantity;
        e.data.execution.price = known.asked_price;
        e.data.execution.stop_price = known.asked_stop_price;
        return e;
    }
    const bool as_before = there.cumulative_quantity + there.leaves_quantity == order.quantity &&
                           there.price == order.price;
    const bool asked_for_that =
        known.asked_quantity == order.quantity && known.asked_price == order.price;
    if (!as_before || asked_for_that) return std::nullopt;
    OrderEvent e =
        report_in_place(now, order, ExecType::kReplaceRejected, OrderReason::kDisconnected);
    e.data.execution.leaves_quantity = there.leaves_quantity;
    return e;
}

std::string_view meaning(const ExecutionData& x) {
    if (x.exec_type == ExecType::kReplaced) return "are in force there";
    return x.reason == OrderReason::kDisconnected ? "were not received there"
                                                  : "came too late: it is over there";
}

}  // namespace

/// The venue was asked and told how its orders stand. True: an answer in its place is on its way to
/// the record, or it is asked about one order by itself.
bool VenueDesk::settles_replaces(Venue& v, VenueId id, Timestamp now) {
    bool waits = false;
    for (const BookedOrder& known : book_.replacing(id)) {
        // What was said of it since the venue was asked may be the answer.
        const auto question = v.questions.find(known.order.id);
        const std::uint64_t after =
            question == v.questions.end() ? v.asked_after : question->second.after;
        if (now - known.asked_at <= settings_.patience || known.changed > after) continue;
        const auto told = std::find_if(v.orders.rbegin(), v.orders.rend(), [&](const ToldOrder& t) {
            return t.status.order_id == known.order.id;
        });
        if (told == v.orders.rend() && !v.with.tells_all) {
            if (question == v.questions.end()) {
                v.questions.emplace(known.order.id, Question{now, book_.changes()});
                v.with.link->ask(known.order.id);
                waits = true;
            } else {
                waits = waits || now - question->second.at < settings_.patience;
            }
            continue;
        }
        const auto report = answer_of(known, told == v.orders.rend() ? nullptr : &*told, now);
        if (!report) continue;
        waits = true;
        if (now - v.told_at < settings_.settle ||
            !v.replaced.emplace(known.order.id, known.order.asked).second) {
            continue;
        }
        v.with.link->add(*report);
        say(v.with.name + ": new terms of order " + client_order_text(known.order.id) + " " +
            std::string(meaning(report->data.execution)) + "; the answer was lost");
    }
    return waits;
}

/// A venue that is reconciled owes an answer for longer than it is waited for.
bool VenueDesk::misses_replaces(Venue& v, VenueId id, Timestamp now) const {
    bool asks = false;
    for (const BookedOrder& known : book_.replacing(id)) {
        if (now - known.asked_at <= settings_.patience || now - v.asked_at <= settings_.patience) {
            continue;
        }
        unsigned& times = v.replaces_asked[{known.order.id, known.order.asked}];
        if (times >= kAskedMax) continue;
        ++times;
        asks = true;
    }
    return asks;
}

}  // namespace fermata
