#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;
using config_test::replaced;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// One session of each kind; others are made of it by replacing text.
const std::string kSession =
    "name: broker, role: orders, host: 127.0.0.1, port: 4101, sender_comp_id: FIRM, "
    "target_comp_id: BROKER, store: state/fix";

std::string with(const std::string& session) {
    return std::string(kMinimal) + "sessions:\n  - {" + session + "}\n";
}
std::string with(const std::string& one, const std::string& two) {
    return with(one) + "  - {" + two + "}\n";
}

TEST(SessionsSection, HasNoneUnlessTheyAreAskedFor) {
    const Config c = parse(kMinimal);
    EXPECT_TRUE(c.sessions.empty());
    EXPECT_THAT(c.effective, Not(HasSubstr("sessions")));
}

TEST(SessionsSection, FillsInWhatIsSafe) {
    const Config c = parse(with(kSession));
    ASSERT_EQ(c.sessions.size(), 1U);
    const SessionConfig& s = c.sessions[0];
    EXPECT_EQ(s.name, "broker");
    EXPECT_EQ(s.venue, VenueId{0});
    EXPECT_EQ(s.role, SessionRole::kOrders);
    EXPECT_EQ(s.host, "127.0.0.1");
    EXPECT_EQ(s.port, 4101);
    EXPECT_EQ(s.heartbeat, Duration::seconds(30));
    EXPECT_EQ(s.reconnect, Duration::seconds(5));
    EXPECT_EQ(s.start_time, "00:00:00");
    EXPECT_FALSE(s.reset_on_logon);
    EXPECT_EQ(s.store, "/srv/fermata/config/state/fix");
    EXPECT_EQ(s.cancel_on_disconnect.tag, 0);
    EXPECT_FALSE(s.mass_cancel);
    EXPECT_THAT(s.symbols, ElementsAre("SPY"));
    EXPECT_THAT(s.accounts, ElementsAre(""));
    // A session does not make a stream where nothing is subscribed.
    EXPECT_EQ(c.streams.size(), parse(kMinimal).streams.size());
}

TEST(SessionsSection, TakesWhatAVenueAsksFor) {
    const Config c = parse(with(
        kSession +
        ", qualifier: Q1, heartbeat: 10s, reconnect: 1s, start_time: '13:00:00', end_time: "
        "'21:30:00', start_day: monday, end_day: friday, reset_on_logon: true, logon_tags: "
        "[{tag: 553, value: trader one}, {tag: 554, file: secret.txt}, {tag: 925, environment: "
        "NEW_SECRET}], cancel_on_disconnect: {tag: 8013, value: Y}, mass_cancel: true, "
        "mass_status: true, account_tag: 0, hand_inst: false, executions_by_account: false, "
        "order_tags: [{tag: 100, value: SMART}, {tag: 167, value: CS}], accounts: {main: U1}, "
        "symbols: {SPY: SPY US}"));
    const SessionConfig& s = c.sessions.at(0);
    EXPECT_EQ(s.heartbeat, Duration::seconds(10));
    EXPECT_EQ(s.start_day, "monday");
    EXPECT_EQ(s.end_time, "21:30:00");
    EXPECT_TRUE(s.reset_on_logon);
    ASSERT_EQ(s.logon_tags.size(), 3U);
    EXPECT_EQ(s.logon_tags[0].value, "trader one");
    EXPECT_EQ(s.logon_tags[1].file, "/srv/fermata/config/secret.txt");
    EXPECT_EQ(s.logon_tags[2].environment, "NEW_SECRET");
    EXPECT_EQ(s.cancel_on_disconnect, (TagValue{8013, "Y"}));
    EXPECT_TRUE(s.mass_cancel && s.mass_status);
    EXPECT_EQ(s.account_tag, 0);
    EXPECT_FALSE(s.hand_inst || s.executions_by_account);
    EXPECT_THAT(s.order_tags, ElementsAre(TagValue{100, "SMART"}, TagValue{167, "CS"}));
    EXPECT_THAT(s.accounts, ElementsAre("U1"));
    EXPECT_THAT(s.symbols, ElementsAre("SPY US"));
    // The effective configuration gives the same session again.
    const Config again = parse(c.effective);
    EXPECT_EQ(again.effective, c.effective);
    EXPECT_EQ(again.hash, c.hash);
}

TEST(SessionsSection, CompletesTheDialectOfInteractiveBrokers) {
    const std::string brokers = kSession + ", dialect: interactive_brokers";
    const Config c = parse(with(brokers));
    const SessionConfig& s = c.sessions.at(0);
    EXPECT_THAT(s.order_tags, ElementsAre(TagValue{204, "0"}, TagValue{100, "SMART"}));
    EXPECT_THAT(s.security_types, ElementsAre("CS"));
    EXPECT_FALSE(s.expire_time);
    EXPECT_EQ(parse(c.effective).hash, c.hash);
    // What the session says itself stands.
    const Config own =
        parse(with(brokers + ", order_tags: [{tag: 100, value: ISLAND}, {tag: 77, value: O}], "
                             "security_types: {SPY: ETF}"));
    EXPECT_THAT(own.sessions.at(0).order_tags,
                ElementsAre(TagValue{100, "ISLAND"}, TagValue{77, "O"}, TagValue{204, "0"}));
    EXPECT_THAT(own.sessions.at(0).security_types, ElementsAre("ETF"));
    // One field is sent once.
    const Config tagged = parse(with(brokers + ", order_tags: [{tag: 167, value: STK}]"));
    EXPECT_THAT(tagged.sessions.at(0).security_types, ElementsAre(""));
    // A drop copy sends no orders.
    const Config copies = parse(with(replaced(brokers, "role: orders", "role: drop_copy")));
    EXPECT_THAT(copies.sessions.at(0).order_tags, ElementsAre());
}

TEST(SessionsSection, AsksForTheKindOfAnInstrumentThatTheDialectHasNoWordFor) {
    const std::string coin = replaced(kMinimal, "symbol: SPY", "symbol: SPY, asset_class: crypto");
    ASSERT_NE(coin, kMinimal);
    const std::string more = "sessions: [{" + kSession + ", dialect: interactive_brokers";
    const auto found = problems(coin + more + "}]\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0], HasSubstr("SecurityType (167)"));
    EXPECT_EQ(parse(coin + more + ", security_types: {SPY: CRYPTO}}]\n")
                  .sessions.at(0)
                  .security_types.at(0),
              "CRYPTO");
}

TEST(SessionsSection, IsPartOfTheConfigurationsHashAndNotOfTheRules) {
    const Config without = parse(kMinimal), one = parse(with(kSession));
    const Config other = parse(with(replaced(kSession, "4101", "4102")));
    EXPECT_NE(one.hash, without.hash);
    EXPECT_NE(one.hash, other.hash);
    EXPECT_EQ(one.rules_hash, without.rules_hash);
    EXPECT_EQ(one.rules_hash, other.rules_hash);
}

TEST(SessionsSection, RefusesAPasswordAndDoesNotRepeatIt) {
    for (const std::string tag : {"554", "925", "96", "1402"}) {
        const auto found =
            problems(with(kSession + ", logon_tags: [{tag: " + tag + ", value: sesame}]"));
        ASSERT_EQ(found.size(), 1U) << tag;
        EXPECT_THAT(found[0], HasSubstr("test.yaml:12:"));
        EXPECT_THAT(found[0], HasSubstr("sessions.0.logon_tags.0.value"));
        EXPECT_THAT(found[0], Not(HasSubstr("sesame")));
    }
    const auto overridden =
        problems(with(kSession), {"sessions.0.logon_tags=[{tag: 554, value: sesame}]"});
    ASSERT_EQ(overridden.size(), 1U);
    EXPECT_THAT(overridden[0], Not(HasSubstr("sesame")));
}

TEST(SessionsSection, RefusesWhatContradictsItself) {
    const struct {
        std::string more, expected;
    } cases[] = {
        {"logon_tags: [{tag: 553}]", "exactly one of value, file, environment"},
        {"logon_tags: [{tag: 553, value: a, file: b}]", "exactly one of value, file, environment"},
        {"logon_tags: [{tag: 98, value: 0}]", "does not write itself"},
        {"order_tags: [{tag: 38, value: 100}]", "not written otherwise"},
        {"order_tags: [{tag: 100, value: A}, {tag: 100, value: B}]", "twice"},
        {"order_tags: [{tag: 167, value: CS}], security_types: {SPY: CS}", "one of the two"},
        {"security_types: {QQQ: CS}", "QQQ"},
        {"cancel_on_disconnect: {tag: 35, value: A}", "not written otherwise"},
        {"start_day: monday", "both or none"},
        {"start_time: '24:00:00'", "a time of day such as 14:30:00"},
        {"heartbeat: 1500ms", "a duration in whole seconds"},
        {"heartbeat: 0s", "a duration in whole seconds"},
        {"venue: nowhere", "nowhere"},
        {"accounts: {other: U1}", "other"},
        {"symbols: {QQQ: Q}", "QQQ"},
        {"instruments: [SPY]", "of role orders"},
        {"trades: false", "of role orders"},
        {"missing: book", "of role orders"},
        {"book_after: 1s", "of role orders"},
        {"qualifier: a b", "without blanks"},
        {"order_tags: [{tag: 100, value: \"A\\x01B\"}]", "visible ASCII"},
    };
    for (const auto& c : cases) {
        const auto found = problems(with(kSession + ", " + c.more));
        ASSERT_EQ(found.size(), 1U) << c.more;
        EXPECT_THAT(found[0], HasSubstr(c.expected)) << c.more;
        EXPECT_THAT(found[0], HasSubstr("test.yaml:")) << c.more;
    }
}

TEST(SessionsSection, RefusesTwoSessionsThatCannotBeToldApart) {
    const std::string other = replaced(replaced(kSession, "broker", "copy"), "orders", "drop_copy");
    EXPECT_THAT(problems(with(kSession, other)), ElementsAre(HasSubstr("qualifier")));
    EXPECT_THAT(problems(with(kSession, other + ", qualifier: COPY")), ElementsAre());
    // Two ways to one venue could not be told apart either.
    const std::string twice = replaced(kSession, "broker", "second") + ", qualifier: TWO";
    EXPECT_THAT(problems(with(kSession, twice)), ElementsAre(HasSubstr("sessions.1.role")));
    EXPECT_THAT(problems(with(kSession,
                              replaced(kSession, "name: broker", "qualifier: TWO, name: broker"))),
                testing::Contains(HasSubstr("broker")));
}

TEST(SessionsSection, ReadsExecutionsAlikeInADropCopyAndInTheSessionOfOrders) {
    const std::string copy = replaced(replaced(kSession, "broker", "copy"), "orders", "drop_copy") +
                             ", qualifier: COPY, missing: book, book_after: 1500ms";
    const Config c = parse(with(kSession, copy));
    EXPECT_EQ(c.sessions.at(0).missing, MissingFill::kHalt);
    EXPECT_EQ(c.sessions.at(1).missing, MissingFill::kBook);
    EXPECT_EQ(c.sessions.at(1).book_after, Duration::milliseconds(1'500));
    EXPECT_THAT(problems(with(kSession, copy + ", executions_by_account: false")),
                ElementsAre(HasSubstr("sessions.1.executions_by_account")));
}

TEST(SessionsSection, RefusesTwoInstrumentsOfOneName) {
    const std::string two = replaced(with(kSession + ", symbols: {QQQ: SPY}"),
                                     "  - {symbol: SPY, tick: 0.01, calendar: us_equity}\n",
                                     "  - {symbol: SPY, tick: 0.01, calendar: us_equity}\n  - "
                                     "{symbol: QQQ, tick: 0.01, calendar: "
                                     "us_equity}\n");
    EXPECT_THAT(problems(two), ElementsAre(HasSubstr("for two instruments")));
}

TEST(SessionsSection, GivesMarketDataStreamsOfItsOwnOutsideOfAReplay) {
    const std::string market = replaced(kSession, "role: orders", "role: market_data");
    const Config replay = parse(with(market));
    EXPECT_EQ(replay.streams.size(), 1U);
    const Config paper = parse(with(market), {"mode=paper"});
    ASSERT_EQ(paper.streams.size(), 3U);
    const SessionConfig& s = paper.sessions.at(0);
    EXPECT_THAT(s.instruments, ElementsAre(InstrumentId{0}));
    EXPECT_EQ(s.quote_stream, StreamId{1});
    EXPECT_EQ(s.trade_stream, StreamId{2});
    EXPECT_EQ(paper.streams[1].kind, MarketEventType::kQuote);
    EXPECT_EQ(paper.streams[2].kind, MarketEventType::kTrade);
    EXPECT_EQ(paper.streams[2].venue, VenueId{0});
    EXPECT_EQ(parse(with(market + ", trades: false"), {"mode=paper"}).streams.size(), 2U);
    EXPECT_THAT(problems(with(market + ", trades: false, quotes: false")),
                ElementsAre(HasSubstr("quotes, trades or both")));
    EXPECT_THAT(problems(with(market + ", mass_cancel: true")),
                ElementsAre(HasSubstr("of role market_data")));
}

TEST(SessionsSection, ServesInsteadOfAFeedOutsideOfAReplay) {
    const std::string market = replaced(kSession, "role: orders", "role: market_data");
    const std::string bare =
        replaced(with(market), "feeds:\n  - {type: csv, interval: 1d, symbol: SPY, path: SPY.csv}",
                 "feeds: []");
    const auto none =
        ElementsAre(HasSubstr("expected at least one feed"), HasSubstr("which no feed delivers"));
    EXPECT_THAT(problems(bare), none);
    EXPECT_THAT(problems(bare, {"mode=paper"}), ElementsAre());
    EXPECT_THAT(problems(replaced(bare, "market_data", "drop_copy"), {"mode=paper"}), none);
}

}  // namespace
}  // namespace fermata
