#pragma once

#include <concepts>
#include <cstdint>

#include "core/base/state_archive.hpp"

namespace fermata {

/// What a rule says about one instrument at one point in time. What follows from it depends on the
/// position: an entry means nothing to who is long, an exit nothing to who is flat.
enum class Signal : std::uint8_t { kNone = 0, kEnter, kExit };

/// A rule on the closes of one instrument: pure, and without a word about orders, so that it can be
/// tested, and read, on its own. `rescale` follows a split and `persist` serves snapshots, as with
/// the indicators.
template <class T>
concept CloseRule = std::copyable<T> && StateObject<T> && requires(T rule, double x) {
    { rule.update(x) } noexcept -> std::same_as<Signal>;
    { rule.reset() } noexcept;
    { rule.rescale(x) } noexcept;
};

/// Watches one series cross another: kEnter when `a` was at or below `b` and now is above it, kExit
/// when it was at or above and now is below. The first pair has nothing to be compared with.
class CrossOver {
public:
    Signal update(double a, double b) noexcept {
        const Relation now = a > b ? Relation::kAbove : a < b ? Relation::kBelow : Relation::kEqual;
        const Relation before = before_;
        before_ = now;
        if (before == Relation::kUnknown || before == now) return Signal::kNone;
        if (now == Relation::kAbove) return Signal::kEnter;
        if (now == Relation::kBelow) return Signal::kExit;
        return Signal::kNone;
    }
    void reset() noexcept { before_ = Relation::kUnknown; }
    void persist(StateArchive& a) { a(choice(before_, kRelations)); }

private:
    enum class Relation : std::uint8_t { kUnknown, kBelow, kEqual, kAbove };
    static constexpr int kRelations = 4;
    Relation before_ = Relation::kUnknown;  // all that a crossing needs to know; no scale in it
};

}  // namespace fermata
