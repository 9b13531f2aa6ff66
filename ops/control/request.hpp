#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a client of the control socket may ask for, as plain data: docs/control-protocol.md.
namespace fermata::console {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kLineMax = 65'536;   ///< Of a request, with its line feed.
inline constexpr std::size_t kNameMax = 64;       ///< Bytes of a name, a number or a limit's value.
inline constexpr std::size_t kReasonMax = 200;    ///< Bytes of a reason.
inline constexpr std::uint64_t kPageMax = 1'000;  ///< Rows of one answer.

/// What somebody may do; each includes those before it.
enum class Role : std::uint8_t {
    kNone = 0,
    kViewer = 1,  ///< Sees everything, changes nothing.
    kTrader = 2,  ///< Stops strategies of their own.
    kRisk = 3,    ///< Stops anything, tightens limits.
    kAdmin = 4,   ///< Releases and loosens, together with another admin.
};
[[nodiscard]] std::string_view name(Role role) noexcept;  ///< "viewer", ...
[[nodiscard]] std::optional<Role> parse_role(std::string_view text) noexcept;

enum class Method : std::uint8_t {
    // questions
    kStatus,
    kPositions,
    kOrders,
    kStrategies,
    kLimits,
    kSessions,
    kLatency,
    kAlerts,
    kCancels,  ///< How far the cancels of a command are.
    kTail,     ///< Events follow until the connection ends.
    kAlive,    ///< Somebody who operates is there: see the dead-man switch.
    // commands
    kKill,
    kHalt,
    kReduce,
    kCancel,
    kFlatten,
    kDisable,
    kRelease,
    kEnable,
    kTighten,
    kLoosen,
    kAcknowledge,
    kAccept,  ///< Venues as they are; ends RECOVERING.
};

struct MethodDefinition {
    Method method;
    std::string_view name;
    Role least;    ///< Who may at all.
    bool command;  ///< Changes something: wants a reason and the state version that was seen.
    bool two;      ///< Two different people must ask for it.
};

inline constexpr std::array<MethodDefinition, 23> kMethods = {{
    {Method::kStatus, "status", Role::kViewer, false, false},
    {Method::kPositions, "positions", Role::kViewer, false, false},
    {Method::kOrders, "orders", Role::kViewer, false, false},
    {Method::kStrategies, "strategies", Role::kViewer, false, false},
    {Method::kLimits, "limits", Role::kViewer, false, false},
    {Method::kSessions, "sessions", Role::kViewer, false, false},
    {Method::kLatency, "latency", Role::kViewer, false, false},
    {Method::kAlerts, "alerts", Role::kViewer, false, false},
    {Method::kCancels, "cancels", Role::kViewer, false, false},
    {Method::kTail, "tail", Role::kViewer, false, false},
    {Method::kAlive, "alive", Role::kTrader, false, false},
    {Method::kKill, "kill", Role::kTrader, true, false},
    {Method::kHalt, "halt", Role::kTrader, true, false},
    {Method::kReduce, "reduce", Role::kTrader, true, false},
    {Method::kCancel, "cancel", Role::kTrader, true, false},
    {Method::kFlatten, "flatten", Role::kRisk, true, false},
    {Method::kDisable, "disable", Role::kTrader, true, false},
    {Method::kRelease, "release", Role::kAdmin, true, true},
    {Method::kEnable, "enable", Role::kAdmin, true, true},
    {Method::kTighten, "tighten", Role::kRisk, true, false},
    {Method::kLoosen, "loosen", Role::kAdmin, true, true},
    {Method::kAcknowledge, "acknowledge", Role::kTrader, true, false},
    {Method::kAccept, "accept", Role::kAdmin, true, true},
}};
[[nodiscard]] const MethodDefinition& definition(Method method) noexcept;
[[nodiscard]] const MethodDefinition* find_method(std::string_view name) noexcept;

/// One request, checked for its form but not for what it names.
struct Request {
    std::uint64_t id = 0;  ///< The client's own; stands in the answer.
    Method method = Method::kStatus;
    std::string scope;   ///< firm (also when empty), account, strategy, instrument, venue.
    std::string target;  ///< Name within the scope; empty for the firm.
    std::string limit;   ///< tighten, loosen: the limit's key.
    std::string value;   ///< The same: its new value, as a configuration writes it.
    std::optional<std::uint64_t> alert;   ///< acknowledge: number of the alert.
    std::uint64_t after = 0;              ///< Lists: rows behind this key.
    std::uint64_t count = kPageMax;       ///< Lists: rows at most.
    std::string reason;                   ///< Commands.
    std::optional<std::uint64_t> expect;  ///< Commands: the state version that was seen.
};

/// Why there is no result. The names are part of the protocol.
enum class Error : std::uint8_t {
    kNone,
    kBadRequest,  ///< Not a request of this protocol.
    kVersion,     ///< Of another protocol version.
    kUnknownMethod,
    kForbidden,     ///< The role does not allow it.
    kStale,         ///< The state is not the one that was expected.
    kNotFound,      ///< Nothing has that name or number.
    kInvalid,       ///< The value is none, or would not do what the command says.
    kNothingToDo,   ///< It is so already.
    kBusy,          ///< Too much is asked at once; try again.
    kNotAvailable,  ///< This daemon cannot do it.
    kFailed,        ///< It was tried.
};
[[nodiscard]] std::string_view name(Error error) noexcept;  ///< "bad_request", ...

/// What is answered.
struct Answer {
    Error error = Error::kNone;
    std::string message;  ///< With an error: what happened, to what, what to do next.
    std::string result;   ///< Without one: a JSON object.
    std::uint64_t state_version = 0;
};

/// Who is at the other end of a connection, as the system says.
struct Peer {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int32_t pid = 0;
    Role role = Role::kNone;
    std::string strategies;  ///< A trader's own, each between line feeds; see owns.

    [[nodiscard]] bool owns(std::string_view strategy) const;
    void own(std::string_view strategy);
};

/// Why this peer may not ask for this; empty when they may.
[[nodiscard]] std::string objection(const Peer& peer, const Request& request);

}  // namespace fermata::console
