#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"

namespace fermata {

/// Drains the lanes of the stages that are journaled and hands their events to the writer, in the
/// order of the lanes' registration: in replay the order of the records is a function of the input.
///
/// Owner:  the journal's loop (the only loop in replay); satisfies Stage.
/// Errors: after a failed write `poll` consumes nothing more, so the lanes fill up and stop the
///         intake; `failed` tells whoever halts. No event is lost silently.
class JournalStage {
public:
    /// `writer` outlives the stage.
    explicit JournalStage(JournalWriter& writer) : writer_(writer) {}

    /// Before the loop starts. One lane a stream.
    void add_lane(Lane<OrderEvent>& lane, JournalStream stream) {
        inputs_.push_back({&lane, stream});
    }

    /// Takes at most `budget` events from each lane; returns how many. Does not flush.
    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        for (const Input& input : inputs_) {
            for (std::size_t n = 0; n < budget; ++n) {
                const OrderEvent* event = input.lane->front();
                if (event == nullptr) break;
                // Popped only once the writer has it. The writer clears the lane's bit.
                if (!writer_.append(*event, input.stream).ok()) [[unlikely]]
                    return {consumed, 0};
                input.lane->pop();
                ++consumed;
            }
        }
        return {consumed, 0};
    }

    [[nodiscard]] bool failed() const noexcept { return writer_.failure() != nullptr; }

private:
    struct Input {
        Lane<OrderEvent>* lane;
        JournalStream stream;
    };
    JournalWriter& writer_;
    std::vector<Input> inputs_;
};

}  // namespace fermata
