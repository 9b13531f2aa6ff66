#include "daemon/replay/execution_rows.hpp"

#include <utility>

namespace fermata {
namespace {

constexpr std::string_view kHeader =
    "ts_ns,venue,instrument,order_id,venue_order_id,exec_id,ref_exec_id,type,reason,last_quantity,"
    "last_price,cumulative_quantity,leaves_quantity,fee,fee_currency,liquidity,price,stop_price,"
    "outcome,alerts";

}  // namespace

std::string_view liquidity_name(Liquidity v) noexcept {
    switch (v) {
        case Liquidity::kMaker:
            return "maker";
        case Liquidity::kTaker:
            return "taker";
        case Liquidity::kUnknown:
            break;
    }
    return "";
}

ExecutionRows::ExecutionRows(const std::filesystem::path& dir, const RunNames& names,
                             std::unique_ptr<Hasher> hasher)
    : names_(names), file_(dir / "executions.csv", kHeader, std::move(hasher)) {}

void ExecutionRows::on_record(const OrderEvent& e) {
    if (report_.type != OrderEventType::kNone) {
        if (e.cause == make_cause(CauseKind::kTrading, report_.seq)) return follow(e);
        write();
    }
    const bool is_report =
        e.type == OrderEventType::kExecution || e.type == OrderEventType::kCorrection;
    if (is_report && (e.flags & kFlagInput) != 0) report_ = e;
}

std::string ExecutionRows::close() {
    if (report_.type != OrderEventType::kNone) write();
    return file_.close();
}

void ExecutionRows::follow(const OrderEvent& e) {
    if (e.type == OrderEventType::kFill) {
        booked_ = true;
    } else if (e.type == OrderEventType::kPosition) {
        booked_ = booked_ || e.data.position.change == PositionChange::kCorrection;
    } else if (e.type == OrderEventType::kOrderUpdate) {
        updated_ = true;
    } else if (e.type == OrderEventType::kAlert) {
        repeated_ = repeated_ || e.data.alert.code == AlertCode::kDuplicateExecution;
        if (!alerts_.empty()) alerts_.push_back(' ');
        alerts_.append(name(e.data.alert.code));
    }
}

std::string_view ExecutionRows::outcome() const {
    if (repeated_) return "duplicate";
    if (booked_) return "booked";
    return updated_ ? "taken" : "refused";
}

void ExecutionRows::write() {
    file_.field(report_.ts.ns);
    if (report_.type == OrderEventType::kExecution) {
        write_report(report_.data.execution);
    } else {
        write_report(report_.data.correction);
    }
    file_.field(outcome()).field(alerts_).end_row();
    report_.type = OrderEventType::kNone;
    booked_ = updated_ = repeated_ = false;
    alerts_.clear();
}

void ExecutionRows::write_report(const ExecutionData& d) {
    const bool trade = d.exec_type == ExecType::kTrade;
    const bool terms = d.exec_type == ExecType::kReplaced || d.exec_type == ExecType::kRestated;
    const auto shown = [this](bool given, auto value) {
        given ? file_.field(value) : file_.field(std::string_view{});
    };
    file_.field(names_.venue(d.venue))
        .field(names_.instrument(report_.instrument))
        .field(d.order_id.value);
    shown(d.venue_order_id.value != 0, d.venue_order_id.value);
    shown(d.exec_id.value != 0, d.exec_id.value);
    file_.field(std::string_view{}).field(name(d.exec_type));
    shown(d.reason != OrderReason::kNone, name(d.reason));
    shown(trade, d.last_quantity);
    shown(trade, d.last_price);
    file_.field(d.cumulative_quantity).field(d.leaves_quantity);
    shown(trade, d.fee);
    shown(trade && !d.fee.is_zero(), names_.currency(d.fee_currency));
    file_.field(liquidity_name(d.liquidity));
    shown(terms && !d.price.is_zero(), d.price);
    shown(terms && !d.stop_price.is_zero(), d.stop_price);
}

void ExecutionRows::write_report(const CorrectionData& d) {
    const bool corrects = d.kind == CorrectionKind::kCorrect;
    const auto shown = [this](bool given, auto value) {
        given ? file_.field(value) : file_.field(std::string_view{});
    };
    file_.field(names_.venue(d.venue))
        .field(names_.instrument(report_.instrument))
        .field(d.order_id.value);
    shown(d.venue_order_id.value != 0, d.venue_order_id.value);
    shown(d.exec_id.value != 0, d.exec_id.value);
    shown(d.ref_exec_id.value != 0, d.ref_exec_id.value);
    file_.field(corrects ? std::string_view("Correct") : std::string_view("Bust"))
        .field(std::string_view{});
    shown(corrects, d.quantity);
    shown(corrects, d.price);
    file_.field(d.cumulative_quantity).field(d.leaves_quantity);
    shown(corrects, d.fee);
    shown(corrects && !d.fee.is_zero(), names_.currency(d.fee_currency));
    for (int column = 0; column < 3; ++column) file_.field(std::string_view{});
}

}  // namespace fermata
