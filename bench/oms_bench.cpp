/// Order events through the order manager in one loop: new orders, acknowledgements, fills, cancels
/// and their answers, with the accounts behind them, while so many other orders are live.
///   oms_bench [EVENTS]

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/support.hpp"
#include "core/account/account_book.hpp"
#include "core/order/order_manager.hpp"

namespace fermata::bench {
namespace {

constexpr std::uint32_t kInstruments = 64;

/// The order manager of one stage with `live` orders that rest in it, and what an owner and a venue
/// say about the orders that `next` picks.
class Orders {
public:
    /// Of `live` orders, events concern `busy`, chosen at random; there is room for `capacity`.
    Orders(std::size_t capacity, std::size_t live, std::size_t busy)
        : instruments_(make_instruments()),
          accounts_(instruments_, make_accounts(), 1),
          orders_({.orders_max = capacity, .day = 20'000, .boot_epoch = 1}, instruments_,
                  accounts_),
          out_(64),
          busy_(busy) {
        for (std::size_t n = busy; n < live; ++n) {
            Slot resting;
            begin(resting);
            acknowledge(resting);
        }
        for (Slot& slot : busy_) begin(slot);
    }

    /// One event; the number of records that followed from it.
    std::size_t next() {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        Slot& slot = busy_[static_cast<std::size_t>(
            (static_cast<unsigned __int128>(random_) * busy_.size()) >> 64)];
        out_.clear();
        switch (slot.phase) {
            case 0:
                acknowledge(slot);
                break;
            case 1:
                fill(slot, 40, 60);
                break;
            case 2:
                if ((random_ & 1) != 0) {
                    fill(slot, 60, 0);
                    slot.phase = 4;
                    break;
                }
                cancel(slot);
                break;
            case 3:
                canceled(slot);
                break;
            default:
                begin(slot);
                break;
        }
        return out_.size();
    }
    [[nodiscard]] std::size_t live() const { return orders_.open_count(); }

private:
    struct Slot {
        OrderTag tag;
        ClientOrderId id;
        InstrumentId instrument;
        std::uint32_t phase = 0;
    };

    void begin(Slot& slot) {
        out_.clear();
        slot.instrument = InstrumentId{static_cast<std::uint32_t>(tags_ % kInstruments)};
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, tick(), slot.instrument);
        NewOrderData d;
        d.tag = slot.tag = make_order_tag({0}, ++tags_);
        d.side = tags_ % 2 == 0 ? Side::kBuy : Side::kSell;
        d.type = OrderType::kLimit;
        d.tif = TimeInForce::kGtc;
        d.price = price_;
        d.quantity = Quantity::from_units(100);
        e.data.new_order = d;
        slot.id = orders_.number(e);
        orders_.accept(e, price_, out_);
        slot.phase = 0;
    }
    OrderEvent report(const Slot& slot, ExecType type, std::int64_t leaves) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, tick(), slot.instrument);
        ExecutionData d;
        d.order_id = slot.id;
        d.exec_id = ExecId{++execs_};
        d.exec_type = type;
        d.leaves_quantity = Quantity::from_units(leaves);
        d.cumulative_quantity = Quantity::from_units(100 - leaves);
        e.data.execution = d;
        return e;
    }
    void acknowledge(Slot& slot) {
        orders_.on_execution(report(slot, ExecType::kNew, 100), out_);
        slot.phase = 1;
    }
    void fill(Slot& slot, std::int64_t quantity, std::int64_t leaves) {
        OrderEvent e = report(slot, ExecType::kTrade, leaves);
        e.data.execution.last_quantity = Quantity::from_units(quantity);
        e.data.execution.last_price = price_;
        e.data.execution.fee = Money::from_raw(350'000);
        orders_.on_execution(e, out_);
        slot.phase = 2;
    }
    void cancel(Slot& slot) {
        OrderEvent e = make_order_event(OrderEventType::kCancel, tick(), slot.instrument);
        ChangeOrderData d;
        d.tag = slot.tag;
        d.order_id = slot.id;
        e.data.change = d;
        orders_.request_cancel(e, out_);
        slot.phase = 3;
    }
    void canceled(Slot& slot) {
        OrderEvent e = report(slot, ExecType::kCanceled, 0);
        e.data.execution.cumulative_quantity = Quantity::from_units(40);
        orders_.on_execution(e, out_);
        slot.phase = 4;
    }
    Timestamp tick() { return now_ = now_ + Duration::nanoseconds(100); }

    static InstrumentTable make_instruments() {
        InstrumentTable table;
        for (std::uint32_t i = 0; i < kInstruments; ++i) {
            Instrument instrument;
            instrument.symbol = "I" + std::to_string(i);
            instrument.currency = table.currency("USD");
            instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
            table.add(instrument);
        }
        return table;
    }
    static std::vector<AccountConfig> make_accounts() {
        AccountConfig account;
        account.name = "main";
        account.cash = {{CurrencyId{0}, Money::from_units(100'000'000)}};
        account.type = AccountConfig::Type::kMargin;
        return {account};
    }

    InstrumentTable instruments_;
    AccountBook accounts_;
    OrderManager orders_;
    EventBuffer out_;
    std::vector<Slot> busy_;
    Price price_ = Price::from_units(100);
    Timestamp now_{1'700'000'000'000'000'000};
    std::uint64_t tags_ = 0;
    std::uint64_t execs_ = 0;
    std::uint64_t random_ = 0x9e37'79b9'7f4a'7c15ULL;
};

/// Nanoseconds an event, in the best of three rounds.
double measure(std::size_t capacity, std::size_t live, std::size_t busy, std::size_t events) {
    const auto orders = std::make_unique<Orders>(capacity, live, busy);
    // Until the mix of phases is steady and the index has seen its share of orders come and go.
    for (std::size_t n = 0; n < 10 * busy + 1'000'000; ++n) (void)orders->next();
    double best = 0;
    std::size_t records = 0;
    for (int round = 0; round < 3; ++round) {
        records = 0;
        const std::uint64_t begin = ticks();
        for (std::size_t n = 0; n < events; ++n) records += orders->next();
        const double ns =
            static_cast<double>(ticks() - begin) / ticks_per_ns() / static_cast<double>(events);
        if (round == 0 || ns < best) best = ns;
    }
    std::printf(
        "room for %6zu, %6zu live, events about %6zu of them  %6.1f ns an event, %5.2f M/s, "
        "%.2f records an event\n",
        capacity, live, busy, best, 1e3 / best,
        static_cast<double>(records) / static_cast<double>(events));
    return best;
}

/// What the allocator has given out and not taken back.
std::size_t in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// Bytes that one more order in the table takes, open or terminal.
double bytes_per_order() {
    constexpr std::size_t kOrders = 1 << 17;
    const auto bytes = [](std::size_t orders) {
        InstrumentTable instruments;
        AccountBook accounts(instruments, {}, 0);
        const std::size_t before = in_use();
        OrderManager manager({.orders_max = orders}, instruments, accounts);
        return in_use() - before;
    };
    return static_cast<double>(bytes(2 * kOrders) - bytes(kOrders)) / kOrders;
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata::bench;
    const std::size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5'000'000;
    print_machine();
    pin(0);
    constexpr std::size_t kDefault = 65'536, kLarge = 262'144;
    measure(kDefault, 100, 100, events);
    measure(kDefault, 10'000, 100, events);
    const double few = measure(kLarge, 100, 100, events);
    const double many = measure(kLarge, 100'000, 100, events);
    const double all = measure(kLarge, 100'000, 100'000, events);
    std::printf(
        "100,000 live orders against 100: %.2f times the time, %.2f where events are about "
        "any of them\n",
        many / few, all / few);
    std::printf("memory per order: %.0f bytes, of which the order itself %zu\n", bytes_per_order(),
                sizeof(fermata::Order));
    return 0;
}
