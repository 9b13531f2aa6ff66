#pragma once

/// What a venue has on its books of one member, as its own log tells it.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {

/// Follows the log of a venue while that is written. Quantities are whole units.
class VenueBooks {
public:
    struct AtVenue {
        std::string name;  ///< ClOrdID as it came first.
        std::string account, symbol;
        bool buys = false;
        bool immediate = false;  ///< Immediate or cancel.
        bool open = true;        ///< Until the venue says that nothing is left of it.
    };

    VenueBooks(std::filesystem::path log, std::string member)
        : log_(std::move(log)), member_(std::move(member)) {}

    /// Takes in what was logged since.
    void read() {
        std::ifstream in(log_);
        in.seekg(read_to_);
        std::string text;
        while (std::getline(in, text) && !in.eof()) {  // a line without its end is not whole yet
            read_to_ = in.tellg();
            const LogLine line = parse_log_line(text);
            if (line.member != member_ || !line.fields.contains(35)) continue;
            const std::string& type = line.fields.at(35);
            if (line.what == "in") {
                take_request(type, line.fields);
            } else if (line.what == "out" && type == "8") {
                take_report(line.fields);
            }
        }
    }

    /// In the order in which they came.
    [[nodiscard]] const std::vector<AtVenue>& orders() const noexcept { return orders_; }
    /// What the member holds of the symbol in the account.
    [[nodiscard]] long position(const std::string& account, const std::string& symbol) const {
        const auto found = positions_.find({account, symbol});
        return found == positions_.end() ? 0 : found->second;
    }
    /// Messages of this type that the member sent, as often as they came.
    [[nodiscard]] std::size_t requests(const std::string& type) const {
        const auto found = requests_.find(type);
        return found == requests_.end() ? 0 : found->second;
    }

private:
    void take_request(const std::string& type, const FixText& f) {
        ++requests_[type];
        if (type == "D") {
            AtVenue order;
            order.name = f.at(11);
            order.account = f.at(1);
            order.symbol = f.at(55);
            order.buys = f.at(54) == "1";
            order.immediate = f.contains(59) && f.at(59) == "3";
            names_[order.name] = orders_.size();
            orders_.push_back(std::move(order));
        } else if ((type == "F" || type == "G") && f.contains(41) && names_.contains(f.at(41))) {
            names_[f.at(11)] = names_.at(f.at(41));
        }
    }
    void take_report(const FixText& f) {
        if (f.at(150) == "I" || !names_.contains(f.at(11))) return;
        if (!seen_.insert(f.at(17)).second) return;  // sent again
        AtVenue& order = orders_[names_.at(f.at(11))];
        order.open = std::stod(f.at(151)) > 0;
        if (f.at(150) != "F") return;
        const long quantity = std::lround(std::stod(f.at(32)));
        positions_[{order.account, order.symbol}] += order.buys ? quantity : -quantity;
    }

    std::filesystem::path log_;
    std::string member_;
    std::streamoff read_to_ = 0;
    std::vector<AtVenue> orders_;
    std::map<std::string, std::size_t> names_;  // of requests: the order that each is about
    std::map<std::pair<std::string, std::string>, long> positions_;
    std::map<std::string, std::size_t> requests_;
    std::set<std::string> seen_;
};

}  // namespace fermata::test
