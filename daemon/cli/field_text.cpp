#include "daemon/cli/field_text.hpp"

#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/event_names.hpp"
#include "risk/controls.hpp"

namespace fermata {

std::string join(std::initializer_list<std::string_view> pieces) {
    std::string out;
    for (const std::string_view piece : pieces) out += piece;
    return out;
}

std::string hex_text(std::uint64_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 0xf];
    return out;
}

std::string_view kind_name(CorporateActionKind v) noexcept {
    switch (v) {
        case CorporateActionKind::kSplit:
            return "split";
        case CorporateActionKind::kDividend:
            return "dividend";
    }
    return "?";
}

std::string_view cancels_text(std::uint8_t cancel_orders) noexcept {
    switch (static_cast<CancelOrders>(cancel_orders)) {
        case CancelOrders::kNone:
            return "no";
        case CancelOrders::kAll:
            return "yes";
        case CancelOrders::kIncreasing:
            return "increasing";
    }
    return "?";
}

std::string target_text(ControlScope scope, std::uint64_t id, const JournalManifest& manifest) {
    switch (scope) {
        case ControlScope::kFirm:
            return "";
        case ControlScope::kAccount:
            return name_of(manifest.accounts, id);
        case ControlScope::kStrategy:
            return name_of(manifest.strategies, id);
        case ControlScope::kInstrument:
            return name_of(manifest.instruments, id);
        case ControlScope::kVenue:
            return name_of(manifest.venues, id);
    }
    return "#" + std::to_string(id);
}

std::string target_text(const RiskInputData& d, const JournalManifest& manifest) {
    switch (d.kind) {
        case RiskInputKind::kLimit:
            return target_text(d.scope, d.target, manifest);
        case RiskInputKind::kBuyingPower:
            return target_text(ControlScope::kAccount, d.target, manifest);
        case RiskInputKind::kAcknowledge:
            return target_text(ControlScope::kStrategy, d.target, manifest);
        default:
            return "";
    }
}

namespace {

std::string duration(std::int64_t ns) { return format_limit(LimitUnit::kDuration, ns); }
std::string price(std::int64_t raw) { return to_string(Price::from_raw(raw)); }

std::string limit_text(const RiskInputData& d, const JournalManifest& manifest) {
    if (d.limit >= kLimitCount) return "limit #" + std::to_string(d.limit) + " is unknown";
    const auto id = static_cast<LimitId>(d.limit);
    std::string out = "limit " + limit_key(id) + " of the " + std::string(name(d.scope));
    if (d.scope != ControlScope::kFirm) out += " " + target_text(d, manifest);
    return out + " becomes " + format_limit(limit_definition(id).unit, d.values[0]);
}

std::string what(const RiskInputData& d, const std::string& instrument,
                 const JournalManifest& manifest) {
    switch (d.kind) {
        case RiskInputKind::kNone:
            break;
        case RiskInputKind::kBand:
            return instrument + " has the band " + price(d.values[0]) + " to " + price(d.values[1]);
        case RiskInputKind::kNoBand:
            return instrument + " has no band";
        case RiskInputKind::kLocate:
            return to_string(Quantity::from_raw(d.values[0])) + " of " + instrument +
                   " may be sold short";
        case RiskInputKind::kClockOffset:
            return "the clock is off by " + duration(d.values[0]);
        case RiskInputKind::kBuyingPower:
            return "account " + target_text(d, manifest) + " has a buying power of " +
                   to_string(Money::from_raw(d.values[0])) +
                   (d.values[1] > 0 ? ", asked for " + duration(d.values[1]) + " before" : "");
        case RiskInputKind::kJournalLag:
            return "the journal is behind by " + duration(d.values[0]) + " and " +
                   std::to_string(d.values[1]) + " bytes";
        case RiskInputKind::kDropCopy:
            if (d.values[0] != 0) return "the drop copy has differed for " + duration(d.values[0]);
            if (d.values[2] == 0) return "the drop copy agrees";
            return "the drop copy agrees up to message " + std::to_string(d.values[1]) +
                   " of session " + std::to_string(d.values[2] - 1) + " and record " +
                   std::to_string(d.values[3]);
        case RiskInputKind::kRecovering:
            return d.values[0] != 0 ? "not yet reconciled with the venues"
                                    : "reconciled with the venues";
        case RiskInputKind::kBuild:
            return "the build is " + hex_text(static_cast<std::uint64_t>(d.values[0])) +
                   ", approved is " + hex_text(static_cast<std::uint64_t>(d.values[1]));
        case RiskInputKind::kLimit:
            return limit_text(d, manifest);
        case RiskInputKind::kRestrict:
            if (d.values[0] == d.values[1]) return instrument + " is not restricted any more";
            return instrument + " is restricted from " +
                   format_iso_timestamp(Timestamp{d.values[0]}) + " until " +
                   format_iso_timestamp(Timestamp{d.values[1]});
        case RiskInputKind::kAcknowledge:
            return "the fills of strategy " + target_text(d, manifest) + " are as intended";
    }
    return "an input of an unknown kind";
}

}  // namespace

std::string risk_input_text(const OrderEvent& event, const JournalManifest& manifest) {
    const RiskInputData& d = event.data.risk_input;
    std::string out = what(d, instrument_text(event, manifest), manifest);
    if (d.actors[0] != kNoActor) out += ", asked for by user " + std::to_string(d.actors[0]);
    if (d.actors[1] != kNoActor) out += ", agreed by user " + std::to_string(d.actors[1]);
    return out;
}

}  // namespace fermata
