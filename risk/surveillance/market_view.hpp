#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/mark_table.hpp"
#include "risk/surveillance/finding.hpp"

namespace fermata::surveillance {

/// Prices and volumes of all instruments as the market showed them so far.
class MarketView {
public:
    explicit MarketView(std::size_t instruments) : marks_(instruments), volumes_(instruments) {}

    void take(const MarketEvent& e) noexcept {
        marks_.update(e);
        if (e.instrument.value >= volumes_.size()) return;
        Volume& volume = volumes_[e.instrument.value];
        if (e.type == MarketEventType::kTrade) {
            // Trades are the volume itself; bars only say it once more.
            volume.of_trades = true;
            volume.total += e.data.trade.quantity.raw();
        } else if (e.type == MarketEventType::kBar && e.data.bar.volume.is_positive()) {
            // Bars of another interval would count the same volume twice.
            if (!volume.bars) volume.bars = e.stream;
            if (!volume.of_trades && *volume.bars == e.stream) {
                volume.total += e.data.bar.volume.raw();
            }
        }
    }

    /// The middle of the quote, else the last price; nothing before there is one.
    [[nodiscard]] std::optional<Price> price(InstrumentId instrument) const noexcept {
        if (instrument.value >= marks_.size() || !marks_[instrument].valid()) return std::nullopt;
        return marks_[instrument].price();
    }
    /// Traded by everybody since the beginning, raw Quantity; only differences mean something.
    /// Nothing for an instrument of which no volume was ever seen.
    [[nodiscard]] std::optional<Wide> volume(InstrumentId instrument) const noexcept {
        if (instrument.value >= volumes_.size()) return std::nullopt;
        const Volume& volume = volumes_[instrument.value];
        if (!volume.of_trades && !volume.bars) return std::nullopt;
        return volume.total;
    }
    [[nodiscard]] std::size_t instruments() const noexcept { return volumes_.size(); }

private:
    struct Volume {
        Wide total = 0;
        bool of_trades = false;
        std::optional<StreamId> bars;
    };
    MarkTable marks_;
    std::vector<Volume> volumes_;
};

}  // namespace fermata::surveillance
