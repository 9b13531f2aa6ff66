#include "daemon/replay/open_latch.hpp"

#include "daemon/replay/latch_names.hpp"

namespace fermata {

std::unique_ptr<latch::RunLatch> open_latch(const Config& config, const RunNames& names,
                                            const std::function<void(const std::string&)>& report) {
    if (config.latch.empty()) return nullptr;
    auto latch = std::make_unique<latch::RunLatch>(config.latch.string(),
                                                   latch_names(names, config.instruments));
    const auto say = [&](const latch::Error& error) {
        if (report) report(latch::describe(config.latch.string(), error));
    };
    if (latch->opened().code != latch::ErrorCode::kNone) {
        say(latch->opened());
        return latch;
    }
    latch->read();
    if (latch->fault() != latch::Fault::kNone) {
        say({latch::ErrorCode::kUnreadable, 0, latch->fault()});
    }
    return latch;
}

}  // namespace fermata
