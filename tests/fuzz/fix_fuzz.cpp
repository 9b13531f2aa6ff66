// Any bytes as a venue's answer: it is refused with the field at fault, or what is made of it holds
// what the core relies on. Numbers are held against a plain reference.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/report_decoder.hpp"
#include "adapters/fix/report_resolver.hpp"
#include "core/base/assert.hpp"

namespace {

using namespace fermata;
using namespace fermata::fix;

/// Digit by digit, in 128 bits: nullopt for what is no exact number of that resolution.
std::optional<std::int64_t> reference(std::string_view text, int decimals) {
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) text.remove_prefix(1);
    __int128 value = 0;
    int behind = -1;
    bool digits = false;
    for (const char c : text) {
        if (c == '.') {
            if (behind >= 0) return std::nullopt;
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        digits = true;
        if (behind >= decimals) {
            if (c != '0') return std::nullopt;
            continue;
        }
        value = value * 10 + (c - '0');
        if (behind >= 0) ++behind;
        if (value > (static_cast<__int128>(1) << 64)) return std::nullopt;
    }
    if (!digits) return std::nullopt;
    for (int n = behind < 0 ? 0 : behind; n < decimals; ++n) {
        value *= 10;
        if (value > (static_cast<__int128>(1) << 64)) return std::nullopt;
    }
    if (value > (static_cast<__int128>(1) << 63) - 1) return std::nullopt;
    return static_cast<std::int64_t>(negative ? -value : value);
}

void check_number(std::string_view text) {
    for (const int decimals : {6, 8, 9}) {
        const auto parsed = parse_float(text, decimals);
        const auto expected = reference(text, decimals);
        FERMATA_ASSERT(parsed.ok() == expected.has_value());
        if (parsed) FERMATA_ASSERT(*parsed == *expected);
    }
}

void check_report(const OrderEvent& e) {
    if (e.type == OrderEventType::kCorrection) {
        const CorrectionData& c = e.data.correction;
        FERMATA_ASSERT(c.exec_id.value != 0 && c.ref_exec_id.value != 0);
        FERMATA_ASSERT(c.kind == CorrectionKind::kBust || c.quantity.is_positive());
        FERMATA_ASSERT(!c.leaves_quantity.is_negative() && !c.cumulative_quantity.is_negative());
        return;
    }
    FERMATA_ASSERT(e.type == OrderEventType::kExecution);
    const ExecutionData& x = e.data.execution;
    FERMATA_ASSERT(static_cast<int>(x.exec_type) < kExecTypeCount);
    FERMATA_ASSERT(!x.leaves_quantity.is_negative() && !x.cumulative_quantity.is_negative());
    const bool fill = x.exec_type == ExecType::kTrade;
    FERMATA_ASSERT(fill == x.last_quantity.is_positive());
    FERMATA_ASSERT(!fill || x.exec_id.value != 0);
}

}  // namespace

/// The first byte chooses the kind of answer; then "tag=value|" as often as it comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const Dialect dialect = [] {
        Dialect d;
        d.symbols = {"SPY", "QQQ"};
        d.accounts = {"U1"};
        d.currencies = {"USD"};
        return d;
    }();
    static const ReportDecoder decoder(dialect);
    std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    ReportFields fields;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('|'));
        text.remove_prefix(part.size() + (part.size() < text.size() ? 1 : 0));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const auto tag = parse_whole(part.substr(0, equals));
        if (!tag || *tag > 100'000) continue;
        const std::string_view value = part.substr(equals + 1);
        check_number(value);
        if (const auto id = parse_request_id(value)) {
            char again[kTextMax];
            FERMATA_ASSERT(std::string_view(again, format_request_id(*id, again)) == value);
        }
        fields.take(static_cast<int>(*tag), value);
    }
    const auto report = decoder.decode("89j3" [data[0] & 3], fields, Timestamp { 1 });
    if (!report) {
        FERMATA_ASSERT(report.error().tag != 0 && !report.error().what.empty());
        return 0;
    }
    SentOrders orders(4, 4);
    ReportResolver resolver(orders);
    SentOrder open;
    open.id = make_client_order_id(20'779, 1, 1);
    open.quantity = open.leaves_quantity = Quantity::from_units(100);
    FERMATA_ASSERT(orders.insert(open) != nullptr);
    orders.note({3, {open.id, 1}, OrderEventType::kSendCancel});
    bool unattributed = false;
    for (int n = 0; n < 2; ++n) {  // a venue may say it again
        const auto event = resolver.resolve(*report, unattributed);
        FERMATA_ASSERT(!(event && unattributed));
        if (event) check_report(*event);
        if (event && report->kind == InboundReport::Kind::kStatus) FERMATA_ASSERT(false);
    }
    return 0;
}
