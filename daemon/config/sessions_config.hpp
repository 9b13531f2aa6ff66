#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What a FIX session is for.
enum class SessionRole : std::uint8_t {
    kOrders,      ///< Orders out, execution reports in. One for each venue.
    kMarketData,  ///< Quotes, trades and trading status in.
    kDropCopy,    ///< Copies of the reports about everything that the firm did.
    kWatchdog,    ///< The watchdog process cancels by it when the daemon hangs.
};
[[nodiscard]] constexpr const char* session_role_name(SessionRole role) noexcept {
    constexpr const char* kNames[] = {"orders", "market_data", "drop_copy", "watchdog"};
    return kNames[static_cast<int>(role)];
}

/// What follows when a drop copy tells of a fill that was not reported.
enum class MissingFill : std::uint8_t {
    kHalt,  ///< It stays a difference, which DROP_COPY halts for.
    kBook,  ///< It is booked from the copy, if it is of an order of ours.
};

/// How a venue speaks FIX 4.4: where defaults come from. docs/fix.md has their sources.
enum class SessionDialect : std::uint8_t { kGeneric, kInteractiveBrokers };

/// A field of Logon. Exactly one of the last three is set; what stands in a file or a variable is
/// read when the session is made, and is never part of a configuration.
struct LogonTagConfig {
    int tag = 0;
    std::string value;
    std::filesystem::path file;
    std::string environment;
};

struct TagValue {
    int tag = 0;
    std::string value;
    friend bool operator==(const TagValue&, const TagValue&) = default;
};
inline constexpr int kSecurityTypeTag = 167;

/// A FIX 4.4 session that we open.
struct SessionConfig {
    std::string name;
    VenueId venue;
    SessionRole role = SessionRole::kOrders;
    std::string host;
    std::uint16_t port = 0;
    std::string sender_comp_id;
    std::string target_comp_id;
    std::string qualifier;
    Duration heartbeat = Duration::seconds(30);  ///< Whole seconds.
    Duration reconnect = Duration::seconds(5);   ///< Whole seconds.
    std::string start_time = "00:00:00";         ///< UTC.
    std::string end_time = "00:00:00";
    std::string start_day, end_day;  ///< "monday"; empty: every day.
    bool reset_on_logon = false;
    std::filesystem::path store;  ///< Folder of the sequence numbers.
    std::vector<LogonTagConfig> logon_tags;
    TagValue cancel_on_disconnect;  ///< Tag 0: none.
    bool mass_cancel = false;
    bool mass_status = false;
    SessionDialect dialect = SessionDialect::kGeneric;
    int account_tag = 1;
    bool hand_inst = true;
    bool executions_by_account = true;
    std::vector<TagValue> order_tags;
    std::vector<std::string> accounts;        ///< The venue's text by AccountId.
    std::vector<std::string> symbols;         ///< The venue's text by InstrumentId.
    std::vector<std::string> security_types;  ///< SecurityType (167) by InstrumentId; empty: none.
    bool expire_time = true;  ///< The venue takes ExpireTime (126), so it ends GTD orders.
    // Role drop_copy.
    MissingFill missing = MissingFill::kHalt;
    Duration book_after = Duration::seconds(2);
    // Role market_data.
    std::vector<InstrumentId> instruments;  ///< Subscribed; never empty with that role.
    bool quotes = true;
    bool trades = true;
    StreamId quote_stream, trade_stream;  ///< Of Config::streams, where there is such data.
    std::size_t lane = 65'536;            ///< Market events that wait; a power of two.
};

}  // namespace fermata
