#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/fix/dialect.hpp"
#include "adapters/fix/market_settings.hpp"
#include "adapters/fix/sequence_file.hpp"
#include "adapters/fix/sequence_record.hpp"

namespace fermata {
class LinkObserver;
}

namespace fermata::fix {

/// What a session is for, and so which end of it Engine gives.
enum class SessionKind : std::uint8_t { kOrders, kMarketData, kDropCopy };

/// One FIX 4.4 session that we open: where to, as whom, when, and how its venue speaks.
struct SessionSettings {
    std::string host;
    std::uint16_t port = 0;
    std::string sender_comp_id;
    std::string target_comp_id;
    std::string qualifier;  ///< Tells sessions with the same CompIDs apart; not sent.
    int heartbeat_s = 30;
    int reconnect_s = 5;  ///< The smallest of an engine's sessions is in force for all of them.
    /// UTC times of day between which there is a session (both the same: a whole day from there),
    /// and days of the week ("monday"); empty: every day. Sequence numbers begin again with each.
    std::string start_time = "00:00:00", end_time = "00:00:00";
    std::string start_day, end_day;
    /// Begin with 1 at every logon, as some venues want. Then nothing is recovered by resending,
    /// and what was missed is found by mass status alone.
    bool reset_on_logon = false;
    /// Added to every Logon: user name and password (553, 554), and what a venue asks for.
    std::vector<std::pair<int, std::string>> logon_tags;
    /// Fields of Logon whose values the observer must not see: they come to it as ***.
    std::vector<int> secret_tags;
    /// Added to Logon so that the venue cancels our orders when we are gone; tag 0: it has no such
    /// tag.
    std::pair<int, std::string> cancel_on_disconnect = {0, ""};
    /// Where the sequence numbers are kept (sequence_file.hpp); made when it is not there. No sync:
    /// after a loss of power they may be behind, which the venue refuses and an operator sets
    /// right.
    std::string store_folder;
    SequenceRun run;  ///< Whose messages are received; of kinds kOrders and kDropCopy.
    /// The session's messages of earlier processes. Where their count goes on, the file of the
    /// numbers has to be there, and is not believed where it is behind them.
    SequenceRecord on_record;
    /// Lines for the operator, in the engine's constructor; may be empty.
    std::function<void(const std::string&)> report;
    SessionKind kind = SessionKind::kOrders;
    MarketSettings market;  ///< Of kind kMarketData.
    /// Who is told of this session alone; nullptr: the engine's. Outlives the engine.
    LinkObserver* observer = nullptr;
    Dialect dialect;
    std::size_t orders_max = 65'536;   ///< Open orders.
    std::size_t reports_lane = 4'096;  ///< A power of two.
};

}  // namespace fermata::fix
