// What is held before anything is traded. See draft.hpp.

#include <algorithm>

#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

/// Sums of so much fit whatever is traded later.
constexpr __int128 kMost = Money::max().raw() / 4;

template <class Named>
std::size_t index_of(const std::vector<Named>& all, const std::string& name) {
    const auto found = std::ranges::find(all, name, &Named::name);
    return static_cast<std::size_t>(found - all.begin());
}

/// Whose it is and where. False: a problem was told.
bool take_owner(Draft& d, const PositionSettings& s, const Path& path, AccountId& account,
                StrategyId& strategy) {
    const auto& strategies = d.config.strategies;
    const auto& accounts = d.settings.accounts;
    strategy = StrategyId{0xffff};
    if (!s.strategy.empty() || strategies.size() == 1) {
        const std::size_t n = s.strategy.empty() ? 0 : index_of(d.settings.strategies, s.strategy);
        if (n >= strategies.size()) return false;  // told by its own key
        strategy = strategies[n].id;
        account = strategies[n].account;
    } else if (!strategies.empty()) {
        d.problem_at(
            join(path, "strategy"), s.place,
            "missing, expected one of the " + std::to_string(strategies.size()) + " strategies");
        return false;
    }
    if (s.account.empty()) {
        if (!strategies.empty()) return true;
        if (accounts.size() != 1) {
            d.problem_at(
                join(path, "account"), s.place,
                "missing, expected one of the " + std::to_string(accounts.size()) + " accounts");
            return false;
        }
        account = AccountId{0};
        return true;
    }
    const AccountId named{static_cast<AccountId::rep>(index_of(accounts, s.account))};
    if (named.value >= accounts.size()) return false;
    if (!strategies.empty() && named != account) {
        d.problem_at(join(path, "account"), s.place,
                     "found " + s.account + ", expected " + accounts[account.value].name +
                         ", the account of its strategy");
        return false;
    }
    account = named;
    return true;
}

void take_position(Draft& d, const PositionSettings& s, const Path& path) {
    OpeningPosition held;
    AccountId account;
    const auto id = d.ids.find(s.instrument);
    if (id == d.ids.end()) return;  // told by its own key
    if (!take_owner(d, s, path, account, held.strategy)) return;
    const Instrument& instrument = d.config.instruments[id->second];
    AccountConfig& to = d.config.accounts[account.value];
    held.instrument = id->second;
    held.quantity = s.quantity;
    held.cost = s.cost;
    held.mark = s.mark.value_or(s.cost);
    if (s.quantity.is_negative() && to.type == AccountConfig::Type::kCash) {
        d.problem_at(join(path, "quantity"), s.place,
                     "found " + to_string(s.quantity) + ", expected a long position: account " +
                         to.name + " is a cash account");
        return;
    }
    const auto opened =
        d.resolve(s.opened, d.zone_of(instrument.calendar), false, join(path, "opened"), s.place);
    if (!opened) return;
    held.opened = *opened;
    __int128 sum = 0;
    for (const OpeningPosition& other : to.positions) {
        if (other.instrument == held.instrument && other.strategy == held.strategy &&
            other.quantity.is_negative() != held.quantity.is_negative()) {
            d.problem_at(join(path, "quantity"), s.place,
                         "found " + to_string(held.quantity) + " beside " +
                             to_string(other.quantity) +
                             " of the same strategy, expected lots of "
                             "one sign");
            return;
        }
        if (other.instrument == held.instrument && other.mark != held.mark) {
            d.problem_at(join(path, "mark"), s.place,
                         "found " + to_string(held.mark) + " beside " + to_string(other.mark) +
                             ", expected the same for all lots of an instrument");
            return;
        }
        const auto value = notional(other.cost, other.quantity, instrument.multiplier);
        sum += value ? (value->raw() < 0 ? -static_cast<__int128>(value->raw()) : value->raw())
                     : kMost;
    }
    for (const Price price : {held.cost, held.mark}) {
        const auto value = notional(price, held.quantity, instrument.multiplier);
        const __int128 raw = value ? value->raw() : kMost;
        if (value && (raw < 0 ? -raw : raw) + sum <= kMost) continue;
        d.problem_at(join(path, "quantity"), s.place,
                     "found " + to_string(held.quantity) + " at " + to_string(price) +
                         ", which with the others is worth more than numbers hold");
        return;
    }
    to.positions.push_back(held);
}

}  // namespace

void assemble_positions(Draft& d) {
    const auto& positions = d.settings.positions;
    // Each is a record with the first event: lanes are not drained in between on one thread.
    if (const std::size_t most = d.settings.engine.order_lane / 2; positions.size() > most) {
        d.problem({"positions"}, "found " + std::to_string(positions.size()) +
                                     ", expected at most " + std::to_string(most) +
                                     ", half of engine.order_lane");
        return;
    }
    for (std::size_t n = 0; n < positions.size(); ++n) {
        take_position(d, positions[n], {"positions", std::to_string(n)});
    }
    // By time, as lots are.
    for (AccountConfig& account : d.config.accounts) {
        std::ranges::stable_sort(account.positions, {}, &OpeningPosition::opened);
    }
}

}  // namespace fermata::config
