#include "daemon/cli/risk_check.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "core/market/date.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/order_text.hpp"
#include "daemon/pipeline/pipeline.hpp"
#include "daemon/replay/latch_names.hpp"
#include "daemon/replay/risk_input_file.hpp"
#include "daemon/replay/risk_input_queue.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/rerun/rerun.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t kLookUpEvery = 8192;  // events

std::vector<OrderEvent> parse_orders(const RiskCheckRequest& request, const Config& config) {
    std::vector<OrderEvent> orders;
    for (const std::string& text : request.orders) {
        orders.push_back(parse_order(text, config));
        const StrategyId first = orders.front().data.new_order.strategy;
        const StrategyId own = orders.back().data.new_order.strategy;
        if (!request.basket || own == first) continue;
        throw std::invalid_argument(
            "--basket: found orders of " + config.strategies[first.value].name + " and " +
            config.strategies[own.value].name + ", expected those of one strategy");
    }
    return orders;
}

RiskCheck ask(WhatIf what_if, const std::vector<OrderEvent>& orders, bool basket, Timestamp now) {
    return {basket ? what_if.basket(orders, now) : what_if.each(orders, now), now};
}

/// A pipeline that is driven over the data up to a moment.
class RunUpTo {
public:
    RunUpTo(PipelineSetup setup, std::vector<OrderEvent> inputs, const RiskCheckRequest& request)
        : pipeline_(std::move(setup)), inputs_(std::move(inputs)), request_(request) {}

    /// The moment of the question.
    Timestamp run(Feed& feed, Timestamp from, Timestamp to) {
        drive(feed, from, to);
        if (scheduler_.position() == 0) {
            throw std::invalid_argument(first_
                                            ? "--at: found " + format_iso_timestamp(*request_.at) +
                                                  ", expected a time from the first event on, " +
                                                  format_iso_timestamp(*first_)
                                            : "the data has no event within run.from and run.to");
        }
        const Timestamp now = request_.at.value_or(clock_.now());
        // What the exchanges, the timers and the inputs owe up to there, and at that very moment.
        tell_inputs(now);
        scheduler_.run_internal_before(now + Duration::nanoseconds(1));
        if (pipeline_.overflowed() || pipeline_.endless()) {
            throw std::runtime_error("the run did not come as far as " + format_iso_timestamp(now) +
                                     ": `fermata replay` says what is wrong with it");
        }
        return now;
    }
    /// What stands latched outside comes into force, as in a run that follows the latch.
    void follow(Latch& latch, Timestamp now, const std::array<std::size_t, kControlScopeCount>& n) {
        latch.read();
        for (std::size_t s = 0; s < n.size(); ++s) {
            for (std::size_t target = 0; target < n[s]; ++target) {
                const ControlData latched = latch.find(static_cast<ControlScope>(s), target);
                if (latched.state == TradingState::kActive) continue;
                OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
                e.data.control = latched;
                scheduler_.tell(e);
            }
        }
    }
    [[nodiscard]] WhatIf what_if() noexcept { return pipeline_.what_if(); }

private:
    void tell_inputs(Timestamp upto) {
        for (; const OrderEvent* input = inputs_.due(upto); inputs_.pop()) scheduler_.tell(*input);
    }
    void drive(Feed& feed, Timestamp from, Timestamp to) {
        for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
            for (const MarketEvent& e : batch) {
                if (e.ts < from) continue;
                if (!first_) first_ = e.ts;
                if (e.ts >= to || (request_.at && e.ts > *request_.at)) return;
                if (scheduler_.position() == 0) {
                    clock_.advance_to(e.ts);
                    pipeline_.start(e.ts);
                    scheduler_.settle();
                }
                tell_inputs(e.ts);
                scheduler_.step(e);
                if (pipeline_.overflowed() || pipeline_.endless()) return;
                if (scheduler_.position() % kLookUpEvery == 0) look_up(feed, e.ts);
            }
        }
    }
    void look_up(const Feed& feed, Timestamp now) {
        if (request_.cancelled && request_.cancelled()) throw std::runtime_error("interrupted");
        if (request_.progress) request_.progress({feed.progress(), now, scheduler_.position()});
    }

    Pipeline pipeline_;
    VirtualClock clock_;
    LockstepScheduler<Pipeline> scheduler_{pipeline_, clock_};
    RiskInputQueue inputs_;
    const RiskCheckRequest& request_;
    std::optional<Timestamp> first_;  // event
};

}  // namespace

RiskCheck check_configuration(const Config& config, const StrategyRegistry& registry,
                              const RiskCheckRequest& request) {
    const std::vector<OrderEvent> orders = parse_orders(request, config);
    Assembly assembly(config, registry);
    const std::unique_ptr<Feed> feed = assembly.make_feed();
    PipelineSetup setup = assembly.make_setup();
    setup.limits.shards = 1;
    if (!request.strategies) {
        for (StrategySetup& strategy : setup.strategies) {
            strategy.strategy = std::make_unique<Strategy>();  // does nothing
            strategy.helpers.clear();
        }
    }
    std::vector<OrderEvent> inputs;
    if (!config.risk_inputs.empty()) {
        inputs = read_risk_inputs(config.risk_inputs.string(), assembly.names()).inputs;
    }
    RunUpTo run(std::move(setup), std::move(inputs), request);
    const Timestamp now = run.run(*feed, config.run.from, config.run.to);
    if (!config.latch.empty()) {
        const latch::Names known = latch_names(assembly.names(), config.instruments);
        latch::RunLatch latch(config.latch.string(), known);
        run.follow(latch, now, latch_targets(known));
    }
    return ask(run.what_if(), orders, request.basket, now);
}

RiskCheck check_journal(FileSystem& files, const std::string& directory,
                        const StrategyRegistry& registry, const RiskCheckRequest& request,
                        Config& config) {
    config = RecordedRun(files, directory, "", registry).config();
    const std::vector<OrderEvent> orders = parse_orders(request, config);
    std::optional<RiskCheck> check;
    RerunRequest rerun;
    rerun.directory = directory;
    rerun.from_snapshot = true;
    rerun.progress = request.progress;
    rerun.cancelled = request.cancelled;
    rerun.at_end = [&](WhatIf what_if, Timestamp now) {
        check = ask(what_if, orders, request.basket, now);
    };
    const RerunReport report = rerun_journal(files, rerun, registry);
    if (report.cancelled) throw std::runtime_error("interrupted");
    if (!check) {
        throw std::runtime_error(directory + ": the run cannot be repeated as it is on record; " +
                                 (report.problem ? report.problem->message
                                                 : "`fermata journal rerun` shows the difference"));
    }
    return *std::move(check);
}

}  // namespace fermata
