/// Tick to order in one loop: from the publication of a quote to the order's arrival at the
/// exchange, through shard, strategy, trading stage, gate, order manager and record stage, with
/// every lane between them.
///   tick_to_order_bench [ORDERS]

#include <cstdio>
#include <cstdlib>

#include "bench/market.hpp"
#include "bench/support.hpp"
#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"

namespace fermata::bench {
namespace {

/// Sends an order that cannot fill on one quote, cancels it on the next: every second tick makes an
/// order.
class PingStrategy final : public Strategy {
public:
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override {
        if (tag_.value != 0) {
            context.cancel(tag_);
            tag_ = OrderTag{};
            return;
        }
        OrderRequest order;
        order.instrument = id;
        order.side = Side::kBuy;
        order.quantity = Quantity::from_units(1);
        order.type = OrderType::kLimit;
        order.price = quote.bid - Price::from_raw(50'000'000);
        tag_ = context.submit(order);
    }

    /// The first that a strategy hears of its order: the gate passed it and it is on its way.
    void on_order(StrategyContext&, InstrumentId, const OrderUpdateData& update) override {
        if (update.state == OrderState::kPendingNew) sent_at = ticks();
    }
    static inline std::uint64_t sent_at = 0;

private:
    OrderTag tag_;
};

void run(RiskProfile profile, const char* label, std::size_t orders) {
    QuoteMarket market(8);
    PipelineSetup setup = market.setup(profile);
    setup.limits.orders_max = 1024;
    // Nothing here is ever filled: without this, ORDER_TO_TRADE would end the day after 800 orders.
    if (profile == RiskProfile::kHouse && !setup.risk.set_limit("order_to_trade", "10000").ok()) {
        std::abort();
    }
    for (std::uint16_t s = 0; s < 8; ++s) {
        StrategySetup strategy;
        strategy.id = StrategyId{s};
        strategy.instruments = {InstrumentId{s}};
        strategy.strategy = std::make_unique<PingStrategy>();
        setup.strategies.push_back(std::move(strategy));
    }
    Pipeline pipeline(std::move(setup));
    VirtualClock clock;
    pipeline.start(Timestamp{0});
    std::uint64_t position = 0;
    Percentiles sent(orders), settled(orders);
    for (std::size_t n = 0; sent.size() < orders + orders / 10; ++n) {
        // A quote every 20 ms of event time keeps the gate's message rates out of the picture.
        MarketEvent e = market.next();
        e.ts = e.ts + Duration::milliseconds(20) * static_cast<std::int64_t>(n);
        const std::size_t live = pipeline.exchange(VenueId{0}).live_orders();
        const std::uint64_t begin = ticks();
        pipeline.publish(e, ++position);
        pipeline.run_to_quiescence();
        const std::uint64_t end = ticks();
        if (pipeline.exchange(VenueId{0}).live_orders() <= live)
            continue;  // a cancel, not an order
        sent.add(PingStrategy::sent_at - begin);
        settled.add(end - begin);
    }
    sent.drop_first(orders / 10);
    settled.drop_first(orders / 10);
    sent.print(std::string("quote to order sent, ") + label);
    settled.print(std::string("quote to acknowledged order, ") + label);
    if (pipeline.overflowed()) std::abort();
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::size_t orders = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
    print_machine();
    pin(0);
    for (int round = 1; round <= 3; ++round) {
        std::printf("round %d\n", round);
        run(RiskProfile::kUnlimited, "profile unlimited", orders);
        run(RiskProfile::kHouse, "profile house", orders);
    }
}
