#include "daemon/live/halt_log.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "risk/controls.hpp"

namespace fermata {
namespace {

using Lines = std::vector<std::string>;

class HaltLogTest : public testing::Test {
protected:
    static JournalManifest names() {
        JournalManifest names;
        names.strategies = {"sma", "rsi"};
        return names;
    }
    void control(ControlData d) {
        OrderEvent e = make_order_event(OrderEventType::kControl, Timestamp{1}, InstrumentId{0});
        e.data.control = d;
        log.on_record(e);
    }
    static ControlData tripped(ControlId id, std::int64_t observed = 0, std::int64_t limit = 0,
                               LimitUnit unit = LimitUnit::kNone) {
        ControlData d;
        d.state = TradingState::kHalted;
        d.control = static_cast<std::uint8_t>(id);
        d.observed = observed;
        d.limit = limit;
        d.unit = static_cast<std::uint8_t>(unit);
        return d;
    }

    Lines said;
    HaltLog log{names(), nullptr, [this](const std::string& line) { said.push_back(line); }};
};

TEST_F(HaltLogTest, TellsWhatHaltedWithWhatItSawAndTheRelease) {
    log.begin();
    control(tripped(ControlId::kDropCopy, 5'100'000'000, 5'000'000'000, LimitUnit::kDuration));
    ControlData released;
    released.actor = 1000;
    control(released);
    EXPECT_EQ(said, (Lines{"warning: firm HALTED by DROP_COPY; observed 5100ms, limit 5s; fermata "
                           "status names what differs",
                           "firm ACTIVE by the operator (user 1000)"}));
}

TEST_F(HaltLogTest, TellsAStateThatIsSetAgainOnce) {
    log.begin();
    ControlData killed;
    killed.scope = ControlScope::kStrategy;
    killed.target = 1;
    killed.state = TradingState::kHalted;
    killed.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    killed.actor = 1000;
    control(killed);
    control(killed);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0],
              "warning: strategy rsi HALTED by the operator (user 1000), open orders are canceled");
    killed.target = 0;
    control(killed);
    EXPECT_EQ(said.size(), 2U) << "another one";
}

TEST_F(HaltLogTest, DoesNotTellWhatAnEarlierProcessDidNorTheCancelsOfAStop) {
    control(tripped(ControlId::kDrawdown));
    log.begin();
    control(tripped(ControlId::kDrawdown));
    control(tripped(ControlId::kRecovering));
    EXPECT_EQ(said, Lines{});
}

}  // namespace
}  // namespace fermata
