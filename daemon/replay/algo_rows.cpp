#include "daemon/replay/algo_rows.hpp"

namespace fermata {
namespace {

constexpr std::string_view kHeader =
    "ts_ns,order_id,tag,strategy,instrument,algorithm,side,quantity,filled,children,arrival,"
    "average,interval_vwap,interval_twap,last,market_volume,participation,shortfall,shortfall_bp,"
    "arrival_slippage_bp,vwap_slippage_bp,twap_slippage_bp";

std::optional<BasisPoints> basis_points(__int128 part, __int128 whole) {
    if (whole <= 0) return std::nullopt;
    const auto raw = divide_half_even(part * 10'000 * BasisPoints::kOne, whole);
    if (!raw) return std::nullopt;
    return BasisPoints::from_raw(*raw);
}

}  // namespace

std::optional<BasisPoints> slippage(Side side, Price average, Price benchmark) {
    const __int128 worse = static_cast<__int128>(average.raw()) - benchmark.raw();
    return basis_points(sign(side) * worse, benchmark.raw());
}

std::optional<BasisPoints> shortfall_bp(const AlgoReportData& report, Multiplier multiplier) {
    const auto value = notional(report.arrival, report.quantity, multiplier);
    if (!value) return std::nullopt;
    return basis_points(report.shortfall.raw(), value->raw());
}

AlgoRows::AlgoRows(const std::filesystem::path& dir, const RunNames& names, const OrderRows& orders)
    : names_(names), orders_(orders), file_(dir / "algos.csv", kHeader, nullptr) {}

void AlgoRows::on_record(const OrderEvent& e) {
    if (e.type != OrderEventType::kAlgoReport) return;
    const AlgoReportData& d = e.data.algo_report;
    const auto optional = [this](const auto& value) {
        value ? file_.field(*value) : file_.field(std::string_view{});
    };
    const auto shown = [this](bool given, auto value) {
        given ? file_.field(value) : file_.field(std::string_view{});
    };
    const ClientOrderId id = orders_.id_of(d.tag);
    const bool filled = d.filled.is_positive();
    file_.field(e.ts.ns);
    shown(id.value != 0, id.value);
    file_.field(names_.tag(d.tag))
        .field(names_.strategy(d.strategy))
        .field(names_.instrument(e.instrument))
        .field(name(d.kind))
        .field(name(d.side))
        .field(d.quantity)
        .field(d.filled)
        .field(static_cast<std::uint64_t>(d.children))
        .field(d.arrival);
    shown(filled, d.average);
    shown(d.market_volume.is_positive(), d.interval_vwap);
    shown(!d.interval_twap.is_zero(), d.interval_twap);
    file_.field(d.last).field(d.market_volume);
    std::optional<Ratio> participation;
    if (d.market_volume.is_positive()) {
        const auto raw = divide_half_even(static_cast<__int128>(d.filled.raw()) * Ratio::kOne,
                                          d.market_volume.raw());
        if (raw) participation = Ratio::from_raw(*raw);
    }
    optional(participation);
    file_.field(d.shortfall);
    optional(names_.instruments->contains(e.instrument)
                 ? shortfall_bp(d, (*names_.instruments)[e.instrument].multiplier)
                 : std::nullopt);
    const auto against = [&](Price benchmark) {
        return filled ? slippage(d.side, d.average, benchmark) : std::nullopt;
    };
    optional(against(d.arrival));
    optional(d.market_volume.is_positive() ? against(d.interval_vwap) : std::nullopt);
    optional(against(d.interval_twap));
    file_.end_row();
}

}  // namespace fermata
