#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/loop/lane.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/control/view_state.hpp"
#include "risk/limit_schedule.hpp"

namespace fermata {

/// How many there are of each kind of name.
struct ViewCounts {
    std::size_t strategies = 0, instruments = 0, accounts = 0, venues = 0;
};

/// What a run is and does, made from the records of its trading stream, for readers on other
/// threads. No hot stage knows of it.
///
/// Threads: on_record, on_batch and serve belong to the thread of the records (the journal's). It
///          copies the state when a reader has asked, and takes a lock only then; readers wait for
///          the copy, never it for them. One reader at a time.
class RunView final : public RecordSink {
public:
    /// `next` gets every record first; it may be null, and outlives the view.
    RunView(const RiskConfig& risk, const ViewCounts& counts, RecordSink* next = nullptr);
    ~RunView() override;

    void on_record(const OrderEvent& event) override;
    bool on_batch() override;
    /// To be called whenever the thread of the records has a moment, also when there are none.
    void serve() {
        if (wanted_.load(std::memory_order_relaxed) != served_) [[unlikely]]
            publish();
    }

    /// A copy no older than `fresh` where one can be had within `patience`, else the newest that
    /// there is.
    [[nodiscard]] std::shared_ptr<const ViewState> read(std::chrono::milliseconds fresh,
                                                        std::chrono::milliseconds patience);
    /// Number of the newest round of cancels that is on record.
    [[nodiscard]] std::uint64_t sweeps() const noexcept {
        return sweep_count_.load(std::memory_order_acquire);
    }
    /// Counts what changed the states and limits that commands are based on.
    [[nodiscard]] std::uint64_t changes() const noexcept {
        return changes_.load(std::memory_order_acquire);
    }

    /// Records go to the follower from here on, or no more.
    void follow(bool on) noexcept { followed_.store(on, std::memory_order_release); }
    [[nodiscard]] bool take(OrderEvent& out) noexcept { return tail_.take(out); }
    /// Records that the follower was too slow for, since the last call.
    [[nodiscard]] std::uint64_t take_lost() noexcept {
        return lost_.exchange(0, std::memory_order_relaxed);
    }

private:
    void on_new(const OrderEvent& e);
    void on_update(const OrderEvent& e);
    void on_fill(const OrderEvent& e);
    void on_position(const OrderEvent& e);
    void on_control(const OrderEvent& e);
    void on_risk_input(const OrderEvent& e);
    void on_alert(const OrderEvent& e);
    void begin_sweep(const ControlData& control, Timestamp at);
    void end(LiveOrder& order, OrderState state);
    void changed() noexcept;
    void publish();

    RecordSink* next_;
    ViewState state_;
    LimitSchedule schedule_;
    std::unordered_map<std::uint64_t, LiveOrder> live_;
    std::atomic<std::uint64_t> sweep_count_{0};
    int sweeping_ = -1;           // slot of the sweep whose cancels go out in these records
    RiskInputData last_input_{};  // what the alerts that follow are about
    std::atomic<std::uint64_t> changes_{0};

    std::atomic<std::uint64_t> wanted_{0};
    std::uint64_t served_ = 0;  // the thread of the records'
    std::mutex lock_;
    std::condition_variable published_;
    std::shared_ptr<const ViewState> copy_;  // under lock_, like what follows
    std::uint64_t copy_number_ = 0;
    std::chrono::steady_clock::time_point copied_{};

    std::atomic<bool> followed_{false};
    std::atomic<std::uint64_t> lost_{0};
    Lane<OrderEvent> tail_;
};

}  // namespace fermata
