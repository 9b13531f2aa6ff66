#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/types/ids.hpp"

namespace fermata::fix {

/// How one venue speaks FIX 4.4: names, and what differs between venues, as data. Constant.
struct Dialect {
    VenueId venue;
    std::vector<std::string> symbols;     ///< Symbol (55) by InstrumentId.
    std::vector<std::string> accounts;    ///< Account text by AccountId; may be shorter.
    std::vector<std::string> currencies;  ///< ISO codes by CurrencyId.
    int account_tag = 1;                  ///< Where the account stands in requests; 0: nowhere.
    /// Sent with every request about an order, as they are (tag, value).
    std::vector<std::pair<int, std::string>> order_tags;
    /// Execution ids are unique within an account (1) and not at the whole venue: where a report
    /// names its account, the account is part of the id.
    bool executions_by_account = true;
    bool hand_inst = true;     ///< HandlInst (21) = 1; FIX 4.4 made it optional.
    bool mass_cancel = false;  ///< Understands q.
    bool mass_status = false;  ///< Understands AF.
    /// SecurityType (167) by InstrumentId; may be shorter. Empty: it is not sent.
    std::vector<std::string> security_types;
    bool expire_time = true;  ///< Takes ExpireTime (126); without it no GTD order is sent.
};

/// The names of a dialect, to be found by a text.
class Names {
public:
    static constexpr std::uint32_t kNone = 0xffff'ffff;
    explicit Names(const std::vector<std::string>& names);
    [[nodiscard]] std::uint32_t find(std::string_view name) const noexcept;

private:
    struct Entry {
        std::string name;
        std::uint32_t id;
    };
    std::vector<Entry> entries_;  // by name
};

}  // namespace fermata::fix
