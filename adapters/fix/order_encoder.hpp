#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/fix/dialect.hpp"
#include "adapters/fix/order_text.hpp"
#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/sent_orders.hpp"
#include "core/event/order_event.hpp"

namespace fermata::fix {

/// Makes NewOrderSingle (D), OrderCancelRequest (F) and OrderCancelReplaceRequest (G).
///
/// Owner:  the loop that sends.
/// Memory: one message for each combination of fields, made at construction and filled again and
///         again; numbers are written from integers. A message is valid until the next one.
class OrderEncoder {
public:
    explicit OrderEncoder(const Dialect& dialect);
    OrderEncoder(const OrderEncoder&) = delete;
    OrderEncoder& operator=(const OrderEncoder&) = delete;

    /// nullptr for what FIX 4.4 cannot say.
    [[nodiscard]] FIX::Message* new_order(const OrderEvent& request) noexcept;
    /// `order` is what is known of the order that it changes.
    [[nodiscard]] FIX::Message* cancel(const OrderEvent& request, const SentOrder& order) noexcept;
    [[nodiscard]] FIX::Message* replace(const OrderEvent& request, const SentOrder& order) noexcept;

private:
    /// Optional fields, as bits.
    enum Part : unsigned {
        kPrice = 1,
        kStop = 2,
        kDisplay = 4,
        kExpire = 8,
        kInstruction = 16,
        kAccount = 32,
        kSecurityType = 64,
    };
    static constexpr unsigned kParts = 128;  // combinations
    [[nodiscard]] FIX::Message make(const char* type, unsigned parts) const;
    void choose(FIX::Message& message) noexcept;
    void put(int tag, std::string_view value) noexcept;
    void put(int tag, char value) noexcept { put(tag, std::string_view(&value, 1)); }
    template <class F>
    void put_number(int tag, F number) noexcept;
    void put_id(int tag, RequestId id) noexcept;
    void put_time(int tag, Timestamp ts) noexcept;
    void put_names(InstrumentId instrument, AccountId account, unsigned parts) noexcept;
    void put_terms(OrderType type, Price price, Price stop, Quantity quantity, Quantity display,
                   unsigned parts) noexcept;
    /// The optional fields that name an account and the kind of an instrument.
    [[nodiscard]] unsigned name_parts(InstrumentId instrument, AccountId account) const noexcept;
    [[nodiscard]] static constexpr std::size_t cancel_index(unsigned parts) noexcept {
        return ((parts & kAccount) != 0 ? 1U : 0U) + ((parts & kSecurityType) != 0 ? 2U : 0U);
    }
    [[nodiscard]] bool knows(InstrumentId instrument) const noexcept;

    const Dialect& dialect_;
    std::array<std::unique_ptr<FIX::Message>, kParts> new_, replace_;
    std::array<std::unique_ptr<FIX::Message>, 4> cancel_;
    FIX::Message* message_ = nullptr;  // in hand
    FIX::FieldMap::iterator at_;       // in it: fields are put in the order of their tags
    std::string scratch_;
};

}  // namespace fermata::fix
