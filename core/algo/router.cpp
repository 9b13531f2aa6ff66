#include "core/algo/router.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/base/state_archive.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {
namespace {

constexpr std::uint16_t kNoVenue = 0xffff;

Price rounded(double value) noexcept {
    return price_on_tick(value, Price::from_raw(1), Rounding::kNearest);
}

}  // namespace

bool RoutingTable::any() const noexcept {
    std::uint16_t first = kNoVenue;
    for (const VenueId venue : venue_of_stream) {
        if (venue.value == kNoVenue) continue;
        if (first != kNoVenue && venue.value != first) return true;
        first = venue.value;
    }
    return false;
}

Router::Book* Router::find(InstrumentId id, VenueId venue) noexcept {
    for (Book& book : books_) {
        if (book.instrument == id && book.venue == venue) return &book;
    }
    return nullptr;
}

void Router::on_quote(StreamId stream, InstrumentId id, const QuoteData& quote) {
    if (table_ == nullptr || stream.value >= table_->venue_of_stream.size()) return;
    const VenueId venue = table_->venue_of_stream[stream.value];
    if (venue.value == kNoVenue) return;
    Book* book = find(id, venue);
    if (book == nullptr) book = &books_.emplace_back(Book{id, venue, {}, {}, {}, {}});
    book->bid = quote.bid;
    book->ask = quote.ask;
    book->bid_size = quote.bid_quantity;
    book->ask_size = quote.ask_quantity;
}

double Router::fill_rate(VenueId venue) const noexcept {
    for (const Record& r : records_) {
        if (r.venue == venue) return (r.filled + 1) / (r.sent + 1);
    }
    return 1;
}

std::optional<Route> Router::choose(InstrumentId id, Side side, Price bound,
                                    Multiplier multiplier) const noexcept {
    if (table_ == nullptr) return std::nullopt;
    const bool buys = side == Side::kBuy;
    const double s = sign(side);
    const auto shown = [&](const Book& b) { return buys ? b.ask_size : b.bid_size; };
    const auto quoted = [&](const Book& b) { return buys ? b.ask : b.bid; };
    const auto usable = [&](const Book& b) {
        return b.instrument == id && shown(b).is_positive() &&
               (bound.is_zero() || (buys ? quoted(b) <= bound : quoted(b) >= bound));
    };
    std::optional<Price> best_price;
    for (const Book& b : books_) {
        if (!usable(b)) continue;
        const Price p = quoted(b);
        if (!best_price || (buys ? p < *best_price : p > *best_price)) best_price = p;
    }
    if (!best_price) return std::nullopt;
    const double money_of_point =
        static_cast<double>(multiplier.raw()) / static_cast<double>(Multiplier::kOne);
    std::optional<Route> best;
    const auto better = [](const Route& a, const Route& b) {
        return std::tuple(a.cost, a.latency, -a.quantity, a.venue) <
               std::tuple(b.cost, b.latency, -b.quantity, b.venue);
    };
    std::uint16_t candidates = 0;
    for (const Book& b : books_) {
        if (!usable(b)) continue;
        const auto terms = std::find_if(table_->venues.begin(), table_->venues.end(),
                                        [&](const RouteVenue& v) { return v.venue == b.venue; });
        if (terms == table_->venues.end()) continue;
        ++candidates;
        const double price = to_double(quoted(b));
        const double rate = fill_rate(b.venue);
        const bool two_sided = b.bid_size.is_positive() && b.ask_size.is_positive();
        const double spread = two_sided ? std::max(to_double(b.ask) - to_double(b.bid), 0.0) : 0;
        const double fee =
            to_double(terms->fee) / money_of_point + to_double(terms->fee_rate) * price;
        Route route;
        route.venue = b.venue;
        route.price = quoted(b);
        route.quantity = shown(b);
        route.fee = rounded(fee);
        route.cost = rounded(s * (price - to_double(*best_price)) + fee + (1 - rate) * spread);
        route.fill_rate =
            Ratio::from_raw(static_cast<std::int64_t>(std::llround(rate * Ratio::kOne)));
        route.latency = terms->latency;
        if (!best || better(route, *best)) {
            if (best) {
                route.next = best->venue;
                route.next_cost = best->cost;
            }
            best = route;
        } else if (best->next.value == kNoVenue || route.cost < best->next_cost) {
            best->next = route.venue;
            best->next_cost = route.cost;
        }
    }
    if (best) best->candidates = candidates;
    return best;
}

void Router::sent(InstrumentId id, Side side, VenueId venue, Quantity quantity) noexcept {
    Book* book = find(id, venue);
    if (book == nullptr) return;
    Quantity& shown = side == Side::kBuy ? book->ask_size : book->bid_size;
    shown = shown > quantity ? shown - quantity : Quantity::zero();
}

void Router::over(VenueId venue, Quantity quantity, Quantity filled) noexcept {
    auto found = std::find_if(records_.begin(), records_.end(),
                              [&](const Record& r) { return r.venue == venue; });
    if (found == records_.end()) found = records_.insert(found, Record{venue});
    found->sent += to_double(quantity);
    found->filled += to_double(filled);
}

void Router::Book::persist(StateArchive& a) {
    a.all<Book>(instrument, venue, bid, ask, bid_size, ask_size);
}
void Router::Record::persist(StateArchive& a) { a.all<Record>(venue, sent, filled); }

void Router::persist(StateArchive& a) {
    constexpr std::size_t kMost = std::size_t{1} << 24;
    a.sized(books_, kMost);
    a.sized(records_, kMost);
}

}  // namespace fermata
