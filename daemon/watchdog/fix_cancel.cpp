#include "daemon/watchdog/fix_cancel.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace fermata {
namespace {

constexpr std::size_t kSaidMax = 262'144;  // that wait for the watchdog's thread
/// Our requests about an order are numbered from here: the daemon counts from 1, and a venue
/// refuses an id that it knows.
constexpr std::uint32_t kChangesFrom = 0x8000'0000;
/// The report behind the last status of a list comes a moment after the word that it was the last:
/// so many milliseconds are waited for it in a round.
constexpr int kPatience = 20;

}  // namespace

/// Keeps what one session says until the watchdog's thread takes it.
class FixCancel::Ear final : public LinkObserver {
public:
    explicit Ear(Bell& bell) : bell_(bell) {}

    struct Said {
        bool is_status = false;
        LinkEvent event;
        LinkOrderStatus status;
        std::string text;
    };
    void on_link(const LinkEvent& event) noexcept override {
        Said said;
        said.event = event;
        keep(std::move(said), event.text);
    }
    void on_status(const LinkOrderStatus& status) noexcept override {
        Said said;
        said.is_status = true;
        said.status = status;
        keep(std::move(said), status.client_text);
    }
    void on_raw(Timestamp, VenueId, bool, std::string_view) noexcept override {}

    [[nodiscard]] std::vector<Said> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(said_, {});
    }
    /// Something was said that there was no room for.
    [[nodiscard]] bool take_loss() {
        const std::lock_guard lock(mutex_);
        return std::exchange(lost_, false);
    }

private:
    void keep(Said said, std::string_view text) noexcept {
        try {
            said.text = text;
            const std::lock_guard lock(mutex_);
            if (said_.size() < kSaidMax) {
                said_.push_back(std::move(said));
            } else {
                lost_ = true;
            }
        } catch (...) {  // no memory: the round is asked again
            const std::lock_guard lock(mutex_);
            lost_ = true;
        }
        {
            const std::lock_guard lock(bell_.mutex);
            bell_.rung = true;
        }
        bell_.rings.notify_one();
    }
    Bell& bell_;
    std::mutex mutex_;
    std::vector<Said> said_;
    bool lost_ = false;
};

FixCancel::FixCancel(std::vector<Session> sessions, CancelDesk::Report report)
    : report_(std::move(report)) {
    for (Session& session : sessions) {
        Line line;
        line.name = session.name;
        line.mass_cancel = session.settings.dialect.mass_cancel;
        line.mass_status = session.settings.dialect.mass_status;
        line.ear = std::make_unique<Ear>(bell_);
        std::vector<fix::SessionSettings> one;
        one.push_back(std::move(session.settings));
        line.engine = std::make_unique<fix::Engine>(std::move(one), *line.ear);
        lines_.push_back(std::move(line));
    }
}

FixCancel::~FixCancel() { stop(); }

void FixCancel::start() {
    for (Line& line : lines_) line.engine->start();
}

void FixCancel::stop() noexcept {
    for (Line& line : lines_) line.engine->stop();
}

std::vector<CancelDesk::Way> FixCancel::ways() const {
    std::vector<CancelDesk::Way> ways;
    for (const Line& line : lines_) ways.push_back({line.name, line.mass_cancel, line.mass_status});
    return ways;
}

void FixCancel::tell(CancelDesk& desk, std::int64_t now_ns) {
    for (std::size_t way = 0; way < lines_.size(); ++way) {
        Line& line = lines_[way];
        learn(line);
        for (Ear::Said& said : line.ear->take()) {
            if (said.is_status) {
                said.status.client_text = said.text;
                desk.on_status(way, said.status);
                continue;
            }
            said.event.text = said.text;
            switch (said.event.kind) {
                case LinkEventKind::kUp:
                    report_(false, line.name + ": logged on");
                    break;
                case LinkEventKind::kDown:
                    report_(true, line.name + ": logged out: " + said.text);
                    break;
                case LinkEventKind::kSequenceReset:
                case LinkEventKind::kUnreadable:
                case LinkEventKind::kRefused:
                    report_(true, line.name + ": " + said.text);
                    break;
                default:
                    break;
            }
            desk.on_event(way, said.event, now_ns);
        }
        if (line.ear->take_loss()) {
            LinkEvent lost;
            lost.kind = LinkEventKind::kDown;  // what was told is not complete
            desk.on_event(way, lost, now_ns);
        }
    }
}

/// Orders that were told become known to the link, so that they can be canceled.
void FixCancel::learn(Line& line) noexcept {
    OrderEvent report;
    while (line.engine->link(0).poll(report)) {
    }
}

void FixCancel::wait(Duration most) {
    std::unique_lock lock(bell_.mutex);
    bell_.rings.wait_for(lock, std::chrono::nanoseconds(most.ns), [this] { return bell_.rung; });
    bell_.rung = false;
}

bool FixCancel::up(std::size_t way) noexcept { return lines_[way].engine->link(0).up(); }

bool FixCancel::cancel_all(std::size_t way) noexcept { return lines_[way].engine->cancel_all(0); }

bool FixCancel::ask_all(std::size_t way) noexcept {
    lines_[way].patience = kPatience;
    return lines_[way].engine->ask_all(0);
}

bool FixCancel::cancel(std::size_t way, const LinkOrderStatus& order) noexcept {
    Line& line = lines_[way];
    OrderEvent request = make_order_event(OrderEventType::kSendCancel, order.ts, order.instrument);
    request.data.change = ChangeOrderData{};
    request.data.change.order_id = order.order_id;
    request.data.change.change_id = kChangesFrom + ++changes_;
    request.data.change.venue = order.venue;
    request.data.change.quantity = order.leaves_quantity;
    for (;;) {
        const OrderReason said = line.engine->link(0).send(request);
        if (said != OrderReason::kUnknownOrder) return said == OrderReason::kNone;
        if (line.patience == 0) return false;
        --line.patience;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        learn(line);
    }
}

}  // namespace fermata
