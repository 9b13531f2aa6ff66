#include "daemon/rerun/recorded_run.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include "daemon/replay/risk_input_file.hpp"
#include "daemon/rerun/journal_feed.hpp"

namespace fermata {

std::unique_ptr<JournalReader> open_journal(FileSystem& files, const std::string& directory,
                                            std::uint32_t first_segment) {
    JournalReaderOptions options;
    options.first_segment = first_segment;
    options.chain_hasher = chain_hashers();
    auto opened = JournalReader::open(files, directory, options);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
}

RecordedRun::RecordedRun(FileSystem& files, const std::string& directory,
                         const std::string& config_file, const StrategyRegistry& registry) {
    const auto reader = open_journal(files, directory, 0);
    (void)reader->next();
    if (reader->manifest() == nullptr) {
        throw std::runtime_error(reader->problem() != nullptr
                                     ? reader->problem()->message
                                     : directory + ": the journal has no manifest");
    }
    manifest_ = *reader->manifest();
    if (reader->run()) run_ = *reader->run();
    if (!config_file.empty()) {
        config_ = std::make_unique<Config>(load_config(config_file, {}, registry, sha256_hasher()));
    } else if (reader->configuration() && !reader->configuration()->empty()) {
        config_ = std::make_unique<Config>(
            parse_config(*reader->configuration(), directory + " (configuration on record)",
                         manifest_.folder, {}, registry, sha256_hasher()));
    } else {
        const std::string way = "; it can be named with --config";
        throw std::runtime_error(reader->problem() != nullptr
                                     ? reader->problem()->message + way
                                     : directory + ": the journal holds no configuration" + way);
    }
    if (config_->hash != manifest_.configuration_hash) {
        throw std::runtime_error(
            directory + ": the run had the configuration " + manifest_.configuration_hash +
            ", this one is " + config_->hash +
            (config_file.empty() ? " (a file that it names has changed?)" : ""));
    }
    if (manifest_.build != build_id()) {
        notes_.push_back("recorded by " + manifest_.build + ", re-run by " + build_id());
    }
    assembly_ = std::make_unique<Assembly>(*config_, registry);
    feed_ = assembly_->make_feed();  // also declares the streams, wherever the events come from
    const JournalManifest mine = assembly_->manifest();
    if (mine.time_zones != manifest_.time_zones) {
        notes_.push_back("time zones were " + manifest_.time_zones + ", are " + mine.time_zones);
    }
    if (manifest_.market == MarketRecord::kRecord) {
        feed_ = std::make_unique<JournalFeed>(files, directory);
    } else {
        check_sources(directory);
    }
}

void RecordedRun::check_sources(const std::string& directory) const {
    const std::vector<JournalSource>& found = assembly_->sources();
    std::vector<JournalSource> wanted = manifest_.sources;
    // What the gate was told stands on record.
    std::erase_if(wanted, is_risk_inputs);
    for (std::size_t i = 0; i < std::max(found.size(), wanted.size()); ++i) {
        const JournalSource recorded =
            i < wanted.size() ? wanted[i] : JournalSource{"-", "nothing"};
        const JournalSource mine = i < found.size() ? found[i] : JournalSource{"-", "nothing"};
        if (recorded.hash == mine.hash) continue;
        throw std::runtime_error(directory + ": source " + std::to_string(i) + " was " +
                                 recorded.name + " with " + recorded.hash + ", found " + mine.name +
                                 " with " + mine.hash);
    }
}

std::vector<OrderEvent> RecordedRun::risk_inputs(FileSystem& files, const std::string& directory,
                                                 std::uint64_t known) const {
    std::vector<OrderEvent> inputs;
    if (config_->risk_inputs.empty()) return inputs;
    const auto reader = open_journal(files, directory, 0);
    while (const JournalRecord* record = reader->next()) {
        if (record->is_market || record->stream != JournalStream::kTrading) continue;
        const OrderEvent& e = record->event;
        if (e.type != OrderEventType::kRiskInput || record->position <= known) continue;
        OrderEvent& input =
            inputs.emplace_back(make_order_event(OrderEventType::kRiskInput, e.ts, e.instrument));
        input.data.risk_input = e.data.risk_input;
    }
    return inputs;
}

std::size_t RecordedRun::lane_for(std::size_t order_lane) {
    constexpr std::size_t kLeast = std::size_t{1} << 16;
    return std::max(kLeast, std::bit_ceil(4 * order_lane));
}

PipelineSetup RecordedRun::make_setup() {
    PipelineSetup setup = assembly_->make_setup();
    constexpr std::int64_t kDayNs = 86'400'000'000'000;
    setup.day = static_cast<std::uint16_t>(
        std::clamp<std::int64_t>(manifest_.start.ns / kDayNs, 0, 0xffff));
    setup.order_epochs_taken = manifest_.order_epochs_taken;
    setup.limits.shards = manifest_.shards;
    setup.limits.order_lane = manifest_.schedule == RunSchedule::kLockstep
                                  ? config_->engine.order_lane
                                  : lane_for(config_->engine.order_lane);
    setup.limits.market_lane = std::max<std::size_t>(64, setup.limits.market_lane);
    return setup;
}

}  // namespace fermata
