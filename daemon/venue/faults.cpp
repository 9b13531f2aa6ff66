#include "daemon/venue/faults.hpp"

#include <utility>

namespace fermata::venue {

std::string_view name(FaultKind kind) noexcept {
    switch (kind) {
        case FaultKind::kDelay:
            return "delay";
        case FaultKind::kDrop:
            return "drop";
        case FaultKind::kDuplicate:
            return "duplicate";
        case FaultKind::kLoseRequest:
            return "lose_request";
        case FaultKind::kReject:
            return "reject";
        case FaultKind::kDisconnect:
            return "disconnect";
        case FaultKind::kHalt:
            return "halt";
        case FaultKind::kBust:
            return "bust";
        case FaultKind::kCorrect:
            return "correct";
        case FaultKind::kDropFill:
            return "drop_fill";
    }
    return "?";
}

/// What is decided when a report goes out; the others when a request comes.
bool FaultPlan::concerns(FaultKind kind, Message message) noexcept {
    switch (kind) {
        case FaultKind::kDelay:
        case FaultKind::kDrop:
        case FaultKind::kDuplicate:
            return message != Message::kRequest;
        case FaultKind::kDropFill:
            return message == Message::kFill;
        default:
            return message == Message::kRequest;
    }
}

FaultPlan::FaultPlan(std::vector<Fault> faults, std::uint64_t seed) : state_(seed) {
    for (Fault& fault : faults) faults_.push_back({std::move(fault), 0, false});
}

/// SplitMix64 (Steele, Lea, Flood 2014), its top 53 bits as a fraction.
double FaultPlan::draw() noexcept {
    state_ += 0x9e37'79b9'7f4a'7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebULL;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) * 0x1.0p-53;
}

const Fault* FaultPlan::on_message(std::string_view member, Message message) {
    const Fault* met = nullptr;
    for (Planned& planned : faults_) {
        const Fault& f = planned.fault;
        if (!concerns(f.kind, message) || f.at > Duration{} ||
            (!f.member.empty() && f.member != member)) {
            continue;
        }
        ++planned.messages;
        bool now = f.every != 0 && planned.messages % f.every == 0;
        now = now || (f.after != 0 && planned.messages == f.after);
        // Every message takes a number, so that one fault does not move another.
        if (f.probability > 0 && draw() < f.probability) now = true;
        if (now && met == nullptr) met = &f;
    }
    return met;
}

const Fault* FaultPlan::on_request(std::string_view member) {
    return on_message(member, Message::kRequest);
}
const Fault* FaultPlan::on_report(std::string_view member, bool fill) {
    return on_message(member, fill ? Message::kFill : Message::kReport);
}

const Fault* FaultPlan::due(Duration since_open) {
    for (Planned& planned : faults_) {
        if (planned.done || planned.fault.at <= Duration{} || planned.fault.at > since_open) {
            continue;
        }
        planned.done = true;
        return &planned.fault;
    }
    return nullptr;
}

std::optional<Duration> FaultPlan::next() const {
    std::optional<Duration> next;
    for (const Planned& planned : faults_) {
        if (planned.done || planned.fault.at <= Duration{}) continue;
        if (!next || planned.fault.at < *next) next = planned.fault.at;
    }
    return next;
}

}  // namespace fermata::venue
