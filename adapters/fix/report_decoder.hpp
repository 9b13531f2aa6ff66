#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/fix/dialect.hpp"
#include "adapters/fix/report_fields.hpp"
#include "core/base/result.hpp"
#include "core/event/order_event.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// What a venue's answer says, before it is known what we asked: see ReportResolver.
struct alignas(64) InboundReport {
    enum class Kind : std::uint8_t {
        kExecution,     ///< `event` is a kExecution.
        kCorrection,    ///< `event` is a kCorrection.
        kCancelReject,  ///< `event` is a kExecution: kCancelRejected or kReplaceRejected.
        kReject,        ///< Of a message, by its number or its id; `event` a kExecution.
        kStatus,        ///< How an order stands; never a fill.
        kNote,          ///< Nothing that changes an order: PendingNew, Stopped, Calculated, ...
    };

    OrderEvent event;
    Quantity quantity;            ///< OrderQty (38), if `has_quantity`.
    Price limit;                  ///< Price (44), if `has_limit`.
    Price stop;                   ///< StopPx (99), if `has_stop`.
    std::uint64_t reference = 0;  ///< kReject: MsgSeqNum of what is refused; 0: unknown.
    std::uint32_t change = 0;     ///< Of the request that ClOrdID names.
    AccountId account{0xffff};    ///< 0xffff: not said, or not ours.
    Kind kind = Kind::kNote;
    std::uint8_t side = 0xff;  ///< Side; 0xff: not said.
    char order_type = 0;       ///< OrdType (40); 0: not said.
    char status = 0;           ///< OrdStatus (39); 0: not said.
    bool has_quantity = false;
    bool has_limit = false;
    bool has_stop = false;
    bool has_leaves = false;
    bool has_cumulative = false;
    bool has_symbol = false;    ///< And it is one of ours.
    bool requested = false;     ///< ClOrdID names a cancel or replace of ours.
    bool acknowledges = false;  ///< kNote: says that the venue has the order.
    std::uint8_t reserved[14] = {};

    // As OrderEvent, which begins it: a lane carries it.
    static constexpr std::size_t kLaneWord = OrderEvent::kLaneWord;
    static constexpr std::uint64_t kLaneMask = OrderEvent::kLaneMask;
};
static_assert(sizeof(InboundReport) == 192);

/// Why an answer was not understood: nothing of it may be used.
struct DecodeProblem {
    int tag = 0;            ///< The field at fault.
    std::string_view what;  ///< "not a decimal number"
};

/// Reads ExecutionReport (8), OrderCancelReject (9), BusinessMessageReject (j) and Reject (3) of
/// FIX 4.4, and what 4.2 and 5.0 call by other numbers.
///
/// Strict where money is: every number that is used is exact or the whole answer is refused.
/// Lenient elsewhere: an unknown field or reason costs nothing. Never throws, never allocates.
class ReportDecoder {
public:
    explicit ReportDecoder(const Dialect& dialect);

    /// `type` is MsgType: one of '8', '9', 'j', '3'.
    [[nodiscard]] Result<InboundReport, DecodeProblem> decode(char type, const ReportFields& fields,
                                                              Timestamp arrived) const noexcept;

private:
    struct Reader;
    void execution(Reader& in) const noexcept;
    void correction(Reader& in, CorrectionKind kind) const noexcept;
    void cancel_reject(Reader& in) const noexcept;
    void reject(Reader& in, char type) const noexcept;
    void status(Reader& in) const noexcept;
    [[nodiscard]] Money fee(Reader& in, Price price, Quantity quantity,
                            CurrencyId& currency) const noexcept;

    [[nodiscard]] ExecId execution_id(const Reader& in, Field field) const noexcept;

    VenueId venue_;
    bool by_account_;
    Names symbols_, accounts_, currencies_;
};

/// OrdRejReason (103), CxlRejReason (102), BusinessRejectReason (380) as the core's reasons; kNone
/// for what has no counterpart (the venue's words are in the journal of raw messages).
[[nodiscard]] OrderReason order_reject_reason(std::string_view code) noexcept;
[[nodiscard]] OrderReason cancel_reject_reason(std::string_view code) noexcept;
[[nodiscard]] OrderReason business_reject_reason(std::string_view code) noexcept;
/// OrdStatus (39) as a state; kUnknown for what FIX 4.4 does not list.
[[nodiscard]] OrderState order_state(char status) noexcept;

}  // namespace fermata::fix
