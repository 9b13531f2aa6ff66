/// Feeds arbitrary bytes to everything that reads a state. The first byte chooses: even, the rest
/// is a snapshot's state as it stands; odd, the rest changes a good state, three bytes for a place
/// and one for its new value, and wrong checksums are let pass, so that what lies behind them is
/// reached. Whatever the bytes are, reading ends, and a state that was let pass is one: it can be
/// written, and read, and is then the same.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "daemon/pipeline/pipeline.hpp"
#include "tests/daemon/pipeline/rich_market.hpp"

namespace {

using namespace fermata;

PipelineSetup small_setup() {
    static const testing::RichMarket market;
    PipelineSetup setup = market.setup(1, nullptr);
    setup.limits.orders_max = 256;
    return setup;
}

struct Driven {
    Pipeline pipeline{small_setup()};
    VirtualClock clock;
    LockstepScheduler<Pipeline> scheduler{pipeline, clock};

    void persist(StateArchive& a) { a(pipeline, scheduler); }
};

std::vector<std::byte> written(Driven& driven) {
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    driven.persist(writer);
    FERMATA_ASSERT(writer.ok());
    return bytes;
}

const std::vector<std::byte>& good_state() {
    static const std::vector<std::byte> state = [] {
        Driven driven;
        const auto events = testing::RichMarket().events(1, 400);
        driven.pipeline.start(events.front().ts);
        driven.scheduler.settle();
        for (const MarketEvent& e : events) driven.scheduler.step(e);
        return written(driven);
    }();
    return state;
}

void read(std::span<const std::byte> state, bool checksums) {
    Driven driven;
    StateReader reader(state, checksums);
    driven.persist(reader);
    reader.finish();
    if (!reader.ok()) {
        FERMATA_ASSERT(!reader.error().message().empty());
        return;
    }
    const std::vector<std::byte> again = written(driven);
    Driven copy;
    StateReader second(again);
    copy.persist(second);
    second.finish();
    FERMATA_ASSERT(second.ok());
    FERMATA_ASSERT(written(copy) == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::uint8_t> input(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        read(std::as_bytes(input), true);
        return 0;
    }
    std::vector<std::byte> state = good_state();
    for (std::size_t n = 0; n + 4 <= input.size(); n += 4) {
        const std::size_t place =
            input[n] | std::size_t{input[n + 1]} << 8 | std::size_t{input[n + 2]} << 16;
        state[place % state.size()] = static_cast<std::byte>(input[n + 3]);
    }
    read(state, false);
    return 0;
}
