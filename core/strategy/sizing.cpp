#include "core/strategy/sizing.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {

double kelly_fraction(std::uint64_t wins, std::uint64_t losses, double won, double lost) noexcept {
    const auto trades = static_cast<double>(wins + losses);
    if (wins == 0) return 0;
    if (losses == 0 || !(lost > 0)) return 1;
    const double p = static_cast<double>(wins) / trades;
    const double b = (won / static_cast<double>(wins)) / (lost / static_cast<double>(losses));
    if (!(b > 0)) return 0;
    return std::clamp(p - (1 - p) / b, 0.0, 1.0);
}

bool equal_risk_weights(std::span<const double> covariance, std::span<double> weights) noexcept {
    constexpr int kRounds = 10'000;
    constexpr double kTolerance = 1e-12;
    const std::size_t n = weights.size();
    FERMATA_ASSERT(covariance.size() == n * n);
    const auto at = [&](std::size_t i, std::size_t j) { return covariance[i * n + j]; };
    for (std::size_t i = 0; i < n; ++i) {
        if (!(at(i, i) > 0)) return false;
        weights[i] = 1 / std::sqrt(at(i, i));
    }
    // Each x_i solves x_i (S x)_i = 1/n with the others as they are.
    const double budget = 1 / static_cast<double>(n);
    bool converged = false;
    for (int round = 0; round < kRounds && !converged; ++round) {
        converged = true;
        for (std::size_t i = 0; i < n; ++i) {
            double others = 0;
            for (std::size_t j = 0; j < n; ++j) {
                if (j != i) others += at(i, j) * weights[j];
            }
            const double x =
                (-others + std::sqrt(others * others + 4 * at(i, i) * budget)) / (2 * at(i, i));
            if (std::fabs(x - weights[i]) > kTolerance * std::fabs(x)) converged = false;
            weights[i] = x;
        }
    }
    double sum = 0;
    for (const double w : weights) sum += w;
    if (!converged || !(sum > 0) || !std::isfinite(sum)) return false;
    for (double& w : weights) w /= sum;
    return true;
}

SizingModel::SizingModel(const Sizing& sizing, std::span<const InstrumentId> instruments)
    : sizing_(sizing), instruments_(instruments.begin(), instruments.end()) {
    PerInstrument state;
    state.atr = Atr(std::max(sizing.period, 1));
    if (sizing.type == Sizing::Type::kRiskParity) {
        state.returns.resize(static_cast<std::size_t>(std::max(sizing.period, 2)));
        covariance_.resize(instruments.size() * instruments.size());
        weights_.resize(instruments.size());
    }
    states_.assign(instruments.size(), state);
}

const SizingModel::PerInstrument* SizingModel::find(InstrumentId id) const noexcept {
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        if (instruments_[i] == id) return &states_[i];
    }
    return nullptr;
}
SizingModel::PerInstrument* SizingModel::find(InstrumentId id) noexcept {
    return const_cast<PerInstrument*>(std::as_const(*this).find(id));
}

void SizingModel::on_bar(InstrumentId id, const BarData& bar) noexcept {
    if (sizing_.type != Sizing::Type::kVolatility && sizing_.type != Sizing::Type::kRiskParity) {
        return;
    }
    PerInstrument* s = find(id);
    if (s == nullptr) return;
    const double close = to_double(bar.close);
    s->atr.update(to_double(bar.high), to_double(bar.low), close);
    if (!s->returns.empty() && s->last_close > 0 && close > 0) {
        s->returns[s->count++ % s->returns.size()] = close / s->last_close - 1;
    }
    s->last_close = close;
}

void SizingModel::on_fill(const Instrument& instrument, const FillData& fill) noexcept {
    if (sizing_.type != Sizing::Type::kKelly) return;
    PerInstrument* s = find(instrument.id);
    const auto value = notional(fill.price, fill.quantity, instrument.multiplier);
    if (s == nullptr || !value || !s->own.has_room(fill.side, fill.quantity, *value)) return;
    const FillParts parts = parts_of(s->own.quantity, fill.side, fill.quantity, *value);
    s->realized += s->own.fill(parts, fill.side) - fill.fee;
    if (!s->own.quantity.is_zero()) return;
    const double result = to_double(s->realized);
    if (result > 0) {
        ++wins_;
        won_ += result;
    } else if (result < 0) {
        ++losses_;
        lost_ -= result;
    }
    s->realized = Money::zero();
}

void SizingModel::on_split(InstrumentId id, double price_factor) noexcept {
    PerInstrument* s = find(id);
    if (s == nullptr) return;
    s->atr.rescale(price_factor);
    s->last_close *= price_factor;
}

double SizingModel::parity_weight(InstrumentId id) const noexcept {
    const std::size_t n = instruments_.size();
    std::size_t at = n;
    for (std::size_t i = 0; i < n; ++i) {
        if (instruments_[i] == id) at = i;
        if (states_[i].count < states_[i].returns.size()) return 0;
    }
    if (at == n) return 0;
    const std::size_t window = states_[0].returns.size();
    // Rings that began at different times are read from their oldest return.
    const auto value = [&](std::size_t i, std::size_t k) {
        const PerInstrument& s = states_[i];
        return s.returns[(s.count + k) % window];
    };
    const auto mean = [&](std::size_t i) {
        double sum = 0;
        for (std::size_t k = 0; k < window; ++k) sum += value(i, k);
        return sum / static_cast<double>(window);
    };
    for (std::size_t i = 0; i < n; ++i) {
        const double mean_i = mean(i);
        for (std::size_t j = 0; j <= i; ++j) {
            const double mean_j = mean(j);
            double sum = 0;
            for (std::size_t k = 0; k < window; ++k) {
                sum += (value(i, k) - mean_i) * (value(j, k) - mean_j);
            }
            covariance_[i * n + j] = covariance_[j * n + i] = sum / static_cast<double>(window - 1);
        }
    }
    return equal_risk_weights(covariance_, weights_) ? weights_[at] : 0;
}

Quantity SizingModel::size(const Instrument& instrument, Price price, Money equity) const noexcept {
    const auto percent = [&](Ratio fraction) {
        const auto budget = scale(equity, fraction);
        if (!budget) return Quantity::zero();
        return affordable(*budget, price, instrument.multiplier, instrument.lot);
    };
    const auto share = [&](double fraction) {
        const double unit = to_double(price) * static_cast<double>(instrument.multiplier.raw()) /
                            static_cast<double>(Multiplier::kOne);
        if (!(unit > 0) || !equity.is_positive()) return Quantity::zero();
        return whole_lots(fraction * to_double(equity) / unit, instrument.lot);
    };
    switch (sizing_.type) {
        case Sizing::Type::kFixed:
            return whole_lots(sizing_.quantity, instrument.lot);
        case Sizing::Type::kValue:
            return affordable(sizing_.value, price, instrument.multiplier, instrument.lot);
        case Sizing::Type::kPercent:
            return percent(sizing_.fraction);
        case Sizing::Type::kVolatility: {
            const PerInstrument* s = find(instrument.id);
            if (s == nullptr || !s->atr.ready() || !equity.is_positive()) return Quantity::zero();
            const double move = sizing_.multiple * s->atr.value() *
                                static_cast<double>(instrument.multiplier.raw()) /
                                static_cast<double>(Multiplier::kOne);
            if (!(move > 0)) return Quantity::zero();
            return whole_lots(to_double(sizing_.fraction) * to_double(equity) / move,
                              instrument.lot);
        }
        case Sizing::Type::kKelly: {
            const std::uint64_t trades = wins_ + losses_;
            if (trades < static_cast<std::uint64_t>(sizing_.period)) {
                return percent(sizing_.initial);
            }
            const double kelly =
                to_double(sizing_.fraction) * kelly_fraction(wins_, losses_, won_, lost_);
            return share(std::min(kelly, to_double(sizing_.maximum)));
        }
        case Sizing::Type::kRiskParity:
            return share(to_double(sizing_.fraction) * parity_weight(instrument.id));
    }
    return Quantity::zero();
}

void SizingModel::PerInstrument::persist(StateArchive& a) {
    a(atr, last_close, own, realized, returns, count);
}

void SizingModel::persist(StateArchive& a) {
    static_assert(sizeof(SizingModel) == 192, "SizingModel::persist must deal with every member");
    a(states_, wins_, losses_, won_, lost_);
}

}  // namespace fermata
