#include "daemon/replay/equity_curve.hpp"

#include "core/indicator/to_double.hpp"

namespace fermata {

EquityCurve::EquityCurve(const std::filesystem::path& dir, const RunNames& names,
                         std::size_t accounts, Duration interval,
                         std::optional<InstrumentId> benchmark)
    : names_(names),
      interval_(interval),
      benchmark_(benchmark),
      file_(dir / "equity.csv", "ts_ns,account,cash,gross_value,equity", nullptr),
      daily_(accounts) {}

std::int32_t EquityCurve::day_of(Timestamp ts) noexcept {
    constexpr std::int64_t kDayNs = 86'400'000'000'000;
    return static_cast<std::int32_t>(ts.ns / kDayNs - (ts.ns % kDayNs < 0 ? 1 : 0));
}

DailyEquity& EquityCurve::today(std::size_t account) {
    const std::int32_t day = day_of(now_);
    std::vector<DailyEquity>& daily = daily_[account];
    if (daily.empty() || daily.back().day != day) daily.push_back({day, 0, 0, 0});
    return daily.back();
}

void EquityCurve::sample(const AccountBook& accounts) {
    for (std::size_t a = 0; a < accounts.accounts(); ++a) {
        const AccountId id{static_cast<std::uint16_t>(a)};
        file_.field(now_.ns).field(names_.account(id)).field(accounts.cash(id, accounts.base(id)));
        if (accounts.equity_known(id)) {
            file_.field(accounts.gross_value(id)).field(accounts.equity(id));
            DailyEquity& day = today(a);
            day.equity = to_double(accounts.equity(id));
            day.gross = to_double(accounts.gross_value(id));
            const auto mark = benchmark_ ? accounts.mark(*benchmark_) : std::nullopt;
            day.benchmark = mark ? to_double(*mark) : 0;
        } else {
            file_.field(std::string_view{}).field(std::string_view{});
        }
        file_.end_row();
    }
    due_ = false;
    next_sample_ = now_ + interval_;
}

void EquityCurve::record(Timestamp ts, const EquityData& data, std::optional<Price> benchmark) {
    now_ = ts;
    file_.field(ts.ns)
        .field(names_.account(data.account))
        .field(data.cash)
        .field(data.gross)
        .field(data.equity)
        .end_row();
    DailyEquity& day = today(data.account.value);
    day.equity = to_double(data.equity);
    day.gross = to_double(data.gross);
    day.benchmark = benchmark ? to_double(*benchmark) : 0;
}

void EquityCurve::end_day(Timestamp ts, const EquityData& data) {
    std::vector<DailyEquity>& daily = daily_[data.account.value];
    if (!daily.empty() && daily.back().day == day_of(ts)) {
        daily.back().equity = to_double(data.equity);
    }
}

void EquityCurve::finish(Timestamp now, const AccountBook& accounts) {
    if (now_ != Timestamp::min()) {
        now_ = std::max(now_, now);
        sample(accounts);
    }
    file_.close();
}

}  // namespace fermata
