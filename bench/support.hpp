#pragma once

/// What the benchmark programs share: a cycle-accurate clock, percentiles, pinning, the machine's
/// name.

#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace fermata::bench {

/// Reads the time-stamp counter after everything before it has completed.
inline std::uint64_t ticks() noexcept {
    unsigned aux = 0;
    return __rdtscp(&aux);
}

/// Ticks a nanosecond, measured once against the steady clock over 50 ms.
inline double ticks_per_ns() {
    static const double value = [] {
        const auto wall = std::chrono::steady_clock::now();
        const std::uint64_t begin = ticks();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const double ns =
            std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - wall)
                .count();
        return static_cast<double>(ticks() - begin) / ns;
    }();
    return value;
}

/// Keeps the calling thread on one core. Returns false where the host does not allow it.
inline bool pin(unsigned core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof(set), &set) == 0;
}

/// Samples in ticks; reports in nanoseconds.
class Percentiles {
public:
    explicit Percentiles(std::size_t expected) { samples_.reserve(expected); }
    void add(std::uint64_t t) { samples_.push_back(t); }
    [[nodiscard]] std::size_t size() const noexcept { return samples_.size(); }
    /// Forgets the first `n` samples: the warm-up.
    void drop_first(std::size_t n) {
        samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    /// q in [0, 1], nearest rank.
    double ns(double q) {
        if (samples_.empty()) return 0;
        std::sort(samples_.begin(), samples_.end());
        const auto rank = static_cast<std::size_t>(q * static_cast<double>(samples_.size() - 1));
        return static_cast<double>(samples_[rank]) / ticks_per_ns();
    }
    void print(const std::string& label) {
        std::printf("%-44s n %9zu  p50 %8.0f  p90 %8.0f  p99 %8.0f  p99.9 %9.0f ns\n",
                    label.c_str(), samples_.size(), ns(0.5), ns(0.9), ns(0.99), ns(0.999));
    }

private:
    std::vector<std::uint64_t> samples_;
};

/// "model name" of the first core, cores and governor-free frequency, for the head of a report.
inline void print_machine() {
    std::ifstream cpuinfo("/proc/cpuinfo");
    std::string line, model = "unknown CPU";
    while (std::getline(cpuinfo, line)) {
        if (line.rfind("model name", 0) == 0) {
            model = line.substr(line.find(':') + 2);
            break;
        }
    }
    std::printf("# %s, %u cores, %.2f GHz time-stamp counter\n", model.c_str(),
                std::thread::hardware_concurrency(), ticks_per_ns());
}

}  // namespace fermata::bench
