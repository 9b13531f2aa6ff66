#include "daemon/live/reconciliation.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

constexpr VenueId kVenue{1};

BookedOrder ours(std::uint64_t id, int quantity, int filled = 0, int claimed = 0, int excused = 0) {
    BookedOrder booked;
    booked.claimed = Quantity::from_units(claimed);
    booked.excused = Quantity::from_units(excused);
    KnownOrder& order = booked.order;
    order.id = ClientOrderId{id};
    order.instrument = InstrumentId{4};
    order.venue = kVenue;
    order.quantity = Quantity::from_units(quantity);
    order.cumulative_quantity = Quantity::from_units(filled);
    return booked;
}
ToldOrder theirs(std::uint64_t id, int leaves, int filled = 0,
                 OrderState state = OrderState::kNew) {
    ToldOrder told;
    told.status.order_id = ClientOrderId{id};
    told.status.instrument = InstrumentId{4};
    told.status.leaves_quantity = Quantity::from_units(leaves);
    told.status.cumulative_quantity = Quantity::from_units(filled);
    told.status.state = state;
    told.name = "name" + std::to_string(id);
    return told;
}
using Kind = DifferenceKind;
Difference difference(Kind kind, std::uint64_t id, int mine, int yours, std::string name = {},
                      int filled = 0) {
    return {kind,
            kVenue,
            ClientOrderId{id},
            InstrumentId{4},
            Quantity::from_units(mine),
            Quantity::from_units(yours),
            std::move(name),
            Quantity::from_units(filled)};
}

struct Case {
    const char* what;
    std::vector<BookedOrder> own;
    std::vector<ToldOrder> told;
    std::vector<Difference> expected;
};

TEST(Reconciliation, NamesEveryDifferenceAndNothingElse) {
    const Case cases[] = {
        {"nothing at all", {}, {}, {}},
        {"equal", {ours(1, 10), ours(2, 10, 4)}, {theirs(2, 6, 4), theirs(1, 10)}, {}},
        {"unknown there", {ours(1, 10, 3)}, {}, {difference(Kind::kNotThere, 1, 7, 0)}},
        {"over there",
         {ours(1, 10, 3)},
         {theirs(1, 0, 3, OrderState::kCanceled)},
         {difference(Kind::kNotThere, 1, 7, 0)}},
        {"over there, and filled before",
         {ours(1, 10, 3)},
         {theirs(1, 0, 5, OrderState::kCanceled)},
         {difference(Kind::kFilledMore, 1, 3, 5)}},
        {"filled there",
         {ours(1, 10)},
         {theirs(1, 0, 10, OrderState::kFilled)},
         {difference(Kind::kFilledMore, 1, 0, 10)}},
        {"filled less there",
         {ours(1, 10, 5)},
         {theirs(1, 8, 2)},
         {difference(Kind::kFilledLess, 1, 5, 2)}},
        {"another size",
         {ours(1, 10, 5)},
         {theirs(1, 6, 5)},
         {difference(Kind::kOtherSize, 1, 10, 11)}},
        {"a fill was counted, and never reported",
         {ours(1, 10, 3, 5)},
         {theirs(1, 5, 5)},
         {difference(Kind::kFilledMore, 1, 3, 5)}},
        {"the same, and nothing of it is told any more",
         {ours(1, 10, 6, 10)},
         {},
         {difference(Kind::kFilledMore, 1, 6, 10)}},
        {"the venue counts less than it reported",
         {ours(1, 10, 3, 5)},
         {theirs(1, 7, 3)},
         {difference(Kind::kFilledMore, 1, 3, 5)}},
        {"people accepted it", {ours(1, 10, 3, 5, 2)}, {theirs(1, 5, 5)}, {}},
        {"people accepted it, and it is over there",
         {ours(1, 10, 3, 5, 2)},
         {theirs(1, 0, 5, OrderState::kCanceled)},
         {difference(Kind::kNotThere, 1, 7, 0)}},
        {"people accepted less than is missing",
         {ours(1, 10, 3, 5, 2)},
         {theirs(1, 4, 6)},
         {difference(Kind::kFilledMore, 1, 3, 6)}},
        {"it reported less than its fills: late, no difference",
         {ours(1, 10, 6, 4)},
         {theirs(1, 4, 6)},
         {}},
        {"not ours", {}, {theirs(7, 9, 1)}, {difference(Kind::kNotOurs, 7, 0, 9, "name7", 1)}},
        {"not ours and over", {}, {theirs(7, 0, 1, OrderState::kFilled)}, {}},
        {"a name that is not ours",
         {},
         {theirs(0, 9)},
         {difference(Kind::kNotOurs, 0, 0, 9, "name0")}},
        {"told twice: the last counts", {ours(1, 10, 4)}, {theirs(1, 10), theirs(1, 6, 4)}, {}},
        {"several",
         {ours(1, 10), ours(2, 10)},
         {theirs(2, 0, 10, OrderState::kFilled), theirs(3, 1)},
         {difference(Kind::kNotThere, 1, 10, 0), difference(Kind::kFilledMore, 2, 0, 10),
          difference(Kind::kNotOurs, 3, 0, 1, "name3")}},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(compare(kVenue, c.own, c.told), c.expected) << c.what;
    }
}

TEST(Reconciliation, SaysWhatItIsAbout) {
    const std::string text = describe(difference(Kind::kFilledMore, 17, 3, 5), "NYSE", "SPY");
    for (const char* part : {"NYSE", "order 0-0-17 ", "SPY", " 5 ", " 3 "}) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    }
    Difference sent = difference(Kind::kNotThere, 0, 3, 0);
    sent.order_id = make_client_order_id(20'779, 3, 17);
    EXPECT_NE(describe(sent, "NYSE", "SPY").find("order 20779-3-17 (SPY)"), std::string::npos);
    const Difference unnamed = difference(Kind::kNotOurs, 0, 0, 9, "X-1");
    EXPECT_NE(describe(unnamed, "NYSE", "SPY").find("X-1"), std::string::npos);
}

}  // namespace
}  // namespace fermata
