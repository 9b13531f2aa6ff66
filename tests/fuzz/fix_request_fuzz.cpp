// Feeds bytes to the decoder of what members send to a venue. It may refuse anything, but not
// crash, and what it accepts must hold what its kind promises.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/fix/request_decoder.hpp"
#include "core/base/assert.hpp"

namespace {

void check(const fermata::fix::OrderTerms& order) {
    FERMATA_ASSERT(!order.client_id.empty() && !order.symbol.empty());
    FERMATA_ASSERT(!order.quantity.is_negative() && !order.display_quantity.is_negative());
    // A type that has a price has been given one, or says why it is not taken.
    FERMATA_ASSERT(order.type != fermata::OrderType::kMarket || order.price.is_zero());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using fermata::fix::RequestKind;
    // Seeds are easier to write with | between the fields.
    std::string text(reinterpret_cast<const char*>(data), size);
    for (char& c : text) {
        if (c == '|') c = '\001';
    }
    const auto request = fermata::fix::decode_request(text);
    if (!request) return 0;
    switch (request->kind) {
        case RequestKind::kNewOrder:
        case RequestKind::kReplace:
            check(request->order);
            break;
        case RequestKind::kCancel:
            FERMATA_ASSERT(!request->order.client_id.empty());
            break;
        case RequestKind::kOrderList:
            for (const auto& order : request->orders) check(order);
            break;
        case RequestKind::kMarketData:
            FERMATA_ASSERT(request->action == '2' || !request->symbols.empty());
            break;
        default:
            FERMATA_ASSERT(request->kind == RequestKind::kOrderStatus || !request->id.empty());
    }
    return 0;
}
