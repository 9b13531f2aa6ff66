#include "adapters/fix/request_decoder.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/utc_text.hpp"

namespace fermata::fix {
namespace {

using Kind = RequestProblem::Kind;

struct RawField {
    int tag = 0;
    std::string_view value;
};
using Fields = std::span<const RawField>;

/// The next field of `bytes`, which it leaves; nullopt at the end and at what is no field.
std::optional<RawField> take_field(std::string_view& bytes) noexcept {
    const std::size_t equals = bytes.find('=');
    if (equals == 0 || equals > 9) return std::nullopt;  // npos, too
    const auto tag = parse_whole(bytes.substr(0, equals));
    if (!tag) return std::nullopt;
    const std::size_t end = bytes.find('\001', equals);
    const std::size_t stop = end == std::string_view::npos ? bytes.size() : end;
    const RawField field{static_cast<int>(*tag), bytes.substr(equals + 1, stop - equals - 1)};
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    return field;
}

/// Reads fields one by one; the first problem stays.
class Reader {
public:
    explicit Reader(Fields fields) : fields_(fields) {}

    [[nodiscard]] std::string_view text(int tag) const noexcept {
        for (const RawField& field : fields_) {
            if (field.tag == tag) return field.value;
        }
        return {};
    }
    [[nodiscard]] std::string required(int tag) {
        const std::string_view value = text(tag);
        if (value.empty()) refuse(Kind::kMissing, tag);
        return std::string(value);
    }
    [[nodiscard]] char code(int tag, bool must_be) {
        const std::string_view value = text(tag);
        if (value.size() == 1) return value[0];
        if (!value.empty() || must_be) refuse(value.empty() ? Kind::kMissing : Kind::kFormat, tag);
        return 0;
    }
    template <class F>
    [[nodiscard]] F number(int tag, bool must_be, bool may_be_negative) {
        const std::string_view value = text(tag);
        if (value.empty()) {
            if (must_be) refuse(Kind::kMissing, tag);
            return F::zero();
        }
        const auto parsed = parse_as<F>(value);
        if (!parsed) {
            refuse(Kind::kFormat, tag);
            return F::zero();
        }
        if (!may_be_negative && parsed->is_negative()) refuse(Kind::kValue, tag);
        return *parsed;
    }
    [[nodiscard]] std::int64_t whole(int tag, std::int64_t otherwise) {
        const std::string_view value = text(tag);
        if (value.empty()) return otherwise;
        const auto parsed = parse_whole(value);
        if (!parsed) refuse(Kind::kFormat, tag);
        return parsed.value_or(otherwise);
    }
    [[nodiscard]] std::optional<Timestamp> time(int tag) {
        const std::string_view value = text(tag);
        if (value.empty()) return std::nullopt;
        const auto parsed = parse_utc(value);
        if (!parsed) refuse(Kind::kFormat, tag);
        return parsed;
    }
    /// ExecInst (18): letters with spaces between them.
    [[nodiscard]] bool instructs(char letter) const noexcept {
        const std::string_view value = text(18);
        for (std::size_t n = 0; n < value.size(); ++n) {
            const bool alone =
                (n == 0 || value[n - 1] == ' ') && (n + 1 == value.size() || value[n + 1] == ' ');
            if (alone && value[n] == letter) return true;
        }
        return false;
    }
    void refuse(Kind kind, int tag) noexcept {
        if (!problem_) problem_ = RequestProblem{kind, tag};
    }
    [[nodiscard]] const std::optional<RequestProblem>& problem() const noexcept { return problem_; }
    [[nodiscard]] Fields fields() const noexcept { return fields_; }

private:
    Fields fields_;
    std::optional<RequestProblem> problem_;
};

void read_side(Reader& in, OrderTerms& order) {
    order.side_code = in.code(54, true);
    switch (order.side_code) {
        case '1':
            break;
        case '2':
            order.side = Side::kSell;
            break;
        case '5':
            order.side = Side::kSell;
            order.flags |= kOrderShort;
            break;
        case '6':
            order.side = Side::kSell;
            order.flags |= kOrderShortExempt;
            break;
        default:
            order.unsupported = "this side (54) is not traded here";
    }
}

/// OrdType (40) P: what it is pegged to, or whether it trails, is said by ExecInst.
void read_pegged(Reader& in, OrderTerms& order) {
    order.type = OrderType::kPegged;
    order.offset = in.number<Price>(211, false, true).raw();
    if (!in.text(836).empty() && in.text(836) != "0") {
        order.unsupported = "a peg offset is a distance in price (836=0)";
    }
    if (in.instructs('R')) {
        order.offset_kind = OffsetKind::kPegPrimary;
    } else if (in.instructs('P')) {
        order.offset_kind = OffsetKind::kPegMarket;
    } else if (in.instructs('M')) {
        order.offset_kind = OffsetKind::kPegMid;
    } else if (in.instructs('a')) {
        order.type = OrderType::kTrailingStop;
        order.offset_kind = OffsetKind::kTrailPrice;
        if (order.offset < 0) order.offset = -order.offset;
        order.price = Price::zero();
    } else {
        order.unsupported = "a pegged order says R, P, M or a in ExecInst (18)";
    }
}

void read_type(Reader& in, OrderTerms& order) {
    order.type_code = in.code(40, true);
    switch (order.type_code) {
        case '1':
            order.type = OrderType::kMarket;
            break;
        case '2':
            order.type = OrderType::kLimit;
            break;
        case '3':
            order.type = OrderType::kStop;
            break;
        case '4':
            order.type = OrderType::kStopLimit;
            break;
        case '5':  // market on close
            order.type = OrderType::kMarket;
            order.tif = TimeInForce::kAtc;
            break;
        case 'B':  // limit on close
            order.type = OrderType::kLimit;
            order.tif = TimeInForce::kAtc;
            break;
        case 'J':
            order.type = OrderType::kMarketIfTouched;
            break;
        case 'K':
            order.type = OrderType::kMarketToLimit;
            break;
        case 'P':
            read_pegged(in, order);
            break;
        default:
            order.unsupported = "this order type (40) is not known here";
    }
}

void read_tif(Reader& in, OrderTerms& order) {
    const char code = in.code(59, false);
    switch (code) {
        case 0:
            return;
        case '0':
            if (order.type_code != '5' && order.type_code != 'B') order.tif = TimeInForce::kDay;
            return;
        case '1':
            order.tif = TimeInForce::kGtc;
            return;
        case '2':
            order.tif = TimeInForce::kAto;
            return;
        case '3':
            order.tif = TimeInForce::kIoc;
            return;
        case '4':
            order.tif = TimeInForce::kFok;
            return;
        case '6':
            order.tif = TimeInForce::kGtd;
            if (const auto time = in.time(126)) {
                order.expire_time = *time;
            } else {
                order.unsupported = "good till date needs ExpireTime (126)";
            }
            return;
        case '7':
            order.tif = TimeInForce::kAtc;
            return;
        default:
            order.unsupported = "this time in force (59) is not known here";
    }
}

void read_terms(Reader& in, OrderTerms& order) {
    order.client_id = in.required(11);
    order.original_id = std::string(in.text(41));
    order.order_id = std::string(in.text(37));
    order.account = std::string(in.text(1));
    order.symbol = in.required(55);
    read_side(in, order);
    order.price = in.number<Price>(44, false, true);
    order.stop_price = in.number<Price>(99, false, true);
    read_type(in, order);
    read_tif(in, order);
    order.quantity = in.number<Quantity>(38, true, false);
    order.display_quantity = in.number<Quantity>(111, false, false);
    if (in.instructs('6')) order.flags |= kOrderPostOnly;
    if (in.instructs('E')) order.flags |= kOrderReduceOnly;
    if (has_limit_price(order.type) && in.text(44).empty()) in.refuse(Kind::kMissing, 44);
    if (has_stop_price(order.type) && in.text(99).empty()) in.refuse(Kind::kMissing, 99);
    if (!has_limit_price(order.type) && order.type != OrderType::kPegged) {
        order.price = Price::zero();
    }
}

void read_names(Reader& in, OrderTerms& order) {
    order.client_id = std::string(in.text(11));
    order.original_id = std::string(in.text(41));
    order.order_id = std::string(in.text(37));
    order.account = std::string(in.text(1));
    order.symbol = std::string(in.text(55));
}

/// Each entry of NoOrders (73) begins with its ClOrdID.
void read_list(Reader& in, VenueRequest& request) {
    request.id = in.required(66);
    const std::int64_t count = in.whole(73, -1);
    if (count < 0) return in.refuse(Kind::kMissing, 73);
    const Fields all = in.fields();
    std::size_t at = 0;
    while (at < all.size() && all[at].tag != 73) ++at;
    ++at;
    while (at < all.size()) {
        if (all[at].tag != 11) return in.refuse(Kind::kFormat, 73);
        std::size_t end = at + 1;
        while (end < all.size() && all[end].tag != 11) ++end;
        Reader entry(all.subspan(at, end - at));
        read_terms(entry, request.orders.emplace_back());
        if (entry.problem()) return in.refuse(entry.problem()->kind, entry.problem()->tag);
        at = end;
    }
    if (static_cast<std::int64_t>(request.orders.size()) != count) in.refuse(Kind::kFormat, 73);
}

void read_market_data(Reader& in, VenueRequest& request) {
    request.id = in.required(262);
    request.action = in.code(263, true);
    request.depth = in.whole(264, 1);
    for (const RawField& field : in.fields()) {
        if (field.tag == 55) request.symbols.emplace_back(field.value);
        if (field.tag != 269) continue;
        if (field.value == "0") {
            request.entries |= kEntryBid;
        } else if (field.value == "1") {
            request.entries |= kEntryOffer;
        } else if (field.value == "2") {
            request.entries |= kEntryTrade;
        } else {
            request.unsupported = "entry types (269) here are 0, 1 and 2";
            request.refusal = '8';
        }
    }
    if (request.action != '0' && request.action != '1' && request.action != '2') {
        request.unsupported = "subscriptions (263) are 0, 1 or 2";
        request.refusal = '4';
    }
    if (request.action == '1' && in.text(265) == "0") {
        request.unsupported = "updates come as increments (265=1)";
        request.refusal = '6';
    }
    if (request.action == '2') return;
    if (request.symbols.empty()) in.refuse(Kind::kMissing, 55);
    if (request.entries == 0 && request.unsupported.empty()) in.refuse(Kind::kMissing, 269);
}

void read_body(Reader& in, VenueRequest& request) {
    const auto one_symbol = [&] {
        if (const auto symbol = in.text(55); !symbol.empty()) request.symbols.emplace_back(symbol);
    };
    switch (request.kind) {
        case RequestKind::kNewOrder:
            return read_terms(in, request.order);
        case RequestKind::kReplace:
            read_terms(in, request.order);
            if (request.order.original_id.empty() && request.order.order_id.empty()) {
                in.refuse(Kind::kMissing, 41);
            }
            return;
        case RequestKind::kCancel:
            read_names(in, request.order);
            if (request.order.client_id.empty()) in.refuse(Kind::kMissing, 11);
            if (request.order.original_id.empty() && request.order.order_id.empty()) {
                in.refuse(Kind::kMissing, 41);
            }
            return;
        case RequestKind::kOrderStatus:
            read_names(in, request.order);
            if (request.order.client_id.empty() && request.order.order_id.empty()) {
                in.refuse(Kind::kMissing, 11);
            }
            return;
        case RequestKind::kMassStatus:
            request.id = in.required(584);
            request.action = in.code(585, true);
            request.order.account = std::string(in.text(1));
            return one_symbol();
        case RequestKind::kMassCancel:
            request.id = in.required(11);
            request.action = in.code(530, true);
            request.order.account = std::string(in.text(1));
            return one_symbol();
        case RequestKind::kOrderList:
            return read_list(in, request);
        case RequestKind::kMarketData:
            return read_market_data(in, request);
        case RequestKind::kSecurityList:
            request.id = in.required(320);
            request.action = in.code(559, true);
            return one_symbol();
        case RequestKind::kTradingSessionStatus:
            request.id = in.required(335);
            request.action = in.code(263, true);
            return;
    }
}

std::optional<RequestKind> kind_of(std::string_view type) noexcept {
    constexpr std::pair<std::string_view, RequestKind> kTypes[] = {
        {"D", RequestKind::kNewOrder},     {"F", RequestKind::kCancel},
        {"G", RequestKind::kReplace},      {"H", RequestKind::kOrderStatus},
        {"AF", RequestKind::kMassStatus},  {"q", RequestKind::kMassCancel},
        {"E", RequestKind::kOrderList},    {"V", RequestKind::kMarketData},
        {"x", RequestKind::kSecurityList}, {"g", RequestKind::kTradingSessionStatus},
    };
    for (const auto& [text, kind] : kTypes) {
        if (text == type) return kind;
    }
    return std::nullopt;
}

}  // namespace

std::string_view message_type(std::string_view bytes) noexcept {
    while (const auto field = take_field(bytes)) {
        if (field->tag == 35) return field->value;
    }
    return {};
}

Result<VenueRequest, RequestProblem> decode_request(std::string_view bytes) {
    const auto kind = kind_of(message_type(bytes));
    if (!kind) return Err{RequestProblem{Kind::kType, 35}};
    std::vector<RawField> fields;
    fields.reserve(32);
    VenueRequest request;
    request.kind = *kind;
    while (!bytes.empty()) {
        const auto field = take_field(bytes);
        if (!field) return Err{RequestProblem{Kind::kFormat, 0}};
        switch (field->tag) {
            case 8:  // of the session, not of the request
            case 9:
            case 10:
            case 34:
            case 35:
            case 49:
            case 52:
            case 56:
            case 122:
                break;
            case 43:
            case 97:
                request.repeated = request.repeated || field->value == "Y";
                break;
            default:
                fields.push_back(*field);
        }
    }
    Reader in(fields);
    read_body(in, request);
    if (in.problem()) return Err{*in.problem()};
    return request;
}

}  // namespace fermata::fix
