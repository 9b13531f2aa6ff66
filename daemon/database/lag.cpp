#include "daemon/database/lag.hpp"

namespace fermata {

LagLevel LagGuard::evaluate(std::uint64_t bytes, std::chrono::nanoseconds age) noexcept {
    const bool halt = bytes >= limits_.halt_bytes || age >= limits_.halt_age;
    const bool halt_over = bytes <= limits_.halt_bytes / 2 && age <= limits_.halt_age / 2;
    const bool alert = bytes >= limits_.alert_bytes || age >= limits_.alert_age;
    const bool alert_over = bytes <= limits_.alert_bytes / 2 && age <= limits_.alert_age / 2;
    if (halt || (level_ == LagLevel::kHalt && !halt_over)) {
        level_ = LagLevel::kHalt;
    } else if (alert || (level_ != LagLevel::kOk && !alert_over)) {
        level_ = LagLevel::kAlert;
    } else {
        level_ = LagLevel::kOk;
    }
    return level_;
}

void LagMeter::grown(std::uint64_t total, Time now) {
    if (total <= total_) return;
    total_ = total;
    if (total_ <= loaded_) return;
    if (growth_.size() == kGrowthsMax) {
        // Each second entry goes into the one before it, which is older: ages grow, never shrink.
        std::deque<Growth> thinned;
        for (std::size_t i = 0; i + 1 < growth_.size(); i += 2) {
            thinned.push_back({growth_[i + 1].total, growth_[i].when});
        }
        growth_ = std::move(thinned);
    }
    growth_.push_back({total_, now});
}

void LagMeter::loaded(std::uint64_t bytes) {
    loaded_ = bytes;
    while (!growth_.empty() && growth_.front().total <= bytes) growth_.pop_front();
}

}  // namespace fermata
