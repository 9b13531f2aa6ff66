#include "daemon/replay/order_flags.hpp"

#include <string_view>
#include <utility>

#include "core/types/order_enums.hpp"

namespace fermata {

std::string render_order_flags(std::uint8_t flags) {
    constexpr std::pair<OrderFlag, std::string_view> kNames[] = {
        {kOrderPostOnly, "post_only"}, {kOrderReduceOnly, "reduce_only"},
        {kOrderEmulated, "emulated"},  {kOrderExit, "exit"},
        {kOrderParent, "parent"},      {kOrderBasket, "basket"},
        {kOrderShort, "short"},        {kOrderShortExempt, "short_exempt"}};
    std::string text;
    for (const auto& [flag, name] : kNames) {
        if ((flags & flag) == 0) continue;
        if (!text.empty()) text += ' ';
        text += name;
    }
    return text;
}

}  // namespace fermata
