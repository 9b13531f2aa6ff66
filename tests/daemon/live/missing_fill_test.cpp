// A fill whose report was lost, without a drop copy, in processes of their own.

#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "daemon/live/reconciliation.hpp"
#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Orders larger than what is shown, so that each is filled in parts; the report of one is lost.
class LossyMarket : public LiveMarket {
public:
    LossyMarket() : LiveMarket(1, shape()) {
        approve();
        start_venue();
        start_daemon();
    }
    [[nodiscard]] Json status() const {
        const Said said = run_command({"status", "--json", "--socket", file("c.sock")});
        return said.code == 0 ? Json::parse(said.out, nullptr, false) : Json();
    }
    [[nodiscard]] bool stands(const std::string& state) const {
        const Json report = status();
        return report.contains("venues") && report["venues"][0]["state"] == state;
    }
    /// What the venue counted of each order, and never reported.
    [[nodiscard]] std::map<std::uint64_t, Quantity> lost_there() const {
        std::map<std::string, std::pair<Quantity, Quantity>> orders;  // counted, reported
        std::map<std::string, std::uint64_t> ids;
        std::set<std::string> seen;
        for (const LogLine& line : venue_log(file("venue.csv"))) {
            const FixText& f = line.fields;
            if (line.what != "out" || line.member != "FERMATA" || !f.contains(150)) continue;
            auto& [counted, reported] = orders[f.at(37)];
            counted = std::max(counted, *fix::parse_as<Quantity>(f.at(14)));
            if (f.at(150) == "0") ids[f.at(37)] = fix::parse_request_id(f.at(11))->order.value;
            if (f.at(150) != "F" || !seen.insert(f.at(17)).second) continue;
            reported += *fix::parse_as<Quantity>(f.at(32));
        }
        std::map<std::uint64_t, Quantity> lost;
        for (const auto& [name, amounts] : orders) {
            if (amounts.first == amounts.second) continue;
            lost[ids.at(name)] = amounts.first - amounts.second;
        }
        return lost;
    }
    struct OnRecord {
        std::vector<AlertData> differs, accepted;
        std::size_t refused_since = 0;  ///< Orders that did not leave, since it differs.
        std::map<std::uint64_t, OrderUpdateData> orders;  ///< As they stand.
        std::map<std::uint64_t, Quantity> filled;
    };
    [[nodiscard]] OnRecord on_record() const {
        OnRecord all;
        if (sessions(folder / "out").empty()) return all;
        for_each_record([&](const OrderEvent& e, const JournalManifest&) {
            if (e.type == OrderEventType::kFill) {
                all.filled[e.data.fill.order_id.value] += e.data.fill.quantity;
            } else if (e.type == OrderEventType::kOrderUpdate) {
                const OrderUpdateData& u = e.data.update;
                all.orders[u.order_id.value] = u;
                all.refused_since += !all.differs.empty() && all.accepted.empty() &&
                                     u.reason == OrderReason::kDisconnected;
            } else if (e.type == OrderEventType::kAlert &&
                       e.data.alert.code == AlertCode::kVenueDiffers) {
                const auto kind = static_cast<DifferenceKind>(e.data.alert.detail[0]);
                if (kind == DifferenceKind::kFilledMore) all.differs.push_back(e.data.alert);
                if (kind == DifferenceKind::kAccepted) all.accepted.push_back(e.data.alert);
            }
        });
        return all;
    }
    [[nodiscard]] std::string said() const { return read_text(file("daemon.err")); }

private:
    static LiveShape shape() {
        LiveShape shape;
        shape.faults =
            "  faults:\n    list:\n      - {kind: drop_fill, member: FERMATA, after: 2}\n";
        shape.sizing = "{type: fixed, value: 40}";
        shape.more =
            "control: {socket: c.sock, admins: 1, roles: [{uid: " + std::to_string(::getuid()) +
            ", role: admin}]}\n";
        return shape;
    }
};

TEST(MissingFill, StopsItsVenueUntilPeopleAcceptItAndStaysAcceptedAfterARestart) {
    LossyMarket market;
    ASSERT_TRUE(wait_until([&] { return market.stands("differs"); })) << market.said();
    const Json status = market.status();
    EXPECT_EQ(status["venues"][0]["accepted"], false);
    ASSERT_EQ(status["venues"][0]["differences"].size(), 1U) << status.dump();
    EXPECT_THAT(status["venues"][0]["differences"][0].get<std::string>(),
                HasSubstr("a fill was not reported"));
    ASSERT_TRUE(wait_until([&] { return !market.on_record().differs.empty(); }));
    EXPECT_TRUE(wait_until([&] { return market.on_record().refused_since > 0; })) << market.said();
    const auto lost = market.lost_there();
    ASSERT_EQ(lost.size(), 1U);
    const auto [id, missing] = *lost.begin();
    const auto before = market.on_record();
    ASSERT_EQ(before.differs.size(), 1U) << "told once";
    EXPECT_EQ(before.differs[0].order_id.value, id);
    EXPECT_FALSE(is_terminal(before.orders.at(id).state)) << "what is missing stays reserved";
    EXPECT_GE(before.orders.at(id).leaves_quantity, missing);

    Json answer;
    EXPECT_TRUE(wait_until([&] {
        const std::string version = std::to_string(market.status()["state_version"].get<long>());
        const Said said =
            run_command({"accept", "--reason", "confirmed by the venue's desk", "--expect", version,
                         "--json", "--socket", market.file("c.sock")});
        if (said.code == 0) answer = Json::parse(said.out, nullptr, false);
        return said.code == 0;
    }));
    EXPECT_EQ(answer["complete"], true);
    EXPECT_EQ(answer["accepted"][0]["outcome"], "accepted");
    EXPECT_THAT(answer["accepted"][0]["said"].get<std::string>(),
                HasSubstr("the positions here stay without the " + to_string(missing)));
    EXPECT_TRUE(wait_until([&] {
        const auto now = market.on_record();
        return now.accepted.size() == 1 && is_terminal(now.orders.at(id).state);
    })) << market.said();
    EXPECT_TRUE(wait_until([&] { return market.stands("reconciled"); })) << market.said();
    const auto after = market.on_record();
    EXPECT_EQ(after.orders.at(id).state, OrderState::kCanceled);
    EXPECT_EQ(after.orders.at(id).cumulative_quantity, after.filled.at(id));
    const std::size_t fills = market.fills_here();
    EXPECT_TRUE(wait_until([&] { return market.fills_here() > fills; })) << "it goes on";

    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return market.stands("reconciled"); })) << market.said();
    const std::size_t later = market.fills_here();
    EXPECT_TRUE(wait_until([&] { return market.fills_here() > later; })) << market.said();
    EXPECT_EQ(market.on_record().differs.size(), 1U) << "not found again";
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << market.said();
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");

    const Said carried = run_command({"journal", "carry", market.journal()});
    ASSERT_EQ(carried.code, 0) << carried.err;
    const std::string order = ": order " + std::to_string(id) + " (";
    const std::string more = ") is filled with " + to_string(missing) +
                             " more at the venue than on record here, as people accepted: the "
                             "positions printed here do not include it\n";
    EXPECT_THAT(carried.out, AllOf(StartsWith("# "), HasSubstr(order), HasSubstr(more)));
    EXPECT_THAT(carried.err, AllOf(HasSubstr("warning: "), HasSubstr(order), HasSubstr(more)));
}

}  // namespace
}  // namespace fermata::test
