#include "daemon/cli/surveil_run.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "core/journal/journal_reader.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/config/config.hpp"
#include "daemon/rerun/feed_window.hpp"
#include "daemon/rerun/recorded_run.hpp"

namespace fermata {
namespace {

using surveillance::Corrections;
using surveillance::Finding;
using surveillance::Surveillance;
using surveillance::SurveillanceSetup;

/// The market events of the run in the order of their positions, each once.
class MarketSource {
public:
    /// Those of the sources that the manifest names; without a run, those that the journal holds.
    explicit MarketSource(RecordedRun* run) {
        if (run != nullptr) window_.emplace(run->feed(), run->from(), run->to());
    }
    /// One that the journal holds. It may hold some before they are due.
    void hold(const MarketEvent& e) { held_.push_back(e); }
    /// Hands over what lies up to `position`. False when the sources end before it.
    [[nodiscard]] bool deliver(std::uint64_t position, Surveillance& to) {
        while (!held_.empty() && held_.front().seq <= position) {
            to.take(held_.front());
            held_.pop_front();
        }
        if (!window_) return true;
        for (; next_ <= position; ++next_) {
            const MarketEvent* e = window_->at(next_);
            if (e == nullptr) return false;
            to.take(*e);
            window_->forget_before(next_ + 1);
        }
        return true;
    }
    void deliver_held(Surveillance& to) {
        for (const MarketEvent& e : held_) to.take(e);
        held_.clear();
    }

private:
    std::deque<MarketEvent> held_;
    std::optional<FeedWindow> window_;
    std::uint64_t next_ = 1;
};

/// By account; empty, with a note, when the configuration on record cannot be read any more.
std::vector<std::uint16_t> owners_of(const JournalReader& reader, const SurveilRequest& request,
                                     const StrategyRegistry& registry,
                                     std::vector<std::string>& notes) {
    if (!request.config.empty()) {  // RecordedRun's check, for journals that need no feed
        const Config config = load_config(request.config, {}, registry, sha256_hasher());
        if (config.hash == reader.manifest()->configuration_hash) return config.tax.taxpayers;
        throw std::runtime_error(request.directory + ": the run had the configuration " +
                                 reader.manifest()->configuration_hash + ", " + request.config +
                                 " is " + config.hash);
    }
    std::string reason = "the journal holds no configuration (--config FILE names it)";
    if (reader.configuration() && !reader.configuration()->empty()) {
        try {
            return parse_config(*reader.configuration(),
                                request.directory + " (configuration on record)",
                                reader.manifest()->folder, {}, registry, sha256_hasher())
                .tax.taxpayers;
        } catch (const std::exception& e) {
            reason = e.what();
        }
    }
    if (reader.manifest()->accounts.size() > 1) {
        notes.push_back("all accounts are taken to have one owner: " + reason);
    }
    return {};
}

void sort(std::vector<Finding>& findings) {
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        return std::tie(a.begin, a.rule, a.party) < std::tie(b.begin, b.rule, b.party);
    });
}

/// One reading of the journal. `corrections` are those that are known before it; `found` becomes
/// those that it holds.
SurveilResult judge(FileSystem& files, const SurveilRequest& request,
                    const StrategyRegistry& registry, const Corrections& corrections,
                    Corrections& found) {
    const std::unique_ptr<JournalReader> reader = open_journal(files, request.directory, 0);
    const JournalRecord* record = reader->next();
    if (reader->manifest() == nullptr) {
        throw std::runtime_error(reader->problem() != nullptr
                                     ? reader->problem()->message
                                     : request.directory + ": the journal has no manifest");
    }
    SurveilResult result;
    result.manifest = *reader->manifest();
    SurveillanceSetup setup;
    setup.instruments = result.manifest.instruments.size();
    setup.settings = request.settings;
    setup.wanted = request.wanted;
    setup.corrections = corrections;
    setup.owners = owners_of(*reader, request, registry, result.notes);
    std::unique_ptr<RecordedRun> run;
    if (result.manifest.market == MarketRecord::kReference) {
        try {
            run = std::make_unique<RecordedRun>(files, request.directory, request.config, registry);
        } catch (const std::exception& e) {
            setup.without_market = e.what();
        }
    }
    Surveillance surveillance(
        setup, [&result](Finding finding) { result.findings.push_back(std::move(finding)); });
    MarketSource market(run.get());
    bool market_ends = false;
    for (; record != nullptr; record = reader->next()) {
        ++result.records;
        if (record->is_market) {
            market.hold(record->market);
            continue;
        }
        if (record->stream != JournalStream::kTrading) continue;
        if (!market_ends && !market.deliver(record->event.feed_position, surveillance)) {
            market_ends = true;
            result.notes.push_back("the sources end before feed position " +
                                   std::to_string(record->event.feed_position) +
                                   ": what came later was judged by the last prices before");
        }
        found.take(record->event);
        surveillance.take(record->event);
    }
    market.deliver_held(surveillance);
    surveillance.finish();
    if (const JournalProblem* problem = reader->problem()) {
        if (problem->torn) {
            result.notes.push_back("the journal was not closed: " + problem->message);
        } else {
            result.damage = problem->message;
        }
    } else if (reader->segments().empty() || reader->segments().front().segment != 1) {
        result.notes.push_back("the first segments were removed: orders of before are not known");
    }
    sort(result.findings);
    result.outcomes = surveillance.outcomes();
    result.orders = surveillance.orders();
    result.fills = surveillance.fills();
    result.market_events = surveillance.market_events();
    if (corrections.busted() > 0) {
        result.notes.push_back("fills that their venues took back, which do not count: " +
                               std::to_string(corrections.busted()));
    }
    return result;
}

}  // namespace

SurveilResult surveil_journal(FileSystem& files, const SurveilRequest& request,
                              const StrategyRegistry& registry) {
    Corrections found;
    SurveilResult result = judge(files, request, registry, {}, found);
    if (found.empty()) return result;
    Corrections again;
    return judge(files, request, registry, found, again);
}

}  // namespace fermata
