#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/sim/sim_order.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

class StateArchive;

/// A fill as the venue booked it, for whoever takes it back later.
struct TapedFill {
    ExecId exec_id;  ///< Of the fill, or of its last correction; zero: none.
    ClientOrderId order_id;
    VenueOrderId venue_order_id;
    Price price;
    Quantity quantity;
    Money value;
    Money fee;
    Quantity cumulative;  ///< Of the order when the fill was booked.
    InstrumentId instrument;
    AccountId account;
    CurrencyId fee_currency;
    Side side = Side::kBuy;
    void persist(StateArchive& a);
};

/// The newest fills of the simulated exchange.
///
/// Owner:  the executor.
/// Memory: fixed at construction.
class FillTape {
public:
    static constexpr std::size_t kFills = 256;

    void add(const TapedFill& fill) noexcept { fills_[count_++ % kFills] = fill; }
    /// Null when the fill is unknown, too old, or was taken back.
    [[nodiscard]] TapedFill* find(ExecId id) noexcept;
    void persist(StateArchive& a);

private:
    std::vector<TapedFill> fills_ = std::vector<TapedFill>(kFills);
    std::uint64_t count_ = 0;
};

}  // namespace fermata
