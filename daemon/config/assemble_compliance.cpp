#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

/// Numbers of the named ones; of nothing, a single "all".
template <class Items>
std::vector<std::optional<std::uint32_t>> numbers(const Items& items,
                                                  const std::vector<std::string>& names) {
    if (names.empty()) return {std::nullopt};
    std::vector<std::optional<std::uint32_t>> out;
    for (const std::string& name : names) {
        const auto found = std::find_if(items.begin(), items.end(),
                                        [&](const auto& item) { return item.name == name; });
        out.emplace_back(static_cast<std::uint32_t>(found - items.begin()));
    }
    return out;
}

void take_permission(Draft& d, const PermissionSettings& s) {
    std::vector<std::optional<std::uint32_t>> instruments;
    for (const std::string& symbol : s.instruments) {
        instruments.emplace_back(d.ids.at(symbol).value);
    }
    if (instruments.empty()) instruments.emplace_back();
    const auto strategy = numbers(d.settings.strategies, {s.strategy}).front();
    for (const auto& account : numbers(d.settings.accounts, s.accounts)) {
        for (const auto& venue : numbers(d.settings.venues, s.venues)) {
            for (const auto& instrument : instruments) {
                d.config.risk.permit({*strategy, account, instrument, venue});
            }
        }
    }
}

void take_restriction(Draft& d, const RestrictionSettings& s, const Path& path) {
    const InstrumentSettings* instrument = d.instrument(s.instrument);
    const std::string zone = d.zone_of(instrument == nullptr ? "" : instrument->calendar);
    Restriction r;
    r.instrument = d.ids.at(s.instrument).value;
    if (s.from) {
        const auto from = d.resolve(*s.from, zone, false, join(path, "from"), s.place);
        if (!from) return;
        r.from = *from;
    }
    if (s.until) {
        const auto until = d.resolve(*s.until, zone, true, join(path, "until"), s.place);
        if (!until) return;
        r.until = *until;
    }
    if (r.from >= r.until) {
        d.problem(join(path, "until"),
                  "found an end that is not after 'from', expected a later time");
        return;
    }
    d.config.risk.restrict_trading(r);
}

/// Rules about intraday margin are for accounts whose margin is a model's. Of all accounts, those
/// that pay for everything are not judged.
void want_margin_model(Draft& d, const DayTradeRegimeSettings& s, const Path& path) {
    using Account = AccountConfig;
    for (const AccountSettings& a : d.settings.accounts) {
        const bool named = std::ranges::find(s.accounts, a.name) != s.accounts.end();
        const bool margin = a.type == Account::Type::kMargin;
        if (s.accounts.empty() ? !margin : !named) continue;
        if (margin && a.margin != Account::Margin::kCash) continue;
        d.problem(join(path, "mode"),
                  "found intraday_margin for account '" + a.name +
                      "', which has no margin model; expected one with type: margin, and margin: "
                      "reg_t or house");
    }
}

void take_regime(Draft& d, const DayTradeRegimeSettings& s, const Path& path) {
    DayTradeRegime regime;
    regime.mode = s.mode;
    if (s.mode == DayTradeMode::kIntradayMargin) want_margin_model(d, s, path);
    if (s.from) {
        const auto from =
            d.resolve(*s.from, "America/New_York", false, join(path, "from"), s.place);
        if (!from) return;
        regime.from = *from;
    }
    for (const auto& account : numbers(d.settings.accounts, s.accounts)) {
        regime.account = account;
        for (const DayTradeRegime& other : d.config.risk.day_trade_regimes()) {
            if (other.from != regime.from || other.account != regime.account) continue;
            d.problem(join(path, "from"),
                      "found a second regime of the same accounts from the same time on, expected "
                      "another time");
        }
        d.config.risk.set_day_trade_regime(regime);
    }
}

void take_schedule(Draft& d, const ScheduleSettings& s, const Path& path) {
    const auto from = d.resolve(s.from, "UTC", false, join(path, "from"), s.place);
    if (!from) return;
    const auto take = [&](const LimitSettings& limits, ControlScope scope, std::uint32_t target,
                          const Path& where) {
        for (const auto& [key, limit] : limits.values) {
            const auto set = d.config.risk.schedule_limit(*from, scope, target, key, limit.text);
            if (!set) d.problem_at(join(where, key), limit.place, set.error());
        }
    };
    take(s.limits, ControlScope::kFirm, 0, join(path, "limits"));
    for (const auto& [name, limits] : s.strategies) {
        take(limits, ControlScope::kStrategy, *numbers(d.settings.strategies, {name}).front(),
             join(path, "strategies", name));
    }
    for (const auto& [name, limits] : s.instruments) {
        take(limits, ControlScope::kInstrument, d.ids.at(name).value,
             join(path, "instruments", name));
    }
    for (const auto& [name, limits] : s.accounts) {
        take(limits, ControlScope::kAccount, *numbers(d.settings.accounts, {name}).front(),
             join(path, "accounts", name));
    }
}

}  // namespace

void assemble_compliance(Draft& d) {
    RiskSettings& s = d.settings.risk;
    for (std::size_t n = 0; n < s.schedule.size(); ++n) {
        take_schedule(d, s.schedule[n], {"risk", "schedule", std::to_string(n)});
    }
    for (const PermissionSettings& p : s.permissions) take_permission(d, p);
    for (std::size_t n = 0; n < s.restricted.size(); ++n) {
        take_restriction(d, s.restricted[n], {"risk", "restricted", std::to_string(n)});
    }
    for (std::size_t n = 0; n < s.day_trade_regime.size(); ++n) {
        take_regime(d, s.day_trade_regime[n], {"risk", "day_trade_regime", std::to_string(n)});
    }
    if (s.latch) {
        d.config.latch = s.latch->resolved;
        if (d.settings.engine.schedule != RunSchedule::kConcurrent) {
            d.problem({"risk", "latch"},
                      "a lockstep run follows nothing but its data: leave it out, or set "
                      "engine.schedule to concurrent");
        }
    }
    if (s.approvals) d.config.approvals = s.approvals->resolved;
    if (s.inputs) {
        d.config.risk_inputs = s.inputs->resolved;
        d.want_file(*s.inputs, {"risk", "inputs"});
    }
}

}  // namespace fermata::config
