#pragma once

/// A live session and a replay of the same data: a venue that plays it, a daemon that trades over
/// FIX and journals to PostgreSQL, and what the venue's log says happened.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "daemon/compare/comparison.hpp"
#include "tests/daemon/database/command_fixture.hpp"
#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {

/// What is played, and how.
struct EqualShape {
    std::string instruments, feeds, strategies;  ///< YAML of the sections.
    std::string watched;                         ///< Symbols of the market data session.
    std::string speed = "1x";
    std::string latency = "500us";  ///< Of requests to the venue, in either run.
};

class EqualMarket : public CommandsWithDatabase {
protected:
    void begin(const EqualShape& shape) {
        port_ = std::to_string(free_port());
        write_text(file("venue.yaml"), market_yaml(shape) + "live: {speed: " + shape.speed +
                                           "}\nexchange:\n  port: " + port_ +
                                           "\n  folder: venue\n  members:\n"
                                           "    - {comp_id: FERMATA, accounts: [main]}\n"
                                           "    - {comp_id: MARKET, orders: false}\n");
        write_text(file("live.yaml"), live_yaml(shape));
        run({"config", "approve", file("live.yaml"), "--by", "a test", "--why", "it is one"});
        run({"latch", "init", file("latch"), "--people", "1", "--reason", "test"});
        run({"latch", "release", file("latch"), "--version", "1", "--reason", "test"});
        run({"replay", file("live.yaml"), "--set", "mode=replay", "--set", "risk.latch=null",
             "--set", "journal.market=record", "--set", "database.enabled=false", "--out",
             file("replay"), "-q"});
        replay = story_of(file("replay/journal"));
    }
    /// From the opening bell until the daemon has seen everything and no order is open.
    void trade() {
        venue = std::make_unique<Process>(
            std::vector<std::string>{FERMATA_COMMAND, "venue", file("venue.yaml"), "--hold",
                                     "--log", file("venue.csv")},
            file("venue.out"));
        ASSERT_TRUE(wait_until([&] { return said("venue.out", "listens on port"); }));
        daemon = std::make_unique<Daemon>(
            std::vector<std::string>{file("live.yaml"), "--out", file("out")}, file("daemon.err"));
        ASSERT_TRUE(wait_until([&] {
            return said("daemon.err", "reconciled") && released() &&
                   said("venue.csv", "out,MARKET,35=W");
        })) << read_text(file("daemon.err"));
        venue->kill(SIGUSR1);
        ASSERT_TRUE(wait_until([&] { return played(); })) << read_text(file("venue.out"));
        ASSERT_TRUE(wait_until([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            return settled();
        })) << read_text(file("daemon.err"));
        daemon->kill(SIGTERM);
        EXPECT_EQ(daemon->wait(), 0) << read_text(file("daemon.err"));
        venue->kill(SIGTERM);
        EXPECT_EQ(venue->wait(), 0) << read_text(file("venue.out"));
        live = story_of(journal());
    }
    /// Each event that a fill met at the exchange, by the fill's id: its number among all events
    /// that were played, which is its feed position in a replay.
    [[nodiscard]] std::map<std::uint64_t, std::uint64_t> met_at_the_venue() const {
        std::map<std::uint64_t, std::uint64_t> met;
        std::map<std::string, std::uint64_t> quotes;  // the newest, by symbol
        std::ifstream in(file("venue.csv"));
        for (std::string line; std::getline(in, line);) {
            std::erase(line, '"');
            std::istringstream cells(line);
            std::string time, what, who, text;
            std::getline(cells, time, ',');
            std::getline(cells, what, ',');
            std::getline(cells, who, ',');
            std::getline(cells, text);
            if (what == "market" && text.starts_with("quote "))
                quotes[who] = std::stoull(text.substr(6));
            if (what != "out" || who != "FERMATA" || field(text, 150) != "F") continue;
            met[fix::id_of(field(text, 17), field(text, 1))] = quotes.at(field(text, 55));
        }
        return met;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }
    [[nodiscard]] std::string journal() const {
        return sessions(folder_ / "out").at(0) / "journal";
    }
    /// Runs a command of which nothing but success is expected.
    Said run(const std::vector<std::string>& arguments) const {
        const Said said = run_command(arguments);
        EXPECT_EQ(said.code, 0) << arguments[0] << ": " << said.err << said.out;
        return said;
    }

    compare::RunStory live, replay;
    std::unique_ptr<Process> venue;
    std::unique_ptr<Daemon> daemon;

private:
    static std::string field(const std::string& text, int tag) {
        const std::string name = '|' + std::to_string(tag) + '=';
        const std::size_t at = text.find(name);
        if (at == text.npos) return {};
        const std::size_t begin = at + name.size();
        return text.substr(begin, text.find('|', begin) - begin);
    }
    [[nodiscard]] static compare::RunStory story_of(const std::string& directory) {
        PosixFileSystem files;
        auto opened = JournalReader::open(files, directory);
        if (!opened) throw std::runtime_error(opened.error().message);
        compare::StoryBuilder builder;
        while (const JournalRecord* record = (*opened)->next()) {
            builder.add(*record, *(*opened)->manifest());
        }
        return builder.finish();
    }
    [[nodiscard]] bool said(const std::string& name, const std::string& text) const {
        return std::filesystem::exists(file(name)) &&
               read_text(file(name)).find(text) != std::string::npos;
    }
    /// The daemon accepts new orders.
    [[nodiscard]] bool released() const {
        if (sessions(folder_ / "out").empty()) return false;
        PosixFileSystem files;
        auto opened = JournalReader::open(files, journal());
        if (!opened) return false;
        bool recovering = true;
        while (const JournalRecord* record = (*opened)->next()) {
            if (record->is_market || record->event.type != OrderEventType::kRiskInput) continue;
            const RiskInputData& d = record->event.data.risk_input;
            if (d.kind == RiskInputKind::kRecovering) recovering = d.values[0] != 0;
        }
        return !recovering;
    }
    /// The venue has played every event that the replay had.
    [[nodiscard]] bool played() const {
        std::uint64_t events = 0;
        for (const auto& stream : replay.market) events += stream.facts.size();
        std::uint64_t lines = 0;
        std::ifstream in(file("venue.csv"));
        for (std::string line; std::getline(in, line);) {
            lines += line.find(",market,") != line.npos ? 1 : 0;
        }
        return lines >= events;
    }
    /// The daemon has seen the last event of each stream, and no order is open.
    [[nodiscard]] bool settled() const {
        const compare::RunStory now = story_of(journal());
        for (const auto& stream : replay.market) {
            const auto here = now.stream_of(stream.instrument, stream.kind);
            if (!here || !now.market[*here].facts.back().same_as(stream.facts.back())) return false;
        }
        return std::all_of(now.orders.begin(), now.orders.end(),
                           [](const auto& o) { return is_terminal(o.state); });
    }
    [[nodiscard]] static std::string market_yaml(const EqualShape& shape) {
        return "account: {name: main, currency: USD, cash: 1000000000, type: margin}\n"
               "instruments:\n" +
               shape.instruments + "feeds:\n" + shape.feeds +
               "venues: [{name: exchange, type: simulated, latency: {in: " + shape.latency +
               ", out: 0s}}]\n";
    }
    [[nodiscard]] std::string live_yaml(const EqualShape& shape) const {
        const std::string session = ", host: 127.0.0.1, port: " + port_ +
                                    ", target_comp_id: VENUE, reconnect: 1s, store: store";
        return "mode: live\n" + market_yaml(shape) + "strategies:\n" + shape.strategies +
               "risk: {profile: unlimited, latch: latch, approvals: approvals}\n"
               "journal: {sync: strict}\n"
               "engine: {shards: 2}\n"
               "database: {enabled: true, url: \"" +
               database() +
               "\"}\n"
               "live: {release: when_equal, stop: keep}\n"
               "sessions:\n"
               "  - {name: orders, venue: exchange, role: orders, sender_comp_id: FERMATA, "
               "mass_cancel: true, mass_status: true" +
               session +
               "}\n"
               "  - {name: market, venue: exchange, role: market_data, sender_comp_id: MARKET, "
               "instruments: [" +
               shape.watched + "]" + session + "}\n";
    }

    std::string port_;
};

}  // namespace fermata::test
