#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/state_archive.hpp"

namespace fermata::test {

template <StateObject T>
[[nodiscard]] std::vector<std::byte> state_of(T& object) {
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    object.persist(writer);
    EXPECT_TRUE(writer.ok()) << writer.error().message();
    return bytes;
}

/// What reading says, "" when it went well.
template <StateObject T>
[[nodiscard]] std::string load_state(T& object, std::span<const std::byte> bytes) {
    StateReader reader(bytes);
    object.persist(reader);
    reader.finish();
    return reader.ok() ? "" : reader.error().message();
}

/// The state with one bit turned, or cut short: by turns, as `nth` is even or odd.
template <class Random>
[[nodiscard]] std::vector<std::byte> damaged(std::vector<std::byte> state, Random& random,
                                             int nth) {
    if (nth % 2 == 0) {
        state[random() % state.size()] ^= std::byte{1} << (random() % 8);
    } else {
        state.resize(random() % state.size());
    }
    return state;
}

/// Puts an object that was built by `arguments` in the place of `object` and gives it its state, as
/// a restart from a snapshot does. Equal states have equal bytes, so the copy writes the same.
template <StateObject T, class... Arguments>
void restart(T& object, Arguments&&... arguments) {
    const std::vector<std::byte> bytes = state_of(object);
    std::destroy_at(&object);
    std::construct_at(&object, std::forward<Arguments>(arguments)...);
    ASSERT_EQ(load_state(object, bytes), "");
    ASSERT_TRUE(state_of(object) == bytes) << "the copy writes another state";
}

}  // namespace fermata::test
