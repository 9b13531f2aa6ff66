#include "daemon/venue/faults.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "daemon/venue/outbox.hpp"

namespace fermata::venue {
namespace {

Fault fault(FaultKind kind) {
    Fault f;
    f.kind = kind;
    return f;
}

std::string requests(FaultPlan& plan, int count, const char* member = "A") {
    std::string text;
    for (int n = 0; n < count; ++n) text += plan.on_request(member) != nullptr ? 'x' : '.';
    return text;
}

TEST(FaultPlan, CountsTheMessagesOfItsMember) {
    Fault every = fault(FaultKind::kReject);
    every.every = 3;
    every.member = "A";
    FaultPlan plan({every}, 1);
    EXPECT_EQ(requests(plan, 7), "..x..x.");
    EXPECT_EQ(requests(plan, 3, "B"), "...");
    EXPECT_EQ(requests(plan, 2), ".x");
    Fault once = fault(FaultKind::kDisconnect);
    once.after = 2;
    FaultPlan single({once}, 1);
    EXPECT_EQ(requests(single, 6), ".x....");
}

TEST(FaultPlan, KeepsRequestsAndReportsApart) {
    Fault drop = fault(FaultKind::kDrop);
    drop.every = 1;
    FaultPlan plan({drop}, 1);
    EXPECT_EQ(plan.on_request("A"), nullptr);
    EXPECT_NE(plan.on_report("A"), nullptr);
}

TEST(FaultPlan, CountsReportsOfFillsAlone) {
    Fault drop = fault(FaultKind::kDropFill);
    drop.after = 2;
    FaultPlan plan({drop}, 1);
    EXPECT_EQ(plan.on_request("A"), nullptr);
    EXPECT_EQ(plan.on_report("A", true), nullptr);
    EXPECT_EQ(plan.on_report("A"), nullptr);
    EXPECT_EQ(plan.on_report("A"), nullptr);
    EXPECT_NE(plan.on_report("A", true), nullptr) << "the second one";
    EXPECT_EQ(plan.on_report("A", true), nullptr) << "once";
}

TEST(FaultPlan, IsTheSameForTheSameSeedAndHitsAboutItsShare) {
    Fault f = fault(FaultKind::kReject);
    f.probability = 0.25;
    FaultPlan one({f}, 7);
    FaultPlan two({f}, 7);
    FaultPlan other({f}, 8);
    const std::string a = requests(one, 10'000);
    EXPECT_EQ(a, requests(two, 10'000));
    EXPECT_NE(a, requests(other, 10'000));
    // Binomial: 2500 expected, deviation sqrt(10000 x 0.25 x 0.75) = 43.3; five of them.
    const auto hits = std::count(a.begin(), a.end(), 'x');
    EXPECT_NEAR(static_cast<double>(hits), 2'500, 217);
}

TEST(FaultPlan, ComesOnceAtItsTime) {
    Fault f = fault(FaultKind::kHalt);
    f.at = Duration::seconds(5);
    FaultPlan plan({f}, 1);
    EXPECT_EQ(plan.due(Duration::seconds(4)), nullptr);
    EXPECT_EQ(requests(plan, 3), "...");
    ASSERT_NE(plan.due(Duration::seconds(6)), nullptr);
    EXPECT_EQ(plan.due(Duration::seconds(7)), nullptr);
}

class OutboxTest : public ::testing::Test {
protected:
    static Outgoing report(std::size_t session, const char* id) {
        fix::OutMessage m("8");
        m.put(17, id);
        return {session, std::move(m)};
    }
    void send(std::int64_t now) {
        box.send_due(
            now,
            [&](const Outgoing& out) {
                sent += std::to_string(out.session);
                sent += out.message.find(17);
                sent += out.message.find(97) == "Y" ? "! " : " ";
            },
            [&](std::size_t, std::uint64_t reports) { done += reports; });
    }
    Outbox box{2};
    std::string sent;
    std::uint64_t done = 0;
};

TEST_F(OutboxTest, LetsNothingOvertakeWhatIsDelayedInItsSession) {
    Fault delay = fault(FaultKind::kDelay);
    delay.delay = Duration::nanoseconds(100);
    box.add(report(0, "a"), &delay, 0);
    box.add(report(0, "b"), nullptr, 0);
    box.add(report(1, "c"), nullptr, 0);
    send(99);
    EXPECT_EQ(sent, "1c ");
    send(100);
    EXPECT_EQ(sent, "1c 0a 0b ");
    EXPECT_EQ(done, 3U);
}

TEST_F(OutboxTest, DropsAndRepeats) {
    const Fault drop = fault(FaultKind::kDrop);
    const Fault twice = fault(FaultKind::kDuplicate);
    box.add(report(0, "a"), &drop, 0);
    box.add(report(0, "b"), &twice, 0);
    send(0);
    EXPECT_EQ(sent, "0b 0b! ");
    EXPECT_EQ(done, 2U) << "what was dropped is done with";
}

TEST_F(OutboxTest, SendsAgainWhatWasMadeAndNotDoneWith) {
    std::vector<Outgoing> made;
    made.push_back(report(0, "a"));
    made.push_back(report(0, "b"));
    made.push_back(report(1, "c"));
    box.remember(made);
    box.forget(0, 1);
    box.resend(
        [&](const Outgoing& out) {
            sent += std::string(out.message.find(17)) + std::string(out.message.find(97)) + ' ';
        },
        [&](std::size_t, std::uint64_t reports) { done += reports; });
    EXPECT_EQ(sent, "bY cY ");
    EXPECT_EQ(done, 2U);
}

}  // namespace
}  // namespace fermata::venue
