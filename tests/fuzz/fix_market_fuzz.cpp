#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/market_decoder.hpp"
#include "core/base/assert.hpp"

namespace {

using namespace fermata;

fix::Dialect dialect() {
    fix::Dialect d;
    d.symbols = {"SPY", "QQQ"};
    return d;
}

}  // namespace

/// Whatever a venue sends as market data: nothing is read outside of it, and what is given is of
/// our instruments, whole, and possible. '|' stands for the separator of fields.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fix::Dialect names = dialect();
    fix::MarketSettings settings;
    settings.instruments = {InstrumentId{0}, InstrumentId{1}};
    settings.quote_stream = StreamId{1};
    settings.trade_stream = StreamId{2};
    fix::MarketDecoder decoder(names, settings);
    decoder.subscribe("R");
    std::string text(reinterpret_cast<const char*>(data), size);
    for (char& c : text) {
        if (c == '|') c = '\x01';
    }
    std::vector<MarketEvent> events;
    // One input is several messages, which meet the books that those before have left.
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::size_t before = events.size();
        const auto result = decoder.decode(rest.substr(0, end), Timestamp{1}, events);
        FERMATA_ASSERT(result.ok() || events.size() == before);
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    decoder.restate(Timestamp{1}, events);
    decoder.gap(Timestamp{1}, 1, events);
    for (const MarketEvent& e : events) {
        FERMATA_ASSERT(e.instrument.value < 2);
        if (e.type == MarketEventType::kTrade) {
            FERMATA_ASSERT(e.stream == settings.trade_stream);
            FERMATA_ASSERT(e.data.trade.quantity.is_positive());
        } else if (e.type == MarketEventType::kQuote) {
            FERMATA_ASSERT(e.stream == settings.quote_stream);
            FERMATA_ASSERT(!e.data.quote.bid_quantity.is_negative());
            FERMATA_ASSERT(!e.data.quote.ask_quantity.is_negative());
        } else {
            FERMATA_ASSERT(e.type == MarketEventType::kGap || e.type == MarketEventType::kSession);
        }
    }
    return 0;
}
