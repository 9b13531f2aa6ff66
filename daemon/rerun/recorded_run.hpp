#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/journal/manifest.hpp"
#include "core/port/feed.hpp"
#include "core/port/file.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/config/config.hpp"
#include "daemon/pipeline/stages.hpp"
#include "daemon/rerun/stage_rerun.hpp"

namespace fermata {

/// Market events without a record after which a stage of a concurrent run puts its feed position on
/// record.
inline constexpr std::uint32_t kProgressEvery = 1024;

/// What a journal says about its run, turned into what the run was made of: configuration, feed,
/// setup of the stages.
///
/// Throws std::runtime_error, ConfigError or FeedError with a message for the operator: no journal,
/// no configuration on record, a configuration or a source that is not the recorded one.
class RecordedRun {
public:
    /// `config_file` replaces the configuration on record unless it is empty.
    RecordedRun(FileSystem& files, const std::string& directory, const std::string& config_file,
                const StrategyRegistry& registry);

    [[nodiscard]] const JournalManifest& manifest() const noexcept { return manifest_; }
    [[nodiscard]] const RunId& run() const noexcept { return run_; }
    [[nodiscard]] const Config& config() const noexcept { return *config_; }
    [[nodiscard]] Assembly& assembly() noexcept { return *assembly_; }
    [[nodiscard]] Feed& feed() noexcept { return *feed_; }
    /// What is given to the stages lies in [from, to). Where market data was stamped on arrival,
    /// everything on record was.
    [[nodiscard]] Timestamp from() const noexcept {
        return config_->mode == Mode::kReplay ? config_->run.from : Timestamp::min();
    }
    [[nodiscard]] Timestamp to() const noexcept {
        return config_->mode == Mode::kReplay ? config_->run.to : Timestamp::never();
    }
    /// Fresh strategies, and lanes that hold everything that one input of a re-run can cause.
    [[nodiscard]] PipelineSetup make_setup();
    /// Order lanes for stages that are followed one by one: a stage consumes later than it did on a
    /// thread of its own, and one command that cancels every order causes many records at a time.
    [[nodiscard]] static std::size_t lane_for(std::size_t order_lane);
    /// The wiring of a concurrent run's stages.
    [[nodiscard]] static StageWiring wiring(Backpressure* backpressure) {
        return {backpressure, true, kProgressEvery};
    }
    /// What the gate was told from outside behind position `known` of the trading stream, by a file
    /// of the configuration; empty without one.
    [[nodiscard]] std::vector<OrderEvent> risk_inputs(FileSystem& files,
                                                      const std::string& directory,
                                                      std::uint64_t known) const;
    /// What differs from the recording and did not forbid it.
    [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

private:
    void check_sources(const std::string& directory) const;

    JournalManifest manifest_;
    RunId run_{};
    std::unique_ptr<Config> config_;
    std::unique_ptr<Assembly> assembly_;
    std::unique_ptr<Feed> feed_;
    std::vector<std::string> notes_;
};

/// Tells a re-run where one process ended and the next one went on.
class BootFollower {
public:
    explicit BootFollower(StageRerun& rerun) : rerun_(rerun) {}

    [[nodiscard]] bool take(const JournalRecord& record) {
        if (epoch_ != 0 && record.boot_epoch != epoch_) {
            if (!rerun_.end_boot()) return false;
            rerun_.begin_boot(static_cast<std::uint16_t>(record.boot_epoch));
        }
        epoch_ = record.boot_epoch;
        return rerun_.take(record);
    }
    /// At the journal's end.
    [[nodiscard]] bool finish(JournalEnding ending) {
        return rerun_.end_boot() && (ending != JournalEnding::kClosed || rerun_.end_run());
    }
    /// The re-run was restored in the middle of that boot.
    void go_on_in(std::uint32_t epoch) noexcept { epoch_ = epoch; }

private:
    StageRerun& rerun_;
    std::uint32_t epoch_ = 0;
};

/// Opens a journal whose chain is checked on the way; with segment 0 at the first one that is still
/// there. Throws std::runtime_error.
[[nodiscard]] std::unique_ptr<JournalReader> open_journal(FileSystem& files,
                                                          const std::string& directory,
                                                          std::uint32_t first_segment = 1);

}  // namespace fermata
