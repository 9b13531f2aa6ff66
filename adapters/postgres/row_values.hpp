#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "adapters/postgres/copy_rows.hpp"
#include "core/event/order_event.hpp"

namespace fermata::postgres {

// Values of rows that may be null, and words for numbers.

template <class F>
void numeric_if(CopyRows& out, bool present, F value) {
    if (present) {
        out.numeric(value);
    } else {
        out.null();
    }
}

inline void text_or_null(CopyRows& out, std::string_view text) {
    if (text.empty()) {
        out.null();
    } else {
        out.text(text);
    }
}

inline void timestamp_if(CopyRows& out, bool present, Timestamp value) {
    if (present) {
        out.timestamp(value);
    } else {
        out.null();
    }
}

inline void flags(CopyRows& out, std::uint8_t bits) {
    constexpr std::pair<OrderFlag, std::string_view> kNames[] = {
        {kOrderPostOnly, "post_only"}, {kOrderReduceOnly, "reduce_only"},
        {kOrderEmulated, "emulated"},  {kOrderExit, "exit"},
        {kOrderParent, "parent"},      {kOrderBasket, "basket"},
        {kOrderShort, "short"},        {kOrderShortExempt, "short_exempt"}};
    std::array<std::string_view, std::size(kNames)> names;
    std::size_t count = 0;
    for (const auto& [flag, name] : kNames) {
        if ((bits & flag) != 0) names[count++] = name;
    }
    out.texts(std::span(names).first(count));
}

inline std::string_view liquidity(Liquidity v) noexcept {
    if (v == Liquidity::kMaker) return "maker";
    return v == Liquidity::kTaker ? "taker" : "";
}

}  // namespace fermata::postgres
