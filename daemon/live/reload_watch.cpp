#include "daemon/live/reload_watch.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace fermata {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};

}  // namespace

ReloadWatch::ReloadWatch(const Config& running, const Config& started_with, ReloadRequest request,
                         ControlQueue& queue)
    : limits_(running, started_with), request_(std::move(request)), queue_(queue) {
    thread_ = std::thread([this] { run(); });
}

ReloadWatch::~ReloadWatch() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void ReloadWatch::run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kLookEvery, [this] { return stop_; })) {
        const auto actor = request_.asked();
        if (!actor) continue;
        if (request_.notify) request_.notify(true);
        reload(*actor);
        if (request_.notify) request_.notify(false);
    }
}

void ReloadWatch::reload(std::uint32_t actor) {
    LimitReload next = limits_;
    LimitReload::Outcome outcome;
    try {
        outcome = next.ask(request_.load(), actor);
    } catch (const std::exception& e) {
        request_.report(std::string("the configuration is not taken over: ") + e.what(), true);
        return;
    }
    for (const std::string& refused : outcome.refused) {
        request_.report("reload: " + refused, true);
    }
    for (const std::string& waits : outcome.waits) request_.report("reload: " + waits, true);
    for (std::size_t n = 0; n < outcome.tighten.size(); ++n) {
        if (!queue_.push(outcome.tighten[n])) {
            request_.report("reload: " + outcome.tightened[n] +
                                ", and what follows: the trading loop takes no commands; ask again",
                            true);
            return;
        }
        request_.report("reload: " + outcome.tightened[n] + ": at once", false);
    }
    if (outcome.tighten.empty() && outcome.refused.empty() && outcome.waits.empty()) {
        request_.report("reload: nothing changed", false);
    }
    limits_ = std::move(next);
}

}  // namespace fermata
