#include "daemon/cli/progress_line.hpp"

#include <algorithm>
#include <cstdio>

#include "core/market/date.hpp"

namespace fermata {

void ProgressLine::show(const ReplayProgress& progress) {
    if (!enabled_) return;
    shown_ = true;
    constexpr int kWidth = 30;
    const double fraction = std::clamp(progress.fraction, 0.0, 1.0);
    const int filled = static_cast<int>(fraction * kWidth);
    char bar[kWidth + 1];
    std::fill_n(bar, filled, '#');
    std::fill_n(bar + filled, kWidth - filled, '.');
    bar[kWidth] = '\0';
    std::fprintf(stderr, "\r[%s] %3.0f%%  %s  %.1f M events ", bar, fraction * 100,
                 format_iso_timestamp(progress.now).c_str(),
                 static_cast<double>(progress.events) / 1e6);
    std::fflush(stderr);
}

void ProgressLine::finish() {
    if (!shown_) return;
    std::fprintf(stderr, "\r%*s\r", 90, "");
    std::fflush(stderr);
    shown_ = false;
}

}  // namespace fermata
