// A venue halts trading in an instrument and resumes it; a daemon in mode live hears of it over
// FIX.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "risk/findings.hpp"
#include "tests/adapters/fix/raw_client.hpp"
#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {
namespace {

constexpr InstrumentId kAaa{0}, kBbb{1};

/// What the journal says of the halts of AAA, and of orders before, in and behind them.
struct HaltsSeen {
    std::vector<std::uint64_t> halts, resumptions;  ///< Feed positions, in their order.
    std::uint64_t quoted = 0;                       ///< Quotes of AAA in halts.
    std::uint64_t refused = 0, wrong = 0;           ///< Orders in AAA in halts; wrong: not so.
    std::uint64_t behind = 0;                       ///< Approved in AAA behind the first halt.
    std::uint64_t other = 0;                        ///< Approved in BBB in halts.

    [[nodiscard]] bool halted_at(std::uint64_t position) const {
        const auto before = [&](const std::vector<std::uint64_t>& all) {
            return std::upper_bound(all.begin(), all.end(), position) - all.begin();
        };
        return before(halts) > before(resumptions);
    }
};

HaltsSeen look(const LiveMarket& market) {
    HaltsSeen seen;
    PosixFileSystem files;
    if (sessions(market.folder / "out").empty()) return seen;
    bool halted = false;
    std::vector<OrderEvent> verdicts;
    auto opened = JournalReader::open(files, market.journal());
    if (!opened) return seen;
    while (const JournalRecord* record = (*opened)->next()) {
        if (!record->is_market) {
            if (record->event.type == OrderEventType::kVerdict) verdicts.push_back(record->event);
            continue;
        }
        const MarketEvent& e = record->market;
        if (e.instrument != kAaa) continue;
        if (e.type == MarketEventType::kQuote && halted) ++seen.quoted;
        if (e.type != MarketEventType::kSession) continue;
        if (e.data.session.halts() && !std::exchange(halted, true)) seen.halts.push_back(e.seq);
        if (e.data.session.resumes() && std::exchange(halted, false)) {
            seen.resumptions.push_back(e.seq);
        }
    }
    for (const OrderEvent& e : verdicts) {
        const VerdictData& v = e.data.verdict;
        const bool in_halt = seen.halted_at(e.feed_position);
        if (e.instrument == kBbb) {
            seen.other += in_halt ? v.approved : 0;
        } else if (in_halt) {
            // RECOVERING may stand before it.
            const bool first = v.first_failed == static_cast<std::uint8_t>(ControlId::kInstrument);
            const bool by_halt =
                (v.failed & bit(ControlId::kInstrument)) != 0 &&
                (!first || v.observed == static_cast<std::int64_t>(Fault::kTradingHalt));
            ++(v.approved == 0 && by_halt ? seen.refused : seen.wrong);
        } else if (!seen.halts.empty() && e.feed_position > seen.halts.front()) {
            seen.behind += v.approved;
        }
    }
    return seen;
}

LiveShape halting(const std::string& when) {
    LiveShape shape;
    shape.faults = "  faults:\n    list:\n      - {kind: halt, instrument: AAA, " + when +
                   ", delay: 1500ms}\n";
    return shape;
}

TEST(TradingHalt, IsRefusedByTheGateUntilTheVenueResumesThoughQuotesGoOn) {
    LiveMarket market(5, halting("every: 40"));
    market.approve();
    market.start_venue();
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] {
        const HaltsSeen seen = look(market);
        return seen.refused > 0 && seen.other > 0 && seen.behind > 0 && seen.quoted > 10;
    })) << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));
    const HaltsSeen seen = look(market);
    EXPECT_EQ(seen.wrong, 0U) << "an order in the halt that was not refused for it";
    EXPECT_EQ(market.executions_here(), market.executions_there());
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
}

TEST(TradingHalt, IsInForceAgainAfterADaemonThatWasKilledInIt) {
    LiveShape shape = halting("after: 10");
    shape.faults.replace(shape.faults.find("1500ms"), 6, "24h");
    LiveMarket market(6, shape);
    market.approve();
    market.start_venue();
    market.start_daemon();
    ASSERT_TRUE(wait_until([&] { return look(market).refused > 0; }))
        << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    const std::uint64_t refused = look(market).refused;
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return look(market).refused > refused; }))
        << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    const HaltsSeen seen = look(market);
    EXPECT_EQ(seen.wrong, 0U);
    EXPECT_TRUE(seen.resumptions.empty());
    EXPECT_EQ(seen.halts.size(), 1U);
}

// --- strangers ---

TEST(VenueStrangers, AreClosedWithALineThatNamesThemWhileMembersTrade) {
    LiveShape shape;
    shape.exchange = "  logon_timeout: 500ms\n";
    LiveMarket market(7, shape);
    market.approve();
    market.start_venue();
    market.start_daemon();
    ASSERT_TRUE(wait_until([&] { return market.fills_here() >= 1; }))
        << read_text(market.file("daemon.err"));
    fix::test::RawClient silent(market.port()), browser(market.port()), large(market.port());
    browser.send("GET / HTTP/1.1\r\n\r\n");
    large.send(
        "8=FIX.4.4\x01"
        "9=999999999\x01");
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(browser.is_closed());
    EXPECT_TRUE(large.is_closed());
    const std::size_t fills = market.fills_here();
    EXPECT_TRUE(wait_until([&] { return market.fills_here() > fills; })) << "members go on";
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));
    std::map<std::string, std::string> why;  // by peer
    const std::string before = "closed the connection of ";
    for (const LogLine& line : venue_log(market.file("venue.csv"))) {
        if (line.what != "refused") continue;
        ASSERT_EQ(line.text.find(before), 0U) << line.text;
        const std::size_t colon = line.text.find(": ");
        why[line.text.substr(before.size(), colon - before.size())] = line.text.substr(colon + 2);
        EXPECT_NE(read_text(market.file("venue.out")).find(line.text), std::string::npos);
    }
    EXPECT_EQ(why[silent.name()], "it is not logged on in time");
    EXPECT_EQ(why[browser.name()], "what came does not begin with 8=FIX");
    EXPECT_EQ(why[large.name()], "a message of 999999999 bytes, more than 8192");
}

}  // namespace
}  // namespace fermata::test
