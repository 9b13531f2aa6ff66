#include "core/algo/volume_profile.hpp"

#include <algorithm>

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
    has_sessions_ = true;
    if (open) begin_day(ts);
}

void VolumeProfile::add(Timestamp ts, Quantity volume) noexcept {
    if (!has_sessions_ && (opened_ == Timestamp::min() || ts >= opened_ + Duration{kDayNs})) {
        begin_day(midnight(ts));
    }
    if (ts < opened_ || !volume.is_positive()) return;
    const auto bin = static_cast<std::size_t>((ts - opened_).ns / kBin);
    if (bin >= kBins) return;
    today_.volume[bin] += to_double(volume);
    today_.last_bin = std::max(today_.last_bin, static_cast<std::uint32_t>(bin) + 1);
}

bool VolumeProfile::counts(const Day& day) const noexcept {
    std::uint32_t longest = 0;
    for (const Day& d : days_) longest = std::max(longest, d.last_bin);
    return day.last_bin > 0 && 4 * day.last_bin >= 3 * longest;
}

std::size_t VolumeProfile::days() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(days_.begin(), days_.end(), [&](const Day& d) { return counts(d); }));
}

std::vector<double> VolumeProfile::shares(Timestamp begin, Timestamp end,
                                          std::int32_t slices) const {
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
        if (shares_of_bin.empty()) break;
        std::sort(shares_of_bin.begin(), shares_of_bin.end());
        const std::size_t n = shares_of_bin.size();
        median[bin] = n % 2 == 1 ? shares_of_bin[n / 2]
                                 : (shares_of_bin[n / 2 - 1] + shares_of_bin[n / 2]) / 2;
    }
    const Timestamp open = has_sessions_ ? opened_ : midnight(begin);
    const auto from = static_cast<double>((begin - open).ns) / static_cast<double>(kBin);
    const auto span = static_cast<double>((end - begin).ns) / static_cast<double>(kBin);
    std::vector<double> out(static_cast<std::size_t>(slices));
    for (std::size_t s = 0; s < out.size(); ++s) {
        const double a = from + span * static_cast<double>(s) / static_cast<double>(slices);
        const double b = from + span * static_cast<double>(s + 1) / static_cast<double>(slices);
        for (std::size_t bin = 0; bin < kBins; ++bin) {
            const double low = std::max(a, static_cast<double>(bin));
            const double high = std::min(b, static_cast<double>(bin) + 1);
            if (high > low) out[s] += median[bin] * (high - low);
        }
    }
    return out;
}

void VolumeProfile::Day::persist(StateArchive& a) { a(volume, last_bin); }

void VolumeProfile::persist(StateArchive& a) {
    a(days_, complete_, today_, opened_, has_sessions_);
}

}  // namespace fermata
