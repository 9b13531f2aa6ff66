#include "daemon/control/view_report.hpp"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/alert_text.hpp"
#include "daemon/cli/event_instrument.hpp"
#include "daemon/cli/id_text.hpp"
#include "risk/controls.hpp"
#include "risk/risk_config.hpp"

namespace fermata {
namespace {

std::string time_text(Timestamp t) { return t.ns == 0 ? "" : format_iso_timestamp(t); }

/// Puts rows on a page; the key of a row is its number from 1.
class Pager {
public:
    explicit Pager(const Page& page) : page_(page) {}
    /// A row is wanted under the next key.
    bool take() {
        if (++key_ <= page_.after) return false;
        if (rows_.size() < page_.count) return true;
        more_ = true;
        return false;
    }
    void add(Report row) {
        rows_.push_back(std::move(row));
        last_ = key_;
    }
    [[nodiscard]] Report finish() {
        Report report;
        report["rows"] = std::move(rows_);
        if (more_) report["next"] = last_;
        return report;
    }

private:
    Page page_;
    Report rows_ = Report::array();
    std::uint64_t key_ = 0, last_ = 0;
    bool more_ = false;
};

}  // namespace

std::string actor_text(std::uint32_t actor, std::uint8_t control) {
    if (control < kControlCount) {
        return "control " + std::string(fermata::control(static_cast<ControlId>(control)).code);
    }
    if (actor == kNoActor) return "-";
    const passwd* const user = ::getpwuid(actor);
    const std::string number = "uid " + std::to_string(actor);
    return user != nullptr ? number + " (" + user->pw_name + ")" : number;
}

std::string ViewReport::target_name(ControlScope scope, std::uint64_t target) const {
    switch (scope) {
        case ControlScope::kFirm:
            return "";
        case ControlScope::kAccount:
            return std::string(names_.account({static_cast<std::uint16_t>(target)}));
        case ControlScope::kStrategy:
            return std::string(names_.strategy({static_cast<std::uint16_t>(target)}));
        case ControlScope::kInstrument:
            return std::string(names_.instrument({static_cast<std::uint32_t>(target)}));
        case ControlScope::kVenue:
            return std::string(names_.venue({static_cast<std::uint16_t>(target)}));
    }
    return "?";
}

std::optional<std::uint64_t> ViewReport::find_target(ControlScope scope,
                                                     std::string_view name) const {
    const auto in = [&](const std::vector<std::string>& all) -> std::optional<std::uint64_t> {
        const auto found = std::ranges::find(all, name);
        if (found == all.end()) return std::nullopt;
        return static_cast<std::uint64_t>(found - all.begin());
    };
    switch (scope) {
        case ControlScope::kFirm:
            return 0;
        case ControlScope::kAccount:
            return in(names_.accounts);
        case ControlScope::kStrategy:
            return in(names_.strategies);
        case ControlScope::kVenue:
            return in(names_.venues);
        case ControlScope::kInstrument:
            break;
    }
    const std::vector<Instrument>& all = names_.instruments->all();
    const auto found = std::ranges::find(all, name, &Instrument::symbol);
    if (found == all.end()) return std::nullopt;
    return static_cast<std::uint64_t>(found - all.begin());
}

Report ViewReport::orders(const ViewState& v, const Page& page) const {
    // By their ids, which stay: a page is not shifted by what ends meanwhile.
    std::vector<const LiveOrder*> wanted;
    for (const LiveOrder& o : v.live) {
        if (o.id.value > page.after) wanted.push_back(&o);
    }
    const std::size_t count = std::min<std::size_t>(page.count, wanted.size());
    std::ranges::partial_sort(wanted, wanted.begin() + static_cast<std::ptrdiff_t>(count), {},
                              [](const LiveOrder* o) { return o->id.value; });
    Report rows = Report::array();
    for (std::size_t n = 0; n < count; ++n) {
        const LiveOrder& o = *wanted[n];
        Report row;
        row["order"] = client_order_text(o.id);
        row["tag"] = names_.tag(o.tag);
        row["role"] = o.is_parent           ? "parent, not sent"
                      : o.parent.value != 0 ? "child of " + names_.tag(o.parent)
                                            : std::string();
        row["strategy"] = names_.strategy(o.strategy);
        row["account"] = names_.account(o.account);
        row["venue"] = names_.venue(o.venue);
        row["instrument"] = names_.instrument(o.instrument);
        row["side"] = name(o.side);
        row["type"] = name(o.type);
        row["tif"] = name(o.tif);
        row["state"] = name(o.state);
        row["quantity"] = to_string(o.quantity);
        row["filled"] = to_string(o.cumulative);
        row["leaves"] = to_string(o.leaves);
        row["price"] = o.price.is_zero() ? "" : to_string(o.price);
        row["stop_price"] = o.stop_price.is_zero() ? "" : to_string(o.stop_price);
        row["since"] = time_text(o.since);
        rows.push_back(std::move(row));
    }
    Report report;
    if (count != 0 && count < wanted.size()) report["next"] = wanted[count - 1]->id.value;
    report["rows"] = std::move(rows);
    return report;
}

Report ViewReport::positions(const ViewState& v, const Page& page) const {
    Pager pager(page);
    for (std::size_t a = 0; a < v.by_account.size(); ++a) {
        for (std::size_t i = 0; i < v.instrument_count; ++i) {
            const Quantity held = v.positions[a * v.instrument_count + i];
            if (held.is_zero() || !pager.take()) continue;
            Report parts;
            for (std::size_t s = 0; s < v.by_strategy.size(); ++s) {
                const Quantity part = v.strategy_positions[s * v.instrument_count + i];
                if (strategy_accounts_[s] != AccountId{static_cast<std::uint16_t>(a)} ||
                    part.is_zero())
                    continue;
                parts[names_.strategies[s]] = to_string(part);
            }
            Report row;
            row["account"] = names_.accounts[a];
            row["instrument"] = names_.instrument({static_cast<std::uint32_t>(i)});
            row["position"] = to_string(held);
            row["strategies"] = parts.is_null() ? Report::object() : std::move(parts);
            pager.add(std::move(row));
        }
    }
    return pager.finish();
}

TradingState ViewReport::strategy_state(const ViewState& v, StrategyId id) const {
    const AccountId account = strategy_accounts_[id.value];
    TradingState state = std::max({v.state(ControlScope::kFirm, 0).state,
                                   v.state(ControlScope::kAccount, account.value).state,
                                   v.state(ControlScope::kStrategy, id.value).state});
    for (std::size_t p = 2U * account.value; p < 2U * account.value + 2; ++p) {
        if (v.periods[p].ends_ns > v.now.ns) state = std::max(state, v.periods[p].state.state);
    }
    return state;
}

Report ViewReport::strategies(const ViewState& v, const Page& page) const {
    std::vector<std::uint64_t> open(v.by_strategy.size());
    for (const LiveOrder& o : v.live) {
        if (o.strategy.value < open.size()) ++open[o.strategy.value];
    }
    Pager pager(page);
    for (std::size_t s = 0; s < v.by_strategy.size(); ++s) {
        if (!pager.take()) continue;
        const StrategyId id{static_cast<std::uint16_t>(s)};
        const StrategyRow& r = v.by_strategy[s];
        Report row;
        row["strategy"] = names_.strategies[s];
        row["account"] = names_.account(strategy_accounts_[s]);
        row["own_state"] = name(v.state(ControlScope::kStrategy, s).state);
        row["state"] = name(strategy_state(v, id));
        row["open_orders"] = open[s];
        row["orders"] = r.orders;
        row["denied"] = r.denied;
        row["fills"] = r.fills;
        row["realized"] = to_string(r.realized);
        row["fees"] = to_string(r.fees);
        row["last_fill"] = time_text(r.last_fill);
        pager.add(std::move(row));
    }
    return pager.finish();
}

Report ViewReport::limits(const ViewState& v, const Page& page) const {
    Pager pager(page);
    const auto add = [&](ControlScope scope, std::uint64_t target, const LimitDefinition& l,
                         std::int64_t value) {
        if (!pager.take()) return;
        Report row;
        row["limit"] = limit_key(l.id);
        row["scope"] = name(scope);
        row["target"] = target_name(scope, target);
        row["value"] = format_limit(l.unit, value);
        row["hard"] = format_limit(l.unit, v.limits.hard(l.id));
        row["tighter"] = l.higher_is_looser ? "lower" : "higher";
        pager.add(std::move(row));
    };
    const std::array<std::pair<ControlScope, std::size_t>, 3> scopes = {
        {{ControlScope::kAccount, v.by_account.size()},
         {ControlScope::kStrategy, v.by_strategy.size()},
         {ControlScope::kInstrument, v.instrument_count}}};
    for (const LimitDefinition& l : kLimits) {
        const auto common = v.limits.in_force(ControlScope::kFirm, 0, l.id);
        if (common) add(ControlScope::kFirm, 0, l, *common);
        for (const auto& [scope, count] : scopes) {
            for (std::size_t t = 0; t < count; ++t) {
                const auto own = v.limits.in_force(scope, t, l.id);
                if (own && own != common) add(scope, t, l, *own);
            }
        }
    }
    return pager.finish();
}

Report ViewReport::alerts(const ViewState& v, const Page& page,
                          const std::map<std::uint64_t, Acknowledged>& seen) const {
    Pager pager(page);
    for (std::size_t n = v.alerts.size(); n-- > 0;) {
        if (!pager.take()) continue;
        const AlertRow& a = v.alerts[(v.first_alert + n) % v.alerts.size()];
        Report row;
        row["alert"] = a.number;
        row["time"] = time_text(a.at);
        const auto about = instrument_of(a.data, a.instrument);
        row["instrument"] = about ? names_.instrument(*about) : std::string_view();
        row["order"] =
            a.data.order_id.value == 0 ? std::string() : client_order_text(a.data.order_id);
        row["text"] = alert_text(a.data);
        const auto who = seen.find(a.number);
        row["acknowledged_by"] = who == seen.end() ? "" : actor_text(who->second.actor);
        pager.add(std::move(row));
    }
    return pager.finish();
}

void ViewReport::add_state(Report& rows, ControlScope scope, std::uint64_t target,
                           const ScopeState& s, std::int64_t ends_ns) const {
    Report row;
    row["scope"] = name(scope);
    row["target"] = target_name(scope, target);
    row["state"] = name(s.state);
    row["by"] = actor_text(s.actor, s.control);
    row["since"] = time_text(s.since);
    row["until"] = ends_ns == 0 ? "released" : time_text(Timestamp{ends_ns});
    rows.push_back(std::move(row));
}

Report ViewReport::states(const ViewState& v) const {
    Report rows = Report::array();
    for (std::size_t scope = 0; scope < v.states.size(); ++scope) {
        for (std::size_t t = 0; t < v.states[scope].size(); ++t) {
            const ScopeState& s = v.states[scope][t];
            if (s.state == TradingState::kActive) continue;
            add_state(rows, static_cast<ControlScope>(scope), t, s, 0);
        }
    }
    for (std::size_t p = 0; p < v.periods.size(); ++p) {
        if (v.periods[p].ends_ns <= v.now.ns) continue;
        add_state(rows, ControlScope::kAccount, p / 2, v.periods[p].state, v.periods[p].ends_ns);
    }
    return rows;
}

std::uint64_t ViewReport::positions_left(const ViewState& v, ControlScope scope,
                                         std::uint64_t target) const {
    std::uint64_t left = 0;
    LiveOrder of;  // what the scope is held against
    for (std::size_t s = 0; s < v.by_strategy.size(); ++s) {
        of.strategy = StrategyId{static_cast<std::uint16_t>(s)};
        of.account = strategy_accounts_[s];
        if (s < strategy_venues_.size()) of.venue = strategy_venues_[s];
        for (std::size_t i = 0; i < v.instrument_count; ++i) {
            of.instrument = InstrumentId{static_cast<std::uint32_t>(i)};
            const std::int64_t own = v.strategy_positions[s * v.instrument_count + i].raw();
            const std::int64_t all = v.position(of.account, of.instrument).raw();
            const bool held = (own > 0 && all > 0) || (own < 0 && all < 0);
            left += held && concerns(scope, target, of) ? 1 : 0;
        }
    }
    return left;
}

Report ViewReport::cancels(const ViewState& v, ControlScope scope, std::uint64_t target) const {
    Report report;
    report["scope"] = name(scope);
    report["target"] = target_name(scope, target);
    std::uint64_t live = 0, unknown = 0;
    const CancelSweep* sweep = v.sweep(scope, target);
    const auto slot = sweep == nullptr ? 0U : static_cast<unsigned>(sweep - v.sweeps.data());
    for (const LiveOrder& o : v.live) {
        live += concerns(scope, target, o) ? 1 : 0;
        const bool asked = sweep != nullptr && (o.sweeps >> slot & 1) != 0;
        unknown += asked && o.state == OrderState::kUnknown ? 1 : 0;
    }
    report["open_orders"] = live;
    report["positions"] = positions_left(v, scope, target);
    report["number"] = sweep == nullptr ? 0 : sweep->number;
    if (sweep == nullptr) return report;
    report["since"] = time_text(sweep->at);
    report["asked"] = sweep->asked;
    report["confirmed"] = sweep->confirmed;
    report["filled"] = sweep->filled;
    report["ended"] = sweep->ended;
    report["unknown"] = unknown;
    report["waiting"] = sweep->open() - unknown;
    return report;
}

}  // namespace fermata
