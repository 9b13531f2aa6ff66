#include "daemon/cli/risk_holdings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/base/csv_line.hpp"
#include "core/types/decimal.hpp"
#include "daemon/config/problem.hpp"

namespace fermata {
namespace {

using config::in_quotes;

/// Rows of a CSV file of a run by column name. Throws with file and line.
class RunTable {
public:
    explicit RunTable(const std::filesystem::path& path) : path_(path), in_(path) {
        if (!in_) {
            throw std::runtime_error(path.string() +
                                     ": cannot be opened; a finished run writes it");
        }
        if (!read_fields()) fail("is empty");
        for (std::size_t c = 0; c < count_; ++c) columns_[std::string(fields_[c])] = c;
    }
    [[nodiscard]] bool next() {
        if (!read_fields()) return false;
        if (count_ != columns_.size()) fail("has a row of the wrong length");
        return true;
    }
    [[nodiscard]] std::string text(const std::string& column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end()) fail("has no column " + column);
        return unescape_csv(fields_[found->second]);
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error(path_.string() + ":" + std::to_string(line_number_) + ": " + what);
    }
    template <class F>
    [[nodiscard]] F number(const std::string& column) const {
        const auto value = parse<F>(text(column));
        if (!value) fail(column + ": " + std::string(describe(value.error())));
        return *value;
    }

private:
    bool read_fields() {
        if (!std::getline(in_, line_)) return false;
        ++line_number_;
        const auto count = split_csv_line(line_, ',', fields_);
        if (!count) fail(std::string(describe(count.error())));
        count_ = *count;
        return true;
    }

    std::filesystem::path path_;
    std::ifstream in_;
    std::string line_;
    std::size_t line_number_ = 0;
    std::size_t count_ = 0;
    std::array<std::string_view, 64> fields_;
    std::map<std::string, std::size_t> columns_;
};

void read_positions(const std::filesystem::path& file, const InstrumentTable& instruments,
                    Holdings& holdings) {
    RunTable rows(file);
    while (rows.next()) {
        if (rows.text("scope") != "account") continue;
        const std::string symbol = rows.text("instrument");
        const Instrument* const instrument = instruments.find(symbol);
        if (instrument == nullptr) {
            rows.fail("the run's configuration has no instrument " + in_quotes(symbol));
        }
        holdings.quantities[instrument->id.value] += rows.number<Quantity>("quantity");
    }
}

/// The last equity of every account on a date, added up where all of them are known.
void read_equity(const std::filesystem::path& file, Holdings& holdings) {
    RunTable rows(file);
    std::map<std::string, double> latest;
    std::size_t accounts = 0;  // seen in the file so far, known or not
    std::map<std::string, bool> seen;
    std::vector<std::pair<Date, double>>& curve = holdings.equity_curve;
    while (rows.next()) {
        const std::string account = rows.text("account");
        if (seen.emplace(account, true).second) ++accounts;
        if (rows.text("equity").empty()) continue;
        const Money equity = rows.number<Money>("equity");
        latest[account] = static_cast<double>(equity.raw()) / static_cast<double>(Money::kOne);
        if (latest.size() < accounts) continue;
        const std::string ts_text = rows.text("ts_ns");
        std::int64_t ts = 0;
        const auto [end, error] =
            std::from_chars(ts_text.data(), ts_text.data() + ts_text.size(), ts);
        if (error != std::errc{} || end != ts_text.data() + ts_text.size()) {
            rows.fail("ts_ns: not a whole number");
        }
        double sum = 0;
        for (const auto& [name, value] : latest) sum += value;
        const Date date = utc_date(Timestamp{ts});
        if (!curve.empty() && curve.back().first == date) {
            curve.back().second = sum;
        } else {
            curve.emplace_back(date, sum);
        }
    }
}

}  // namespace

const Instrument& instrument_of(const std::string& symbol, const InstrumentTable& instruments) {
    if (const Instrument* const found = instruments.find(symbol)) return *found;
    std::vector<std::string> symbols;
    for (const Instrument& instrument : instruments.all()) symbols.push_back(instrument.symbol);
    throw std::invalid_argument("the configuration has no instrument " + in_quotes(symbol) +
                                config::did_you_mean(symbol, symbols));
}

Holdings parse_holdings(const std::vector<std::string>& positions, const std::string& cash,
                        const InstrumentTable& instruments) {
    Holdings holdings;
    holdings.quantities.assign(instruments.size(), Quantity::zero());
    for (const std::string& position : positions) {
        const std::size_t equals = position.rfind('=');
        if (equals == std::string::npos || equals == 0) {
            throw std::invalid_argument("--position: found " + in_quotes(position) +
                                        ", expected SYMBOL=QUANTITY, such as SPY=100 or SPY=-50");
        }
        const Instrument& instrument = instrument_of(position.substr(0, equals), instruments);
        const auto quantity = parse<Quantity>(std::string_view(position).substr(equals + 1));
        if (!quantity) {
            throw std::invalid_argument("--position " + in_quotes(position) + ": the quantity is " +
                                        std::string(describe(quantity.error())));
        }
        Quantity& held = holdings.quantities[instrument.id.value];
        std::int64_t sum = 0;
        if (__builtin_add_overflow(held.raw(), quantity->raw(), &sum)) {
            throw std::invalid_argument("--position " + in_quotes(position) + ": too much");
        }
        held = Quantity::from_raw(sum);
    }
    if (!cash.empty()) {
        const auto money = parse<Money>(cash);
        if (!money) {
            throw std::invalid_argument("--cash: found " + in_quotes(cash) + ", which is " +
                                        std::string(describe(money.error())));
        }
        holdings.cash = static_cast<double>(money->raw()) / static_cast<double>(Money::kOne);
    }
    return holdings;
}

Holdings read_holdings(const std::filesystem::path& run, const InstrumentTable& instruments) {
    Holdings holdings;
    holdings.quantities.assign(instruments.size(), Quantity::zero());
    read_positions(run / "positions.csv", instruments, holdings);
    read_equity(run / "equity.csv", holdings);

    const std::filesystem::path file = run / "summary.json";
    std::ifstream in(file);
    if (!in) {
        throw std::runtime_error(file.string() + ": cannot be opened; a finished run writes it");
    }
    const nlohmann::json summary = nlohmann::json::parse(in, nullptr, false);
    if (!summary.is_object()) throw std::runtime_error(file.string() + ": is not JSON");
    const auto equity = summary.find("final_equity");
    if (equity == summary.end() || !equity->is_number()) {
        throw std::runtime_error(file.string() +
                                 ": the run does not know its final equity (a price or exchange "
                                 "rate is missing); give the configuration with --position and "
                                 "--cash instead");
    }
    holdings.equity = equity->get<double>();
    if (!summary.value("complete", true)) {
        holdings.notes.push_back(
            "the run was interrupted or halted: positions are those of its "
            "last event");
    }
    return holdings;
}

}  // namespace fermata
