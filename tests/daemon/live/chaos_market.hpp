#pragma once

/// A live market with a drop copy and a watchdog, and what its two sides say was done.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/latch/latch_file.hpp"
#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {

/// Executions as they stand: less what was taken back, with what was corrected.
class Books {
public:
    using Fill = std::tuple<std::string, char, std::string, std::string>;  // as in Execution

    void fill(std::uint64_t id, Fill fill) {
        if (!busted_.contains(id)) fills_.emplace(id, std::move(fill));
    }
    void bust(std::uint64_t of) {
        busted_.insert(original(of));
        fills_.erase(original(of));
    }
    void correct(std::uint64_t id, std::uint64_t of, std::string quantity, std::string price) {
        const auto at = fills_.find(original(of));
        if (at == fills_.end()) return;  // not known (yet): it has to come again
        original_.emplace(id, original(of));
        std::get<2>(at->second) = std::move(quantity);
        std::get<3>(at->second) = std::move(price);
    }
    /// By the id of the first report of each.
    [[nodiscard]] const std::map<std::uint64_t, Fill>& fills() const { return fills_; }
    /// What they sum up to, by symbol.
    [[nodiscard]] std::map<std::string, std::int64_t> positions() const {
        std::map<std::string, std::int64_t> sum;
        for (const auto& [id, f] : fills_) {
            sum[std::get<0>(f)] += (std::get<1>(f) == '1' ? 1 : -1) * std::stoll(std::get<2>(f));
        }
        return sum;
    }

private:
    [[nodiscard]] std::uint64_t original(std::uint64_t id) const {
        const auto at = original_.find(id);
        return at == original_.end() ? id : at->second;
    }
    std::map<std::uint64_t, Fill> fills_;
    std::map<std::uint64_t, std::uint64_t> original_;  // of a correction: its fill
    std::set<std::uint64_t> busted_;
};

class ChaosMarket : public LiveMarket {
public:
    /// `copy`: further keys of the drop copy session.
    ChaosMarket(unsigned seed, LiveShape shape, const std::string& copy)
        : LiveMarket(seed, with_sessions(std::move(shape), copy)) {}

    void start_watchdog() {
        watchdog = std::make_unique<Process>(
            std::vector<std::string>{FERMATA_COMMAND, "watchdog", file("live.yaml")},
            file("dog.err"));
    }
    /// What stands latched of the firm; empty: nothing.
    [[nodiscard]] std::string latched() {
        latch::File::open(file("latch"), latch::File::Access::kRead)->read(*state_);
        if (state_->emergency) return "emergency";
        return state_->latched().empty() ? "" : std::string(state_->latched()[0].reason.view());
    }
    /// As a person would who looked at it.
    void release() {
        auto opened = latch::File::open(file("latch"), latch::File::Access::kWrite);
        latch::Change change;
        change.may_loosen = true;
        change.actor = 1;
        (void)opened->change(change, *state_, 1'000);
    }
    /// ClOrdIDs, sequence numbers and executions as the venue has them.
    [[nodiscard]] Books books_there() const {
        Books books;
        std::set<std::uint64_t> seen;
        for (const LogLine& line : venue_log(file("venue.csv"))) {
            const FixText& f = line.fields;
            if (line.what != "out" || line.member != "COPY" || !f.contains(150)) continue;
            const char type = f.at(150)[0];
            if (type != 'F' && type != 'G' && type != 'H') continue;
            const std::uint64_t id = fix::id_of(f.at(17), f.at(1));
            if (!seen.insert(id).second) continue;
            if (type == 'F')
                books.fill(id, {f.at(55), f.at(54)[0], plain(f.at(32)), plain(f.at(31))});
            if (type == 'H') books.bust(fix::id_of(f.at(19), f.at(1)));
            if (type != 'G') continue;
            books.correct(id, fix::id_of(f.at(19), f.at(1)), plain(f.at(32)), plain(f.at(31)));
        }
        return books;
    }
    /// The same as the daemon has them on record. Throws when a fill is there twice.
    [[nodiscard]] Books books_here() const {
        Books books;
        std::set<std::uint64_t> seen;
        for_each_record([&](const OrderEvent& e, const JournalManifest& manifest) {
            if (e.type == OrderEventType::kFill) {
                const FillData& d = e.data.fill;
                if (!seen.insert(d.exec_id.value).second) {
                    throw std::runtime_error("an execution was booked twice");
                }
                books.fill(
                    d.exec_id.value,
                    {manifest.instruments.at(e.instrument.value), d.side == Side::kBuy ? '1' : '2',
                     plain(to_string(d.quantity)), plain(to_string(d.price))});
            } else if (e.type == OrderEventType::kCorrection) {
                const CorrectionData& d = e.data.correction;
                if (d.kind == CorrectionKind::kBust) return books.bust(d.ref_exec_id.value);
                books.correct(d.exec_id.value, d.ref_exec_id.value, plain(to_string(d.quantity)),
                              plain(to_string(d.price)));
            }
        });
        return books;
    }
    /// What the account holds, as the newest record about each instrument says.
    [[nodiscard]] std::map<std::string, std::int64_t> positions_here() const {
        std::map<std::string, std::int64_t> held;
        for_each_record([&](const OrderEvent& e, const JournalManifest& manifest) {
            std::optional<Quantity> position;
            if (e.type == OrderEventType::kFill) position = e.data.fill.position_after;
            if (e.type == OrderEventType::kPosition && e.data.position.strategy.value == 0xffff) {
                position = e.data.position.position;
            }
            if (position) {
                held[manifest.instruments.at(e.instrument.value)] =
                    std::stoll(plain(to_string(*position)));
            }
        });
        return held;
    }
    [[nodiscard]] bool books_agree() const { return books_here().fills() == books_there().fills(); }

    std::unique_ptr<Process> watchdog;

private:
    static LiveShape with_sessions(LiveShape shape, const std::string& copy) {
        shape.members +=
            "    - {comp_id: COPY, firm: fermata, orders: false, market_data: false, drop_copy: "
            "true, accounts: [main]}\n"
            "    - {comp_id: DOG, firm: fermata, market_data: false, authority: firm, accounts: "
            "[main]}\n";
        shape.sessions +=
            "  - {name: copy, venue: exchange, role: drop_copy, host: 127.0.0.1, port: PORT,\n"
            "     sender_comp_id: COPY, target_comp_id: VENUE, reconnect: 1s, store: store" +
            copy +
            "}\n"
            "  - {name: dog, venue: exchange, role: watchdog, host: 127.0.0.1, port: PORT,\n"
            "     sender_comp_id: DOG, target_comp_id: VENUE, reconnect: 1s, store: dogstore,\n"
            "     mass_cancel: true, mass_status: true}\n";
        // Long, so that a machine with too much to do does not look like a daemon that hangs.
        shape.more += "watchdog: {progress_file: progress, hang_after: 30s}\n";
        return shape;
    }
    std::unique_ptr<latch::State> state_ = std::make_unique<latch::State>();
};

}  // namespace fermata::test
