#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/types/ids.hpp"

namespace fermata {

/// An order as its venue knows it (ClOrdID, 11): "20779-1-17", which is UTC day since 1970, epoch
/// and number.
[[nodiscard]] std::string client_order_text(ClientOrderId id);
/// An order as somebody types it: that text, also of one of its cancels or replaces
/// ("20779-1-17-2"), or the number that tables and files have. Nothing when it is none, or zero.
[[nodiscard]] std::optional<ClientOrderId> parse_client_order(std::string_view text);

/// An execution as it is on record: a number that is made of the venue's text (ExecID, 17), the
/// same in every line, table and file. `fermata journal query --type raw --execution` finds that.
[[nodiscard]] std::string execution_text(ExecId id);
/// The same of a number as alerts keep it.
[[nodiscard]] std::string execution_text(std::int64_t detail);
/// The venue's text before the number, where it is at hand: "EX-17 (1790...)". What is not visible
/// ASCII becomes '?'.
[[nodiscard]] std::string execution_text(ExecId id, std::string_view venue_text);

}  // namespace fermata
