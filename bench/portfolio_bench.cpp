/// What each refresh of portfolio risk takes, with 512 instruments and 512 days of returns. Off the
/// hot path: these run on a loop of their own and reach the gate as a snapshot.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/support.hpp"
#include "core/base/random.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/factor_exposure.hpp"
#include "risk/portfolio/monte_carlo.hpp"
#include "risk/portfolio/return_history.hpp"
#include "risk/portfolio/snapshot_codec.hpp"
#include "risk/portfolio/stress.hpp"
#include "risk/portfolio/tail_loss.hpp"

namespace fermata::bench {
namespace {

using namespace portfolio;

constexpr std::size_t kInstruments = 512;
constexpr std::size_t kDays = 512;
constexpr double kConfidence = 0.99;

/// Runs `work` until half a second has gone, at least three times; prints the fastest and the
/// median.
template <class Work>
void measure(const char* label, Work&& work) {
    std::vector<double> ms;
    double total = 0;
    while (ms.size() < 3 || (total < 500 && ms.size() < 1000)) {
        const std::uint64_t begin = ticks();
        work();
        ms.push_back(static_cast<double>(ticks() - begin) / ticks_per_ns() / 1e6);
        total += ms.back();
    }
    std::sort(ms.begin(), ms.end());
    std::printf("%-48s n %4zu  fastest %9.3f  median %9.3f ms\n", label, ms.size(), ms.front(),
                ms[ms.size() / 2]);
}

double checksum = 0;  // so that nothing is optimised away

void run() {
    Xoshiro256 random(1);
    ReturnHistory history(kInstruments, kDays);
    std::vector<double> closes(kInstruments, 100);
    std::int32_t day = 0;
    const auto add_day = [&] {
        const double market = 0.02 * (random.uniform() - 0.5);
        for (double& close : closes) close *= 1 + market + 0.04 * (random.uniform() - 0.5);
        FERMATA_ASSERT(history.add_day(Date{++day}, closes).ok());
    };
    for (std::size_t t = 0; t <= kDays; ++t) add_day();

    std::vector<std::size_t> all;
    std::vector<double> exposures, zero(kInstruments);
    std::vector<std::string> sectors;
    std::vector<std::uint16_t> sector_ids;
    for (std::size_t i = 0; i < kInstruments; ++i) {
        all.push_back(i);
        exposures.push_back(10'000 * (random.uniform() - 0.3));
        sector_ids.push_back(static_cast<std::uint16_t>(i % 11));
        sectors.push_back("sector " + std::to_string(i % 11));
    }
    const std::vector<Quantity> volumes(kInstruments, Quantity::from_units(1'000'000));
    const std::vector<double> daily_values(kInstruments, 1e8);
    const Matrix returns = history.complete(all, 2).value().returns;
    const Matrix sample = sample_covariance(returns);
    std::vector<double> benchmark(kDays);
    for (std::size_t t = 0; t < kDays; ++t) benchmark[t] = returns(t, 0);
    const std::vector<double> betas = betas_of(returns, benchmark);

    measure("a day added to the history", [&] { add_day(); });
    measure("complete days of the window",
            [&] { checksum += history.complete(all, 2).value().returns(0, 0); });
    measure("covariance, sample", [&] { checksum += sample_covariance(returns)(1, 0); });
    measure("covariance, ewma", [&] { checksum += ewma_covariance(returns, 0.94)(1, 0); });
    measure("covariance, shrunk", [&] { checksum += shrunk_covariance(returns).covariance(1, 0); });
    measure("correlation", [&] { checksum += correlation_of(sample)(1, 0); });
    measure("eigenvalues (semi-definiteness)",
            [&] { checksum += definiteness_of(sample).smallest; });
    measure("betas", [&] { checksum += betas_of(returns, benchmark)[1]; });
    measure("VaR and CVaR, historical",
            [&] { checksum += historical_tail(outcomes_of(returns, exposures), kConfidence).var; });
    measure("VaR and CVaR, parametric, with components", [&] {
        checksum += parametric_components(exposures, zero, sample, kConfidence).total.var;
    });
    measure("VaR and CVaR, Monte Carlo, 10,000 paths", [&] {
        checksum += simulate_tail(exposures, zero, sample, kConfidence, {1, 10'000, 0}).tail.var;
    });
    measure("standard stress scenarios, 11 sectors", [&] {
        const StressBook book{exposures, betas, sectors, &sample, daily_values};
        checksum += standard_scenarios(book, StressSettings{}).front().total;
    });
    const SnapshotInputs inputs{1, Timestamp{1}, sector_ids, volumes, 0};
    const PortfolioSnapshot snapshot = make_snapshot(history, inputs, SnapshotSettings{}).value();
    measure("a whole snapshot for the gate, shrunk", [&] {
        checksum += make_snapshot(history, inputs, SnapshotSettings{}).value().volatilities[0];
    });
    const std::vector<std::byte> bytes = encode(snapshot);
    std::printf("snapshot: %zu bytes\n", bytes.size());
    measure("snapshot encoded", [&] { checksum += static_cast<double>(encode(snapshot).size()); });
    measure("snapshot decoded and checked",
            [&] { checksum += decode_snapshot(bytes).value().volatilities[0]; });
    if (checksum == 0.5) std::printf(" ");
}

}  // namespace
}  // namespace fermata::bench

int main() {
    fermata::bench::print_machine();
    fermata::bench::pin(0);
    std::printf("512 instruments, 512 days, one thread\n");
    fermata::bench::run();
}
