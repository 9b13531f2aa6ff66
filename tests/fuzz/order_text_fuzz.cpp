// Any bytes as an order in words: it is refused with what was found and what was expected, or it is
// an order that, written with every word that the grammar has for it, is read as the same again.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/order_text.hpp"

namespace {

using namespace fermata;

/// Two accounts and three strategies, so that each can follow from the other or be left open; names
/// with a blank and with an equals sign, which must be quoted.
const Config& configured() {
    static const Config made = [] {
        Config c;
        for (const char* symbol : {"AAA", "B B", "C=F"}) {
            Instrument i;
            i.symbol = symbol;
            i.ticks = {{Timestamp::min(), Price::from_raw(1)}};
            c.instruments.add(i);
        }
        for (const char* name : {"main", "the other"}) {
            AccountConfig& account = c.accounts.emplace_back();
            account.id = AccountId{static_cast<AccountId::rep>(c.accounts.size() - 1)};
            account.name = name;
        }
        for (const char* name : {"sim", "x=y"}) {
            SimConfig& venue = c.venues.emplace_back();
            venue.venue = VenueId{static_cast<VenueId::rep>(c.venues.size() - 1)};
            venue.name = name;
        }
        for (const char* name : {"hold", "idle", "with blank"}) {
            StrategyConfig& strategy = c.strategies.emplace_back();
            const auto n = c.strategies.size() - 1;
            strategy.id = StrategyId{static_cast<StrategyId::rep>(n)};
            strategy.name = name;
            strategy.account = AccountId{static_cast<AccountId::rep>(n == 1 ? 1 : 0)};
            strategy.venue = VenueId{static_cast<VenueId::rep>(n == 2 ? 1 : 0)};
        }
        return c;
    }();
    return made;
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// Every member of the order in the words of the grammar.
std::string written(const OrderEvent& e) {
    const NewOrderData& d = e.data.new_order;
    std::string out = d.side == Side::kBuy ? "buy " : "sell ";
    out += to_string(d.quantity) + ' ' + quoted(configured().instruments[e.instrument].symbol);
    out += " type=" + std::string(name(d.type)) + " tif=" + std::string(name(d.tif));
    if (!d.price.is_zero()) out += " limit=" + to_string(d.price);
    if (!d.stop_price.is_zero()) out += " stop=" + to_string(d.stop_price);
    if (d.expire_time.ns != 0) out += " expires=" + format_iso_timestamp(d.expire_time);
    if (!d.display_quantity.is_zero()) out += " display=" + to_string(d.display_quantity);
    switch (d.offset_kind) {
        case OffsetKind::kNone:
            break;
        case OffsetKind::kTrailPrice:
            out += " trail=" + format_decimal(d.offset, Price::kDecimals);
            break;
        case OffsetKind::kTrailPercent:
            // A percentage has two decimals fewer than its ratio.
            out += " trail_percent=" + format_decimal(d.offset, Ratio::kDecimals - 2);
            break;
        case OffsetKind::kPegMid:
            out += " peg_mid=" + format_decimal(d.offset, Price::kDecimals);
            break;
        case OffsetKind::kPegPrimary:
            out += " peg_primary=" + format_decimal(d.offset, Price::kDecimals);
            break;
        case OffsetKind::kPegMarket:
            out += " peg_market=" + format_decimal(d.offset, Price::kDecimals);
            break;
    }
    if ((d.flags & kOrderPostOnly) != 0) out += " post_only";
    if ((d.flags & kOrderReduceOnly) != 0) out += " reduce_only";
    out += " account=" + quoted(configured().accounts.at(d.account.value).name);
    out += " strategy=" + quoted(configured().strategies.at(d.strategy.value).name);
    return out + " venue=" + quoted(configured().venues.at(d.venue.value).name);
}

bool equal(const OrderEvent& a, const OrderEvent& b) {
    const NewOrderData& x = a.data.new_order;
    const NewOrderData& y = b.data.new_order;
    return a.type == b.type && a.ts == b.ts && a.instrument == b.instrument && x.tag == y.tag &&
           x.order_id == y.order_id && x.price == y.price && x.stop_price == y.stop_price &&
           x.quantity == y.quantity && x.expire_time == y.expire_time &&
           x.display_quantity == y.display_quantity && x.offset == y.offset &&
           x.parent == y.parent && x.link == y.link && x.strategy == y.strategy &&
           x.account == y.account && x.venue == y.venue && x.side == y.side && x.type == y.type &&
           x.tif == y.tif && x.flags == y.flags && x.offset_kind == y.offset_kind &&
           x.link_role == y.link_role;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    OrderEvent order;
    try {
        order = parse_order(text, configured());
    } catch (const std::invalid_argument& e) {
        const std::string_view what = e.what();
        FERMATA_ASSERT(what.starts_with("--order '"));
        const std::size_t found = what.rfind("': found ");
        FERMATA_ASSERT(found != std::string_view::npos);
        FERMATA_ASSERT(what.find(", expected ", found) != std::string_view::npos);
        FERMATA_ASSERT(!what.ends_with(", expected "));
        for (const char c : what) FERMATA_ASSERT(static_cast<unsigned char>(c) >= 0x20);
        return 0;
    }
    FERMATA_ASSERT(order.type == OrderEventType::kNewOrder);
    const NewOrderData& d = order.data.new_order;
    FERMATA_ASSERT(d.expire_time.ns == 0 || d.tif == TimeInForce::kGtd);
    // No catch: what was taken is taken again.
    FERMATA_ASSERT(equal(parse_order(written(order), configured()), order));
    const std::string line = order_in_words(order, configured());
    FERMATA_ASSERT(!line.empty() && line.find('\n') == std::string::npos);
    return 0;
}
