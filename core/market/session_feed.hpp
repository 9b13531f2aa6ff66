#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/market/calendar.hpp"
#include "core/port/feed.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// Puts the openings and closings of trading sessions between the events of another feed: one
/// kSession event an instrument with a calendar. They begin with the state of each instrument just
/// before the first event and end with the last event.
///
/// Cost:  what lies between two boundaries is handed on without copying.
class SessionFeed final : public Feed {
public:
    /// `calendars` by InstrumentId, nullptr for instruments that are open at all times.
    SessionFeed(std::unique_ptr<Feed> inner, std::vector<const Calendar*> calendars);

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
    [[nodiscard]] FeedStats stats() const noexcept override;
    [[nodiscard]] std::string source_hash() const override { return inner_->source_hash(); }
    [[nodiscard]] double progress() const noexcept override { return inner_->progress(); }

private:
    /// All instruments that share one calendar.
    struct Group {
        const Calendar* calendar = nullptr;
        std::vector<InstrumentId> instruments;
        std::size_t session = 0;  // the next boundary belongs to this session ...
        bool opens = true;        // ... and is its opening
        /// Timestamp::never() behind the calendar's last session.
        [[nodiscard]] Timestamp boundary() const noexcept;
        void advance() noexcept;
    };
    struct Key {
        Timestamp ts;
        int phase = 0;
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    void begin(const MarketEvent& first);
    void find_next();
    void emit_boundary();
    void add(const Group& group, Timestamp ts, bool open);

    std::unique_ptr<Feed> inner_;
    std::vector<Group> groups_;
    std::span<const MarketEvent> batch_;
    std::vector<MarketEvent> out_;
    Key next_;               // of the earliest boundary
    std::size_t which_ = 0;  // the group that it belongs to
    Timestamp last_ = Timestamp::min();
    bool started_ = false;
    std::uint64_t emitted_ = 0;
};

}  // namespace fermata
