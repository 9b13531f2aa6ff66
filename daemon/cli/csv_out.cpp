#include "daemon/cli/csv_out.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

using generator::GeneratorKind;

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

constexpr std::array<const char*, 4> kHeaders{
    "ts_ns,symbol,open,high,low,close,volume", "ts_ns,symbol,bid,bid_size,ask,ask_size",
    "ts_ns,symbol,price,quantity,side,trade_id", "ts_ns,symbol,side,price,quantity,type,group"};

constexpr std::array<const char*, 4> kColumns{
    "columns: {time: ts_ns, symbol: symbol, volume: volume}",
    "columns: {time: ts_ns, symbol: symbol, bid_size: bid_size, ask_size: ask_size}",
    "columns: {time: ts_ns, symbol: symbol, side: side, trade_id: trade_id}",
    "columns: {time: ts_ns, symbol: symbol, snapshot: type, group: group}"};

std::size_t index(GeneratorKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

std::string csv_columns_yaml(GeneratorKind kind) { return kColumns[index(kind)]; }

CsvOut::CsvOut(const std::filesystem::path& path, GeneratorKind kind,
               const InstrumentTable& instruments, std::vector<const Calendar*> calendars,
               bool daily)
    : path_(path),
      out_(path, std::ios::binary | std::ios::trunc),
      instruments_(instruments),
      calendars_(std::move(calendars)),
      daily_(daily),
      opens_(instruments.size()),
      in_snapshot_(instruments.size()),
      was_snapshot_(instruments.size()) {
    if (!out_) throw FeedError("cannot create " + path_.string() + ": " + std::strerror(errno));
    buffer_ = std::string(kHeaders[index(kind)]) + "\n";
}

void CsvOut::append(std::span<const MarketEvent> events) {
    for (const MarketEvent& e : events) {
        switch (e.type) {
            case MarketEventType::kBarOpen:
                opens_[e.instrument.value] = e.ts;
                break;
            case MarketEventType::kBar:
                bar(e);
                break;
            case MarketEventType::kQuote:
                quote(e);
                break;
            case MarketEventType::kTrade:
                trade(e);
                break;
            case MarketEventType::kDepth:
                depth(e);
                break;
            default:
                throw FeedError(path_.string() + ": a " + std::string(name(e.type)) +
                                " event has no row in a CSV file; write a tape");
        }
        if (buffer_.size() >= kFlushBytes) flush();
    }
}

void CsvOut::begin_row(Timestamp ts, InstrumentId instrument) {
    buffer_ += std::to_string(ts.ns);
    text(instruments_[instrument].symbol);
}

template <class F>
void CsvOut::cell(F value) {
    char digits[32];
    text({digits, format_decimal(value.raw(), F::kDecimals, 0, digits)});
}

void CsvOut::text(std::string_view cell) {
    buffer_ += ',';
    buffer_ += cell;
}

void CsvOut::bar(const MarketEvent& e) {
    Timestamp stamp = opens_[e.instrument.value];
    const Calendar* calendar = calendars_[e.instrument.value];
    if (daily_ && calendar != nullptr) {
        if (const Session* session = calendar->session_at(stamp)) {
            stamp = calendar->start_of(session->date).value_or(stamp);
        }
    }
    begin_row(stamp, e.instrument);
    for (const Price p : {e.data.bar.open, e.data.bar.high, e.data.bar.low, e.data.bar.close}) {
        cell(p);
    }
    cell(e.data.bar.volume);
    buffer_ += '\n';
}

void CsvOut::quote(const MarketEvent& e) {
    begin_row(e.ts, e.instrument);
    cell(e.data.quote.bid);
    cell(e.data.quote.bid_quantity);
    cell(e.data.quote.ask);
    cell(e.data.quote.ask_quantity);
    buffer_ += '\n';
}

void CsvOut::trade(const MarketEvent& e) {
    begin_row(e.ts, e.instrument);
    cell(e.data.trade.price);
    cell(e.data.trade.quantity);
    text(e.data.trade.aggressor == 1 ? "buy" : "sell");
    text(std::to_string(e.data.trade.trade_id));
    buffer_ += '\n';
}

void CsvOut::depth(const MarketEvent& e) {
    const std::size_t i = e.instrument.value;
    const DepthData& d = e.data.depth;
    if (d.action == 1) {
        // A reader clears the book at the first of several snapshot rows, so two snapshots in a row
        // would be one to it.
        if (was_snapshot_[i]) {
            throw FeedError(path_.string() + ": two whole books of " +
                            instruments_[e.instrument].symbol +
                            " follow each other, which CSV cannot hold; raise the rate or write a "
                            "tape");
        }
        in_snapshot_[i] = true;
        return;
    }
    begin_row(e.ts, e.instrument);
    text(d.side == 0 ? "bid" : "ask");
    cell(d.price);
    cell(d.quantity);
    text(in_snapshot_[i] ? "snapshot" : "change");
    text(std::to_string(group_));
    buffer_ += '\n';
    if (d.last == 0) return;
    ++group_;
    was_snapshot_[i] = in_snapshot_[i];
    in_snapshot_[i] = false;
}

void CsvOut::flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    if (!out_) throw FeedError("cannot write " + path_.string() + ": " + std::strerror(errno));
    buffer_.clear();
}

void CsvOut::close() {
    flush();
    out_.close();
    if (!out_) throw FeedError("cannot close " + path_.string() + ": " + std::strerror(errno));
}

}  // namespace fermata
