#pragma once

#include <cstdint>
#include <random>

namespace fermata::test {

/// All chance of a simulation, from one seed. Raw output only, so that every library agrees.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool chance(std::int64_t percent) { return pick(0, 99) < percent; }

private:
    std::mt19937_64 random_;
};

}  // namespace fermata::test
