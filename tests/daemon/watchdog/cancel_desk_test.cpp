#include "daemon/watchdog/cancel_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

namespace fermata::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kMs = 1'000'000;

/// Keeps what it is asked for: "cancel_all", "ask_all", "cancel 7".
class Port final : public CancelPort {
public:
    bool up(std::size_t) noexcept override { return is_up; }
    bool cancel_all(std::size_t way) noexcept override { return keep(way, "cancel_all"); }
    bool ask_all(std::size_t way) noexcept override { return keep(way, "ask_all"); }
    bool cancel(std::size_t way, const LinkOrderStatus& order) noexcept override {
        return keep(way, "cancel " + std::to_string(order.order_id.value));
    }
    std::vector<std::string> take() { return std::exchange(asked_, {}); }

    bool is_up = true;
    bool takes = true;

private:
    bool keep(std::size_t way, const std::string& what) {
        asked_.push_back(way == 0 ? what : what + " @" + std::to_string(way));
        return takes;
    }
    std::vector<std::string> asked_;
};

struct Desk {
    explicit Desk(std::vector<CancelDesk::Way> ways)
        : desk(std::move(ways), port, Duration::milliseconds(500),
               [this](bool alarm, const std::string& text) {
                   if (alarm) alarms.push_back(text);
               }) {}
    void event(LinkEventKind kind, std::int64_t now_ms, std::int64_t count = -1,
               std::size_t way = 0) {
        LinkEvent e;
        e.kind = kind;
        e.count = count;
        e.text = "because";
        desk.on_event(way, e, now_ms * kMs);
    }
    void order(std::uint64_t id, OrderState state) {
        LinkOrderStatus s;
        s.order_id = ClientOrderId{id};
        s.state = state;
        desk.on_status(0, s);
    }
    Port port;
    std::vector<std::string> alarms;
    CancelDesk desk;
};

const CancelDesk::Way kBoth{"sim", true, true};

TEST(CancelDesk, IsDoneWhenTwoRoundsFoundNothingOpen) {
    Desk d({kBoth});
    EXPECT_FALSE(d.desk.busy());
    d.desk.begin(100 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    EXPECT_EQ(d.desk.first_cancel_ns(), 100 * kMs);
    d.event(LinkEventKind::kMassCanceled, 101, 3);
    EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
    d.order(7, OrderState::kCanceled);  // told, and over
    d.order(8, OrderState::kFilled);
    d.event(LinkEventKind::kStatusEnd, 102, 2);
    EXPECT_THAT(d.port.take(), IsEmpty());
    EXPECT_TRUE(d.desk.busy());
    d.desk.step(601 * kMs);
    EXPECT_THAT(d.port.take(), IsEmpty());
    d.desk.step(602 * kMs);  // what was on its way at first has arrived by now
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    d.event(LinkEventKind::kMassCanceled, 603, 0);
    EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
    EXPECT_EQ(d.desk.unconfirmed(), 1u);
    d.event(LinkEventKind::kStatusEnd, 604, 0);
    EXPECT_FALSE(d.desk.busy());
    EXPECT_EQ(d.desk.unconfirmed(), 0u);
    EXPECT_THAT(d.alarms, IsEmpty());
    d.desk.step(10'000 * kMs);
    EXPECT_THAT(d.port.take(), IsEmpty());
}

TEST(CancelDesk, DoesNotCountARoundThatBeganBeforeItWasAskedOnceMore) {
    Desk d({kBoth});
    d.desk.begin(0);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    d.desk.begin(10 * kMs);  // the process is gone by now
    EXPECT_THAT(d.port.take(), IsEmpty());
    d.event(LinkEventKind::kMassCanceled, 11, 3);
    d.event(LinkEventKind::kStatusEnd, 12, 0);
    EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
    for (const std::int64_t ms : {12, 520}) {  // two more, of which the first comes at once
        EXPECT_TRUE(d.desk.busy());
        d.desk.step(ms * kMs);
        EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
        d.event(LinkEventKind::kMassCanceled, ms, 0);
        d.event(LinkEventKind::kStatusEnd, ms, 0);
        EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
    }
    EXPECT_FALSE(d.desk.busy());
    EXPECT_EQ(d.desk.unconfirmed(), 0u);
}

TEST(CancelDesk, CancelsOneByOneWhatIsOpenAfterTheMassCancel) {
    Desk d({kBoth});
    d.desk.begin(0);
    d.event(LinkEventKind::kMassCanceled, 1, 2);
    (void)d.port.take();
    d.order(7, OrderState::kNew);
    d.order(8, OrderState::kPartiallyFilled);
    d.order(0, OrderState::kNew);      // by a name that is not ours
    d.order(9, OrderState::kUnknown);  // unknown is open
    d.event(LinkEventKind::kStatusEnd, 2, 4);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel 7", "cancel 8", "cancel 9"));
    ASSERT_EQ(d.alarms.size(), 2u);
    EXPECT_THAT(d.alarms[0], HasSubstr("4 orders are open after round 1"));
    EXPECT_THAT(d.alarms[1], HasSubstr("1 of them cannot be canceled one by one"));
    d.desk.step(502 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    d.event(LinkEventKind::kMassCanceled, 503);
    d.event(LinkEventKind::kStatusEnd, 504, 0);
    EXPECT_TRUE(d.desk.busy());  // one round that found nothing
    d.desk.step(1'004 * kMs);
    d.event(LinkEventKind::kMassCanceled, 1'005);
    d.event(LinkEventKind::kStatusEnd, 1'006, 0);
    EXPECT_FALSE(d.desk.busy());
}

TEST(CancelDesk, AsksAndCancelsEachOrderWhereThereIsNoMassCancel) {
    Desk d({{"venue", false, true}});
    d.desk.begin(0);
    EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
    EXPECT_EQ(d.desk.first_cancel_ns(), 0);
    d.order(7, OrderState::kNew);
    d.event(LinkEventKind::kStatusEnd, 20, 1);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel 7"));
    EXPECT_EQ(d.desk.first_cancel_ns(), 20 * kMs);
    for (int round = 0; round < 2; ++round) {
        d.desk.step((520 + 500 * round) * kMs);
        EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
        d.event(LinkEventKind::kStatusEnd, 520 + 500 * round, 0);
    }
    EXPECT_FALSE(d.desk.busy());
}

TEST(CancelDesk, GoesOnWithSingleCancelsWhenTheMassCancelIsRefused) {
    Desk d({kBoth});
    d.desk.begin(0);
    (void)d.port.take();
    d.event(LinkEventKind::kMassCancelRefused, 1);
    EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
    EXPECT_THAT(d.alarms, ElementsAre("sim: the venue refused the mass cancel: because"));
    d.order(5, OrderState::kNew);
    d.event(LinkEventKind::kStatusEnd, 2, 1);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel 5"));
    d.desk.step(502 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("ask_all"));
}

TEST(CancelDesk, TrustsAMassCancelTwiceWhereTheVenueDoesNotTellWhatIsOpen) {
    Desk d({{"venue", true, false}});
    d.desk.begin(0);
    d.event(LinkEventKind::kMassCanceled, 1);
    EXPECT_TRUE(d.desk.busy());
    d.desk.step(501 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all", "cancel_all"));
    d.event(LinkEventKind::kMassCancelRefused, 502);  // tried again, for it has nothing else
    EXPECT_TRUE(d.desk.busy());
    d.desk.step(1'002 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    d.event(LinkEventKind::kMassCanceled, 1'003);
    EXPECT_FALSE(d.desk.busy());
}

TEST(CancelDesk, WaitsForASessionThatIsDownAndCancelsAtOnceWhenItIsUp) {
    Desk d({kBoth});
    d.port.is_up = false;
    d.desk.begin(0);
    d.desk.step(50 * kMs);
    d.desk.step(100 * kMs);
    EXPECT_THAT(d.port.take(), IsEmpty());
    EXPECT_EQ(d.alarms.size(), 1u);  // said once
    EXPECT_EQ(d.desk.unconfirmed(), 1u);
    d.port.is_up = true;
    d.event(LinkEventKind::kUp, 120);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    EXPECT_EQ(d.desk.first_cancel_ns(), 120 * kMs);
}

TEST(CancelDesk, BeginsARoundAgainThatADisconnectCutOff) {
    Desk d({kBoth});
    d.desk.begin(0);
    d.event(LinkEventKind::kMassCanceled, 1);
    d.event(LinkEventKind::kStatusEnd, 2, 0);  // one clean round
    d.desk.step(502 * kMs);
    d.event(LinkEventKind::kMassCanceled, 503);
    (void)d.port.take();
    d.port.is_up = false;
    d.event(LinkEventKind::kDown, 504);
    d.event(LinkEventKind::kStatusEnd, 505, 0);  // of a list that nobody waits for any more
    EXPECT_TRUE(d.desk.busy());
    d.port.is_up = true;
    d.desk.step(600 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    d.event(LinkEventKind::kMassCanceled, 601);
    d.event(LinkEventKind::kStatusEnd, 602, 0);
    EXPECT_TRUE(d.desk.busy());  // what was clean before the disconnect does not count
}

TEST(CancelDesk, AsksAgainWhenNobodyAnswers) {
    Desk d({kBoth});
    d.desk.begin(0);
    (void)d.port.take();
    d.desk.step(999 * kMs);
    EXPECT_THAT(d.port.take(), IsEmpty());
    d.desk.step(1'000 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    EXPECT_EQ(d.alarms.size(), 1u);
    d.event(LinkEventKind::kMassCanceled, 1'001);
    (void)d.port.take();
    d.desk.step(2'001 * kMs);  // half a list is none
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
}

TEST(CancelDesk, TriesAgainWhatCouldNotBeHandedOver) {
    Desk d({kBoth});
    d.port.takes = false;
    d.desk.begin(0);
    EXPECT_EQ(d.desk.first_cancel_ns(), 0);
    d.port.takes = true;
    (void)d.port.take();
    d.desk.step(500 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all"));
    EXPECT_EQ(d.desk.first_cancel_ns(), 500 * kMs);
}

TEST(CancelDesk, StopsWhenOrdersAreWantedAgainAndSaysWhatItDoesNotKnow) {
    Desk d({kBoth, {"other", true, true}});
    d.desk.begin(0);
    for (const std::int64_t ms : {0, 500}) {
        d.desk.step(ms * kMs);
        d.event(LinkEventKind::kMassCanceled, ms, -1, 1);
        d.event(LinkEventKind::kStatusEnd, ms, 0, 1);
    }
    EXPECT_EQ(d.desk.unconfirmed(), 1u);
    (void)d.port.take();
    d.desk.stop("the firm was released");
    EXPECT_FALSE(d.desk.busy());
    EXPECT_EQ(d.desk.unconfirmed(), 1u);
    EXPECT_EQ(d.alarms.size(), 1u);  // of the one that was not done
    d.desk.step(5'000 * kMs);
    d.event(LinkEventKind::kMassCanceled, 5'000);
    EXPECT_THAT(d.port.take(), IsEmpty());
    d.desk.begin(6'000 * kMs);
    EXPECT_THAT(d.port.take(), ElementsAre("cancel_all", "cancel_all @1"));
}

TEST(CancelDesk, SaysThatItCanDoNothingAtAVenueThatHasNeither) {
    Desk d({{"venue", false, false}});
    d.desk.begin(0);
    EXPECT_FALSE(d.desk.busy());
    EXPECT_EQ(d.desk.unconfirmed(), 1u);
    EXPECT_EQ(d.alarms.size(), 1u);
}

/// A venue with its orders: whatever goes wrong on the way, when the desk is done, none is open.
TEST(CancelDesk, IsNotDoneBeforeTheVenueHasNoOrderOpen) {
    rc::check([](bool mass_cancel, std::uint64_t seed) {
        rc::Random random(seed);
        const auto chance = [&](unsigned of) { return random.next() % of == 0; };
        std::set<std::uint64_t> open{1, 2, 3, 4, 5};
        Desk d({{"venue", mass_cancel, true}});
        std::int64_t now = 0;
        d.desk.begin(0);
        for (int n = 0; n < 3'000 && d.desk.busy(); ++n) {
            now += 20;
            const bool calm = n > 1'000;  // faults end some time
            d.port.is_up = calm || !chance(10);
            if (!d.port.is_up) d.event(LinkEventKind::kDown, now);
            // One of the killed process was still on its way.
            if (n == 10) open.insert(99);
            d.desk.step(now * kMs);
            for (const std::string& asked : d.port.take()) {
                if (!calm && chance(5)) continue;  // lost with the connection
                if (asked == "cancel_all") {
                    if (!calm && chance(4)) {
                        d.event(LinkEventKind::kMassCancelRefused, now);
                        continue;
                    }
                    // It may take only some of them.
                    while (!open.empty() && (calm || !chance(4))) open.erase(open.begin());
                    d.event(LinkEventKind::kMassCanceled, now);
                } else if (asked == "ask_all") {
                    for (const std::uint64_t id : open) d.order(id, OrderState::kNew);
                    d.event(LinkEventKind::kStatusEnd, now, static_cast<std::int64_t>(open.size()));
                } else {
                    open.erase(std::stoull(asked.substr(7)));
                }
            }
        }
        RC_ASSERT(!d.desk.busy());
        RC_ASSERT(d.desk.unconfirmed() == 0u);
        RC_ASSERT(open.empty());
    });
}

}  // namespace
}  // namespace fermata::test
