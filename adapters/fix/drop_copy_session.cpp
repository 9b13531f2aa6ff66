#include "adapters/fix/drop_copy_session.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/utc_text.hpp"

namespace fermata::fix {

DropCopySession::DropCopySession(SessionSettings settings, LinkObserver& observer)
    : SessionEnd(std::move(settings), observer),
      decoder_(settings_.dialect),
      capacity_(settings_.reports_lane) {}

void DropCopySession::begin(std::uint32_t first_of_run) {
    if (resume_after_) ask_again_after(*resume_after_, first_of_run);
}

bool DropCopySession::poll(DropCopyReport& report) noexcept {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return false;  // the next time
    if (reports_.empty()) {
        if (lost_ == 0) return false;
        report = DropCopyReport{};
        report.event = make_order_event(OrderEventType::kNone, utc_time(), InstrumentId{});
        report.lost = std::exchange(lost_, 0);
        return true;
    }
    report = reports_.front();
    reports_.pop_front();
    return true;
}

void DropCopySession::keep(DropCopyReport report) {
    const std::lock_guard lock(mutex_);
    if (reports_.size() == capacity_) {
        ++lost_;
        return;
    }
    report.lost = std::exchange(lost_, 0);
    reports_.push_back(report);
}

bool DropCopySession::on_admin(const FIX::Message& message) noexcept {
    const std::string_view type = type_of(message);
    if (type == "A") {
        const bool reset = text_of(message, FIX::FIELD::ResetSeqNumFlag) == "Y";
        if (!reset || settings_.reset_on_logon) return true;
        halt("the drop copy's sequence numbers were reset at logon");
        return false;
    }
    if (type == "4" && text_of(message, FIX::FIELD::GapFillFlag) != "Y") {
        halt("the drop copy's sequence numbers were reset");
        return false;
    }
    if (type == "5") on_logout_of_venue(message);
    if (type == "3") tell(LinkEventKind::kRefused, text_of(message, FIX::FIELD::Text));
    return true;
}

void DropCopySession::on_app(const FIX::Message& message) noexcept {
    try {
        const std::string_view type = type_of(message);
        // Refused cancels change no order; nor does what a venue says of its own health.
        if (type != "8") return;
        ReportFields fields;
        for (const FIX::FieldBase& field : message) fields.take(field.getTag(), field.getString());
        const auto report = decoder_.decode('8', fields, utc_time());
        if (!report) {
            std::string text = "drop copy, tag " + std::to_string(report.error().tag) + ": ";
            text.append(report.error().what);
            tell(LinkEventKind::kUnreadable, text, report.error().tag);
            const std::lock_guard lock(mutex_);
            ++lost_;
            return;
        }
        if (report->kind != InboundReport::Kind::kExecution &&
            report->kind != InboundReport::Kind::kCorrection) {
            return;
        }
        DropCopyReport copy;
        copy.event = report->event;
        if (const auto n = parse_whole(text_of(message.getHeader(), FIX::FIELD::MsgSeqNum))) {
            copy.event.cause = make_cause(CauseKind::kMessage, static_cast<std::uint64_t>(*n));
        }
        if (const auto at = parse_utc(text_of(message, FIX::FIELD::TransactTime))) {
            copy.transacted = *at;
        }
        copy.counts = report->has_leaves && report->has_cumulative;
        const std::string_view name = fields[Field::kExecId];
        if (name.size() <= copy.exec_text.size()) {
            std::ranges::copy(name, copy.exec_text.begin());
        }
        copy.account = report->account;
        copy.side = report->side;
        keep(copy);
    } catch (const std::exception& e) {
        tell(LinkEventKind::kUnreadable, e.what());
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "an unknown error");
    }
}

}  // namespace fermata::fix
