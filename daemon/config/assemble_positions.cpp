// What is held before anything is traded. See draft.hpp.

#include <algorithm>
#include <chrono>
#include <variant>

#include "core/market/date.hpp"
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

/// What all strategies of an account hold of an instrument by `positions`, for a message: entries
/// that are wrong count as far as they can be understood.
__int128 held_together(const Draft& d, AccountId account, const std::string& symbol) {
    __int128 sum = 0;
    for (const PositionSettings& p : d.settings.positions) {
        const std::size_t n = p.strategy.empty() ? 0 : index_of(d.settings.strategies, p.strategy);
        const auto& strategies = d.config.strategies;
        if (p.instrument != symbol || n >= strategies.size()) continue;
        if (strategies[n].account == account) sum += p.quantity.raw();
    }
    return sum;
}

/// Why a cash account does not begin with a short position, and what to write instead.
std::string short_refusal(const Draft& d, const PositionSettings& s, const AccountConfig& to) {
    const __int128 net = held_together(d, to.id, s.instrument);
    std::string text = "found " + to_string(s.quantity) + ", expected a long position: account " +
                       to.name + " is a cash account";
    if (net < 0 || net > Quantity::max().raw()) return text;
    return text + "; its strategies hold " +
           to_string(Quantity::from_raw(static_cast<std::int64_t>(net))) + " of " + s.instrument +
           " together: give that, as the lots that the account has, to those of one sign (fermata "
           "journal carry prints them)";
}

/// Where a price below zero means something: a future's, and where a feed may bring one.
bool may_be_negative(const Draft& d, const Instrument& instrument) {
    if (instrument.asset_class == AssetClass::kFuture) return true;
    return std::ranges::any_of(d.config.feeds, [&](const FeedConfig& feed) {
        const auto* csv = std::get_if<csv::CsvFeedConfig>(&feed.settings);
        if (csv == nullptr || !csv->negative_prices.value_or(false)) return false;
        return csv->symbols.empty() ||
               std::ranges::find(csv->symbols, instrument.symbol) != csv->symbols.end();
    });
}

/// Nobody holds what was bought later: than the start of a replay that says when that is, and than
/// today. False: a problem was told.
bool check_opened(Draft& d, Timestamp opened, const Path& path, const Place& place) {
    const bool replay = d.config.mode == Mode::kReplay;
    const Timestamp from = d.config.run.from;
    const bool known = !replay || from != Timestamp::min();
    const Timestamp start = replay
                                ? from
                                : Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count()};
    if (!known || opened <= start) return true;
    d.problem_at(join(path, "opened"), place,
                 "found " + format_iso_timestamp(opened) + ", expected a time not after " +
                     (replay ? "the start of the run, " + format_iso_timestamp(start) : "now"));
    return false;
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
    const auto refuse_negative = [&](const char* key, Price price) {
        if (!price.is_negative() || may_be_negative(d, instrument)) return false;
        d.problem_at(join(path, key), s.place,
                     "found " + to_string(price) +
                         ", expected a price that is not negative: that of a unit, also of a "
                         "short position, whose quantity is negative");
        return true;
    };
    if (refuse_negative("cost", held.cost) || refuse_negative("mark", held.mark)) return;
    if (s.quantity.is_negative() && to.type == AccountConfig::Type::kCash) {
        d.problem_at(join(path, "quantity"), s.place, short_refusal(d, s, to));
        return;
    }
    const auto opened =
        d.resolve(s.opened, d.zone_of(instrument.calendar), false, join(path, "opened"), s.place);
    if (!opened || !check_opened(d, *opened, path, s.place)) return;
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
