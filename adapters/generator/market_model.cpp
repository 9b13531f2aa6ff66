#include "adapters/generator/market_model.hpp"

#include <algorithm>
#include <cmath>

#include "adapters/generator/deviates.hpp"
#include "core/base/assert.hpp"
#include "core/base/portable_math.hpp"

namespace fermata::generator {
namespace {

constexpr double kDayNs = 86'400e9;

/// 252 where weekends are closed, 365 where they are not.
double usual_days_a_year(const Calendar* calendar) {
    if (calendar == nullptr) return 365;
    for (const Session& session : calendar->sessions()) {
        if (weekday(session.date) == Weekday::kSaturday) return 365;
    }
    return 252;
}

}  // namespace

Market::Market(const GeneratorConfig& config, const Calendar* calendar, const Xoshiro256& random)
    : calendar_(calendar),
      from_(config.from),
      overnight_share_(config.overnight_share),
      days_a_year_(config.days_a_year.value_or(usual_days_a_year(calendar))),
      regimes_(config.regimes),
      regime_interval_(config.regime_interval),
      random_(random) {
    if (regimes_.empty()) regimes_.push_back({1, {1}});
    if (calendar == nullptr) return;
    const auto& sessions = calendar->sessions();
    const auto first = std::partition_point(sessions.begin(), sessions.end(),
                                            [this](const Session& s) { return s.close <= from_; });
    next_index_ = static_cast<std::size_t>(first - sessions.begin());
}

bool Market::next_session() {
    const bool first = sessions_ == 0;
    double gap_years = 0;
    if (calendar_ == nullptr) {
        if (!first) return false;
        open_ = from_;
        close_ = Timestamp::never();
        years_a_ns_ = 1 / (days_a_year_ * kDayNs);
    } else {
        const auto& sessions = calendar_->sessions();
        if (next_index_ == sessions.size()) return false;
        const Session& session = sessions[next_index_];
        const bool adjoins = next_index_ > 0 && sessions[next_index_ - 1].close == session.open;
        const double gap_share = adjoins ? 0 : overnight_share_;
        if (!first) gap_years = gap_share / days_a_year_;
        open_ = session.open;
        close_ = session.close;
        years_a_ns_ = (1 - gap_share) / days_a_year_ / static_cast<double>((close_ - open_).ns);
        ++next_index_;
    }
    begin_ = std::max(open_, from_);
    now_ = begin_;
    start_regimes(first);
    pass(gap_years);
    ++sessions_;
    return true;
}

/// Steps the chain when a step falls on this session's open, and finds the next step.
void Market::start_regimes(bool first) {
    if (regimes_.size() < 2) return;
    if (calendar_ != nullptr && regime_interval_ >= Duration::days(1)) {
        const auto days = static_cast<std::size_t>(regime_interval_.ns / Duration::days(1).ns);
        if (!first && sessions_ % days == 0) step_regime();
        return;  // none within a session
    }
    if (!first) step_regime();
    const std::int64_t passed = (begin_ - open_).ns / regime_interval_.ns;
    next_regime_ = open_ + regime_interval_ * (passed + 1);
    if (next_regime_ >= close_) next_regime_ = Timestamp::never();
}

void Market::pass_regime_boundary() {
    pass(static_cast<double>((next_regime_ - now_).ns) * years_a_ns_);
    now_ = next_regime_;
    step_regime();
    next_regime_ = next_regime_ + regime_interval_;
    if (next_regime_ >= close_) next_regime_ = Timestamp::never();
}

void Market::step_regime() {
    const std::vector<double>& to = regimes_[regime_].to;
    double u = random_.uniform();
    std::size_t next = 0;
    while (next + 1 < to.size() && u >= to[next]) u -= to[next++];
    regime_ = next;
}

void Market::pass(double years) {
    if (years <= 0) return;
    const double multiplier = regimes_[regime_].multiplier;
    point_.years += years;
    point_.variance += multiplier * multiplier * years;
    point_.factor += multiplier * std::sqrt(years) * normal(random_);
}

PricePath::PricePath(const GeneratorConfig& config, const Xoshiro256& random,
                     const MarketPoint& start)
    : variance_(config.volatility * config.volatility / 2),
      common_(config.volatility * std::sqrt(config.correlation)),
      own_(config.volatility * std::sqrt(1 - config.correlation)),
      law_(config.jumps),
      random_(random),
      at_(start) {
    const double kappa = portable_exp(law_.mean + law_.deviation * law_.deviation / 2) - 1;
    drift_ = config.drift - law_.intensity * kappa;
    log_price_ = portable_log(config.price) + config.price_dispersion * normal(random_);
    if (law_.intensity > 0) next_jump_ = at_.years + exponential(random_) / law_.intensity;
}

void PricePath::advance_to(const MarketPoint& point) {
    if (point.years == at_.years) return;
    const double variance = point.variance - at_.variance;
    log_price_ += drift_ * (point.years - at_.years) - variance_ * variance +
                  common_ * (point.factor - at_.factor) +
                  own_ * std::sqrt(variance) * normal(random_);
    at_ = point;
    while (next_jump_ <= point.years) jump();
}

void PricePath::jump() {
    log_price_ += law_.mean + law_.deviation * normal(random_);
    next_jump_ += exponential(random_) / law_.intensity;
    ++jumps_;
}

}  // namespace fermata::generator
