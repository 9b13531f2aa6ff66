#pragma once

/// A run on threads behind a control socket: quotes as fast as they go, strategies whose orders
/// rest, and one that trades.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "adapters/latch/run_latch.hpp"
#include "core/strategy/context.hpp"
#include "daemon/control/control_service.hpp"
#include "daemon/pipeline/concurrent_pipeline.hpp"
#include "ops/client/control_client.hpp"
#include "tests/daemon/pipeline/pipeline_fixture.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::testing {

using Json = nlohmann::ordered_json;

/// Keeps `count` buy orders far below the market.
class Resting final : public Strategy {
public:
    explicit Resting(std::uint32_t count) : count_(count) {}
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData&) override {
        if (sent_ >= count_) return;
        OrderRequest order;
        order.instrument = id;
        order.quantity = Quantity::from_units(10);
        order.type = OrderType::kLimit;
        order.price = Price::from_raw(10'000'000'000 - std::int64_t{sent_} * 10'000'000);
        context.submit(order);
        ++sent_;
    }

private:
    std::uint32_t count_;
    std::uint32_t sent_ = 0;
};

/// Takes every record where a journal would.
class RecordDrain {
public:
    RecordDrain(PipelineStages& stages, RunView& view) : stages_(stages), view_(view) {}
    Polled poll(std::size_t) {
        std::size_t consumed = 0;
        OrderEvent e;
        while (stages_.trading_journal->take(e)) {
            view_.on_record(e);
            ++consumed;
        }
        for (Lane<OrderEvent>* lane : stages_.venue_journal) consumed += drop(lane);
        for (Lane<OrderEvent>* lane : stages_.shard_journal) consumed += drop(lane);
        if (consumed != 0) (void)view_.on_batch();
        view_.serve();
        return {consumed, 0};
    }

private:
    static std::size_t drop(Lane<OrderEvent>* lane) {
        OrderEvent e;
        std::size_t consumed = 0;
        while (lane != nullptr && lane->take(e)) ++consumed;
        return consumed;
    }
    PipelineStages& stages_;
    RunView& view_;
};

class ControlledRun {
public:
    struct Options {
        bool latch = true;
        int admins = 2;
        std::uint32_t other_admin = 0;  ///< A second one beside root, who may use the socket.
        std::uint32_t resting = 20;     ///< Orders of each of two strategies.
        bool latch_cut_short = false;   ///< The file cannot be opened until it is repaired.
    };
    explicit ControlledRun(Options options)
        : options_(options), market_(4, 11), backpressure_(std::chrono::seconds(30)) {
        names_.instruments = &market_.instruments();
        names_.strategies = {"alpha", "beta", "gamma"};
        names_.accounts = {"main"};
        names_.venues = {"sim"};
        PipelineSetup setup = market_.setup(3, 1, nullptr);
        setup.risk = risk();
        for (std::size_t s = 0; s < 2; ++s) {
            setup.strategies[s].strategy = std::make_unique<Resting>(options.resting);
        }
        view_ = std::make_unique<RunView>(setup.risk, ViewCounts{3, 4, 1, 1});
        stages_ = std::make_unique<PipelineStages>(std::move(setup),
                                                   StageWiring{&backpressure_, true, 64});
        if (options.latch) {
            const std::string path = latch_path().string();
            auto made = latch::File::create(path, 0, 1, "first start");
            auto state = std::make_unique<latch::State>();
            latch::Change release;
            release.may_loosen = true;
            (void)made.value().change(release, *state, 100);
            if (options.latch_cut_short) std::filesystem::resize_file(path, 4'096);
            latch::Names known{names_.accounts, names_.strategies, {}, names_.venues};
            for (const Instrument& i : market_.instruments().all()) {
                known.instruments.push_back(i.symbol);
            }
            latch_.emplace(path, std::move(known));
        }
        RunControlSetup control;
        control.names = names_;
        control.strategy_accounts.assign(3, AccountId{0});
        if (options.latch) control.latch = latch_path();
        control.log = folder / "control.log";
        control.about = [] { return Report{{"mode", "test"}}; };
        control.phase = [this] { return phase.load(); };
        control.feed = &feed;
        ControlConfig config;
        config.socket = socket();
        config.admins = options.admins;
        if (options.other_admin != 0) {
            for (const std::uint32_t uid : {std::uint32_t{0}, options.other_admin}) {
                config.roles.emplace_back();
                config.roles.back().uid = uid;
                config.roles.back().role = console::Role::kAdmin;
            }
        }
        service_ = std::make_unique<ControlService>(config, std::move(control), *view_, queue_);
        if (options.other_admin != 0) {
            std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
            FERMATA_ASSERT(::chown(socket().c_str(), 0, options.other_admin) == 0);
        }
        feed_ = std::thread([this] { run(); });
    }
    ~ControlledRun() {
        stop_ = true;
        feed_.join();
    }
    ControlledRun(const ControlledRun&) = delete;
    ControlledRun& operator=(const ControlledRun&) = delete;

    static RiskConfig risk() {
        RiskConfig risk(RiskProfile::kUnlimited);
        FERMATA_ASSERT(risk.set_limit("max_quantity", "1000").ok());
        return risk;
    }
    [[nodiscard]] std::filesystem::path socket() const { return folder / "c.sock"; }
    [[nodiscard]] std::filesystem::path latch_path() const { return folder / "latch"; }
    [[nodiscard]] RunView& view() { return *view_; }
    /// Whether it counts as not yet reconciled with the venues.
    void recover(bool on) {
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, Timestamp{0}, InstrumentId{0});
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kRecovering;
        e.data.risk_input.values[0] = on ? 1 : 0;
        FERMATA_ASSERT(queue_.push(e));
    }

    test::TemporaryFolder folder;
    std::atomic<SessionPhase> phase{SessionPhase::kRunning};  ///< What it says of itself.
    FeedProgress feed;                                        ///< Of nothing, until it is told.

private:
    void run() {
        RecordDrain drain(*stages_, *view_);
        ConcurrentPipeline pipeline(
            *stages_, backpressure_, [&](std::size_t budget) { return drain.poll(budget); },
            nullptr);
        MarketEvent e = market_.next();
        stages_->start(e.ts);
        if (latch_) stages_->trading->use_latch(*latch_);
        pipeline.start();
        for (std::uint64_t position = 1; !stop_; ++position) {
            const bool alive =
                queue_.drain(e.ts, [&](const OrderEvent& c) { return pipeline.send_control(c); });
            if (!alive || !pipeline.publish(e, position)) break;
            if (position % 64 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            e = market_.next();
        }
        (void)pipeline.quiesce();
        pipeline.join();
    }

    Options options_;
    SmallMarket market_;
    ThreadBackpressure backpressure_;
    RunNames names_;
    std::unique_ptr<RunView> view_;
    std::unique_ptr<PipelineStages> stages_;
    std::optional<latch::RunLatch> latch_;
    ControlQueue queue_;
    std::unique_ptr<ControlService> service_;
    std::atomic<bool> stop_{false};
    std::thread feed_;
};

/// Somebody at the socket.
class Operator {
public:
    explicit Operator(const std::filesystem::path& socket) : client_(connect(socket)) {}

    Json ask(const std::string& method, const Json& params = Json::object()) {
        return send({{"v", 1}, {"id", ++id_}, {"method", method}, {"params", params}});
    }
    /// On the state that is.
    Json command(const std::string& method, const Json& params = Json::object()) {
        const Json status = ask("status");
        return command_at(status["state_version"], method, params);
    }
    Json command_at(const Json& version, const std::string& method,
                    const Json& params = Json::object()) {
        return send({{"v", 1},
                     {"id", ++id_},
                     {"method", method},
                     {"params", params},
                     {"reason", "a test"},
                     {"expect", version}});
    }
    Json send(const Json& request) {
        const auto line = client_.ask(request.dump(), std::chrono::seconds(20));
        if (!line) throw std::runtime_error(line.error().message);
        return Json::parse(*line);
    }
    Json receive() {
        const auto line = client_.receive(std::chrono::seconds(20));
        if (!line) throw std::runtime_error(line.error().message);
        return Json::parse(*line);
    }
    /// The answer to a question once `condition` holds of it; what it is after a long time.
    template <class Condition>
    Json until(const std::string& method, const Json& params, Condition condition) {
        Json answer;
        for (int n = 0; n < 2'000; ++n) {
            answer = ask(method, params);
            if (condition(answer["ok"])) return answer["ok"];
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << method << " stays " << answer.dump();
        return answer["ok"];
    }

private:
    static console::ControlClient connect(const std::filesystem::path& socket) {
        auto client = console::ControlClient::connect(socket.string());
        if (!client) throw std::runtime_error(client.error().message);
        return std::move(client).value();
    }
    console::ControlClient client_;
    int id_ = 0;
};

}  // namespace fermata::testing
