// How large the slices of a flatten are after the gate refused some.

#include <vector>

#include "tests/core/order/flatten_world.hpp"

namespace fermata::test {
namespace {

TEST(Flattener, LetsItsSlicesGrowBackOnceSmallerOnesWereTaken) {
    FlattenWorld w;
    w.hold(1, 1'000);
    w.gate.refuses = {100, 50};
    w.flatten();
    w.after(kSlice);
    w.after(kSlice);
    w.gate.refuses = {};
    std::vector<std::int64_t> sizes;
    const auto next = [&] {
        const NewOrderData d = w.take_closing();
        const std::int64_t size = d.quantity.raw() / Quantity::kOne;
        sizes.push_back(size);
        w.fill(d.order_id, size);
        w.after(kSlice);
    };
    for (int n = 0; n < 8; ++n) next();
    EXPECT_EQ(sizes, (std::vector<std::int64_t>{25, 25, 25, 50, 50, 50, 100, 100}));
    // One that gets nothing begins the count anew; no slice is larger than a tenth.
    w.gate.refuses = {100};
    w.after(kSlice);
    const NewOrderData full = w.take_closing();
    EXPECT_EQ(full.quantity, units(100)) << "sent before it was refused";
    w.fill(full.order_id, 100);
    w.after(kSlice);
    w.after(kSlice);
    sizes.clear();
    next();
    next();
    w.gate.refuses = {};
    const NewOrderData missed = w.take_closing();
    EXPECT_EQ(missed.quantity, units(50));
    w.report(missed.order_id, ExecType::kCanceled);
    w.after(kSlice);
    for (int n = 0; n < 3; ++n) next();
    next();
    EXPECT_EQ(sizes, (std::vector<std::int64_t>{50, 50, 50, 50, 50, 100}));
}

}  // namespace
}  // namespace fermata::test
