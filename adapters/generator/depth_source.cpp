#include <algorithm>
#include <cstdlib>

#include "adapters/generator/arrivals.hpp"
#include "adapters/generator/event_source.hpp"

namespace fermata::generator {
namespace {

enum class Side : std::uint8_t { kBid = 0, kAsk = 1 };

/// The sizes of one side of a book, of every tick from the best price outwards.
struct Ladder {
    std::int64_t best = 0;           ///< In ticks.
    std::vector<std::int64_t> lots;  ///< By distance from the best.
};

/// The published book of one symbol. Its first arrival in a session clears it and publishes all
/// levels; every other one publishes what is different: the levels that left the book, then those
/// that came into it, so that the book is never crossed between; or, when the price did not move, a
/// new size of one level.
class DepthSource final : public EventSource {
public:
    explicit DepthSource(World world)
        : arrivals_(std::move(world)),
          inside_(config()),
          books_(arrivals_.world().listings.size()) {
        for (Book& book : books_) {
            for (Ladder& ladder : book.sides) ladder.lots.resize(levels());
        }
        fresh_.resize(levels());
    }

    bool append(std::vector<MarketEvent>& out) override {
        Listing* listing = arrivals_.next();
        if (listing == nullptr) return false;
        listing_ = listing;
        out_ = &out;
        Book& book = books_[arrivals_.index()];
        tick_ = listing->instrument->tick_at(arrivals_.now());
        // The lowest bid of the book is at least one tick.
        const auto lowest = static_cast<std::int64_t>(levels());
        const Inside::Ticks at = inside_.ticks(*listing, tick_, lowest);
        const std::size_t before = out.size();
        if (book.session != arrivals_.sessions() || book.tick != tick_) {
            book.session = arrivals_.sessions();
            book.tick = tick_;
            publish_all(book, at);
        } else {
            remove(book.sides[0], Side::kBid, at.bid);
            remove(book.sides[1], Side::kAsk, at.ask);
            move(book.sides[0], Side::kBid, at.bid);
            move(book.sides[1], Side::kAsk, at.ask);
            if (out.size() == before) change_one(book);
        }
        out.back().data.depth.last = 1;
        return true;
    }
    std::uint64_t records() const noexcept override { return arrivals_.count(); }
    Timestamp now() const noexcept override { return arrivals_.now(); }

private:
    struct Book {
        std::uint64_t session = 0;
        Price tick;
        Ladder sides[2];
    };

    [[nodiscard]] const GeneratorConfig& config() const { return arrivals_.world().config; }
    [[nodiscard]] std::size_t levels() const { return static_cast<std::size_t>(config().levels); }
    /// How far `price` lies outside of `best`; negative: inside the spread.
    static std::int64_t distance(Side side, std::int64_t best, std::int64_t price) noexcept {
        return side == Side::kBid ? best - price : price - best;
    }
    static std::int64_t price_at(Side side, std::int64_t best, std::size_t level) noexcept {
        const auto d = static_cast<std::int64_t>(level);
        return side == Side::kBid ? best - d : best + d;
    }
    [[nodiscard]] bool within(std::int64_t d) const {
        return d >= 0 && d < static_cast<std::int64_t>(levels());
    }

    void emit(Side side, std::int64_t price_ticks, std::int64_t lots, std::uint8_t action = 0) {
        MarketEvent e = make_event(MarketEventType::kDepth, arrivals_.now(),
                                   listing_->instrument->id, config().stream);
        DepthData depth;
        depth.price = Price::from_raw(price_ticks * tick_.raw());
        depth.quantity = Quantity::from_raw(lots * listing_->instrument->lot.raw());
        depth.side = static_cast<std::uint8_t>(side);
        depth.action = action;
        e.data.depth = depth;
        out_->push_back(e);
    }

    void publish_all(Book& book, Inside::Ticks at) {
        emit(Side::kBid, 0, 0, 1);  // clears the book
        book.sides[0].best = at.bid;
        book.sides[1].best = at.ask;
        for (const Side side : {Side::kBid, Side::kAsk}) {
            Ladder& ladder = book.sides[static_cast<std::size_t>(side)];
            for (std::size_t i = 0; i < levels(); ++i) {
                ladder.lots[i] = inside_.lots(*listing_);
                emit(side, price_at(side, ladder.best, i), ladder.lots[i]);
            }
        }
    }

    /// Deletes the levels that the book around `best` does not have any more.
    void remove(const Ladder& ladder, Side side, std::int64_t best) {
        for (std::size_t i = 0; i < levels(); ++i) {
            const std::int64_t price = price_at(side, ladder.best, i);
            if (!within(distance(side, best, price))) emit(side, price, 0);
        }
    }

    /// Publishes the levels that are new and remembers the book around `best`.
    void move(Ladder& ladder, Side side, std::int64_t best) {
        if (ladder.best == best) return;
        for (std::size_t i = 0; i < levels(); ++i) {
            const std::int64_t price = price_at(side, best, i);
            const std::int64_t was = distance(side, ladder.best, price);
            if (within(was)) {
                fresh_[i] = ladder.lots[static_cast<std::size_t>(was)];
            } else {
                fresh_[i] = inside_.lots(*listing_);
                emit(side, price, fresh_[i]);
            }
        }
        ladder.lots.swap(fresh_);
        ladder.best = best;
    }

    void change_one(Book& book) {
        const std::uint64_t choice = listing_->path.random().below(2 * levels());
        const Side side = choice < levels() ? Side::kBid : Side::kAsk;
        Ladder& ladder = book.sides[static_cast<std::size_t>(side)];
        const std::size_t i = choice % levels();
        ladder.lots[i] = inside_.lots(*listing_);
        emit(side, price_at(side, ladder.best, i), ladder.lots[i]);
    }

    Arrivals arrivals_;
    Inside inside_;
    std::vector<Book> books_;
    std::vector<std::int64_t> fresh_;
    // Of the arrival at hand.
    Listing* listing_ = nullptr;
    std::vector<MarketEvent>* out_ = nullptr;
    Price tick_;
};

}  // namespace

std::unique_ptr<EventSource> make_depth_source(World world) {
    return std::make_unique<DepthSource>(std::move(world));
}

}  // namespace fermata::generator
