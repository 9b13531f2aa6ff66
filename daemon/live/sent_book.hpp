#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/port/order_link.hpp"
#include "core/port/record_sink.hpp"

namespace fermata {

/// What should be open at venues outside of the process, as the records say: every order that was
/// sent, until its venue said that nothing of it is open any more.
///
/// Owner:  the thread that writes the journal tells it of every record of the trading stream;
///         whoever reconciles asks from another thread. After a restart it is told of all earlier
///         records first, so that it knows of every order that may have left.
/// Orders: placements, under the id that the venue knows (see Order).
class SentBook final : public RecordSink {
public:
    explicit SentBook(std::size_t venues) : newest_(venues) {}

    void on_record(const OrderEvent& event) override;

    /// The open ones of one venue, by id.
    [[nodiscard]] std::vector<KnownOrder> open(VenueId venue) const;
    [[nodiscard]] std::optional<KnownOrder> find(VenueId venue, ClientOrderId id) const;
    /// Number of the newest message of the venue's session that is on record; 0: none is.
    [[nodiscard]] std::uint64_t newest_message(VenueId venue) const;

private:
    struct Key {
        VenueId venue;
        ClientOrderId id;
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    void on_sent(const OrderEvent& event);
    void on_report(const OrderEvent& event);
    void on_correction(const CorrectionData& d);
    void update(const Key& key, Quantity cumulative, Quantity leaves);

    mutable std::mutex mutex_;
    std::map<Key, KnownOrder> orders_;
    std::map<Key, KnownOrder> over_;  // a correction may open one of them again
    std::vector<std::uint64_t> newest_;
};

}  // namespace fermata
