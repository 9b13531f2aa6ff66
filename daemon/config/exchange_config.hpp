#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata::venue {

/// What a venue does wrong on purpose.
enum class FaultKind : std::uint8_t {
    kDelay,        ///< A report, and what follows it to its session, leaves `delay` later.
    kDrop,         ///< A report is lost: its sequence number is not used.
    kDuplicate,    ///< A report is sent twice, with PossResend=Y and the same ExecID.
    kLoseRequest,  ///< A request is not answered and has no effect.
    kReject,       ///< A request is refused.
    kDisconnect,   ///< The connection of the session ends.
    kHalt,         ///< Trading halts, and resumes `delay` later.
    kBust,         ///< The newest fill is taken back.
    kCorrect,      ///< The newest fill's price was one tick (or `ticks`) off.
    kDropFill,     ///< As kDrop, of the reports of fills alone.
};
inline constexpr int kFaultKindCount = 10;

/// When it does so. Exactly one of `every`, `probability`, `at` and `after` says it.
struct Fault {
    FaultKind kind = FaultKind::kDelay;
    std::string member;       ///< CompID; empty: all.
    std::string instrument;   ///< kHalt: its symbol; empty: all of them.
    std::uint64_t every = 0;  ///< Every so many messages (requests, reports).
    double probability = 0;   ///< Of each message.
    std::uint64_t after = 0;  ///< Once, at this message.
    Duration at = {};         ///< Once, so long after the venue opened.
    Duration delay = Duration::milliseconds(100);
    std::int64_t ticks = 1;
};

/// One session that the exchange accepts.
struct MemberConfig {
    std::string comp_id;
    std::string firm;                 ///< Empty: a firm of its own.
    std::vector<AccountId> accounts;  ///< The first is for orders that name none.
    bool orders = true;
    bool market_data = true;
    bool drop_copy = false;
    bool cancel_on_disconnect = false;
    bool of_firm = false;  ///< May act on every order of its firm.
};

/// The exchange that `fermata venue` runs.
struct ExchangeConfig {
    VenueId venue;  ///< Whose fills, fees and latency.
    std::uint16_t port = 0;
    std::string comp_id = "VENUE";
    std::filesystem::path folder;  ///< Its journal, its sequence numbers.
    int cancel_on_disconnect_tag = 0;
    bool triggered_by_l = true;
    Duration logon_timeout = Duration::seconds(10);
    std::size_t behind_bytes = std::size_t{256} << 10;
    std::size_t unread_bytes_max = std::size_t{8} << 20;
    std::size_t requests_max = 65'536;
    std::size_t orders_kept = 1'000'000;
    std::vector<MemberConfig> members;
    std::uint64_t fault_seed = 1;
    std::vector<Fault> faults;
};

}  // namespace fermata::venue
