#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <vector>

namespace fermata {

/// What one poll of a stage did.
struct Polled {
    std::size_t consumed = 0;  ///< Events taken from input lanes.
    std::size_t emitted = 0;   ///< Events put on lanes to other stages.

    Polled& operator+=(Polled other) noexcept {
        consumed += other.consumed;
        emitted += other.emitted;
        return *this;
    }
    friend bool operator==(const Polled&, const Polled&) = default;
};

/// A deterministic state machine that a loop hosts. `poll(budget)` drains at most `budget` events
/// from each of the stage's input lanes, in a fixed order; fewer only when a lane is empty. It
/// reads no clock: its now is the timestamp of the event in hand.
template <class S>
concept Stage = requires(S& stage, std::size_t budget) {
    { stage.poll(budget) } -> std::same_as<Polled>;
};

/// Several stages of one kind, polled in order as one stage.
template <Stage S>
class StageGroup {
public:
    void add(std::unique_ptr<S> stage) { stages_.push_back(std::move(stage)); }
    [[nodiscard]] std::size_t size() const noexcept { return stages_.size(); }
    [[nodiscard]] S& operator[](std::size_t i) noexcept { return *stages_[i]; }
    [[nodiscard]] auto begin() noexcept { return stages_.begin(); }
    [[nodiscard]] auto end() noexcept { return stages_.end(); }

    Polled poll(std::size_t budget) {
        Polled polled;
        for (auto& stage : stages_) polled += stage->poll(budget);
        return polled;
    }

private:
    std::vector<std::unique_ptr<S>> stages_;
};

}  // namespace fermata
