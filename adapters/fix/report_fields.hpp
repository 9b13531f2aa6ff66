#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fermata::fix {

/// The fields that we read of a venue's answer. Everything else in it is passed over.
enum class Field : std::uint8_t {
    kAccount,
    kAffected,
    kBusinessId,
    kBusinessReason,
    kCancelReason,
    kCancelTo,
    kClOrdId,
    kCommission,
    kCommissionCurrency,
    kCommissionType,
    kCumulative,
    kExecId,
    kExecRefId,
    kExecType,
    kLastPrice,
    kLastQuantity,
    kLastReport,
    kLeaves,
    kLiquidity,
    kMassReason,
    kMassResponse,
    kOrderId,
    kOrderType,
    kOrdStatus,
    kOrigClOrdId,
    kPrice,
    kQuantity,
    kRefSequence,
    kRejectReason,
    kRestatement,
    kSessionReason,
    kSide,
    kStopPrice,
    kSymbol,
    kText,
    kTotalReports,
};
inline constexpr int kFieldCount = 36;

/// The tag of a field, and which field a tag is.
[[nodiscard]] int tag_of(Field field) noexcept;
[[nodiscard]] std::optional<Field> field_of(int tag) noexcept;

/// A venue's answer as texts, which live elsewhere.
class ReportFields {
public:
    /// Keeps what is read of it. A field that comes twice makes the answer ambiguous.
    void take(int tag, std::string_view value) noexcept {
        const auto field = field_of(tag);
        if (!field) return;
        std::string_view& slot = values_[static_cast<std::size_t>(*field)];
        if (slot.data() != nullptr && twice_ == 0) twice_ = tag;
        slot = value;
    }
    [[nodiscard]] std::string_view operator[](Field field) const noexcept {
        return values_[static_cast<std::size_t>(field)];
    }
    [[nodiscard]] bool has(Field field) const noexcept { return !(*this)[field].empty(); }
    /// A tag that came twice; 0: none did.
    [[nodiscard]] int twice() const noexcept { return twice_; }

private:
    std::array<std::string_view, kFieldCount> values_{};
    int twice_ = 0;
};

}  // namespace fermata::fix
