#include "daemon/live/drop_copy_desk.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "daemon/live/outside_report.hpp"
#include "tests/daemon/fix/copy_cases.hpp"

namespace fermata::test {
namespace {

/// Tells what it was given.
class Copies final : public DropCopyLink {
public:
    void resume_after(std::uint64_t message) noexcept override { resumed = message; }
    [[nodiscard]] bool poll(DropCopyReport& report) noexcept override {
        if (reports.empty()) return false;
        report = reports.front();
        reports.pop_front();
        return true;
    }
    [[nodiscard]] bool up() const noexcept override { return true; }

    void tell(const Case& c, Timestamp ts, std::uint64_t message) {
        DropCopyReport r = copy(c, ts);
        r.event.cause = make_cause(CauseKind::kMessage, message);
        reports.push_back(r);
    }
    std::deque<DropCopyReport> reports;
    std::optional<std::uint64_t> resumed;
};

/// The session of orders, which has nothing to say.
class Silent final : public OrderLink {
public:
    [[nodiscard]] bool adopt(const KnownOrder&) noexcept override { return true; }
    void resume_after(std::uint64_t) noexcept override {}
    [[nodiscard]] OrderReason send(const OrderEvent&) noexcept override {
        return OrderReason::kNone;
    }
    [[nodiscard]] bool poll(OrderEvent&) noexcept override { return false; }
    [[nodiscard]] bool up() const noexcept override { return true; }
};

class DropCopyDeskTest : public ::testing::Test {
protected:
    DropCopyDeskTest() { reset(); }
    void reset(CopyBegin begun = {}) {
        desk = std::make_unique<DropCopyDesk>(
            std::vector<CopySession>{{"copy", 5, kVenue, &link}},
            std::vector<DropCopyDesk::Venue>{
                {"NASDAQ", nullptr}, {"NYSE", &venue}, {"ARCA", nullptr}},
            std::vector<std::string>{"SPY", "QQQ"}, settings(Duration::seconds(2)),
            [this](const std::string& text) { said.push_back(text); }, begun);
        desk->on_record(sent({}));
    }
    void record(const Case& c, std::int64_t ms, std::uint64_t position) {
        desk->on_record(reported(c, at(ms)));
        OrderEvent fill = booked(c, at(ms));
        fill.seq = position;
        desk->on_record(fill);
    }
    std::vector<OrderEvent> work(std::int64_t ms) {
        std::vector<OrderEvent> due;
        while (const auto e = desk->work(at(ms))) {
            due.push_back(*e);
            desk->on_record(*e);
        }
        return due;
    }
    [[nodiscard]] bool says(const std::string& text) const {
        return std::any_of(said.begin(), said.end(), [&](const std::string& line) {
            return line.find(text) != std::string::npos;
        });
    }

    Copies link;
    Silent wire;
    VenueLink venue{wire, {}};
    std::vector<std::string> said;
    std::unique_ptr<DropCopyDesk> desk;
};

/// The run began at 1,000,000 ms and gives ids of epoch 9 on.
TEST_F(DropCopyDeskTest, ComparesNothingFromBeforeItsRunAndSaysHowMuchThatWas) {
    const auto order = [](std::uint16_t epoch) { return make_client_order_id(0, epoch, 1).value; };
    const auto tell = [&](const Case& c, std::int64_t transacted_ms, std::uint64_t message) {
        link.tell(c, at(0), message);
        link.reports.back().transacted = at(transacted_ms);
    };
    reset({at(0) + Duration::milliseconds(400), 9});
    desk->begin(false, at(400));
    (void)work(400);
    tell({.exec = 100, .order = order(8)}, -5'000, 21);
    tell({.exec = 101, .order = 0}, -1, 22);  // somebody's by hand
    tell({.exec = 1, .order = 0}, -1, 23);
    link.reports.back().event.data.execution.exec_type = ExecType::kNew;  // no execution
    const auto marked = work(500);
    EXPECT_FALSE(says("not compared")) << "more may come";
    EXPECT_TRUE(work(1'600).empty());
    EXPECT_TRUE(
        says("drop copy: 2 executions from before this session began were told and not "
             "compared"));
    ASSERT_EQ(marked.size(), 1U) << "a restart does not ask for them again";
    EXPECT_EQ(marked[0].data.risk_input.values[1], 23);
    said.clear();
    EXPECT_TRUE(work(5'000).empty());
    EXPECT_TRUE(said.empty()) << "it is said once";
    EXPECT_EQ(desk->standing(at(5'000)).differs.ns, 0);

    // Compared: in the second of the start, of an order of this run by a clock that is behind, and
    // what does not say when it was.
    tell({.exec = 102, .order = order(8)}, 0, 24);
    tell({.exec = 103, .order = order(9)}, -60'000, 25);
    link.tell({.exec = 104, .order = order(8)}, at(0), 26);
    (void)work(6'000);
    EXPECT_EQ(desk->standing(at(6'000)).differences.size(), 3U);
}

TEST_F(DropCopyDeskTest, TellsTheGateAndTheOperatorOfADifferenceAndWhenItIsOver) {
    desk->begin(false, at(0));
    EXPECT_FALSE(link.resumed) << "a record that begins asks for nothing";
    ASSERT_EQ(work(0).size(), 1U);
    record({}, 1'000, 11);
    EXPECT_TRUE(work(1'500).empty());
    const auto differs = work(2'500);
    ASSERT_EQ(differs.size(), 1U);
    EXPECT_EQ(differs[0].data.risk_input.values[0], Duration::milliseconds(1'500).ns);
    EXPECT_TRUE(
        says("NYSE: execution 7 of order 0-0-1 (10 SPY at 5) is on record here, and the drop "
             "copy does not have it"))
        << said.back();
    EXPECT_EQ(desk->standing(at(2'500)).differs, Duration::milliseconds(1'500));
    EXPECT_EQ(desk->standing(at(2'500)).differences.size(), 1U);
    said.clear();
    EXPECT_EQ(work(3'600).size(), 1U);
    EXPECT_TRUE(said.empty()) << "each is told once";
    link.tell({}, at(3'700), 40);
    const auto over = work(3'700);
    ASSERT_EQ(over.size(), 2U);
    EXPECT_EQ(over[0].data.risk_input.values[0], 0);
    EXPECT_EQ(over[1].data.risk_input.values[1], 40);
    EXPECT_EQ(over[1].data.risk_input.values[2], 6);
    EXPECT_EQ(over[1].data.risk_input.values[3], 11);
    EXPECT_EQ(desk->standing(at(3'700)).differs, Duration{});
}

TEST_F(DropCopyDeskTest, GoesOnBehindTheNewestMessageThatWasCompared) {
    desk->begin(false, at(0));
    record({}, 10, 11);
    link.tell({}, at(11), 40);
    std::vector<OrderEvent> marks = work(2'000);
    ASSERT_FALSE(marks.empty());
    // Another process is told the same records, and one more fill.
    reset();
    record({}, 10, 11);
    for (const OrderEvent& e : marks) desk->on_record(e);
    Case second;
    second.exec = 8;
    record(second, 3'000, 20);
    desk->begin(true, at(60'000));
    EXPECT_EQ(link.resumed, 40U);
    EXPECT_EQ(desk->standing(at(60'100)).differs, Duration::milliseconds(100));
    link.tell(second, at(60'200), 41);
    (void)work(60'200);
    EXPECT_EQ(desk->standing(at(60'300)).differs, Duration{});
}

TEST_F(DropCopyDeskTest, AsksForEverythingWhereARecordSaysNothingOfIt) {
    record({}, 10, 11);
    desk->begin(true, at(60'000));
    EXPECT_EQ(link.resumed, 0U);
}

TEST_F(DropCopyDeskTest, GivesTheVenuesReportInItsPlace) {
    desk->begin(false, at(0));
    link.tell({}, at(0), 40);
    (void)work(100);
    OrderEvent report;
    EXPECT_FALSE(venue.poll(report));
    (void)work(2'000);
    ASSERT_TRUE(venue.poll(report));
    EXPECT_EQ(report.data.execution.exec_id, ExecId{7});
    EXPECT_EQ(report.cause, 0U) << "it is no message of the session of orders";
    EXPECT_TRUE(says("execution 7 was told by the drop copy alone"));
    EXPECT_FALSE(venue.poll(report));
}

TEST_F(DropCopyDeskTest, NamesAnExecutionAsItsVenueDoesWhereACopySaidHow) {
    desk->begin(false, at(0));
    DropCopyReport alone = copy({}, at(0));
    const std::string name = "T-7\x1b[2J";
    std::copy(name.begin(), name.end(), alone.exec_text.begin());
    link.reports.push_back(alone);
    (void)work(1'500);
    EXPECT_TRUE(
        says("NYSE: execution T-7?[2J (7) of order 0-0-1 (10 SPY at 5) is in the drop copy"))
        << said.back();
    (void)work(2'000);
    EXPECT_TRUE(says("NYSE: execution T-7?[2J (7) was told by the drop copy alone"));
}

TEST_F(DropCopyDeskTest, WhatSomebodyAcceptsIsSettledAndOnRecordWithTheirNames) {
    desk->begin(false, at(0));
    EXPECT_FALSE(desk->accept(1)) << "nothing differs";
    Case by_hand;
    by_hand.order = 0;
    link.tell(by_hand, at(0), 40);
    (void)work(5'000);
    EXPECT_TRUE(says("of an order that is not ours"));
    EXPECT_TRUE(desk->accept(1'000, 1'001));
    const auto due = work(5'100);
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].data.risk_input.values[0], 0);
    EXPECT_EQ(due[1].data.risk_input.values[1], 40);
    EXPECT_EQ(due[1].data.risk_input.actors[0], 1'000U);
    EXPECT_EQ(due[1].data.risk_input.actors[1], 1'001U);
}

TEST_F(DropCopyDeskTest, NumbersThatDoNotGoOnAreADifferenceUntilSomebodyAcceptsIt) {
    desk->begin(false, at(0));
    desk->on_link(0, {at(0), kVenue, LinkEventKind::kUp, 0, {}});
    EXPECT_EQ(desk->standing(at(0)).sessions.at(0).state, "up");
    desk->on_link(0, {at(10), kVenue, LinkEventKind::kSequenceReset, 0, "too low"});
    desk->on_link(0, {at(11), kVenue, LinkEventKind::kDown, 0, {}});
    EXPECT_EQ(desk->standing(at(20)).sessions.at(0).state, "ended");
    EXPECT_EQ(desk->standing(at(1'010)).differs, Duration::seconds(1));
    EXPECT_TRUE(desk->accept(1));
    EXPECT_EQ(desk->standing(at(1'010)).differs, Duration{});
}

/// Venues and their copies, as people accept them.
class Outside final : public OutsideVenues {
public:
    Outside(VenueDesk& desk, DropCopyDesk& copies) : desk_(desk), copies_(copies) {}
    [[nodiscard]] std::span<OrderLink* const> links() noexcept override { return {}; }
    [[nodiscard]] Latch* latch() noexcept override { return nullptr; }
    [[nodiscard]] VenueDesk* desk() noexcept override { return &desk_; }
    [[nodiscard]] DropCopyDesk* copies() noexcept override { return &copies_; }
    void start() override {}
    void stop() noexcept override {}

private:
    VenueDesk& desk_;
    DropCopyDesk& copies_;
};

TEST_F(DropCopyDeskTest, IsAcceptedWithTheVenuesAndOfEachIsSaidWhatBecameOfIt) {
    const std::vector<std::string> names{"NASDAQ", "NYSE", "ARCA"};
    Silent quiet;
    VenueLink nasdaq{quiet, {}}, arca{quiet, {}};
    const auto asks = [] { return true; };
    VenueDesk venues({{"NASDAQ", &nasdaq, asks, true},
                      {"NYSE", &venue, asks, true},
                      {"ARCA", &arca, asks, true}},
                     {"SPY", "QQQ"}, {Duration::milliseconds(500), Duration::seconds(5), false},
                     {});
    Outside outside(venues, *desk);
    const auto says_of = [&](std::uint16_t v, LinkEventKind kind) {
        venues.on_link({at(0), VenueId{v}, kind, 0, {}});
    };
    for (const std::uint16_t v : {0, 1, 2}) says_of(v, LinkEventKind::kUp);
    (void)venues.work(at(0));
    LinkOrderStatus theirs;
    theirs.venue = VenueId{1};
    theirs.leaves_quantity = Quantity::from_units(5);
    theirs.state = OrderState::kNew;
    venues.on_status(theirs);
    says_of(0, LinkEventKind::kStatusEnd);
    says_of(1, LinkEventKind::kStatusEnd);
    while (venues.work(at(6'000))) {
    }
    record({}, 10, 1);  // without a copy

    const Acceptance first = accept_all(outside, names, 1'000, 1'001);
    EXPECT_TRUE(first.any);
    EXPECT_TRUE(first.refused);
    EXPECT_EQ(first.report["recovering"], "goes_on");
    const Report& rows = first.report["accepted"];
    ASSERT_EQ(rows.size(), 4U) << rows.dump();
    const char* const outcomes[] = {"nothing", "accepted", "refused", "accepted"};
    for (std::size_t n = 0; n < 4; ++n) EXPECT_EQ(rows[n]["outcome"], outcomes[n]) << rows[n];
    EXPECT_EQ(rows[2]["venue"], "ARCA");
    EXPECT_NE(rows[2]["said"].get<std::string>().find("look again"), std::string::npos);
    EXPECT_EQ(rows[3]["venue"], "NYSE");
    EXPECT_EQ(rows[3]["session"], "drop copy copy");

    const Acceptance second = accept_all(outside, names, 1'000, 1'001);
    EXPECT_FALSE(second.any);
    EXPECT_NE(second.problem.find("ARCA: it is being asked"), std::string::npos) << second.problem;
    says_of(2, LinkEventKind::kStatusEnd);
    while (venues.work(at(6'001))) {
    }
    const Acceptance third = accept_all(outside, names, 1'000, 1'001);
    EXPECT_TRUE(third.any);
    EXPECT_FALSE(third.refused);
    EXPECT_EQ(third.report["accepted"][2]["outcome"], "nothing");
}

}  // namespace
}  // namespace fermata::test
