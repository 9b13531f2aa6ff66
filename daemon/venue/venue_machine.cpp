#include "daemon/venue/venue_machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "adapters/fix/request_decoder.hpp"

namespace fermata::venue {
namespace {

constexpr std::string_view kFaultText = "refused by a fault of the venue";

}  // namespace

VenueMachine::VenueMachine(CoreSettings settings, std::string identity,
                           const InstrumentTable& instruments, const StreamTable& streams)
    : settings_(std::move(settings)),
      identity_(std::move(identity)),
      instruments_(instruments),
      streams_(streams),
      desk_(instruments, settings_.members.size()),
      outbox_(settings_.members.size()) {}

void VenueMachine::begin(std::uint64_t epoch) {
    settings_.sim.id_epoch = static_cast<std::uint32_t>(epoch);
    core_ = std::make_unique<ExchangeCore>(settings_, instruments_, streams_);
}

void VenueMachine::replay(const Entry& e) {
    last_ = std::max(last_, e.ts);
    if (e.kind == EntryKind::kBegin) {
        if (e.text != identity_) {
            throw std::runtime_error(
                "the journal of the venue is of another exchange (its configuration has changed): "
                "--fresh begins anew");
        }
        return begin(e.number);
    }
    if (!core_) throw std::runtime_error("the journal of the venue has no begin");
    recovered_ = true;
    switch (e.kind) {
        case EntryKind::kMarket:
            on_market(e.market);
            break;
        case EntryKind::kArrived: {
            arrived_ = e.number;
            auto request = fix::decode_request(e.text);
            if (!request) throw std::runtime_error("a request in the journal is unreadable");
            Arrival arrival;
            arrival.session = e.session;
            arrival.number = e.number;
            arrival.request = std::move(*request);
            arrival.bytes = std::string(e.text);
            waiting_.emplace(e.number, std::move(arrival));
            return;
        }
        case EntryKind::kConsumed: {
            const auto at = waiting_.find(e.number);
            if (at == waiting_.end()) throw std::runtime_error("a request is not on record");
            consume(at->second, static_cast<Verdict>(e.value), e.ts, false);
            waiting_.erase(at);
            break;
        }
        case EntryKind::kDelivered:
            return outbox_.forget(e.session, e.number);
        default:
            apply(e);
    }
    outbox_.remember(core_->out());
    desk_.out().clear();
}

void VenueMachine::apply(const Entry& e) {
    switch (e.kind) {
        case EntryKind::kLogon:
            return core_->on_logon(e.session,
                                   e.value == 2 ? std::nullopt : std::optional(e.value == 1));
        case EntryKind::kLogout:
            core_->on_logout(e.session, e.ts);
            return desk_.on_logout(e.session);
        case EntryKind::kAdvance:
            return core_->advance(e.ts);
        case EntryKind::kHalt:
            core_->halt(InstrumentId{e.session}, e.value != 0);
            return desk_.on_halt(InstrumentId{e.session}, e.value != 0, e.ts);
        case EntryKind::kBust:
            (void)core_->bust_newest(e.ts);  // there may be none
            return;
        case EntryKind::kCorrect:
            (void)core_->correct_newest(static_cast<std::int64_t>(e.number), e.ts);
            return;
        default:
            throw std::runtime_error("an unexpected entry in the journal of the venue");
    }
}

void VenueMachine::consume(const Arrival& arrival, Verdict verdict, Timestamp now, bool live) {
    switch (arrival.request.kind) {
        case fix::RequestKind::kMarketData:
        case fix::RequestKind::kSecurityList:
        case fix::RequestKind::kTradingSessionStatus:
            // Who asked an earlier process is gone.
            if (verdict == Verdict::kApplied && live) {
                desk_.on_request(arrival.session, arrival.request, *core_, now);
            }
            return;
        default:
            break;
    }
    if (verdict == Verdict::kApplied) core_->on_request(arrival.session, arrival.request, now);
    if (verdict == Verdict::kRefused) {
        core_->refuse(arrival.session, arrival.request, kFaultText, now);
    }
}

void VenueMachine::on_market(const MarketEvent& e) {
    ++market_events_;
    core_->on_market(e);
    // Nobody trades in a halt; quotes go on.
    const InstrumentId i = e.instrument;
    const bool halted = instruments_.contains(i) && core_->halted(i);
    if (!halted || e.type == MarketEventType::kQuote) desk_.on_market(e);
}

}  // namespace fermata::venue
