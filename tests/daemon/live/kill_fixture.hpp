#pragma once

/// A firm with two accounts that trades two instruments at two venues over FIX, and is stopped.

#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/order/closing_tag.hpp"
#include "core/order/flattener.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/live/operator_fixture.hpp"
#include "tests/daemon/live/venue_books.hpp"

namespace fermata::test {

/// One strategy, alone with its account and instrument: each of the other names divides the four
/// into two and two, and no two names divide them alike.
struct Trader {
    const char* strategy;
    const char* account;
    const char* instrument;
    const char* venue;
    [[nodiscard]] bool within(std::string_view scope, std::string_view target) const {
        return scope == "firm" || (scope == "strategy" && target == strategy) ||
               (scope == "account" && target == account) ||
               (scope == "instrument" && target == instrument) ||
               (scope == "venue" && target == venue);
    }
};
inline constexpr std::array<Trader, 4> kTraders = {{{"a", "main", "AAA", "first"},
                                                    {"b", "main", "BBB", "second"},
                                                    {"c", "other", "AAA", "second"},
                                                    {"d", "other", "BBB", "first"}}};

/// What is stopped: all of it, or one target of a scope.
struct Scope {
    const char* scope;
    const char* target;
    [[nodiscard]] std::vector<std::string> arguments() const {
        if (std::string(scope) == "firm") return {};
        return {"--scope", scope, "--target", target};
    }
    [[nodiscard]] std::vector<Trader> traders(bool inside = true) const {
        std::vector<Trader> found;
        for (const Trader& t : kTraders) {
            if (t.within(scope, target) == inside) found.push_back(t);
        }
        return found;
    }
};

/// The venues, whoever quotes the prices, and the daemon, as processes of their own. Every strategy
/// buys and sells all the time, and while it holds something an order to buy more and one to sell
/// rest at its venue, far from the market unless a test wants them near.
class KillMarket : public LiveMarket, public Operator {
public:
    /// `distance`: of the orders that rest, from what was paid.
    explicit KillMarket(unsigned seed, const std::string& distance = "20") : LiveMarket(seed) {
        // Another user may reach the socket, and nothing else here.
        std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
        for (const char* name : {"first", "second", "quotes"}) {
            ports_[name] = free_port();
            write_text(folder / (std::string(name) + ".yaml"), exchange_yaml(name, seed));
        }
        write_text(folder / "live.yaml", daemon_yaml(seed, distance));
    }
    [[nodiscard]] std::string socket() const override { return file("c.sock"); }
    [[nodiscard]] std::string said() const { return read_text(file("daemon.err")); }

    void start_exchange(const std::string& name) {
        exchanges[name] = std::make_unique<Process>(
            std::vector<std::string>{FERMATA_COMMAND, "venue", file(name + ".yaml"), "--log",
                                     file(name + ".csv")},
            file(name + ".out"));
    }
    /// Everything runs when it returns, and has traded.
    void open() {
        approve();
        for (const auto& [name, port] : ports_) start_exchange(name);
        start();
        EXPECT_TRUE(trade({"firm", ""})) << said();
    }
    /// The daemon, until it answers and its venues agree with it.
    void start() {
        start_daemon();
        EXPECT_TRUE(wait_until([&] { return call({"status"}).code == 0; })) << said();
        if (two_people()) {
            EXPECT_EQ(::chown(socket().c_str(), 0, kOther), 0);
        }
        EXPECT_TRUE(becomes([](const Json& s) { return s["run"]["phase"] == "running"; }))
            << said();
    }
    void stop() {
        daemon->kill(SIGTERM);
        EXPECT_EQ(daemon->wait(), 0) << said();
    }
    /// Commands it; the exit code of `fermata`.
    [[nodiscard]] int command(const std::string& name, const Scope& scope,
                              std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{name, "--reason", "a test"};
        const auto about = scope.arguments();
        arguments.insert(arguments.end(), about.begin(), about.end());
        arguments.insert(arguments.end(), more.begin(), more.end());
        return call(std::move(arguments)).code;
    }
    /// An admin ends it; again where something changed in between.
    [[nodiscard]] bool release(const Scope& scope) const {
        return wait_until([&] {
            const auto version = ask({"status"})["state_version"].get<std::uint64_t>();
            return command("release", scope, {"--expect", std::to_string(version)}) == 0;
        });
    }

    // --- what the venues have on their books ---

    [[nodiscard]] const VenueBooks& books(const std::string& name) {
        VenueBooks& all = name == "first" ? first_ : second_;
        all.read();
        return all;
    }
    /// Orders of these that came to their venues so far.
    [[nodiscard]] std::map<std::string, std::size_t> orders_of(const std::vector<Trader>& traders) {
        std::map<std::string, std::size_t> counts;
        for (const Trader& t : traders) {
            for_each_order(t, [&](const VenueBooks::AtVenue&) { ++counts[t.strategy]; });
        }
        return counts;
    }
    /// Names of what is open of these.
    [[nodiscard]] std::set<std::string> open_of(const std::vector<Trader>& traders) {
        std::set<std::string> names;
        for (const Trader& t : traders) {
            for_each_order(t, [&](const VenueBooks::AtVenue& order) {
                if (order.open) names.insert(order.name);
            });
        }
        return names;
    }
    [[nodiscard]] bool buys_open(const std::vector<Trader>& traders) {
        bool any = false;
        for (const Trader& t : traders) {
            for_each_order(t, [&](const VenueBooks::AtVenue& order) {
                any = any || (order.open && order.buys);
            });
        }
        return any;
    }
    [[nodiscard]] std::size_t immediate_of(const std::vector<Trader>& traders) {
        std::size_t count = 0;
        for (const Trader& t : traders) {
            for_each_order(t, [&](const VenueBooks::AtVenue& order) { count += order.immediate; });
        }
        return count;
    }
    [[nodiscard]] long held_by(const std::vector<Trader>& traders) {
        long held = 0;
        for (const Trader& t : traders) {
            held += std::abs(books(t.venue).position(t.account, t.instrument));
        }
        return held;
    }
    /// Each of them sends another order before it returns.
    [[nodiscard]] bool trade(const Scope& scope, bool inside = true) {
        const auto traders = scope.traders(inside);
        auto before = orders_of(traders);
        return wait_until([&] {
            auto after = orders_of(traders);
            return std::ranges::all_of(
                traders, [&](const Trader& t) { return after[t.strategy] > before[t.strategy]; });
        });
    }
    /// Half of them or more have an order to buy and one to sell at their venue, and hold
    /// something.
    [[nodiscard]] bool work(const Scope& scope) {
        const auto traders = scope.traders();
        return wait_until([&] {
            const auto at_work = std::ranges::count_if(traders, [&](const Trader& t) {
                return open_of({t}).size() == 2 && buys_open({t}) && held_by({t}) > 0;
            });
            return 2 * static_cast<std::size_t>(at_work) >= traders.size();
        });
    }

    // --- what the daemon says ---

    /// Each of them has tried to send something and was refused, before it returns.
    [[nodiscard]] bool is_refused(const Scope& scope) const {
        const auto denied = [&] {
            std::map<std::string, std::uint64_t> counts;
            const Json all = ask({"strategies"});
            for (const Json& row : all["strategies"]) {
                counts[row["strategy"].get<std::string>()] = row["denied"].get<std::uint64_t>();
            }
            return counts;
        };
        auto before = denied();
        return wait_until([&] {
            auto after = denied();
            return std::ranges::all_of(scope.traders(), [&](const Trader& t) {
                return after[t.strategy] > before[t.strategy];
            });
        });
    }
    /// Nothing is under way: what the daemon takes for open of these is what the venues have.
    [[nodiscard]] bool settles(const Scope& scope) {
        const auto traders = scope.traders();
        return wait_until([&] {
            std::size_t count = 0;
            const Json all = ask({"orders"});
            for (const Json& row : all["orders"]) {
                const bool ours = std::ranges::any_of(
                    traders, [&](const Trader& t) { return row["strategy"] == t.strategy; });
                if (!ours) continue;
                const auto state = row["state"].get<std::string>();
                if (state.starts_with("Pending") || state == "Unknown") return false;
                ++count;
            }
            return count == open_of(traders).size();
        });
    }
    [[nodiscard]] bool alerted(const std::string& begin) const {
        return wait_until([&] {
            const Json all = ask({"alerts"});
            for (const Json& row : all["alerts"]) {
                if (row["text"].get<std::string>().starts_with(begin)) return true;
            }
            return false;
        });
    }
    /// The trading state of the firm.
    [[nodiscard]] std::string firm_state() const { return ask({"status"})["state"]; }

    std::map<std::string, std::unique_ptr<Process>> exchanges;

private:
    template <class F>
    void for_each_order(const Trader& t, F&& f) {
        for (const VenueBooks::AtVenue& order : books(t.venue).orders()) {
            if (order.account == t.account && order.symbol == t.instrument) f(order);
        }
    }
    [[nodiscard]] static std::string market(unsigned seed) {
        return "run: {seed: " + std::to_string(seed) +
               "}\n"
               "accounts:\n"
               "  - {name: main, currency: USD, cash: 1000000000, type: margin}\n"
               "  - {name: other, currency: USD, cash: 1000000000, type: margin}\n"
               "instruments:\n"
               "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
               "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
               "feeds:\n"
               "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: "
               "2024-01-02T21:00:00Z, rate: 4}\n";
    }
    [[nodiscard]] std::string exchange_yaml(const std::string& name, unsigned seed) {
        const std::string members =
            name == "quotes" ? "    - {comp_id: FERMATA, orders: false, accounts: [main, other]}\n"
                             : "    - {comp_id: FERMATA, firm: fermata, accounts: [main, other]}\n";
        return market(seed) + "venues: [{name: " + name +
               ", type: simulated, latency: {in: 100us, out: 100us}}]\n"
               "live: {speed: 20x}\nexchange:\n  port: " +
               std::to_string(ports_.at(name)) + "\n  comp_id: " + name + "\n  folder: " + name +
               "\n  members:\n" + members;
    }
    [[nodiscard]] std::string session(const std::string& name, const std::string& where,
                                      const std::string& more) const {
        return "  - {name: " + name + ", venue: " + where +
               ", host: 127.0.0.1, port: " + std::to_string(ports_.at(name)) +
               ", sender_comp_id: FERMATA, target_comp_id: " + name +
               ",\n     reconnect: 1s, store: store, " + more + "}\n";
    }
    [[nodiscard]] std::string daemon_yaml(unsigned seed, const std::string& distance) const {
        std::string yaml = "mode: live\n" + market(seed) +
                           "venues: [{name: first, type: simulated}, {name: second, type: "
                           "simulated}]\nstrategies:\n";
        for (const Trader& t : kTraders) {
            yaml += std::string("  - {name: ") + t.strategy +
                    ", type: ema_cross_ticks, symbols: [" + t.instrument +
                    "], account: " + t.account + ", venue: " + t.venue +
                    ",\n     params: {fast: 5, slow: 20}, sizing: {type: fixed, value: 3},\n"
                    "     exits: {targets: [{distance: {type: price, value: " +
                    distance +
                    "}}],\n"
                    "             adds: 1, add_distance: {type: price, value: -" +
                    distance + "}}}\n";
        }
        yaml +=
            "risk: {profile: unlimited, latch: latch, approvals: approvals}\n"
            "journal: {sync: strict, segment_bytes: 1048576}\n"
            "live: {release: when_equal, patience: 1s}\n"
            "control:\n  socket: c.sock\n  admins: 1\n  roles:\n    - {uid: " +
            std::to_string(::getuid()) + ", role: admin}\n    - {uid: " + std::to_string(kOther) +
            ", role: risk}\nsessions:\n";
        for (const char* name : {"first", "second"}) {
            yaml += session(name, name,
                            "role: orders, mass_cancel: true, mass_status: true,\n     accounts: "
                            "{main: main, other: other}");
        }
        return yaml + session("quotes", "first", "role: market_data, trades: false");
    }

    std::map<std::string, std::uint16_t> ports_;
    VenueBooks first_{folder / "first.csv", "FERMATA"}, second_{folder / "second.csv", "FERMATA"};
};

/// Follows the record of a trading stage, and names every request that went out although what it
/// belongs to was stopped.
class HaltChecker {
public:
    void on_record(const OrderEvent& e) {
        switch (e.type) {
            case OrderEventType::kControl:
                states_[{e.data.control.scope, e.data.control.target}] = e.data.control;
                ++controls;
                break;
            case OrderEventType::kVerdict:
                denied += e.data.verdict.approved == 0 ? 1 : 0;
                break;
            case OrderEventType::kSendNew: {
                const NewOrderData& o = e.data.new_order;
                sent.insert(o.order_id.value);
                check(e, o.order_id, o.strategy, o.account, o.venue, o.side, is_closing(o.tag));
                break;
            }
            case OrderEventType::kSendReplace: {
                const ChangeOrderData& c = e.data.change;
                check(e, c.order_id, c.strategy, c.account, c.venue, Side::kSell, false);
                break;
            }
            default:
                break;
        }
    }
    std::set<std::uint64_t> sent;
    std::vector<std::string> wrong;
    std::size_t controls = 0, denied = 0, closing = 0;

private:
    /// Strategies here hold nothing or something, never less: what is sold reduces.
    void check(const OrderEvent& e, ClientOrderId id, StrategyId strategy, AccountId account,
               VenueId venue, Side side, bool closes) {
        TradingState state = TradingState::kActive;
        bool flattens = false;
        const auto look = [&](ControlScope scope, std::uint64_t target) {
            const auto found = states_.find({scope, target});
            if (found == states_.end()) return;
            state = std::max(state, found->second.state);
            flattens = flattens || found->second.flatten != 0;
        };
        look(ControlScope::kFirm, 0);
        look(ControlScope::kAccount, account.value);
        look(ControlScope::kStrategy, strategy.value);
        look(ControlScope::kInstrument, e.instrument.value);
        look(ControlScope::kVenue, venue.value);
        closing += closes ? 1 : 0;
        const bool allowed = closes ? flattens && side == Side::kSell
                                    : state == TradingState::kActive ||
                                          (state == TradingState::kReducing && side == Side::kSell);
        if (allowed) return;
        wrong.push_back("order " + std::to_string(id.value) + " of strategy " +
                        std::to_string(strategy.value) + " at position " + std::to_string(e.seq) +
                        " went out in state " + std::string(name(state)));
    }
    std::map<std::pair<ControlScope, std::uint64_t>, ControlData> states_;
};

}  // namespace fermata::test
