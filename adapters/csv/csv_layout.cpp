#include "adapters/csv/csv_layout.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/market/line_reader.hpp"
#include "core/port/feed.hpp"

namespace fermata::csv {
namespace {

constexpr std::size_t kListed = 40;  // columns in a message

/// Levenshtein distance without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t cost = lower(a[i]) == lower(b[j]) ? 0 : 1;
            const std::size_t best = std::min({row[j + 1] + 1, row[j] + 1, diagonal + cost});
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[b.size()];
}

class Resolver {
public:
    Resolver(const CsvFeedConfig& config, const std::vector<std::string>& header,
             std::string_view place)
        : config_(config), header_(header), place_(place) {}

    CsvField required(const CsvColumn& column, std::string_view key) const {
        if (!column.is_set()) {
            fail("columns." + std::string(key) +
                 " is not configured, but rows of this kind need it");
        }
        return optional(column);
    }

    CsvField optional(const CsvColumn& column) const {
        if (!column.is_set()) return {};
        if (column.index.has_value()) return by_index(*column.index);
        if (!config_.header) {
            fail("column \"" + column.name +
                 "\" is configured by name, but the file is said to have no header");
        }
        const auto found = std::find(header_.begin(), header_.end(), column.name);
        if (found == header_.end()) fail_missing(column.name);
        if (std::find(found + 1, header_.end(), column.name) != header_.end()) {
            fail("the header has the column \"" + clip(column.name) +
                 "\" twice; name it by its index from 0");
        }
        return {static_cast<std::size_t>(found - header_.begin()), "column " + column.name};
    }

private:
    CsvField by_index(std::size_t index) const {
        if (index >= header_.size()) {
            fail("column " + std::to_string(index) + " (from 0) is configured, but the file has " +
                 std::to_string(header_.size()) + " columns");
        }
        return {index, "column " + std::to_string(index)};
    }

    [[noreturn]] void fail_missing(const std::string& wanted) const {
        std::string text = "there is no column \"" + clip(wanted) + "\"";
        const std::string* nearest = nullptr;
        std::size_t best = std::max<std::size_t>(wanted.size() / 2, 2) + 1;
        for (const std::string& name : header_) {
            if (name.size() > wanted.size() + best) continue;
            const std::size_t d = distance(name, wanted);
            if (d < best) {
                best = d;
                nearest = &name;
            }
        }
        if (nearest != nullptr) text += "; did you mean \"" + clip(*nearest) + "\"?";
        fail(text);
    }

    [[noreturn]] void fail(const std::string& what) const {
        std::string text = std::string(place_) + ": " + what;
        if (config_.header) {
            text += " (the file has the columns ";
            for (std::size_t i = 0; i < std::min(header_.size(), kListed); ++i) {
                text += (i == 0 ? "" : ", ") + clip(header_[i]);
            }
            if (header_.size() > kListed) {
                text += " and " + std::to_string(header_.size() - kListed) + " more";
            }
            text += ")";
        }
        throw FeedError(text);
    }

    const CsvFeedConfig& config_;
    const std::vector<std::string>& header_;
    std::string_view place_;
};

}  // namespace

CsvLayout resolve_layout(const CsvFeedConfig& config, const std::vector<std::string>& header,
                         std::string_view place) {
    const Resolver resolve(config, header, place);
    const CsvColumns& columns = config.columns;
    CsvLayout layout;
    layout.columns = header.size();
    layout.time = resolve.required(columns.time, "time");
    layout.symbol = resolve.optional(columns.symbol);
    switch (config.kind) {
        case CsvKind::kBar:
            layout.open = resolve.required(columns.open, "open");
            layout.high = resolve.required(columns.high, "high");
            layout.low = resolve.required(columns.low, "low");
            layout.close = resolve.required(columns.close, "close");
            layout.volume = resolve.optional(columns.volume);
            break;
        case CsvKind::kQuote:
            layout.bid = resolve.required(columns.bid, "bid");
            layout.ask = resolve.required(columns.ask, "ask");
            layout.bid_size = resolve.optional(columns.bid_size);
            layout.ask_size = resolve.optional(columns.ask_size);
            break;
        case CsvKind::kTrade:
            layout.price = resolve.required(columns.price, "price");
            layout.quantity = resolve.required(columns.quantity, "quantity");
            layout.side = resolve.optional(columns.side);
            layout.trade_id = resolve.optional(columns.trade_id);
            layout.exchange = resolve.optional(columns.exchange);
            layout.conditions = resolve.optional(columns.conditions);
            break;
        case CsvKind::kDepth:
            layout.price = resolve.required(columns.price, "price");
            layout.quantity = resolve.required(columns.quantity, "quantity");
            layout.side = resolve.required(columns.side, "side");
            layout.orders = resolve.optional(columns.orders);
            layout.snapshot = resolve.optional(columns.snapshot);
            layout.group = resolve.optional(columns.group);
            break;
    }
    for (const CsvFilter& filter : config.filters) {
        layout.filters.push_back(resolve.required(filter.column, "filters.column"));
    }
    return layout;
}

}  // namespace fermata::csv
