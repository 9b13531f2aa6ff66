// What the gate is told from outside during a replay: the file, and a run and its re-run with it.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/port/feed.hpp"
#include "core/strategy/context.hpp"
#include "core/types/decimal.hpp"
#include "daemon/replay/risk_input_file.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/replay/rows.hpp"

namespace fermata::test {
namespace {

// --- the file ---

struct Names {
    Names() {
        for (const char* symbol : {"AAA", "BBB"}) {
            Instrument i;
            i.symbol = symbol;
            i.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
            instruments.add(i);
        }
        names.instruments = &instruments;
        names.strategies = {"one", "two"};
        names.accounts = {"main", "other"};
        names.venues = {"sim"};
    }
    InstrumentTable instruments;
    RunNames names;
};

class RiskInputFile : public ::testing::Test {
protected:
    RiskInputList read(const std::string& text) {
        write_text(folder_ / "told.csv", text);
        return read_risk_inputs((folder_ / "told.csv").string(), world_.names);
    }
    /// What it says without the folder; empty when it takes the file.
    std::string refused(const std::string& text) {
        try {
            (void)read(text);
        } catch (const FeedError& e) {
            const std::string all = e.what();
            return all.substr(all.find("told.csv"));
        }
        return {};
    }
    TemporaryFolder folder_;
    Names world_;
};

constexpr std::int64_t kSecond = 1'000'000'000;

TEST_F(RiskInputFile, SaysEveryKind) {
    const RiskInputList list = read(
        "time,kind,scope,target,limit,first,second,actor,approver\n"
        "2024-01-02,band,,AAA,,9.5,10.5,,\n"
        "2024-01-02T00:00:01,no_band,,BBB,,,,,\n"
        "2024-01-02T00:00:02Z,locate,,\"BBB\",,1000,,,\n"
        "2024-01-02T00:00:03Z,clock_offset,,,,-60ms,,,\n"
        "2024-01-01T19:00:04-05:00,buying_power,,other,,-12.5,,,\n"
        "2024-01-02T00:00:05Z,journal_lag,,,,2s,4096,,\n"
        "2024-01-02T00:00:06Z,drop_copy,,,,0,,,\n"
        "2024-01-02T00:00:07Z,recovering,,,,true,,,\n"
        "2024-01-02T00:00:08Z,limit,strategy,two,position,4%,,7,8\n"
        "2024-01-02T00:00:08Z,limit,firm,,day_loss,0.01,,7,\n"
        "2024-01-02T00:00:09Z,restrict,,AAA,,,,,\n"
        "2024-01-02T00:00:10Z,restrict,,AAA,,2024-01-03,2024-01-03,7,8\n"
        "2024-01-02T00:00:11.000000001Z,acknowledge,,two,,,,,\n");
    ASSERT_EQ(list.inputs.size(), 13U);
    EXPECT_TRUE(is_risk_inputs(list.source));
    EXPECT_TRUE(list.source.hash.starts_with("sha256:"));
    const std::int64_t start = 1'704'153'600 * kSecond;  // 2024-01-02T00:00:00Z
    const auto at = [&](std::size_t n) -> const RiskInputData& {
        EXPECT_EQ(list.inputs[n].type, OrderEventType::kRiskInput);
        return list.inputs[n].data.risk_input;
    };
    for (std::size_t n = 0; n < 9; ++n) {
        EXPECT_EQ(list.inputs[n].ts.ns, start + static_cast<std::int64_t>(n) * kSecond) << n;
    }
    EXPECT_EQ(list.inputs[12].ts.ns, start + 11 * kSecond + 1);
    EXPECT_EQ(at(0).kind, RiskInputKind::kBand);
    EXPECT_EQ(list.inputs[0].instrument.value, 0U);
    EXPECT_EQ(at(0).values[0], 9'500'000'000);
    EXPECT_EQ(at(0).values[1], 10'500'000'000);
    EXPECT_EQ(at(0).actors[0], kNoActor);
    EXPECT_EQ(list.inputs[1].instrument.value, 1U);
    EXPECT_EQ(at(2).values[0], 1'000 * Quantity::kOne);
    EXPECT_EQ(at(3).values[0], -60'000'000);
    EXPECT_EQ(at(4).target, 1U);
    EXPECT_EQ(at(4).values[0], -12'500'000);
    EXPECT_EQ(at(5).values[0], 2 * kSecond);
    EXPECT_EQ(at(5).values[1], 4'096);
    EXPECT_EQ(at(6).values[0], 0);
    EXPECT_EQ(at(7).values[0], 1);
    EXPECT_EQ(at(8).scope, ControlScope::kStrategy);
    EXPECT_EQ(at(8).target, 1U);
    EXPECT_EQ(at(8).limit, static_cast<int>(LimitId::kPosition));
    EXPECT_EQ(at(8).values[0], Ratio::kOne / 25);
    EXPECT_EQ(at(8).actors[0], 7U);
    EXPECT_EQ(at(8).actors[1], 8U);
    EXPECT_EQ(at(9).scope, ControlScope::kFirm);
    EXPECT_EQ(at(9).actors[1], kNoActor);
    EXPECT_EQ(at(10).values[0], start + 9 * kSecond) << "from now on";
    EXPECT_EQ(at(10).values[1], Timestamp::never().ns);
    EXPECT_EQ(at(11).values[0], at(11).values[1]);
    EXPECT_EQ(at(12).target, 1U);
}

TEST_F(RiskInputFile, SaysWithLineAndFieldWhatIsWrong) {
    const std::string head = "time,kind,target,first,second,actor\n";
    const std::string t = "2024-01-02T00:00:00Z,";
    EXPECT_EQ(refused(head), "") << "nothing is told";
    const std::pair<std::string, std::string> cases[] = {
        {"", "told.csv:1: found an empty file, expected a line that names the columns"},
        {"time,first\n", "told.csv:1: found the columns 'time,first', expected 'kind' among them"},
        {"time,kind,knd\n", "told.csv:1: found the column 'knd', expected some of time, kind,"},
        {"time,kind,time\n", "told.csv:1: found the column 'time' twice, expected it once"},
        {"time,kind\n" + t + "\"drop_copy\n",
         "told.csv:2: found '2024-01-02T00:00:00Z,\"drop_copy', expected fields between commas (a "
         "quoted field does not end on its line)"},
        {head + t + "band,AAA,1,2\n",
         "told.csv:2: found 5 fields, expected 6 as in the first line"},
        {head + "noon,band,AAA,1,2,\n", "told.csv:2: time: found 'noon', expected a time such as"},
        {head + "2024-02-30,band,AAA,1,2,\n", "told.csv:2: time: found '2024-02-30', expected"},
        {head + t + "bnd,AAA,1,2,\n", "told.csv:2: kind: found 'bnd', expected one of band,"},
        {head + t + "build,,1,2,\n", "told.csv:2: kind: found 'build', expected one of band,"},
        {head + t + "band,ABC,1,2,\n",
         "told.csv:2: target: found 'ABC', expected the symbol of an instrument of the run"},
        {head + t + "band,AAA,x,2,\n",
         "told.csv:2: first: found 'x', expected a price of at most 9 decimals"},
        {head + t + "band,AAA,3,2,\n",
         "told.csv:2: second: found '2', expected a price not below 'first'"},
        {head + t + "no_band,AAA,3,,\n",
         "told.csv:2: first: found '3', expected nothing for the kind no_band"},
        {head + t + "locate,AAA,-3,,\n",
         "told.csv:2: first: found '-3', expected a quantity that is not negative"},
        {head + t + "clock_offset,,5,,\n",
         "told.csv:2: first: found '5', expected a duration such as 250ms or -100us"},
        {head + t + "drop_copy,,-5s,,\n", "told.csv:2: first: found '-5s', expected a duration"},
        {head + t + "buying_power,one,5,,\n",
         "told.csv:2: target: found 'one', expected the name of an account of the run"},
        {head + t + "recovering,,yes,,\n",
         "told.csv:2: first: found 'yes', expected true or false"},
        {head + t + "acknowledge,one,,,me\n",
         "told.csv:2: actor: found 'me', expected the number of a user, or nothing"},
        {head + t + "restrict,AAA,2024-01-05,2024-01-04,\n",
         "told.csv:2: second: found '2024-01-04', expected a time not before 'first'"},
        {head + t + "no_band,AAA,,,\n2024-01-01,no_band,AAA,,,\n",
         "told.csv:3: time: found '2024-01-01', expected a time that is not before that of the "
         "row"},
        {"time,kind,scope,limit,first\n" + t + "limit,firm,positon,5%\n",
         "told.csv:2: limit: found 'positon', expected a key of risk.limits"},
        {"time,kind,scope,limit,first\n" + t + "limit,world,position,5%\n",
         "told.csv:2: scope: found 'world', expected one of firm, account, strategy, instrument"},
        {"time,kind,scope,limit,first\n" + t + "limit,firm,position,wide\n",
         "told.csv:2: first: expected a ratio like 0.05 or 5%, found 'wide'"},
        {"time,kind,scope,limit,first\n" + t + "limit,firm,position,\x1b[2J\n",
         "told.csv:2: first: expected a ratio like 0.05 or 5%, found '\\x1b[2J'"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_TRUE(refused(text).starts_with(expected)) << refused(text) << "\nfor\n" << text;
    }
    EXPECT_EQ(refused(head + std::string(5'000, 'x')),
              "told.csv:2: found a longer line, expected at most 4096 bytes");
}

// --- a run with it ---

/// Buys 10 and sells 15 in turns, at the other side's price.
class PingPong final : public Strategy {
public:
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override {
        if (++quotes_ % 25 != 0) return;
        buys_ = !buys_;
        OrderRequest order;
        order.instrument = id;
        order.side = buys_ ? Side::kBuy : Side::kSell;
        order.type = OrderType::kLimit;
        order.tif = TimeInForce::kIoc;
        order.price = buys_ ? quote.ask : quote.bid;
        order.quantity = Quantity::from_units(buys_ ? 10 : 15);
        (void)context.submit(order);
    }

private:
    std::uint64_t quotes_ = 0;
    bool buys_ = false;
};

StrategyRegistry registry() {
    StrategyRegistry all = shipped_strategies();
    all.add({"ping_pong", "Buys and sells in turns.", {}, [](const ParamValues&) {
                 return std::make_unique<PingPong>();
             }});
    return all;
}

constexpr const char* kTold =
    "time,kind,target,first,second\n"
    "2023-12-31T00:00:00Z,locate,BBB,5,\n"
    "2024-01-02T14:40:00Z,restrict,AAA,,2024-01-02T14:50:00Z\n"
    "2024-01-02T15:00:00Z,band,AAA,0.01,0.02\n"
    "2024-01-02T15:10:00Z,no_band,AAA,,\n"
    "2024-01-02T15:20:00Z,locate,AAA,0,\n"
    "2024-01-02T15:30:00Z,locate,AAA,1000000,\n"
    "2025-01-01T00:00:00Z,no_band,AAA,,\n";

class RunWithInputs : public ::testing::TestWithParam<std::string> {
protected:
    static std::string configuration() {
        return "mode: replay\n"
               "run: {seed: 5}\n"
               "account: {currency: USD, cash: 1000000000, type: margin}\n"
               "instruments:\n"
               "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
               "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
               "feeds:\n"
               "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, "
               "to: 2024-01-02T15:40:00Z}\n"
               "venues: [{name: sim, type: simulated}]\n"
               "strategies: [{name: ping, type: ping_pong, symbols: [AAA]}]\n"
               "risk: {profile: unlimited, limits: {short: 10%}, inputs: told.csv}\n"
               "engine: {schedule: " +
               GetParam() + "}\n";
    }
    RunReport run(const std::string& out, const std::vector<std::string>& overrides = {}) {
        return run_yaml(configuration(), folder_.path(), folder_ / out, overrides, registry());
    }
    RerunReport again(const std::string& out) {
        JournalDisk disk;
        RerunRequest request;
        request.directory = (folder_ / (out + "/journal")).string();
        return rerun_journal(disk.files(), request, registry());
    }
    /// Seconds since midnight of what a control refused.
    std::vector<std::int64_t> refused(const std::string& out, const std::string& code) {
        std::vector<std::int64_t> seconds;
        for (const Row& row : rows_of(folder_ / (out + "/orders.csv"))) {
            if (row.at("failed_controls") != code || row.at("state") != "Denied") continue;
            seconds.push_back(std::stoll(row.at("ts_ns")) / kSecond % 86'400);
        }
        return seconds;
    }
    TemporaryFolder folder_;
};

TEST_P(RunWithInputs, IsBoundByThemAndReproducedWithoutTheFile) {
    write_text(folder_ / "told.csv", kTold);
    const RunReport report = run("out");
    EXPECT_FALSE(report.result.overflowed);
    const bool in_step = GetParam() == "lockstep";
    const auto within = [&](const std::string& code, std::int64_t from, std::int64_t to) {
        // On threads of their own it is a matter of timing between which events an input comes.
        if (!in_step) return;
        const auto times = refused("out", code);
        ASSERT_GT(times.size(), 5U) << code;
        EXPECT_GE(*std::ranges::min_element(times), from * 60) << code;
        EXPECT_LT(*std::ranges::max_element(times), to * 60) << code;
    };
    within("RESTRICTED", 14 * 60 + 40, 14 * 60 + 50);
    within("LULD", 15 * 60, 15 * 60 + 10);
    within("SHORT", 15 * 60 + 20, 15 * 60 + 30);
    std::map<std::string, int> flags;
    for (const Row& row : rows_of(folder_ / "out/orders.csv")) {
        if (row.at("side") == "SELL" && row.at("state") == "New") ++flags[row.at("flags")];
    }
    if (in_step) {
        EXPECT_GT(flags["short"], 20);
    }

    write_text(folder_ / "told.csv", "another file\n");
    const RerunReport whole = again("out");
    EXPECT_TRUE(whole.equal()) << (whole.divergence ? whole.divergence->what : "");
    std::filesystem::remove(folder_ / "told.csv");
    EXPECT_TRUE(again("out").equal());
}

TEST_P(RunWithInputs, HasAnotherIdentityWithAnotherFile) {
    write_text(folder_ / "told.csv", kTold);
    const RunReport one = run("one");
    std::string other = kTold;
    other.replace(other.find("locate,AAA,1000000"), 18, "locate,AAA,2000000");
    write_text(folder_ / "told.csv", other);
    const RunReport two = run("two");
    EXPECT_NE(read_summary(folder_ / "one")["sources"], read_summary(folder_ / "two")["sources"]);
    ASSERT_TRUE(one.journal && two.journal);
    // Only a lockstep run has a hash of its records.
    EXPECT_EQ(one.journal->hash != two.journal->hash, GetParam() == "lockstep");
    std::filesystem::remove(folder_ / "told.csv");
    EXPECT_THROW(run("three"), FeedError) << "it is not left out in silence";
}

INSTANTIATE_TEST_SUITE_P(Schedules, RunWithInputs, ::testing::Values("lockstep", "concurrent"),
                         [](const auto& schedule) { return schedule.param; });

}  // namespace
}  // namespace fermata::test
