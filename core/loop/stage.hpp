#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <vector>

namespace fermata {

/// A deterministic state machine that a loop hosts. `poll(budget)` drains at most `budget` events
/// from each of the stage's input lanes, in a fixed order, and returns how many it consumed. It
/// reads no clock: its now is the timestamp of the event in hand.
template <class S>
concept Stage = requires(S& stage, std::size_t budget) {
    { stage.poll(budget) } -> std::same_as<std::size_t>;
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

    std::size_t poll(std::size_t budget) {
        std::size_t consumed = 0;
        for (auto& stage : stages_) consumed += stage->poll(budget);
        return consumed;
    }

private:
    std::vector<std::unique_ptr<S>> stages_;
};

}  // namespace fermata
