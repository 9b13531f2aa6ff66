#pragma once

/// A venue and a daemon in mode live, both as processes of their own, that trade with each other
/// over FIX on this machine.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/fix/order_text.hpp"
#include "core/journal/journal_reader.hpp"
#include "daemon/assembly/assembly.hpp"
#include "tests/daemon/live/session_fixture.hpp"

namespace fermata::test {

/// A port that nobody listens on. Somebody else may take it before it is used.
inline std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const bool ok = fd >= 0 &&
                    ::bind(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    ::close(fd);
    if (!ok) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

/// One FIX message of the venue's log, by tag.
using FixText = std::map<int, std::string>;
struct LogLine {
    std::string what, member;
    FixText fields;
    std::string text;  ///< All of it.
};

inline LogLine parse_log_line(const std::string& text) {
    std::istringstream cells(text);
    std::string time, what, member, rest;
    std::getline(cells, time, ',');
    std::getline(cells, what, ',');
    std::getline(cells, member, ',');
    std::getline(cells, rest);
    std::erase(rest, '"');
    LogLine line{what, member, {}, rest};
    std::istringstream fields(rest);
    for (std::string field; std::getline(fields, field, '|');) {
        const std::size_t equal = field.find('=');
        if (equal == std::string::npos || equal == 0) continue;
        if (field.find_first_not_of("0123456789") != equal) continue;
        line.fields[std::stoi(field.substr(0, equal))] = field.substr(equal + 1);
    }
    return line;
}

inline std::vector<LogLine> venue_log(const std::filesystem::path& file) {
    std::vector<LogLine> lines;
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);  // the header
    while (std::getline(in, text)) lines.push_back(parse_log_line(text));
    return lines;
}

/// What the one has and the other has not.
template <class T>
std::vector<T> only_in_first(const std::set<T>& first, const std::set<T>& second) {
    std::vector<T> only;
    std::set_difference(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(only));
    return only;
}

/// What an execution was: its id as we number it, symbol, side, quantity, price.
using Execution = std::tuple<std::uint64_t, std::string, char, std::string, std::string>;

/// What is unlike the plain case.
struct LiveShape {
    std::string faults;         ///< The venue's section of that name.
    std::string exchange;       ///< Further keys of the venue, as lines.
    bool market_by_fix = true;  ///< Else the daemon plays the same recording by itself.
    std::string members;        ///< Further ones of the venue, as lines of its list.
    std::string sessions;       ///< Further ones of the daemon, the same; PORT is the venue's.
    std::string limits;         ///< Of the daemon: "drop_copy: 5s".
    std::string more;           ///< Further sections of the daemon.
    std::string sizing;         ///< Of the strategies: "{type: fixed, value: 40}"; empty: one lot.
};

class LiveMarket {
public:
    explicit LiveMarket(unsigned seed, LiveShape shape = {})
        : seed_(seed), port_(free_port()), shape_(std::move(shape)) {
        write_venue(shape_.faults);
        write_text(folder / "live.yaml", live_yaml());
    }
    /// What the next start of the venue does wrong on purpose.
    void write_venue(const std::string& faults) {
        write_text(folder / "venue.yaml", venue_yaml(faults));
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder / name; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// `held`: its data does not begin.
    void start_venue(bool held = false) {
        std::vector<std::string> words{FERMATA_COMMAND, "venue", file("venue.yaml"), "--log",
                                       file("venue.csv")};
        if (held) words.emplace_back("--hold");
        venue = std::make_unique<Process>(std::move(words), file("venue.out"));
    }
    void start_daemon() {
        daemon = std::make_unique<Daemon>(
            std::vector<std::string>{file("live.yaml"), "--out", file("out")}, file("daemon.err"));
    }
    /// One approval, and a latch that is released.
    void approve() {
        run({FERMATA_COMMAND, "config", "approve", file("live.yaml"), "--by", "a test", "--why",
             "it is one"});
        run({FERMATA_COMMAND, "latch", "init", file("latch"), "--people", "1", "--reason", "test"});
        run({FERMATA_COMMAND, "latch", "release", file("latch"), "--version", "1", "--reason",
             "test"});
    }
    [[nodiscard]] std::string journal() const { return sessions(folder / "out").at(0) / "journal"; }

    /// Runs a command to its end; throws when it fails.
    void run(const std::vector<std::string>& arguments) const {
        Process process(arguments, file("command.out"));
        if (const int code = process.wait(); code != 0) {
            throw std::runtime_error(arguments.at(1) + " ended with " + std::to_string(code) +
                                     ": " + read_text(file("command.out")));
        }
    }

    /// Every execution that the venue reported to the daemon.
    [[nodiscard]] std::set<Execution> executions_there() const {
        std::set<Execution> all;
        for (const LogLine& line : venue_log(file("venue.csv"))) {
            const FixText& f = line.fields;
            if (line.what != "out" || line.member != "FERMATA" || !f.contains(35)) continue;
            if (f.at(35) != "8" || f.at(150) != "F") continue;
            all.insert({fix::id_of(f.at(17), f.at(1)), f.at(55), f.at(54)[0], plain(f.at(32)),
                        plain(f.at(31))});
        }
        return all;
    }
    /// Every fill that the daemon has on record. Throws when one is there twice.
    [[nodiscard]] std::set<Execution> executions_here() const {
        std::set<Execution> all;
        for_each_record([&](const OrderEvent& e, const JournalManifest& manifest) {
            if (e.type != OrderEventType::kFill) return;
            const FillData& d = e.data.fill;
            const bool first =
                all.insert({d.exec_id.value, manifest.instruments.at(e.instrument.value),
                            d.side == Side::kBuy ? '1' : '2', plain(to_string(d.quantity)),
                            plain(to_string(d.price))})
                    .second;
            if (!first) throw std::runtime_error("an execution was booked twice");
        });
        return all;
    }
    /// ClOrdIDs of new orders in the order in which the venue got them.
    [[nodiscard]] std::vector<std::string> orders_there() const {
        std::vector<std::string> all;
        for (const LogLine& line : venue_log(file("venue.csv"))) {
            if (line.what == "in" && line.member == "FERMATA" && line.fields.contains(35) &&
                line.fields.at(35) == "D") {
                all.push_back(line.fields.at(11));
            }
        }
        return all;
    }
    template <class F>
    void for_each_record(F&& f) const {
        PosixFileSystem files;
        auto opened = JournalReader::open(files, journal());
        if (!opened) return;  // it is about to be made
        while (const JournalRecord* record = (*opened)->next()) {
            if (!record->is_market) f(record->event, *(*opened)->manifest());
        }
    }
    [[nodiscard]] std::size_t fills_here() const {
        if (sessions(folder / "out").empty()) return 0;
        return executions_here().size();
    }

    /// "10.50" and "10.5" are one number.
    static std::string plain(std::string number) {
        if (number.find('.') == std::string::npos) return number;
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.pop_back();
        return number;
    }

    TemporaryFolder folder;
    std::unique_ptr<Process> venue;
    std::unique_ptr<Daemon> daemon;

private:
    [[nodiscard]] std::string market() const {
        return "run: {seed: " + std::to_string(seed_) +
               "}\n"
               "account: {name: main, currency: USD, cash: 1000000000, type: margin}\n"
               "instruments:\n"
               "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
               "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
               "feeds:\n"
               "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: "
               "2024-01-02T21:00:00Z, rate: 4}\n"
               "venues: [{name: exchange, type: simulated, latency: {in: 100us, out: 100us}}]\n";
    }
    [[nodiscard]] std::string venue_yaml(const std::string& faults) const {
        return market() + "live: {speed: 20x}\nexchange:\n  port: " + std::to_string(port_) +
               "\n  comp_id: VENUE\n  folder: venue\n" + shape_.exchange +
               "  members:\n"
               "    - {comp_id: FERMATA, firm: fermata, accounts: [main]}\n"
               "    - {comp_id: MARKET, orders: false, accounts: [main]}\n" +
               shape_.members + faults;
    }
    [[nodiscard]] std::string live_yaml() const {
        return "mode: live\n" + market() +
               "strategies:\n"
               "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 2, slow: 5}" +
               sizing() +
               "}\n"
               "  - {name: b, type: ema_cross_ticks, symbols: [BBB], params: {fast: 2, slow: 5}" +
               sizing() +
               "}\n"
               "risk: {profile: unlimited, latch: latch, approvals: approvals, limits: {" +
               shape_.limits +
               "}}\n"
               "journal: {sync: strict, segment_bytes: 1048576}\n"
               "engine: {shards: 2}\n"
               "live: {speed: 20x, release: when_equal, patience: 2s, stop_timeout: 60s}\n"
               "sessions:\n"
               "  - {name: orders, venue: exchange, role: orders, host: 127.0.0.1, port: " +
               std::to_string(port_) +
               ",\n     sender_comp_id: FERMATA, target_comp_id: VENUE, reconnect: 1s, store: "
               "store,"
               "\n     mass_cancel: true, mass_status: true}\n" +
               (shape_.market_by_fix
                    ? "  - {name: market, venue: exchange, role: market_data, host: 127.0.0.1,"
                      " port: " +
                          std::to_string(port_) +
                          ",\n     sender_comp_id: MARKET, target_comp_id: VENUE, reconnect: "
                          "1s, store: store,\n     instruments: [AAA, BBB], trades: false}\n"
                    : std::string()) +
               with_port(shape_.sessions) + shape_.more;
    }
    [[nodiscard]] std::string sizing() const {
        return shape_.sizing.empty() ? std::string() : ", sizing: " + shape_.sizing;
    }
    [[nodiscard]] std::string with_port(std::string text) const {
        const std::string word = "PORT";
        for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at)) {
            text.replace(at, word.size(), std::to_string(port_));
        }
        return text;
    }

    unsigned seed_;
    std::uint16_t port_;
    LiveShape shape_;
};

}  // namespace fermata::test
