#include "daemon/watchdog/cancel_desk.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

constexpr unsigned kCleanRounds = 2;
constexpr std::size_t kOpenMax = 65'536;  // told in one round
constexpr std::size_t kNamesMax = 20;     // orders named in one line
/// Whether to say something for the nth time: 1, 2, 4, 8 ...
bool worth_telling(unsigned n) noexcept { return (n & (n - 1)) == 0; }
/// How long an answer is waited for, before it is asked again.
constexpr std::int64_t kAnswerNs = 1'000'000'000;

std::string names_of(const std::vector<LinkOrderStatus>& orders) {
    std::string text;
    for (std::size_t n = 0; n < std::min(orders.size(), kNamesMax); ++n) {
        const std::uint64_t id = orders[n].order_id.value;
        text += n == 0 ? "" : ", ";
        // As in ClOrdID: day, boot, count.
        text += id == 0 ? "one by a name that is not ours"
                        : std::to_string(id >> 48) + "-" + std::to_string(id >> 32 & 0xffff) + "-" +
                              std::to_string(id & 0xffff'ffff);
    }
    return text + (orders.size() > kNamesMax ? ", ..." : "");
}

}  // namespace

CancelDesk::CancelDesk(std::vector<Way> ways, CancelPort& port, Duration retry_every, Report report)
    : ways_(std::move(ways)),
      sides_(ways_.size()),
      port_(port),
      retry_every_(retry_every),
      report_(std::move(report)) {}

void CancelDesk::begin(std::int64_t now_ns) {
    first_cancel_ns_ = 0;
    for (Side& s : sides_) {
        s.clean = 0;
        // What is under way is brought to an end: its answers could not be told from later ones.
        s.again = s.stand == Stand::kCanceling || s.stand == Stand::kAsking;
        if (s.again) continue;
        s = Side{};
        s.stand = Stand::kDue;
        s.at_ns = now_ns;
    }
    step(now_ns);
}

void CancelDesk::stop(const std::string& why) {
    for (std::size_t way = 0; way < sides_.size(); ++way) {
        Side& s = sides_[way];
        if (s.stand == Stand::kIdle || s.stand == Stand::kDone || s.stand == Stand::kHopeless) {
            continue;
        }
        s.stand = Stand::kStopped;
        report_(true, ways_[way].name + ": no more cancels, " + why +
                          ": what is open there is not known to be canceled");
    }
}

void CancelDesk::step(std::int64_t now_ns) {
    for (std::size_t way = 0; way < sides_.size(); ++way) {
        Side& s = sides_[way];
        if (s.stand == Stand::kDue && now_ns >= s.at_ns) {
            begin_round(way, now_ns);
        } else if ((s.stand == Stand::kCanceling || s.stand == Stand::kAsking) &&
                   now_ns >= s.at_ns) {
            if (worth_telling(++s.silences)) {
                report_(true, ways_[way].name + ": no answer; asked again");
            }
            begin_round(way, now_ns);
        }
    }
}

void CancelDesk::begin_round(std::size_t way, std::int64_t now_ns) {
    Side& s = sides_[way];
    const Way& w = ways_[way];
    s.stand = Stand::kDue;
    if (!w.mass_cancel && !w.mass_status) {
        s.stand = Stand::kHopeless;
        report_(true, w.name +
                          ": this venue can neither cancel everything nor tell what is open: "
                          "nothing is canceled there");
        return;
    }
    if (!port_.up(way)) {
        if (!std::exchange(s.told_down, true)) {
            report_(true, w.name + ": the session is down; it is canceled there once it is up");
        }
        return;  // looked at again at the next step
    }
    s.told_down = false;
    if (!w.mass_cancel || s.refused) return ask(way, now_ns);
    if (!port_.cancel_all(way)) {
        s.at_ns = now_ns + retry_every_.ns;
        return;
    }
    handed_over(now_ns);
    s.stand = Stand::kCanceling;
    s.at_ns = now_ns + kAnswerNs;
}

void CancelDesk::ask(std::size_t way, std::int64_t now_ns) {
    Side& s = sides_[way];
    s.open.clear();
    s.beyond = 0;
    if (!port_.ask_all(way)) {
        s.stand = Stand::kDue;
        s.at_ns = now_ns + retry_every_.ns;
        return;
    }
    s.stand = Stand::kAsking;
    s.at_ns = now_ns + kAnswerNs;
}

void CancelDesk::on_status(std::size_t way, const LinkOrderStatus& order) {
    Side& s = sides_[way];
    if (s.stand != Stand::kAsking) return;
    s.at_ns += 1'000'000;  // a long list is no silence
    if (is_terminal(order.state)) return;
    if (s.open.size() < kOpenMax) {
        s.open.push_back(order);
        s.open.back().client_text = {};
    } else {
        ++s.beyond;
    }
}

void CancelDesk::on_event(std::size_t way, const LinkEvent& event, std::int64_t now_ns) {
    Side& s = sides_[way];
    const Way& w = ways_[way];
    switch (event.kind) {
        case LinkEventKind::kMassCanceled:
            if (s.stand != Stand::kCanceling) return;
            report_(false, w.name + ": the venue took the mass cancel" +
                               (event.count < 0 ? std::string()
                                                : ", " + std::to_string(event.count) + " orders"));
            if (w.mass_status) return ask(way, now_ns);
            s.open.clear();
            return end_round(way, now_ns);
        case LinkEventKind::kMassCancelRefused:
            if (s.stand != Stand::kCanceling) return;
            report_(true,
                    w.name + ": the venue refused the mass cancel: " + std::string(event.text));
            if (w.mass_status) {
                s.refused = true;
                return ask(way, now_ns);
            }
            s.stand = Stand::kDue;
            s.at_ns = now_ns + retry_every_.ns;
            return;
        case LinkEventKind::kStatusEnd:
            if (s.stand == Stand::kAsking) end_round(way, now_ns);
            return;
        case LinkEventKind::kDown:
            if (s.stand == Stand::kCanceling || s.stand == Stand::kAsking) {
                s.stand = Stand::kDue;
                s.at_ns = now_ns;
                s.clean = 0;
            }
            return;
        case LinkEventKind::kUp:
            if (s.stand == Stand::kDue) step(now_ns);
            return;
        default:
            return;
    }
}

void CancelDesk::end_round(std::size_t way, std::int64_t now_ns) {
    Side& s = sides_[way];
    const Way& w = ways_[way];
    ++s.rounds;
    const std::size_t open = s.open.size() + s.beyond;
    const bool counts = !std::exchange(s.again, false);
    s.clean = open == 0 && counts ? s.clean + 1 : 0;
    if (s.clean >= kCleanRounds) {
        s.stand = Stand::kDone;
        report_(false, w.name + (w.mass_status ? ": confirmed, no order is open there"
                                               : ": the venue took every mass cancel; it does not "
                                                 "tell what is open"));
        return;
    }
    s.stand = Stand::kDue;
    s.at_ns = counts ? now_ns + retry_every_.ns : now_ns;
    if (open == 0) return;
    if (worth_telling(s.rounds)) {
        report_(true, w.name + ": " + std::to_string(open) + " orders are open after round " +
                          std::to_string(s.rounds) + ": " + names_of(s.open));
    }
    cancel_open(way, now_ns);
}

void CancelDesk::cancel_open(std::size_t way, std::int64_t now_ns) {
    std::size_t left = 0;
    for (const LinkOrderStatus& order : sides_[way].open) {
        if (order.order_id.value != 0 && port_.cancel(way, order)) {
            handed_over(now_ns);
        } else {
            ++left;
        }
    }
    if (left != 0 && worth_telling(sides_[way].rounds)) {
        report_(true, ways_[way].name + ": " + std::to_string(left) +
                          " of them cannot be canceled one by one");
    }
}

bool CancelDesk::busy() const noexcept {
    return std::any_of(sides_.begin(), sides_.end(), [](const Side& s) {
        return s.stand == Stand::kDue || s.stand == Stand::kCanceling || s.stand == Stand::kAsking;
    });
}

std::size_t CancelDesk::unconfirmed() const noexcept {
    return static_cast<std::size_t>(std::count_if(sides_.begin(), sides_.end(), [](const Side& s) {
        return s.stand != Stand::kIdle && s.stand != Stand::kDone;
    }));
}

}  // namespace fermata
