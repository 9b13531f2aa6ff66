// The venue's drop copy beside our own books, in processes of their own.

#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "tests/daemon/live/chaos_market.hpp"

namespace fermata::test {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

/// Three reports in a row are lost: with one or two orders on their way, a fill is among them.
constexpr const char* kLosesAFill =
    "  faults:\n    list:\n"
    "      - {kind: drop, member: FERMATA, after: 3}\n"
    "      - {kind: drop, member: FERMATA, after: 4}\n"
    "      - {kind: drop, member: FERMATA, after: 5}\n";

class DropCopyMarket : public ChaosMarket {
public:
    explicit DropCopyMarket(const std::string& copy, const std::string& limits,
                            const std::string& faults = kLosesAFill)
        : ChaosMarket(1, shape(limits, faults), copy) {
        approve();
        start_venue();
    }
    void start(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{file("live.yaml"), "--out", file("out")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        daemon = std::make_unique<Daemon>(arguments, file("daemon.err"));
    }
    [[nodiscard]] std::size_t trips() const {
        std::size_t count = 0;
        if (sessions(folder / "out").empty()) return 0;
        for_each_record([&](const OrderEvent& e, const JournalManifest&) {
            if (e.type != OrderEventType::kControl) return;
            count += e.data.control.control == static_cast<std::uint8_t>(ControlId::kDropCopy);
        });
        return count;
    }
    /// Executions that came by no message of the session of orders.
    [[nodiscard]] std::size_t booked_from_copies() const {
        std::size_t count = 0;
        if (sessions(folder / "out").empty()) return 0;
        for_each_record([&](const OrderEvent& e, const JournalManifest&) {
            count += e.type == OrderEventType::kExecution &&
                     e.data.execution.exec_type == ExecType::kTrade &&
                     cause_kind(e.cause) != CauseKind::kMessage;
        });
        return count;
    }
    /// Somebody's name stands beside the word that all agrees.
    [[nodiscard]] bool accepted_on_record() const {
        bool found = false;
        for_each_record([&](const OrderEvent& e, const JournalManifest&) {
            found = found || (e.type == OrderEventType::kRiskInput &&
                              e.data.risk_input.kind == RiskInputKind::kDropCopy &&
                              e.data.risk_input.actors[0] == ::getuid());
        });
        return found;
    }
    [[nodiscard]] Json status() const {
        const Said said = run_command({"status", "--json", "--socket", file("c.sock")});
        EXPECT_EQ(said.code, 0) << said.err;
        return Json::parse(said.out, nullptr, false);
    }
    /// Commands on the state that is; again when it was another one meanwhile.
    void command(const std::string& what) const {
        EXPECT_TRUE(wait_until([&] {
            const std::string version = std::to_string(status()["state_version"].get<long>());
            return run_command({what, "--reason", "compared", "--expect", version, "--socket",
                                file("c.sock")})
                       .code == 0;
        })) << what;
    }
    [[nodiscard]] std::string messages() const {
        const Said said = run_command(
            {"journal", "query", journal(), "--type", "raw", "--format", "csv", "--limit", "0"});
        // It is not closed: the session goes on at the next start.
        EXPECT_THAT(said.err, HasSubstr("the journal was not closed"));
        return said.out;
    }

private:
    static LiveShape shape(const std::string& limits, const std::string& faults) {
        LiveShape shape;
        shape.faults = faults;
        shape.limits = limits;
        shape.more =
            "control: {socket: c.sock, admins: 1, roles: [{uid: " + std::to_string(::getuid()) +
            ", role: admin}]}\n";
        return shape;
    }
};

void lists_every_session(const DropCopyMarket& market) {
    const Said said = run_command({"sessions", "--json", "--socket", market.file("c.sock")});
    const Json rows = Json::parse(said.out, nullptr, false)["sessions"];
    ASSERT_EQ(rows.size(), 3u) << said.out << said.err;
    const std::map<std::string, std::string> roles = {
        {"orders", "orders"}, {"market", "market_data"}, {"copy", "drop_copy"}};
    for (const Json& row : rows) {
        const std::string name = row["session"];
        EXPECT_EQ(row["role"], roles.at(name));
        EXPECT_EQ(row["venue"], "exchange");
        EXPECT_EQ(row["state"], name == "orders" ? "reconciled" : "up") << said.out;
        // Each logged on, and the venue answered: the numbers of both directions go on from 1.
        EXPECT_GE(row["sent"].get<int>(), 1) << name;
        EXPECT_GE(row["received"].get<int>(), 1) << name;
        EXPECT_EQ(row["since"].get<std::string>().back(), 'Z');
    }
    const Said table = run_command({"sessions", "--socket", market.file("c.sock")});
    for (const auto& [name, role] : roles) EXPECT_THAT(table.out, HasSubstr(role));
}

/// What a line calls "execution TEXT (NUMBER)" is what the venue's message said.
void finds_the_message(const DropCopyMarket& market, const std::string& line) {
    std::smatch match;
    ASSERT_TRUE(std::regex_search(line, match, std::regex("execution (\\S+) \\(([0-9]+)\\) of")))
        << line;
    const Said said = run_command({"journal", "query", market.journal(), "--type", "raw",
                                   "--execution", match[2].str(), "--limit", "1"});
    EXPECT_THAT(said.out, HasSubstr("|17=" + match[1].str() + "|"));
}

TEST(DropCopy, HaltsTheFirmForAFillThatItAloneTellsUntilPeopleAcceptIt) {
    DropCopyMarket market("", "drop_copy: 1s");
    market.start({"--set", "journal.market_messages=false"});
    ASSERT_TRUE(wait_until([&] { return market.trips() == 1; }))
        << read_text(market.file("daemon.err"));
    EXPECT_EQ(market.booked_from_copies(), 0u);
    Json status = market.status();
    EXPECT_EQ(status["state"], "HALTED");
    EXPECT_EQ(status["drop_copy"]["agrees"], false);
    ASSERT_FALSE(status["drop_copy"]["differences"].empty());
    EXPECT_THAT(status["drop_copy"]["differences"][0].get<std::string>(),
                HasSubstr("is in the drop copy, and not on record here"));
    finds_the_message(market, status["drop_copy"]["differences"][0]);
    lists_every_session(market);
    market.command("accept");
    EXPECT_EQ(market.status()["drop_copy"]["agrees"], true);
    market.command("release");
    EXPECT_TRUE(wait_until([&] { return market.status()["state"] == "ACTIVE"; }));
    // What was accepted is on record: the next process does not find it again.
    EXPECT_TRUE(wait_until([&] { return market.accepted_on_record(); }));
    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    market.start({"--set", "journal.market_messages=false"});
    EXPECT_TRUE(wait_until([&] {
        return read_text(market.file("daemon.err")).find("copy (drop copy): logged on") !=
               std::string::npos;
    })) << read_text(market.file("daemon.err"));
    std::this_thread::sleep_for(std::chrono::seconds(2));  // longer than the limit
    EXPECT_EQ(market.status()["drop_copy"]["agrees"], true);
    EXPECT_EQ(market.trips(), 1u);
    market.daemon->kill(SIGTERM);
    (void)market.daemon->wait();  // the order whose fill was lost may stay unconfirmed
    const std::string messages = market.messages();
    EXPECT_THAT(messages, HasSubstr("49=COPY|"));
    EXPECT_THAT(messages, Not(HasSubstr("49=MARKET|"))) << "as it is configured";
}

/// A session began in the morning without a drop copy. Another one follows at noon with the first
/// one that the firm ever had: the venue tells it all fills of the day.
TEST(DropCopy, ThatIsUsedForTheFirstTimeInMiddayComparesWhatIsOfItsSession) {
    DropCopyMarket market("", "drop_copy: 1s", "");
    const std::string with_copy = read_text(market.file("live.yaml"));
    std::string without = with_copy;
    const std::size_t copy = without.find("  - {name: copy");
    without.erase(copy, without.find("  - {name: dog") - copy);
    write_text(market.file("live.yaml"), without);
    const auto approve = [&] {
        market.run({FERMATA_COMMAND, "config", "approve", market.file("live.yaml"), "--by",
                    "a test", "--why", "it is one"});
    };
    const auto said = [&] { return read_text(market.file("daemon.err")); };
    approve();
    market.start();
    ASSERT_TRUE(wait_until([&] { return market.fills_here() >= 6; })) << said();
    market.daemon->kill(SIGTERM);
    ASSERT_EQ(market.daemon->wait(), 0) << said();
    const std::size_t morning = market.fills_here();
    std::filesystem::rename(market.file("out"), market.file("archive"));

    write_text(market.file("live.yaml"), with_copy);
    approve();
    market.start();
    EXPECT_TRUE(wait_until([&] {
        return market.fills_here() >= 6 && said().find("were told and not compared") != said().npos;
    })) << said();
    EXPECT_THAT(said(), HasSubstr("drop copy: " + std::to_string(morning) +
                                  " executions from before this session began"));
    EXPECT_TRUE(wait_until([&] { return market.status()["drop_copy"]["agrees"] == true; }));
    EXPECT_EQ(market.trips(), 0u);
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << said();
}

TEST(DropCopy, IsBookedFromWhereItAloneTellsAFillIfThatIsWanted) {
    DropCopyMarket market(", missing: book, book_after: 300ms", "drop_copy: 60s");
    market.start();
    EXPECT_TRUE(wait_until([&] {
        return market.booked_from_copies() >= 1 && market.fills_here() >= 12;
    })) << read_text(market.file("daemon.err"));
    market.run({FERMATA_COMMAND, "latch", "halt", market.file("latch"), "--level", "no-new-orders",
                "--reason", "the end"});
    EXPECT_TRUE(wait_until([&] { return market.books_agree(); }));
    EXPECT_TRUE(wait_until([&] { return market.status()["drop_copy"]["agrees"] == true; }));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    EXPECT_EQ(market.books_here().fills(), market.books_there().fills());
    EXPECT_EQ(market.trips(), 0u);
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
    // Every message of every session, each under its own number.
    const std::string messages = market.messages();
    for (const char* text : {",0,out,0,\"8=FIX.4.4|", ",0,in,0,\"8=FIX.4.4|", ",1,out,0,",
                             ",1,in,0,", ",2,out,0,", ",2,in,0,"}) {
        EXPECT_THAT(messages, HasSubstr(text));
    }
    EXPECT_THAT(messages, HasSubstr("|797=Y|"));
}

}  // namespace
}  // namespace fermata::test
