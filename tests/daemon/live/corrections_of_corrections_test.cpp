/// A fill, a correction of it, a correction of that and a bust that names the last one: reports may
/// be lost or overtake one another, and what a drop copy tells is booked where it is missing.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/fix/drop_copy_reconciler.hpp"
#include "daemon/live/sent_book.hpp"
#include "tests/core/order/order_world.hpp"

namespace fermata::test {
namespace {

/// An order of 10, and everything that follows records.
class Venue {
public:
    Venue() {
        DropCopyReconciler::Settings s;
        s.venues = {{OrderWorld::kVenue, Duration::milliseconds(10)}};
        reconciler_.emplace(s);
        tag_ = world_.place(Side::kBuy, units(10), price(20));
        on_record(world_.out.span());
        OrderEvent fill = world_.trade(tag_, units(4), price(19));
        fill.data.execution.cumulative_quantity = units(4);
        fill.data.execution.leaves_quantity = units(6);
        OrderEvent first = world_.correction(fill, CorrectionKind::kCorrect, units(7));
        first.data.correction.price = price(18);
        first.data.correction.quantity = units(3);
        first.data.correction.cumulative_quantity = units(3);
        OrderEvent second = world_.correction(fill, CorrectionKind::kCorrect, units(8));
        second.data.correction.ref_exec_id = first.data.correction.exec_id;
        second.data.correction.price = price(17);
        second.data.correction.quantity = units(2);
        second.data.correction.cumulative_quantity = units(2);
        OrderEvent bust = world_.bust(fill, units(10));
        bust.data.correction.ref_exec_id = second.data.correction.exec_id;
        said_ = {fill, first, second, bust};
    }
    /// What it said n-th, over the session of orders.
    void tell(std::size_t n) { tell(said_[n]); }
    /// The same in the drop copy.
    void copy(std::size_t n) {
        DropCopyReport r;
        r.event = said_[n];
        r.event.ts = world_.tick();
        r.counts = true;
        r.account = OrderWorld::kMain;
        r.side = static_cast<std::uint8_t>(Side::kBuy);
        reconciler_->on_copy(r);
    }
    /// Books from the copies what is due, until there is nothing more.
    void book() {
        const Timestamp later = world_.now = world_.now + Duration::seconds(1);
        for (int n = 0; n < 100; ++n) {
            const auto report = reconciler_->book(later);
            if (!report) return;
            tell(*report);
        }
        FAIL() << "there is no end of what is booked";
    }
    Quantity position() const {
        return world_.accounts_book.position(OrderWorld::kMain, OrderWorld::kSpy);
    }
    std::size_t differences() const { return reconciler_->differences(); }
    BookedOrder booked() const {
        return *book_.find(OrderWorld::kVenue, said_[0].data.execution.order_id);
    }
    std::size_t said() const { return said_.size(); }

private:
    void tell(const OrderEvent& report) {
        world_.tell(report);
        on_record({&report, 1});
        on_record(world_.out.span());
    }
    void on_record(std::span<const OrderEvent> events) {
        for (OrderEvent e : events) {
            e.seq = ++records_;
            reconciler_->on_record(e);
            book_.on_record(e);
        }
    }
    static Quantity units(int n) { return Quantity::from_units(n); }
    static Price price(int n) { return Price::from_units(n); }

    OrderWorld world_;
    std::optional<DropCopyReconciler> reconciler_;
    SentBook book_{1};
    OrderTag tag_;
    std::vector<OrderEvent> said_;
    std::uint64_t records_ = 0;
};

/// Calls `each` with every order of those of 0 .. count - 1 that `lost` has no bit of.
template <class Each>
void every_order(std::size_t count, unsigned lost, Each each) {
    std::vector<std::size_t> order;
    for (std::size_t n = 0; n < count; ++n) {
        if ((lost >> n & 1) == 0) order.push_back(n);
    }
    do {
        each(order);
    } while (std::next_permutation(order.begin(), order.end()));
}

std::string text(const std::vector<std::size_t>& order) {
    std::string all = "told:";
    for (const std::size_t n : order) all += " " + std::to_string(n);
    return all;
}

TEST(CorrectionsOfCorrections, LeaveNothingBookedInWhicheverOrderTheyCome) {
    every_order(Venue().said(), 0, [](const std::vector<std::size_t>& order) {
        SCOPED_TRACE(text(order));
        Venue venue;
        for (const std::size_t n : order) venue.tell(n);
        EXPECT_EQ(venue.position(), Quantity::zero());
        EXPECT_EQ(venue.booked().filled(), Quantity::zero());
    });
}

TEST(CorrectionsOfCorrections, AreWhatTheDropCopySaysWhateverIsLost) {
    for (unsigned lost = 0; lost < 16; ++lost) {
        for (const bool copies_first : {false, true}) {
            every_order(Venue().said(), lost, [&](const std::vector<std::size_t>& order) {
                SCOPED_TRACE(text(order) + (copies_first ? ", copies first" : ", copies later"));
                Venue venue;
                const auto copies = [&] {
                    for (std::size_t n = 0; n < venue.said(); ++n) venue.copy(n);
                };
                if (copies_first) copies();
                for (const std::size_t n : order) venue.tell(n);
                if (!copies_first) copies();
                venue.book();
                EXPECT_EQ(venue.position(), Quantity::zero());
                EXPECT_EQ(venue.differences(), 0U);
                EXPECT_EQ(venue.booked().filled(), Quantity::zero());
            });
        }
    }
}

/// Told again, as after a restart: nothing changes.
TEST(CorrectionsOfCorrections, ThatAreRepeatedChangeNothing) {
    for (unsigned lost = 0; lost < 16; ++lost) {
        every_order(Venue().said(), lost, [](const std::vector<std::size_t>& order) {
            SCOPED_TRACE(text(order));
            Venue once, twice;
            for (const std::size_t n : order) {
                once.tell(n);
                twice.tell(n);
            }
            for (const std::size_t n : order) twice.tell(n);
            // What came before what it names may be applied by its repetition.
            if (std::ranges::is_sorted(order)) {
                EXPECT_EQ(twice.position(), once.position());
                EXPECT_EQ(twice.booked().filled(), once.booked().filled());
            }
            EXPECT_EQ(twice.booked().filled(), twice.position());
        });
    }
}

}  // namespace
}  // namespace fermata::test
