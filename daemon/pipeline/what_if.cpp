#include "daemon/pipeline/what_if.hpp"

#include "core/base/assert.hpp"
#include "core/order/closing_tag.hpp"
#include "core/order/event_buffer.hpp"

namespace fermata {
namespace {

/// Of the 2^47 that a strategy's tags count (closing_tag.hpp): more than a strategy can have sent.
constexpr std::uint64_t kFirstTag = kClosingCount >> 1;
constexpr std::uint32_t kBasketLink = 0xffff'ffff;

}  // namespace

OrderEvent WhatIf::prepared(const OrderEvent& order, Timestamp now, std::uint64_t count) noexcept {
    OrderEvent e = order;
    e.ts = now;
    e.data.new_order.tag = make_order_tag(order.data.new_order.strategy, kFirstTag + count);
    e.data.new_order.order_id = ClientOrderId{};
    return e;
}

WhatIfAnswer WhatIf::ask(const OrderEvent& order) noexcept {
    WhatIfAnswer answer;
    answer.order = order;
    OrderEvent question = order;
    question.type = OrderEventType::kPreview;
    answer.verdict = gate_.preview(question, &answer.explanation);
    return answer;
}

std::vector<WhatIfAnswer> WhatIf::each(std::span<const OrderEvent> orders, Timestamp now) {
    std::vector<WhatIfAnswer> answers;
    for (const OrderEvent& order : orders) answers.push_back(ask(prepared(order, now, 0)));
    return answers;
}

std::vector<WhatIfAnswer> WhatIf::basket(std::span<const OrderEvent> orders, Timestamp now) {
    std::vector<WhatIfAnswer> answers;
    if (orders.empty()) return answers;
    EventBuffer out(orders_.events_max());
    gate_.begin_basket(orders.front().data.new_order.strategy);
    std::uint64_t count = 0;
    for (const OrderEvent& order : orders) {
        FERMATA_ASSERT(order.data.new_order.strategy == orders.front().data.new_order.strategy);
        OrderEvent member = prepared(order, now, count++);
        member.data.new_order.flags |= kOrderBasket;
        member.data.new_order.link = kBasketLink;
        answers.push_back(ask(member));
        orders_.number(member);
        const VerdictData verdict = gate_.check_new(member);
        while (gate_.next_self_match()) {  // what it would cancel stays: nothing is sent
        }
        if (verdict.approved == 0) continue;
        if (!orders_.reserve(member, gate_.reserve_price(member), out)) {
            answers.back().verdict.approved = 0;  // the order manager has no room for it
        }
        out.clear();
    }
    return answers;
}

}  // namespace fermata
