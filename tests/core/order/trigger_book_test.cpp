#include "core/order/trigger_book.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <tuple>

#include "core/order/order_groups.hpp"

namespace fermata {
namespace {

TEST(TriggerBook, AgreesWithASortedSetOverManyInsertionsAndRemovals) {
    std::mt19937_64 random(11);
    TriggerBook book(2, 64);
    std::set<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> reference[2];
    std::vector<int> where(64, -1);
    std::vector<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> entries(64);
    for (int n = 0; n < 200'000; ++n) {
        const auto slot = static_cast<std::uint32_t>(random() % 64);
        const auto heap = static_cast<std::size_t>(random() % 2);
        if (where[slot] >= 0) {
            reference[where[slot]].erase(entries[slot]);
            book.remove(slot);
            where[slot] = -1;
        } else {
            const auto key = static_cast<std::int64_t>(random() % 20) - 10;
            const auto id = static_cast<std::uint64_t>(n);
            entries[slot] = {key, id, slot};
            reference[heap].insert(entries[slot]);
            book.insert(heap, slot, key, id);
            where[slot] = static_cast<int>(heap);
        }
        ASSERT_EQ(book.contains(slot), where[slot] >= 0);
        for (const std::size_t h : {0U, 1U}) {
            const std::uint32_t expected =
                reference[h].empty() ? TriggerBook::kNone : std::get<2>(*reference[h].begin());
            ASSERT_EQ(book.first(h), expected) << "step " << n;
        }
    }
    book.remove(3);
    book.remove(3);  // nothing happens
    EXPECT_FALSE(book.contains(3));
}

TEST(OrderGroups, KeepTheOrderOfArrivalOverManyInsertionsAndRemovals) {
    std::mt19937_64 random(12);
    OrderGroups groups(32);
    std::vector<std::vector<std::uint32_t>> reference(3);
    std::vector<int> where(32, -1);
    for (int n = 0; n < 100'000; ++n) {
        const auto slot = static_cast<std::uint32_t>(random() % 32);
        if (where[slot] >= 0) {
            std::erase(reference[static_cast<std::size_t>(where[slot])], slot);
            groups.remove(slot);
            where[slot] = -1;
        } else {
            where[slot] = static_cast<int>(random() % 3);
            reference[static_cast<std::size_t>(where[slot])].push_back(slot);
            groups.add({1, static_cast<std::uint64_t>(where[slot])}, slot);
        }
        for (std::uint64_t g = 0; g < 3; ++g) {
            std::vector<std::uint32_t> members;
            for (std::uint32_t s = groups.first({1, g}); s != OrderGroups::kNone;
                 s = groups.next(s)) {
                members.push_back(s);
            }
            ASSERT_EQ(members, reference[g]) << "step " << n;
        }
    }
}

}  // namespace
}  // namespace fermata
