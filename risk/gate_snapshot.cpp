#include "risk/gate_snapshot.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <type_traits>

#include "core/base/assert.hpp"
#include "core/base/normal.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

using portfolio::PortfolioSnapshot;

constexpr double kNano = 1e9;
constexpr auto kLargest = std::numeric_limits<std::int32_t>::max();

/// In 1e-9, clipped; a loss that is not a number is the largest.
std::int32_t nano(double ratio) {
    const double scaled = std::round(ratio * kNano);
    if (!(scaled > -double{kLargest})) return -kLargest;
    return scaled < kLargest ? static_cast<std::int32_t>(scaled) : kLargest;
}

/// Order decides, and so does every bit.
class Digest {
public:
    void add(std::uint64_t word) noexcept {
        state_ = (state_ ^ word) * 0x9e37'79b9'7f4a'7c15;
        state_ ^= state_ >> 29;
    }
    void add(const std::string& text) noexcept {
        add(text.size());
        for (const char c : text) add(static_cast<std::uint8_t>(c));
    }
    void add(const std::vector<Price>& prices) noexcept {
        add(prices.size());
        for (const Price p : prices) add(static_cast<std::uint64_t>(p.raw()));
    }
    template <class T>
        requires std::is_integral_v<T>
    void add(const std::vector<T>& values) noexcept {
        add(values.size());
        for (const T v : values) add(static_cast<std::uint64_t>(v));
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

private:
    std::uint64_t state_ = 0x6665'726d'6174'6131;
};

void set_correlated(GateSnapshot& s, std::size_t i, std::size_t j) {
    s.correlated[i * s.words() + j / 64] |= std::uint64_t{1} << (j % 64);
}
/// Of what was not measured nobody knows that it is not correlated.
void correlate_unmeasured(GateSnapshot& s) {
    for (std::size_t i = 0; i < s.instruments; ++i) {
        if (s.measured[i] != 0) continue;
        for (std::size_t j = 0; j < s.instruments; ++j) {
            if (i == j) continue;
            set_correlated(s, i, j);
            set_correlated(s, j, i);
        }
    }
}

void fill_covariance(GateSnapshot& s, const PortfolioSnapshot& from) {
    if (s.measured_count() == 0) return;  // empty, as it is read back
    double largest = 0;
    for (const double c : from.covariance) largest = std::max(largest, std::fabs(c));
    // The largest lies between 2^30 and 2^31, unless rounding up would take it there.
    s.covariance_bits = 32;
    if (largest > 0) {
        const int bits = std::min(30 - std::ilogb(largest), 62);
        FERMATA_ASSERT(bits > 0);  // a standard deviation of a day of 32,000 is no return
        const bool fits = std::ceil(std::ldexp(largest, bits)) <= kLargest;
        s.covariance_bits = static_cast<std::uint32_t>(fits ? bits : bits - 1);
    }
    const std::size_t n = s.instruments;
    s.covariance.resize(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double scaled =
                std::ldexp(from.covariance[i * n + j], static_cast<int>(s.covariance_bits));
            s.covariance[i * n + j] =
                static_cast<std::int32_t>(i == j ? std::ceil(scaled) : std::round(scaled));
        }
    }
}

void fill_returns(GateSnapshot& s, const PortfolioSnapshot& from) {
    const std::size_t skipped = from.days - s.days;
    s.returns.assign(s.instruments * s.days_stride(), 0);
    for (std::size_t i = 0; i < s.instruments; ++i) {
        for (std::size_t t = 0; t < s.days; ++t) {
            s.returns[i * s.days_stride() + t] = nano(from.return_row(skipped + t)[i]);
        }
    }
}

/// The scenarios as pairs of shocks: what a long and what a short position of each instrument sees.
class Shocks {
public:
    Shocks(const PortfolioSnapshot& from, const ScenarioSettings& settings)
        : from_(from), settings_(settings) {
        add_index();
        add_sectors();
        add_windows();
        const portfolio::StressSettings& numbers = settings.numbers;
        add("flash crash", [&](std::size_t) { return Pair{-numbers.flash_fall, 0}; });
        // The signs that hurt are those of the whole; both are tried.
        const double z = normal_quantile(numbers.confidence);
        const auto moves = [&](std::size_t i) { return z * from_.volatilities[i]; };
        add("correlations to 1, down", [&](std::size_t i) { return Pair{-moves(i), -moves(i)}; });
        add("correlations to 1, up", [&](std::size_t i) { return Pair{moves(i), moves(i)}; });
        add("correlations against", [&](std::size_t i) { return Pair{-moves(i), moves(i)}; });
        largest_ = std::max({largest_, std::fabs(numbers.index_shock),
                             std::fabs(numbers.sector_shock), numbers.flash_fall});
    }

    void fill(GateSnapshot& s) const {
        FERMATA_ASSERT(rows_.size() <= GateSnapshot::kScenariosMax);
        s.scenarios = static_cast<std::uint32_t>(rows_.size());
        s.scenario_names = names_;
        s.long_shocks.assign(s.instruments * s.scenarios_stride(), 0);
        s.short_shocks = s.long_shocks;
        for (std::size_t i = 0; i < s.instruments; ++i) {
            for (std::size_t n = 0; n < rows_.size(); ++n) {
                const std::size_t at = i * s.scenarios_stride() + n;
                const Pair& shock = rows_[n][i];
                const bool known = s.measured[i] != 0 && std::isfinite(shock.held);
                s.long_shocks[at] = nano(known ? shock.held : -largest_);
                s.short_shocks[at] = nano(known ? shock.owed : largest_);
            }
        }
    }

private:
    struct Pair {
        double held, owed;
    };

    template <class Shock>
    void add(std::string name, Shock&& shock) {
        names_.push_back(std::move(name));
        std::vector<Pair>& row = rows_.emplace_back();
        for (std::size_t i = 0; i < from_.instruments; ++i) {
            row.push_back(shock(i));
            if (from_.measured[i] == 0 || !std::isfinite(row.back().held)) continue;
            largest_ = std::max({largest_, -row.back().held, row.back().owed});
        }
    }
    void add_index() {
        if (std::ranges::all_of(from_.betas, [](double b) { return b == 0; })) return;
        const double shock = settings_.numbers.index_shock;
        add("index",
            [&](std::size_t i) { return Pair{from_.betas[i] * shock, from_.betas[i] * shock}; });
    }
    void add_sectors() {
        std::map<std::uint16_t, std::string> sectors;
        for (const std::uint16_t s : from_.sectors) {
            if (s == PortfolioSnapshot::kNoSector) continue;
            sectors[s] = "sector " + (s < settings_.sector_names.size() ? settings_.sector_names[s]
                                                                        : std::to_string(s));
        }
        const double shock = settings_.numbers.sector_shock;
        for (const auto& [number, name] : sectors) {
            add(name, [&, in = number](std::size_t i) {
                return from_.sectors[i] == in ? Pair{shock, shock} : Pair{0, 0};
            });
        }
    }
    void add_windows() {
        for (const ScenarioWindow& w : settings_.windows) {
            FERMATA_ASSERT(w.returns.size() == from_.instruments);
            add(w.name, [&](std::size_t i) { return Pair{w.returns[i], w.returns[i]}; });
        }
    }

    const PortfolioSnapshot& from_;
    const ScenarioSettings& settings_;
    std::vector<std::string> names_;
    std::vector<std::vector<Pair>> rows_;
    double largest_ = 0;  // fall, of all scenarios and measured instruments
};

}  // namespace

std::uint32_t GateSnapshot::measured_count() const noexcept {
    return static_cast<std::uint32_t>(std::ranges::count(measured, std::uint8_t{1}));
}

GateSnapshot GateSnapshot::unknown(std::size_t instruments, double fall) {
    GateSnapshot s;
    s.instruments = static_cast<std::uint32_t>(instruments);
    s.scenarios = 1;
    s.scenario_names = {"not measured"};
    s.measured.assign(instruments, 0);
    s.prices.assign(instruments, Price{});
    s.long_shocks.assign(instruments * s.scenarios_stride(), 0);
    s.short_shocks = s.long_shocks;
    for (std::size_t i = 0; i < instruments; ++i) {
        s.long_shocks[i * s.scenarios_stride()] = nano(-fall);
        s.short_shocks[i * s.scenarios_stride()] = nano(fall);
    }
    s.correlated.assign(instruments * s.words(), 0);
    correlate_unmeasured(s);
    s.derive();
    s.digest = s.compute_digest();
    return s;
}

void GateSnapshot::derive() {
    variances.assign(instruments, 0);
    lowest_returns.assign(instruments, 0);
    highest_returns.assign(instruments, 0);
    for (std::size_t i = 0; i < instruments; ++i) {
        if (measured[i] == 0) continue;
        variances[i] = covariance_row(i)[i];
        for (std::size_t t = 0; t < days; ++t) {
            lowest_returns[i] = std::min(lowest_returns[i], return_row(i)[t]);
            highest_returns[i] = std::max(highest_returns[i], return_row(i)[t]);
        }
    }
}

std::uint64_t GateSnapshot::compute_digest() const noexcept {
    Digest d;
    d.add(number);
    d.add(static_cast<std::uint64_t>(as_of.ns));
    d.add(std::uint64_t{instruments} << 32 | days);
    d.add(std::uint64_t{scenarios} << 32 | covariance_bits);
    d.add(volatility_factor);
    d.add(scenario_names.size());
    for (const std::string& name : scenario_names) d.add(name);
    d.add(measured);
    d.add(prices);
    d.add(covariance);
    d.add(returns);
    d.add(long_shocks);
    d.add(short_shocks);
    d.add(correlated);
    return d.value();
}

namespace {

/// Rows of `used` numbers in `stride`: none is the one that has no counterpart of the other sign,
/// and the padding is zero.
bool are_rows(const std::vector<std::int32_t>& values, std::size_t used, std::size_t stride) {
    for (std::size_t at = 0; at < values.size(); at += stride) {
        const std::span<const std::int32_t> row(values.data() + at, stride);
        for (const std::int32_t v : row.first(used)) {
            if (v < -kLargest) return false;
        }
        for (const std::int32_t v : row.subspan(used)) {
            if (v != 0) return false;
        }
    }
    return true;
}

bool are_covariances(const GateSnapshot& s) {
    if (!s.covariance.empty() && !are_rows(s.covariance, s.instruments, s.instruments)) {
        return false;
    }
    for (std::size_t i = 0; i < s.instruments; ++i) {
        if (s.measured[i] != 0 && s.covariance_row(i)[i] < 0) return false;
    }
    return true;
}

/// What was not measured is correlated with all, nothing with itself, and there is nothing beyond.
bool are_correlations(const GateSnapshot& s) {
    const auto bit = [&](std::size_t i, std::size_t j) {
        return ((s.correlated_row(i)[j / 64] >> (j % 64)) & 1) != 0;
    };
    for (std::size_t i = 0; i < s.instruments; ++i) {
        for (std::size_t j = 0; j < s.words() * 64; ++j) {
            if ((i == j || j >= s.instruments) && bit(i, j)) return false;
            if (i == j || j >= s.instruments) continue;
            if ((s.measured[i] == 0 || s.measured[j] == 0) && !bit(i, j)) return false;
        }
    }
    return true;
}

}  // namespace

void GateSnapshot::persist(StateArchive& a) {
    a(number, digest, as_of, instruments, days, scenarios, covariance_bits, volatility_factor);
    if (!a.require(instruments <= kInstrumentsMax && days <= kDaysMax &&
                       scenarios <= kScenariosMax && covariance_bits <= 62,
                   "a risk snapshot is larger than any may be")) {
        return;
    }
    scenario_names.resize(scenarios);
    for (std::string& name : scenario_names) a.text(name, 256);
    const std::size_t n = instruments;
    const auto array = [&](auto& values, std::size_t size) {
        if (a.ok() && a.reading()) values.resize(size);
        a(values);
    };
    array(measured, n);
    array(prices, n);
    array(covariance, measured_count() == 0 ? 0 : n * n);
    array(returns, n * days_stride());
    array(long_shocks, n * scenarios_stride());
    array(short_shocks, n * scenarios_stride());
    array(correlated, n * words());
    if (!a.reading() || !a.ok()) return;
    a.require(std::ranges::all_of(measured, [](std::uint8_t m) { return m <= 1; }),
              "an instrument is neither measured nor not");
    a.require(digest == compute_digest(), "a risk snapshot has another digest than it says");
    if (!a.ok()) return;
    a.require(are_covariances(*this), "a variance or covariance is out of range");
    a.require(are_rows(returns, days, days_stride()), "a row of returns is out of range");
    a.require(are_rows(long_shocks, scenarios, scenarios_stride()) &&
                  are_rows(short_shocks, scenarios, scenarios_stride()),
              "a row of shocks is out of range");
    a.require(are_correlations(*this), "a bit of a correlation cannot be");
    if (a.ok()) derive();
}

ScenarioWindow scenario_window(const std::string& name, Date from, Date to,
                               const portfolio::ReturnHistory& history) {
    // One unit of money in each instrument.
    const std::vector<double> ones(history.instruments(), 1.0);
    std::vector<std::size_t> columns(ones.size());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    portfolio::StressBook book;
    book.exposures = ones;
    const portfolio::StressOutcome outcome =
        portfolio::historical_window(book, name, from, to, history, columns);
    ScenarioWindow window{name, outcome.profit};
    for (const std::size_t i : outcome.unknown) {
        window.returns[i] = std::numeric_limits<double>::quiet_NaN();
    }
    return window;
}

GateSnapshot make_gate_snapshot(const PortfolioSnapshot& snapshot, std::span<const Price> prices,
                                const ScenarioSettings& settings) {
    FERMATA_ASSERT(snapshot.number > 0 && prices.size() == snapshot.instruments);
    FERMATA_ASSERT(snapshot.instruments <= GateSnapshot::kInstrumentsMax);
    GateSnapshot s;
    s.number = snapshot.number;
    s.as_of = snapshot.as_of;
    s.instruments = snapshot.instruments;
    s.days = std::min(snapshot.days, GateSnapshot::kDaysMax);
    s.measured = snapshot.measured;
    s.prices.assign(prices.begin(), prices.end());
    fill_covariance(s, snapshot);
    fill_returns(s, snapshot);
    Shocks(snapshot, settings).fill(s);
    const double deviations =
        settings.numbers.volatility_multiple * normal_quantile(settings.numbers.confidence);
    FERMATA_ASSERT(deviations >= 0 && deviations < 40);  // its square fits
    s.volatility_factor = static_cast<std::uint64_t>(std::ceil(deviations * deviations * 1e16));
    s.correlated = snapshot.correlated;
    correlate_unmeasured(s);
    s.derive();
    s.digest = s.compute_digest();
    return s;
}

}  // namespace fermata
