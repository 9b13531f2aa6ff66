#include "risk/controls.hpp"

#include <algorithm>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

constexpr std::array kScopes = {Scope::kOrder,   Scope::kStrategy, Scope::kInstrument,
                                Scope::kAccount, Scope::kFirm,     Scope::kTaxpayer,
                                Scope::kVenue};

std::string format_duration(std::int64_t ns) {
    constexpr std::int64_t kMs = 1'000'000;
    if (ns % (1'000 * kMs) == 0) return std::to_string(ns / (1'000 * kMs)) + "s";
    if (ns % kMs == 0) return std::to_string(ns / kMs) + "ms";
    return std::to_string(ns) + "ns";
}

/// "`position` 0.05 (at most 4)", one line for each limit of a control.
std::string render_limits(ControlId id) {
    std::string out;
    for (const LimitDefinition& l : kLimits) {
        if (l.control != id) continue;
        if (!out.empty()) out += "<br>";
        out += "`" + limit_key(l.id) + "` = " + format_limit(l.unit, l.house) + " (" +
               (l.higher_is_looser ? "at most " : "at least ") + format_limit(l.unit, l.hard) + ")";
    }
    return out.empty() ? "-" : out;
}

}  // namespace

const Control* find_control(std::string_view code_or_key) noexcept {
    const auto same = [&](std::string_view code) {
        return std::ranges::equal(code, code_or_key, [](char c, char given) {
            return c == given || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == given);
        });
    };
    const auto* found = std::ranges::find_if(kControls, same, &Control::code);
    return found == kControls.end() ? nullptr : found;
}

std::string limit_key(LimitId id) {
    const LimitDefinition& l = limit_definition(id);
    std::string key = lower(control(l.control).code);
    if (!l.suffix.empty()) key += "_" + std::string(l.suffix);
    return key;
}

std::string metric_name(ControlId id) {
    return "fermata_gate_refused_" + lower(control(id).code) + "_total";
}

std::string_view name(ControlAction v) noexcept {
    switch (v) {
        case ControlAction::kReject:
            return "reject";
        case ControlAction::kReduceOnly:
            return "reduce only";
        case ControlAction::kHalt:
            return "halt";
        case ControlAction::kHaltCancel:
            return "halt and cancel";
        case ControlAction::kTag:
            return "tag";
    }
    return "?";
}

std::string_view name(LimitUnit v) noexcept {
    switch (v) {
        case LimitUnit::kNone:
            return "none";
        case LimitUnit::kCount:
            return "count";
        case LimitUnit::kPerSecond:
            return "per second";
        case LimitUnit::kQuantity:
            return "quantity";
        case LimitUnit::kPrice:
            return "price";
        case LimitUnit::kMoney:
            return "money";
        case LimitUnit::kRatio:
            return "ratio";
        case LimitUnit::kDuration:
            return "duration";
        case LimitUnit::kState:
            return "trading state";
        case LimitUnit::kFault:
            return "fault";
        case LimitUnit::kIdentifier:
            return "identifier";
    }
    return "?";
}

std::string_view name(Scope one) noexcept {
    switch (one) {
        case Scope::kNone:
            return "none";
        case Scope::kOrder:
            return "order";
        case Scope::kStrategy:
            return "strategy";
        case Scope::kInstrument:
            return "instrument";
        case Scope::kAccount:
            return "account";
        case Scope::kFirm:
            return "firm";
        case Scope::kTaxpayer:
            return "taxpayer";
        case Scope::kVenue:
            return "venue";
    }
    return "?";
}

std::string names(Scope set) {
    std::string out;
    for (const Scope one : kScopes) {
        if (!has(set, one)) continue;
        if (!out.empty()) out += ", ";
        out += name(one);
    }
    return out;
}

std::string format_limit(LimitUnit unit, std::int64_t raw) {
    switch (unit) {
        case LimitUnit::kQuantity:
            return format_decimal(raw, Quantity::kDecimals);
        case LimitUnit::kPrice:
            return format_decimal(raw, Price::kDecimals);
        case LimitUnit::kMoney:
            return format_decimal(raw, Money::kDecimals);
        case LimitUnit::kRatio:
            return format_decimal(raw, Ratio::kDecimals);
        case LimitUnit::kDuration:
            return format_duration(raw);
        case LimitUnit::kIdentifier:
            return std::to_string(static_cast<std::uint64_t>(raw));
        default:
            return std::to_string(raw);
    }
}

std::string render_controls_markdown() {
    std::string out =
        "| bit | code | rule | scope | action | limits: key = house default (hard limit) | state "
        "kept |\n"
        "| --: | --- | --- | --- | --- | --- | --- |\n";
    for (const Control& c : kControls) {
        out += "| " + std::to_string(static_cast<int>(c.id)) + " | " + std::string(c.code) + " | ";
        for (const char ch : c.rule) {
            if (ch == '|') out += '\\';  // a bar in the text would end the cell
            out += ch;
        }
        out += " | " + names(c.scopes) + " | " + std::string(name(c.action)) + " | " +
               render_limits(c.id) + " | " + std::string(c.state) + " |\n";
    }
    return out;
}

}  // namespace fermata
