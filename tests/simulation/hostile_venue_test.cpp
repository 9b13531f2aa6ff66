// Random order flow through the real gate, order manager and accounts against venues that do their
// worst (tests/support/hostile_venue.hpp). After every step, and when everything has arrived, the
// books are compared with what the venues truly did.
//
// FERMATA_SIM_SEEDS says how many seeds (50; `make nightly` takes 1,000), FERMATA_SIM_SEED=n runs
// that one alone: a failure names its seed.

#include "tests/support/hostile_venue.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/event/codec.hpp"
#include "core/types/decimal.hpp"
#include "tests/simulation/order_flow.hpp"
#include "tests/support/order_story.hpp"
#include "tests/support/trading_world.hpp"

namespace fermata::test {
namespace {

constexpr int kSteps = 1'500;

struct Coverage {
    std::uint64_t orders = 0, fills = 0, duplicates = 0, rejected = 0, corrections = 0;
    std::uint64_t children = 0, refused_children = 0, released = 0;
    std::uint64_t legs = 0, slices = 0;
};

class Simulation {
public:
    explicit Simulation(std::uint64_t seed)
        : dice_(seed), w_(RiskConfig(RiskProfile::kUnlimited), config()) {
        for (std::uint16_t v = 0; v < TradingWorld::kVenues; ++v) {
            venues_.emplace_back(std::make_unique<HostileVenue>(VenueId{v}, dice_));
            venues_.back()->set_corrects(true);
        }
    }

    /// The first rule that was broken, or nothing.
    std::string run() {
        for (int n = 0; n < kSteps && broken_.empty(); ++n) {
            step();
            check();
            if (!broken_.empty()) broken_ += ", step " + std::to_string(n);
        }
        if (broken_.empty()) finish();
        return broken_;
    }
    [[nodiscard]] const std::vector<OrderEvent>& records() const { return w_.records; }
    [[nodiscard]] Coverage coverage() const {
        Coverage c;
        for (const OrderEvent& e : w_.records) {
            if (e.type == OrderEventType::kSendNew) {
                ++c.orders;
                c.children += e.data.new_order.parent.value != 0 ? 1 : 0;
                const Order* order = w_.orders.find(e.data.new_order.tag);
                if (order == nullptr) continue;
                c.legs += is_secondary(order->link_role) ? 1 : 0;
                c.slices += order->id != e.data.new_order.order_id ? 1 : 0;
            } else if (e.type == OrderEventType::kOrderUpdate) {
                c.released += e.data.update.reason == OrderReason::kConditionMet ? 1 : 0;
            }
            c.fills += e.type == OrderEventType::kFill ? 1 : 0;
            c.corrections += e.type == OrderEventType::kCorrection ? 1 : 0;
            c.rejected += e.type == OrderEventType::kExecution &&
                          e.data.execution.exec_type == ExecType::kRejected;
        }
        c.refused_children = w_.alerts(AlertCode::kParentExceeded);
        c.duplicates = w_.alerts(AlertCode::kDuplicateExecution);
        return c;
    }

private:
    /// Venue 0 knows everything but linked orders. Venue 1 knows market and limit orders only: the
    /// order manager holds and watches the rest.
    static OrderManagerConfig config() {
        VenueCapabilities plain;
        plain.types = 1U << static_cast<unsigned>(OrderType::kMarket) |
                      1U << static_cast<unsigned>(OrderType::kLimit);
        plain.offsets = 0;
        plain.features = 0;
        OrderManagerConfig config{4'096, 65'536, 20'000, 1};
        VenueCapabilities unlinked;
        unlinked.drop(kVenueLinks);
        config.venues = {unlinked, plain};
        return config;
    }

    // --- what happens ---

    void step() {
        w_.tick(Duration::nanoseconds(dice_.pick(1, 50'000'000)));
        switch (dice_.pick(0, 11)) {
            case 0:
            case 1:
                flow_.place();
                break;
            case 2:
                if (const auto tag = flow_.any_tag()) w_.cancel(*tag);
                break;
            case 3:
                if (const auto tag = flow_.any_tag()) {
                    w_.replace(*tag, dice_.pick(1, 150), dice_.pick(9'000, 11'000));
                }
                break;
            case 4:
                w_.quote(static_cast<std::uint32_t>(dice_.pick(0, 2)), dice_.pick(9'000, 9'999),
                         dice_.pick(10'001, 11'000));
                break;
            case 5:
                dice_.chance(10) ? cancel_all() : time_out();
                break;
            default:
                for (auto& venue : venues_) venue->act(w_.now);
                break;
        }
        exchange_messages();
        for (auto& venue : venues_) {
            if (auto report = venue->deliver(w_.now)) w_.report(*report);
        }
        exchange_messages();
    }
    void exchange_messages() {
        w_.settle();
        for (std::uint16_t v = 0; v < TradingWorld::kVenues; ++v) {
            for (const OrderEvent& e : w_.sent(v)) venues_[v]->send(e);
        }
    }
    void cancel_all() {
        ControlData d;
        d.scope = ControlScope::kAccount;
        d.target = static_cast<std::uint64_t>(dice_.pick(0, 1));
        d.cancel_orders = 1;
        w_.control(d);
    }
    /// No answer came in time: what the order may do is as uncertain as before.
    void time_out() {
        const auto tag = flow_.any_tag();
        const Order* order = tag ? w_.orders.find(*tag) : nullptr;
        if (order == nullptr) return;
        EventBuffer answers(w_.orders.events_max());
        w_.orders.on_timeout(order->id, w_.tick(), answers);
    }
    void finish() {
        ControlData everything;
        everything.cancel_orders = 1;
        w_.control(everything);
        exchange_messages();
        for (int n = 0; n < 100'000 && broken_.empty(); ++n) {
            bool idle = true;
            for (auto& venue : venues_) {
                venue->finish(w_.tick());  // also with what was sent meanwhile
                idle = idle && venue->idle();
                if (auto report = venue->deliver(w_.tick())) w_.report(*report);
            }
            exchange_messages();
            check();
            if (!idle) continue;
            // Reports that came in another order than they were sent in may leave an order open
            // that is not: whoever asks the venue hears so.
            if (asked_) return check_end();
            asked_ = true;
            w_.orders.table().for_each_open([this](const Order& o) {
                const bool placed = o.sent_id.value != 0;
                venues_[o.venue.value]->answer_closed(placed ? o.sent_id : o.id, w_.now);
            });
        }
        if (broken_.empty() && !w_.records.empty()) {
            broken_ = "the reports do not come to an end, the last one is a " +
                      std::string(name(w_.records.back().type));
        }
    }

    // --- what must hold ---

    void fail(const std::string& what) {
        if (broken_.empty()) broken_ = what;
    }
    void check() {
        for (auto& venue : venues_) {
            if (!venue->wrong().empty()) fail(venue->wrong());
        }
        for (std::uint16_t a = 0; a < TradingWorld::kAccounts; ++a) {
            for (std::uint32_t i = 0; i < TradingWorld::kInstruments; ++i) {
                check_exposure(AccountId{a}, InstrumentId{i});
            }
        }
        check_parents();
    }
    /// What the children of a parent came to and may still come to is within its quantity.
    void check_parents() {
        std::map<std::uint64_t, std::int64_t> children;
        for (const auto& venue : venues_) {
            for (const auto& [id, o] : venue->orders()) {
                if (o.terms.parent.value != 0) {
                    children[o.terms.parent.value] += HostileVenue::worst(o);
                }
            }
        }
        for (const OrderEvent& parent : flow_.parents()) {
            const NewOrderData& d = parent.data.new_order;
            const auto found = children.find(d.tag.value);
            if (found != children.end() && units(found->second) > d.quantity) {
                fail("children of " + std::to_string(found->second) + " of a parent of " +
                     to_string(d.quantity));
            }
        }
    }
    /// What is booked is what was told, and what is reserved covers all that may still come.
    void check_exposure(AccountId account, InstrumentId instrument) {
        std::int64_t told[2] = {}, most[2] = {};
        for (const auto& venue : venues_) {
            for (const auto& [id, o] : venue->orders()) {
                if (o.terms.account != account || o.instrument != instrument) continue;
                const auto side = static_cast<std::size_t>(o.terms.side);
                told[side] += o.told;
                most[side] += HostileVenue::worst(o);
            }
        }
        if (w_.accounts.position(account, instrument) != units(told[0] - told[1])) {
            fail("position " + to_string(w_.accounts.position(account, instrument)) + " where " +
                 std::to_string(told[0] - told[1]) + " was reported");
        }
        const Exposure& reserved = w_.orders.exposures().at(account, instrument);
        if (units(told[0]) + reserved.buy < units(most[0]) ||
            units(told[1]) + reserved.sell < units(most[1])) {
            fail("the venues may still do more than is reserved" + uncovered(account, instrument));
        }
    }
    /// Orders that may still come to more than is booked and reserved of them.
    std::string uncovered(AccountId account, InstrumentId instrument) {
        std::map<std::uint64_t, std::int64_t> more;
        for (const auto& venue : venues_) {
            for (const auto& [id, o] : venue->orders()) {
                if (o.terms.account == account && o.instrument == instrument) {
                    more[o.terms.tag.value] += HostileVenue::worst(o) - o.told;
                }
            }
        }
        std::string out;
        for (const auto& [tag, quantity] : more) {
            const Order* order = w_.orders.find(OrderTag{tag});
            const Quantity reserved = order != nullptr ? order->reserved_quantity : Quantity{};
            if (units(quantity) <= reserved) continue;
            out += "\norder " + std::to_string(tag & 0xffff) + ": " + std::to_string(quantity) +
                   " where " + to_string(reserved) + " is reserved";
            if (order != nullptr) {
                out += ", " + std::string(name(order->type)) + " " +
                       std::string(name(order->link_role)) + order_story(w_.records, order->tag);
            }
        }
        return out;
    }
    void check_end() {
        w_.orders.table().for_each_open([this](const Order& o) {
            fail("order " + std::to_string(o.id.value) + " stays " + std::string(name(o.state)) +
                 order_story(w_.records, o.tag));
        });
        std::map<std::uint64_t, const TrueFill*> truth[TradingWorld::kVenues];
        for (std::uint16_t v = 0; v < TradingWorld::kVenues; ++v) {
            for (const auto& fill : venues_[v]->fills()) truth[v][fill.first.value] = &fill;
        }
        for (std::uint16_t a = 0; a < TradingWorld::kAccounts; ++a) {
            const AccountId account{a};
            Money cash = TradingWorld::opening_cash();
            for (const auto& venue : venues_) cash += venue->cash(account);
            if (w_.accounts.cash(account, CurrencyId{0}) != cash) {
                fail("cash is " + to_string(w_.accounts.cash(account, CurrencyId{0})) + ", not " +
                     to_string(cash));
            }
            for (std::uint32_t i = 0; i < TradingWorld::kInstruments; ++i) {
                std::int64_t position = 0;
                for (const auto& venue : venues_) {
                    position += venue->position(account, InstrumentId{i});
                }
                if (w_.accounts.position(account, InstrumentId{i}) != units(position) ||
                    w_.accounts.strategy_position(StrategyId{a}, InstrumentId{i}) !=
                        units(position)) {
                    fail("a position is not what the venues filled");
                }
                const Exposure& left = w_.orders.exposures().at(account, InstrumentId{i});
                if (left.open_orders() != 0 || !left.buy.is_zero() || !left.sell.is_zero() ||
                    !left.buy_value.is_zero() || !left.sell_value.is_zero()) {
                    fail("something stays reserved when every order is over");
                }
            }
        }
        std::size_t reported = 0;
        std::set<std::pair<std::uint16_t, std::uint64_t>> booked;
        for (std::size_t n = 0; n < w_.records.size(); ++n) {
            const OrderEvent& e = w_.records[n];
            reported += e.type == OrderEventType::kFill ? 1 : 0;
            if (e.type != OrderEventType::kExecution ||
                e.data.execution.exec_type != ExecType::kTrade || n + 1 == w_.records.size() ||
                w_.records[n + 1].type != OrderEventType::kFill) {
                continue;
            }
            booked.insert({e.data.execution.venue.value, e.data.execution.exec_id.value});
        }
        if (booked.size() != truth[0].size() + truth[1].size()) {
            fail("not every fill was booked");
        }
        if (reported < booked.size()) fail("a fill was booked and not reported");
    }

    Dice dice_;
    TradingWorld w_;
    OrderFlow flow_{w_, dice_};
    std::vector<std::unique_ptr<HostileVenue>> venues_;
    bool asked_ = false;
    std::string broken_;
};

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(HostileVenueSimulation, TheBooksFollowTheTruthWhateverTheVenueDoes) {
    const std::uint64_t only = number_in("FERMATA_SIM_SEED", 0);
    const std::uint64_t seeds = number_in("FERMATA_SIM_SEEDS", 50);
    Coverage all;
    for (std::uint64_t seed = only != 0 ? only : 1; seed <= (only != 0 ? only : seeds); ++seed) {
        Simulation simulation(seed);
        const std::string broken = simulation.run();
        ASSERT_EQ(broken, "") << "replay with FERMATA_SIM_SEED=" << seed;
        const Coverage c = simulation.coverage();
        all.orders += c.orders;
        all.fills += c.fills;
        all.duplicates += c.duplicates;
        all.rejected += c.rejected;
        all.corrections += c.corrections;
        all.children += c.children;
        all.refused_children += c.refused_children;
        all.released += c.released;
        all.legs += c.legs;
        all.slices += c.slices;
    }
    // The flow must have been hostile for this to mean anything.
    if (only != 0) return;
    EXPECT_GT(all.orders, 100 * seeds);
    EXPECT_GT(all.fills, 100 * seeds);
    EXPECT_GT(all.duplicates, 20 * seeds);
    EXPECT_GT(all.rejected, 5 * seeds);
    EXPECT_GT(all.corrections, 10 * seeds);
    EXPECT_GT(all.children, 5 * seeds);
    EXPECT_GT(all.refused_children, seeds);
    EXPECT_GT(all.released, seeds) << "held orders whose condition came true";
    EXPECT_GT(all.legs, 5 * seeds) << "stops and targets whose entry filled";
    EXPECT_GT(all.slices, 5 * seeds) << "of orders that are sent in parts, after the first";
}

TEST(HostileVenueSimulation, ASeedRepeatsItselfToTheByte) {
    const auto bytes = [](std::uint64_t seed) {
        Simulation simulation(seed);
        EXPECT_EQ(simulation.run(), "");
        std::string all;
        for (const OrderEvent& e : simulation.records()) {
            std::byte buffer[kOrderEventBytesMax];
            const std::size_t length = encode(e, buffer);
            all.append(reinterpret_cast<const char*>(buffer), length);
        }
        return all;
    };
    const std::string first = bytes(7);
    EXPECT_TRUE(first == bytes(7));
    EXPECT_FALSE(first == bytes(8));
}

}  // namespace
}  // namespace fermata::test
