#include "core/algo/volume_profile.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/state_archive.hpp"
#include "core/indicator/to_double.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

Timestamp midnight(Timestamp t) noexcept {
    const std::int64_t rest = ((t.ns % kDayNs) + kDayNs) % kDayNs;
    return Timestamp{t.ns - rest};
}

}  // namespace

void VolumeProfile::begin_day(Timestamp ts) noexcept {
    if (today_.last_bin > 0) {
        days_[complete_++ % kDays] = today_;
        today_ = Day{};
    }
    opened_ = ts;
}

void VolumeProfile::on_session(Timestamp ts, bool open) noexcept {
    if (!has_sessions_) {
        // What was cut at midnight before has other bins, and a session that is open already has
        // an opening that is not known.
        has_sessions_ = true;
        std::fill(days_.begin(), days_.end(), Day{});
        complete_ = 0;
        today_ = Day{};
        opened_ = Timestamp::min();
        first_judged_ = false;
        return;
    }
    if (open) begin_day(ts);
}

void VolumeProfile::advance(Timestamp now) noexcept {
    if (has_sessions_ || opened_ == Timestamp::min()) return;
    if (now >= opened_ + Duration{kDayNs}) begin_day(midnight(now));
}

void VolumeProfile::add(Timestamp ts, Quantity volume) noexcept {
    advance(ts);
    if (!has_sessions_ && opened_ == Timestamp::min()) opened_ = midnight(ts);
    if (opened_ == Timestamp::min() || ts < opened_ || !volume.is_positive()) return;
    const auto bin = static_cast<std::uint32_t>(
        std::min<std::int64_t>((ts - opened_).ns / kBin, static_cast<std::int64_t>(kBins)));
    if (bin >= kBins) return;
    const bool first = today_.last_bin == 0;
    if (first) today_.first_bin = bin;
    today_.first_bin = std::min(today_.first_bin, bin);
    today_.last_bin = std::max(today_.last_bin, bin + 1);
    today_.volume[bin] += to_double(volume);
    if (first && !first_judged_ && complete_ > 0) judge_first_day();
}

/// The second day has begun to trade. Where the first one began elsewhere, and not at its very
/// beginning, watching began within it.
void VolumeProfile::judge_first_day() noexcept {
    first_judged_ = true;
    if (days_[0].first_bin == 0 || days_[0].first_bin == today_.first_bin) return;
    days_[0] = Day{};
    complete_ = 0;
}

bool VolumeProfile::counts(const Day& day) const noexcept {
    const auto length = [](const Day& d) { return d.last_bin - d.first_bin; };
    std::uint32_t longest = 0;
    for (const Day& d : days_) longest = std::max(longest, length(d));
    return day.last_bin > 0 && 4 * length(day) >= 3 * longest &&
           (first_judged_ || day.first_bin == 0);
}

std::size_t VolumeProfile::days() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(days_.begin(), days_.end(), [&](const Day& d) { return counts(d); }));
}

std::vector<double> VolumeProfile::shares(Timestamp begin, Timestamp end,
                                          std::int32_t slices) const {
    std::vector<double> out(static_cast<std::size_t>(slices));
    if (days() == 0) return out;
    std::vector<double> median(kBins);
    std::vector<double> shares_of_bin;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        shares_of_bin.clear();
        for (const Day& day : days_) {
            if (!counts(day)) continue;
            double sum = 0;
            for (const double v : day.volume) sum += v;
            shares_of_bin.push_back(day.volume[bin] / sum);
        }
        std::sort(shares_of_bin.begin(), shares_of_bin.end());
        const std::size_t n = shares_of_bin.size();
        median[bin] = n % 2 == 1 ? shares_of_bin[n / 2]
                                 : (shares_of_bin[n / 2 - 1] + shares_of_bin[n / 2]) / 2;
    }
    const auto bins = static_cast<std::int64_t>(kBins);
    const auto in_bins = [](Duration d) {
        return static_cast<double>(d.ns) / static_cast<double>(kBin);
    };
    const double from = in_bins(begin - (has_sessions_ ? opened_ : midnight(begin)));
    const double span = in_bins(end - begin);
    for (std::size_t s = 0; s < out.size(); ++s) {
        const double a = from + span * static_cast<double>(s) / static_cast<double>(slices);
        const double b = from + span * static_cast<double>(s + 1) / static_cast<double>(slices);
        for (auto n = static_cast<std::int64_t>(std::floor(a)); static_cast<double>(n) < b; ++n) {
            const double low = std::max(a, static_cast<double>(n));
            const double high = std::min(b, static_cast<double>(n) + 1);
            // Behind the last bin the curve begins again.
            const auto bin = static_cast<std::size_t>((n % bins + bins) % bins);
            if (high > low) out[s] += median[bin] * (high - low);
        }
    }
    return out;
}

void VolumeProfile::Day::persist(StateArchive& a) { a(volume, first_bin, last_bin); }

void VolumeProfile::persist(StateArchive& a) {
    a(days_, complete_, today_, opened_, has_sessions_, first_judged_);
}

}  // namespace fermata
