#include "ops/control/protocol.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace fermata::console {
namespace {

TEST(Protocol, ReadsAQuestion) {
    const auto r =
        parse_request(R"({"v":1,"id":3,"method":"orders","params":{"after":9,"count":2}})");
    ASSERT_TRUE(r.ok());
    EXPECT_EQ(r->id, 3u);
    EXPECT_EQ(r->method, Method::kOrders);
    EXPECT_EQ(r->after, 9u);
    EXPECT_EQ(r->count, 2u);
    EXPECT_EQ(r->scope, "firm");
    EXPECT_FALSE(r->expect);
}

TEST(Protocol, ReadsACommandWithItsReasonAndWhatItExpects) {
    const auto r =
        parse_request(R"({"expect":12,"v":1,"id":0,"method":"halt","reason":"looks wrong",)"
                      R"("params":{"scope":"strategy","target":"rsi"}})");
    ASSERT_TRUE(r.ok()) << r.error().message;
    EXPECT_EQ(r->method, Method::kHalt);
    EXPECT_EQ(r->scope, "strategy");
    EXPECT_EQ(r->target, "rsi");
    EXPECT_EQ(r->reason, "looks wrong");
    EXPECT_EQ(r->expect, 12u);
}

struct Case {
    const char* line;
    Error error;
    const char* says;
    std::uint64_t id;
};
class BadLine : public ::testing::TestWithParam<Case> {};

TEST_P(BadLine, IsRefusedWithWhatIsWrong) {
    const auto r = parse_request(GetParam().line);
    ASSERT_FALSE(r.ok());
    EXPECT_EQ(r.error().error, GetParam().error) << r.error().message;
    EXPECT_NE(r.error().message.find(GetParam().says), std::string::npos) << r.error().message;
    EXPECT_EQ(r.error().id, GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadLine,
    ::testing::Values(
        Case{"", Error::kBadRequest, "not JSON", 0},
        Case{"GET / HTTP/1.1", Error::kBadRequest, "not JSON", 0},
        Case{"[1]", Error::kBadRequest, "not a JSON object", 0},
        Case{R"({"v":1})", Error::kBadRequest, "id is missing", 0},
        Case{R"({"v":1,"id":-1})", Error::kBadRequest, "whole number", 0},
        Case{R"({"v":1,"id":1.5})", Error::kBadRequest, "whole number", 0},
        Case{R"({"id":4})", Error::kBadRequest, "protocol's version", 4},
        Case{R"({"v":2,"id":4,"method":"status"})", Error::kVersion, "version 1", 4},
        Case{R"({"v":1,"id":4})", Error::kBadRequest, "method is missing", 4},
        Case{R"({"v":1,"id":4,"method":"stop"})", Error::kUnknownMethod, "'stop'", 4},
        Case{R"({"v":1,"id":4,"method":"status","more":1})", Error::kBadRequest, "'more'", 4},
        Case{R"({"v":1,"id":4,"method":"status","params":[]})", Error::kBadRequest, "params", 4},
        Case{R"({"v":1,"id":4,"method":"orders","params":{"count":0}})", Error::kBadRequest,
             "count", 4},
        Case{R"({"v":1,"id":4,"method":"orders","params":{"count":1001}})", Error::kBadRequest,
             "count", 4},
        Case{R"({"v":1,"id":4,"method":"orders","params":{"x":{"y":{"z":{}}}}})",
             Error::kBadRequest, "not JSON", 0},
        Case{R"({"v":1,"id":4,"method":"kill","expect":1})", Error::kBadRequest, "reason", 4},
        Case{R"({"v":1,"id":4,"method":"kill","expect":1,"reason":"  "})", Error::kBadRequest,
             "reason", 4},
        Case{R"({"v":1,"id":4,"method":"kill","reason":"why"})", Error::kBadRequest, "expect", 4},
        Case{R"({"v":1,"id":4,"method":"kill","expect":1,"reason":"a\nb"})", Error::kBadRequest,
             "control character", 4},
        Case{
            R"({"v":1,"id":4,"method":"kill","expect":1,"reason":"why","params":{"scope":"world"}})",
            Error::kBadRequest, "'world'", 4},
        Case{
            R"({"v":1,"id":4,"method":"kill","expect":1,"reason":"why","params":{"scope":"venue"}})",
            Error::kBadRequest, "target", 4},
        Case{R"({"v":1,"id":4,"method":"kill","expect":1,"reason":"why","params":{"target":"x"}})",
             Error::kBadRequest, "the firm is one", 4},
        Case{
            R"({"v":1,"id":4,"method":"disable","expect":1,"reason":"why","params":{"scope":"venue","target":"x"}})",
            Error::kBadRequest, "for strategies", 4}));

TEST(Protocol, RefusesTextsBeyondTheirBounds) {
    const auto with_reason = [](std::size_t bytes) {
        return parse_request(R"({"v":1,"id":4,"method":"kill","expect":1,"reason":")" +
                             std::string(bytes, 'r') + "\"}");
    };
    EXPECT_TRUE(with_reason(kReasonMax).ok());
    EXPECT_FALSE(with_reason(kReasonMax + 1).ok());
    EXPECT_FALSE(parse_request(std::string(kLineMax, ' ')).ok());
}

// 16 bytes a value: a line of zeros alone is worth half a megabyte of memory.
TEST(Protocol, SurvivesALineThatIsAllValues) {
    std::string line = R"({"v":1,"id":4,"method":"status","params":[0)";
    while (line.size() < kLineMax - 4) line += ",0";
    const auto r = parse_request(line + "]}");
    ASSERT_FALSE(r.ok());
    EXPECT_EQ(r.error().error, Error::kBadRequest);
    std::string keys = "{";
    for (int n = 0; keys.size() < kLineMax - 16; ++n) keys += "\"" + std::to_string(n) + "\":0,";
    EXPECT_FALSE(parse_request(keys + "\"v\":1}").ok());
}

TEST(Protocol, TakesAnyBytesForARequestOrARefusal) {
    rc::check([](const std::string& bytes) {
        const auto r = parse_request(bytes);
        RC_ASSERT(r.ok() || !r.error().message.empty());
    });
}

TEST(Protocol, WritesAnswersThatAreOneLineEach) {
    EXPECT_EQ(answer_line(5, {Error::kNone, {}, R"({"a":1})", 9}),
              "{\"v\":1,\"id\":5,\"state_version\":9,\"ok\":{\"a\":1}}\n");
    EXPECT_EQ(answer_line(5, {Error::kStale, "say \"when\"\n", {}, 9}),
              "{\"v\":1,\"id\":5,\"state_version\":9,\"error\":{\"code\":\"stale\",\"message\":"
              "\"say \\\"when\\\"\\n\"}}\n");
    EXPECT_EQ(event_line(R"({"seq":1})"), "{\"v\":1,\"event\":{\"seq\":1}}\n");
}

TEST(Request, KnowsEveryMethodByItsName) {
    for (const MethodDefinition& m : kMethods) {
        ASSERT_NE(find_method(m.name), nullptr);
        EXPECT_EQ(find_method(m.name)->method, m.method);
    }
    EXPECT_EQ(find_method("Kill"), nullptr);
}

TEST(Request, LetsEachRoleDoWhatItMay) {
    Request r;
    r.scope = "strategy";
    r.target = "rsi";
    const auto may = [&](Role role, Method method, std::string_view own = {}) {
        Peer peer{1, 1, 1, role, {}};
        if (!own.empty()) peer.own(own);
        r.method = method;
        return objection(peer, r).empty();
    };
    EXPECT_FALSE(may(Role::kNone, Method::kStatus));
    EXPECT_TRUE(may(Role::kViewer, Method::kTail));
    EXPECT_FALSE(may(Role::kViewer, Method::kAlive));
    EXPECT_TRUE(may(Role::kTrader, Method::kAlive));
    EXPECT_FALSE(may(Role::kViewer, Method::kHalt));
    EXPECT_TRUE(may(Role::kTrader, Method::kHalt, "rsi"));
    EXPECT_FALSE(may(Role::kTrader, Method::kHalt, "rs"));
    EXPECT_FALSE(may(Role::kTrader, Method::kHalt));
    EXPECT_FALSE(may(Role::kTrader, Method::kTighten, "rsi"));
    EXPECT_TRUE(may(Role::kRisk, Method::kTighten));
    EXPECT_TRUE(may(Role::kRisk, Method::kFlatten));
    EXPECT_FALSE(may(Role::kRisk, Method::kRelease));
    EXPECT_FALSE(may(Role::kRisk, Method::kLoosen));
    EXPECT_TRUE(may(Role::kAdmin, Method::kRelease));
    // Not by another scope, and not by a name that is two names.
    r.scope = "account";
    EXPECT_FALSE(may(Role::kTrader, Method::kKill, "rsi"));
    r.scope = "firm";
    r.target = {};
    EXPECT_FALSE(may(Role::kTrader, Method::kKill, "rsi"));
    Peer two{1, 1, 1, Role::kTrader, {}};
    two.own("a");
    two.own("b");
    EXPECT_TRUE(two.owns("a") && two.owns("b"));
    EXPECT_FALSE(two.owns("a\nb"));
}

}  // namespace
}  // namespace fermata::console
