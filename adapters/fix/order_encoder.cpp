#include "adapters/fix/order_encoder.hpp"

#include "adapters/fix/capabilities.hpp"
#include "core/base/assert.hpp"

namespace fermata::fix {
namespace {

char type_code(OrderType type) noexcept {
    switch (type) {
        case OrderType::kMarket:
            return '1';
        case OrderType::kLimit:
            return '2';
        case OrderType::kStop:
            return '3';
        case OrderType::kStopLimit:
            return '4';
        case OrderType::kMarketIfTouched:
            return 'J';
        case OrderType::kMarketToLimit:
            return 'K';
        default:
            return '\0';  // FIX 4.4 has no word, or a different one at every venue
    }
}

char tif_code(TimeInForce tif) noexcept {
    switch (tif) {
        case TimeInForce::kDay:
            return '0';
        case TimeInForce::kGtc:
            return '1';
        case TimeInForce::kAto:
            return '2';
        case TimeInForce::kIoc:
            return '3';
        case TimeInForce::kFok:
            return '4';
        case TimeInForce::kGtd:
            return '6';
        case TimeInForce::kAtc:
            return '7';
    }
    return '\0';
}

/// A sale that is not long says so.
char side_code(Side side, std::uint8_t flags) noexcept {
    if (side == Side::kBuy) return '1';
    if ((flags & kOrderShortExempt) != 0) return '6';
    return (flags & kOrderShort) != 0 ? '5' : '2';
}

bool has_stop(OrderType type) noexcept { return has_stop_price(type); }

}  // namespace

VenueCapabilities fix_capabilities(VenueCapabilities c, bool says_expiry) noexcept {
    for (int n = 0; n < kOrderTypeCount; ++n) {
        if (type_code(static_cast<OrderType>(n)) == '\0') c.drop(static_cast<OrderType>(n));
    }
    for (int n = 1; n < kOffsetKindCount; ++n) c.drop(static_cast<OffsetKind>(n));
    c.drop(kVenueLinks);
    if (!says_expiry) c.drop(TimeInForce::kGtd);
    return c;
}

OrderEncoder::OrderEncoder(const Dialect& dialect) : dialect_(dialect) {
    scratch_.reserve(kTextMax);
    for (unsigned parts = 0; parts < kParts; ++parts) {
        new_[parts] = std::make_unique<FIX::Message>(make("D", parts));
        replace_[parts] = std::make_unique<FIX::Message>(make("G", parts));
    }
    for (const unsigned parts : {0U, unsigned{kAccount}}) {
        cancel_[cancel_index(parts)] = std::make_unique<FIX::Message>(make("F", parts));
        const unsigned typed = parts | kSecurityType;
        cancel_[cancel_index(typed)] = std::make_unique<FIX::Message>(make("F", typed));
    }
}

FIX::Message OrderEncoder::make(const char* type, unsigned parts) const {
    FIX::Message m;
    m.getHeader().setField(FIX::MsgType(type));
    // Long enough for every value, so that filling it in does not allocate.
    const std::string room(kTextMax, ' ');
    const auto with = [&](int tag) { m.setField(tag, room); };
    for (const int tag : {11, 38, 54, 55, 60}) with(tag);
    if (type[0] != 'D') with(41);
    if ((parts & kAccount) != 0) with(dialect_.account_tag);
    if ((parts & kSecurityType) != 0) with(167);
    if (type[0] != 'F') {
        with(40);
        if (type[0] == 'D') with(59);
        if (dialect_.hand_inst) m.setField(21, "1");
        if ((parts & kPrice) != 0) with(44);
        if ((parts & kStop) != 0) with(99);
        if ((parts & kDisplay) != 0) with(111);
        if ((parts & kExpire) != 0) with(126);
        if ((parts & kInstruction) != 0) with(18);
        if (type[0] == 'G') with(59);
    }
    for (const auto& [tag, value] : dialect_.order_tags) m.setField(tag, value);
    return m;
}

void OrderEncoder::choose(FIX::Message& message) noexcept {
    message_ = &message;
    at_ = message.begin();
}

void OrderEncoder::put(int tag, std::string_view value) noexcept {
    FIX::Message& m = *message_;
    const auto start = at_;
    for (; at_ != m.end() && at_->getTag() != tag; ++at_) {
    }
    if (at_ == m.end()) {
        for (at_ = m.begin(); at_ != start && at_->getTag() != tag; ++at_) {
        }
    }
    FERMATA_ASSERT(at_ != m.end() && at_->getTag() == tag);
    scratch_.assign(value);
    at_->setString(scratch_);
}

template <class F>
void OrderEncoder::put_number(int tag, F number) noexcept {
    char text[kTextMax];
    put(tag, std::string_view(text, format_decimal(number.raw(), F::kDecimals, 0, text)));
}

void OrderEncoder::put_id(int tag, RequestId id) noexcept {
    char text[kTextMax];
    put(tag, std::string_view(text, format_request_id(id, text)));
}

void OrderEncoder::put_time(int tag, Timestamp ts) noexcept {
    char text[kTextMax];
    put(tag, std::string_view(text, format_utc(ts, text)));
}

unsigned OrderEncoder::name_parts(InstrumentId instrument, AccountId account) const noexcept {
    const auto said = [](const std::vector<std::string>& texts, std::uint32_t n) {
        return n < texts.size() && !texts[n].empty();
    };
    unsigned parts = 0;
    if (dialect_.account_tag != 0 && said(dialect_.accounts, account.value)) parts |= kAccount;
    if (said(dialect_.security_types, instrument.value)) parts |= kSecurityType;
    return parts;
}

bool OrderEncoder::knows(InstrumentId instrument) const noexcept {
    return instrument.value < dialect_.symbols.size() &&
           !dialect_.symbols[instrument.value].empty();
}

void OrderEncoder::put_names(InstrumentId instrument, AccountId account, unsigned parts) noexcept {
    if ((parts & kAccount) != 0) put(dialect_.account_tag, dialect_.accounts[account.value]);
    put(55, dialect_.symbols[instrument.value]);
    if ((parts & kSecurityType) != 0) put(167, dialect_.security_types[instrument.value]);
}

void OrderEncoder::put_terms(OrderType type, Price price, Price stop, Quantity quantity,
                             Quantity display, unsigned parts) noexcept {
    put_number(38, quantity);
    put(40, type_code(type));
    if ((parts & kPrice) != 0) put_number(44, price);
    if ((parts & kStop) != 0) put_number(99, stop);
    if ((parts & kDisplay) != 0) put_number(111, display);
}

FIX::Message* OrderEncoder::new_order(const OrderEvent& request) noexcept {
    const NewOrderData& d = request.data.new_order;
    if (type_code(d.type) == '\0' || tif_code(d.tif) == '\0' || !knows(request.instrument)) {
        return nullptr;
    }
    if (d.tif == TimeInForce::kGtd && !dialect_.expire_time) return nullptr;
    const bool post_only = (d.flags & kOrderPostOnly) != 0;
    const bool reduce_only = (d.flags & kOrderReduceOnly) != 0;
    unsigned parts = name_parts(request.instrument, d.account);
    if (has_limit_price(d.type)) parts |= kPrice;
    if (has_stop(d.type)) parts |= kStop;
    if (!d.display_quantity.is_zero()) parts |= kDisplay;
    if (d.tif == TimeInForce::kGtd) parts |= kExpire;
    if (post_only || reduce_only) parts |= kInstruction;
    choose(*new_[parts]);
    put_id(11, {d.order_id});
    if ((parts & kInstruction) != 0) {
        // Participate don't initiate, and do not increase.
        put(18, std::string_view(post_only && reduce_only ? "6 E" : post_only ? "6" : "E"));
    }
    put_terms(d.type, d.price, d.stop_price, d.quantity, d.display_quantity, parts);
    put(54, side_code(d.side, d.flags));
    put(59, tif_code(d.tif));
    put_time(60, request.ts);
    if ((parts & kExpire) != 0) put_time(126, d.expire_time);
    put_names(request.instrument, d.account, parts);
    return message_;
}

FIX::Message* OrderEncoder::cancel(const OrderEvent& request, const SentOrder& order) noexcept {
    if (!knows(order.instrument)) return nullptr;
    const ChangeOrderData& d = request.data.change;
    const unsigned parts = name_parts(order.instrument, order.account);
    choose(*cancel_[cancel_index(parts)]);
    put_id(11, {order.id, static_cast<std::uint32_t>(d.change_id)});
    put_number(38, order.quantity);
    put_id(41, {order.id, order.accepted});
    put(54, side_code(order.side, order.flags));
    put_time(60, request.ts);
    put_names(order.instrument, order.account, parts);
    return message_;
}

FIX::Message* OrderEncoder::replace(const OrderEvent& request, const SentOrder& order) noexcept {
    if (!knows(order.instrument) || type_code(order.type) == '\0') return nullptr;
    const ChangeOrderData& d = request.data.change;
    unsigned parts = name_parts(order.instrument, order.account);
    if (has_limit_price(order.type)) parts |= kPrice;
    if (has_stop(order.type)) parts |= kStop;
    if (!d.display_quantity.is_zero()) parts |= kDisplay;
    if (order.tif == TimeInForce::kGtd) parts |= kExpire;
    choose(*replace_[parts]);
    put_id(11, {order.id, static_cast<std::uint32_t>(d.change_id)});
    put_terms(order.type, d.price, d.stop_price, d.quantity, d.display_quantity, parts);
    put_id(41, {order.id, order.accepted});
    put(54, side_code(order.side, order.flags));
    put(59, tif_code(order.tif));
    put_time(60, request.ts);
    if ((parts & kExpire) != 0) put_time(126, order.expire_time);
    put_names(order.instrument, order.account, parts);
    return message_;
}

}  // namespace fermata::fix
