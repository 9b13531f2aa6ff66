// A strategy that asks the gate before it sends, in whole runs under both schedules.

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/state_archive.hpp"
#include "core/strategy/context.hpp"
#include "daemon/cli/journal_query.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/replay/rows.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

/// Asks every day about a small and a large order, and sends what the gate would let pass.
class Asker final : public Strategy {
public:
    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override {
        for (const int size : {5, 500}) {
            OrderRequest order;
            order.instrument = id;
            order.quantity = Quantity::from_units(size);
            order.type = OrderType::kLimit;
            order.price = bar.close;
            asked_[context.preview(order).value % asked_.size()] = order;
        }
    }
    void on_preview(StrategyContext& context, InstrumentId, const VerdictData& verdict) override {
        if (verdict.approved != 0) (void)context.submit(asked_[verdict.tag.value % asked_.size()]);
    }
    bool persist(StateArchive&) override { return false; }

private:
    // More than are ever asked: the days of a concurrent run may be far ahead of the answers.
    std::array<OrderRequest, 1'024> asked_;
};

class AskingRun : public ::testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        StrategyType type;
        type.name = "asker";
        type.doc = "Asks the gate, then sends what passes.";
        type.make = [](const ParamValues&) { return std::make_unique<Asker>(); };
        registry_.add(std::move(type));
    }
    /// The records that answer a query, one JSON object each.
    std::vector<nlohmann::json> records(JournalQuery query) {
        JournalDisk disk;
        query.directory = (folder_ / "out/journal").string();
        query.format = RecordFormat::kJson;
        std::ostringstream out, err;
        EXPECT_EQ(query_journal(disk.files(), query, out, err), 0) << err.str();
        std::vector<nlohmann::json> all;
        std::istringstream lines(out.str());
        for (std::string line; std::getline(lines, line);) {
            all.push_back(nlohmann::json::parse(line));
        }
        return all;
    }
    std::vector<nlohmann::json> verdicts(const char* which) {
        JournalQuery query;
        query.verdicts = {which};
        return records(query);
    }

    TemporaryFolder folder_;
    StrategyRegistry registry_ = shipped_strategies();
};

TEST_P(AskingRun, SendsWhatPassesAndIsNeverRefused) {
    const std::string yaml = R"(
mode: replay
run: {seed: 3}
account: {currency: USD, cash: 1000000, type: margin}
instruments: [{symbol: AAA, tick: 0.01}, {symbol: BBB, tick: 0.01}]
feeds:
  - {type: generator, kind: bars, interval: 1d, from: 2024-01-02, to: 2024-01-31}
venues: [{name: sim, type: simulated}]
strategies: [{name: ask, type: asker, symbols: [AAA, BBB]}]
risk: {profile: unlimited, limits: {max_notional: 1%, duplicate: 3}}
engine: {schedule: )" + GetParam() +
                             "}\n";
    run_yaml(yaml, folder_.path(), folder_ / "out", {}, registry_);

    // Every question has its answer, about the same tag; the answer says what was asked.
    JournalQuery asked;
    asked.types = {"preview"};
    const auto questions = records(asked);
    const auto answers = verdicts("preview");
    ASSERT_GT(questions.size(), 40u);
    ASSERT_EQ(answers.size(), questions.size());
    std::size_t passes = 0;
    for (std::size_t n = 0; n < answers.size(); ++n) {
        EXPECT_EQ(answers[n]["request"], "preview");
        EXPECT_EQ(answers[n]["tag"], questions[n]["tag"]);
        EXPECT_NE(answers[n]["checked"].get<std::string>().find("DUPLICATE"), std::string::npos);
        EXPECT_EQ(answers[n]["verdict"], questions[n]["quantity"] == "5" ? "approved" : "refused");
        passes += answers[n]["verdict"] == "approved" ? 1 : 0;
    }
    // The gate decided about the orders alone, and refused none of them.
    EXPECT_TRUE(verdicts("denied").empty());
    EXPECT_TRUE(verdicts("MAX_NOTIONAL").empty());
    EXPECT_EQ(verdicts("approved").size(), passes);
    std::size_t sent = 0;
    for (const Row& row : rows_of(folder_ / "out/orders.csv")) {
        EXPECT_NE(row.at("state"), "Denied");
        EXPECT_EQ(row.at("reject_text"), "");
        EXPECT_EQ(row.at("quantity"), "5") << "a question is no order";
        sent += row.at("state") == "PendingNew" ? 1 : 0;
    }
    EXPECT_EQ(sent, passes);

    JournalDisk disk;
    RerunRequest request;
    request.directory = (folder_ / "out/journal").string();
    const RerunReport again = rerun_journal(disk.files(), request, registry_);
    EXPECT_TRUE(again.equal()) << (again.divergence ? again.divergence->what
                                                    : again.problem->message);
}

INSTANTIATE_TEST_SUITE_P(Schedules, AskingRun, ::testing::Values("lockstep", "concurrent"));

}  // namespace
}  // namespace fermata::test
