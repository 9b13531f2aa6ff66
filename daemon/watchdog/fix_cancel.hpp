#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "daemon/watchdog/cancel_desk.hpp"

namespace fermata {

/// The watchdog's FIX sessions: logged on long before they are needed, so that a cancel goes out at
/// once. They send nothing else.
///
/// Owner: the watchdog's thread.
class FixCancel final : public CancelPort {
public:
    struct Session {
        std::string name;
        fix::SessionSettings settings;
    };
    /// Throws std::runtime_error for what cannot be configured.
    FixCancel(std::vector<Session> sessions, CancelDesk::Report report);
    ~FixCancel() override;

    /// Connects, and goes on trying.
    void start();
    /// Logs out.
    void stop() noexcept;
    [[nodiscard]] std::vector<CancelDesk::Way> ways() const;
    /// Hands to the desk what the sessions said.
    void tell(CancelDesk& desk, std::int64_t now_ns);
    /// Returns when a session said something, at the latest after so long.
    void wait(Duration most);

    [[nodiscard]] bool up(std::size_t way) noexcept override;
    [[nodiscard]] bool cancel_all(std::size_t way) noexcept override;
    [[nodiscard]] bool ask_all(std::size_t way) noexcept override;
    [[nodiscard]] bool cancel(std::size_t way, const LinkOrderStatus& order) noexcept override;

private:
    struct Bell {
        std::mutex mutex;
        std::condition_variable rings;
        bool rung = false;
    };
    class Ear;
    struct Line {
        std::string name;
        bool mass_cancel = false;
        bool mass_status = false;
        int patience = 0;
        std::unique_ptr<Ear> ear;
        std::unique_ptr<fix::Engine> engine;
    };
    void learn(Line& line) noexcept;

    Bell bell_;
    CancelDesk::Report report_;
    std::vector<Line> lines_;
    std::uint32_t changes_ = 0;
};

}  // namespace fermata
