#include "adapters/tape/tape_check.hpp"

#include <memory>
#include <string>

#include "core/port/feed.hpp"

namespace fermata::tape {
namespace {

std::string event_number(std::size_t block, std::size_t i) {
    return "event " + std::to_string(block * kBlockEvents + i + 1);
}

}  // namespace

void check_tape(const TapeView& tape, const HasherFactory& hasher,
                const std::function<void(std::size_t block)>& done) {
    const std::unique_ptr<Hasher> hash = hasher();
    MarketEvent before;
    before.ts = Timestamp::min();
    for (std::size_t b = 0; b < tape.block_count(); ++b) {
        const auto events = tape.block(b);
        for (std::size_t i = 0; i < events.size(); ++i) {
            const MarketEvent& e = events[i];
            if (e.ts == before.ts && phase_of(e) < phase_of(before)) {
                throw FeedError(tape.name() + ": " + event_number(b, i) + " (" +
                                std::string(name(e.type)) + ") does not belong behind a " +
                                std::string(name(before.type)) + " of the same time");
            }
            if (e.seq != 0) {
                throw FeedError(tape.name() + ": " + event_number(b, i) + " has position " +
                                std::to_string(e.seq) + ", expected 0");
            }
            before = e;
        }
        hash->update(std::as_bytes(events));
        if (done) done(b);
    }
    if (tape.content_hash().empty()) return;  // a tape that was written without a hasher
    const std::string tables = encode(tape.tables());
    hash->update(std::as_bytes(std::span(tables)));
    const std::string found = hash->finish();
    if (found == tape.content_hash()) return;
    throw FeedError(tape.name() + ": content hash " + found + ", expected " +
                    std::string(tape.content_hash()));
}

}  // namespace fermata::tape
