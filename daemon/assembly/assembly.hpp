#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/account/lot_ledger.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/market/calendar.hpp"
#include "core/port/feed_ports.hpp"
#include "core/port/file.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/replay.hpp"

namespace fermata {

/// Everything that a configuration becomes: calendars, feeds, strategies. Owns what the run refers
/// to.
///
/// Throws FeedError, ConfigError or std::runtime_error with a message for the operator.
class Assembly {
public:
    Assembly(const Config& config, const StrategyRegistry& registry);

    /// The feed of a run: make_market_feed() with the openings and closings of sessions. Once.
    [[nodiscard]] std::unique_ptr<Feed> make_feed();
    /// The merged feed of all configured sources, with splits and dividends; streams that tapes and
    /// corporate actions bring are appended to streams(). Once.
    [[nodiscard]] std::unique_ptr<Feed> make_market_feed();
    /// One of the configured sources alone.
    [[nodiscard]] std::unique_ptr<Feed> make_one(const FeedConfig& feed);
    /// By InstrumentId; nullptr for those that are open at all times.
    [[nodiscard]] std::vector<const Calendar*> calendars() const;
    /// The pipeline's setup with fresh strategies. After make_feed.
    [[nodiscard]] PipelineSetup make_setup();
    [[nodiscard]] RunNames names() const;
    /// What the tax lots depend on; days are those of the instruments' exchanges. Refers to this.
    [[nodiscard]] LotRules lot_rules() const;
    /// What a reader of the journal needs. After make_feed.
    [[nodiscard]] JournalManifest manifest() const;

    [[nodiscard]] const StreamTable& streams() const noexcept { return streams_; }
    [[nodiscard]] const FeedPorts& ports() const noexcept { return ports_; }
    /// The sources with their hashes, in the order of the configuration. After make_feed.
    [[nodiscard]] const std::vector<JournalSource>& sources() const noexcept { return sources_; }

private:
    [[nodiscard]] const Calendar* calendar(const std::string& name);
    [[nodiscard]] std::unique_ptr<Feed> make_corporate_actions();

    const Config& config_;
    const StrategyRegistry& registry_;
    std::unique_ptr<FileSystem> files_;
    std::vector<std::shared_ptr<const Calendar>> calendars_;
    FeedPorts ports_;
    StreamTable streams_;
    std::vector<JournalSource> sources_;
    Timestamp first_ = Timestamp::never();
};

/// SHA-256 as a factory, the one that the whole daemon uses.
[[nodiscard]] HasherFactory sha256_hasher();
/// The hashes that a journal's chain may have.
[[nodiscard]] HasherMaker chain_hashers();
/// "fermata 0.1.0 1a2b3c4d5e6f": version and commit of the build (build_commit.hpp), for manifests.
[[nodiscard]] std::string build_id();

}  // namespace fermata
