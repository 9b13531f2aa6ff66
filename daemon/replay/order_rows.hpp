#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/event/order_event.hpp"
#include "core/port/hasher.hpp"
#include "daemon/replay/csv_file.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// orders.csv: one row for every kOrderUpdate, with the terms that the update itself does not
/// carry (venue, parent, link, distance, shown quantity) from the order's own record.
///
/// Memory: those terms, about a hundred bytes for every order of the run. They are kept after the
/// order's end, because a busted fill may open it again.
class OrderRows {
public:
    OrderRows(const std::filesystem::path& dir, const RunNames& names,
              std::unique_ptr<Hasher> hasher);

    /// Every record of the trading stream, in order.
    void on_record(const OrderEvent& e);
    /// The client order id of an order; zero when it has none.
    [[nodiscard]] ClientOrderId id_of(OrderTag tag) const;
    std::string close() { return file_.close(); }

private:
    struct Distance {  // what a replace may change beside quantity and prices
        std::int64_t offset = 0;
        Quantity display_quantity;
    };
    struct Terms {
        ClientOrderId order_id;
        OrderTag parent;
        std::uint32_t link = 0;
        VenueId venue;
        OffsetKind offset_kind = OffsetKind::kNone;
        LinkRole link_role = LinkRole::kNone;
        std::uint8_t flags = 0;
        Distance now;
        std::optional<Distance> wanted;  // by the replace that is under way
    };
    void on_new(const NewOrderData& d);
    void on_verdict(const VerdictData& d);
    void on_update(const OrderEvent& e);
    [[nodiscard]] std::string reject_text(const OrderUpdateData& update);

    const RunNames& names_;
    CsvFile file_;
    std::unordered_map<std::uint64_t, Terms> terms_;          // by OrderTag
    std::unordered_map<std::uint64_t, VerdictData> refused_;  // by OrderTag, until its update
    ClientOrderId replaced_;  // whose replace the input in hand puts into force
};

}  // namespace fermata
