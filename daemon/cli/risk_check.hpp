#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/port/file.hpp"
#include "daemon/cli/report_text.hpp"
#include "daemon/cli/risk_format.hpp"
#include "daemon/config/config.hpp"
#include "daemon/pipeline/what_if.hpp"
#include "daemon/replay/replay.hpp"

namespace fermata {

/// What `fermata risk check` is asked.
struct RiskCheckRequest {
    std::vector<std::string> orders;  ///< As order_text.hpp reads them.
    bool basket = false;              ///< Judged together, else each for itself.
    std::optional<Timestamp> at;      ///< Configuration: of the data; default: its end.
    bool strategies = true;           ///< Configuration: let them trade up to there.
    std::function<void(const ReplayProgress&)> progress;
    std::function<bool()> cancelled;
};

/// What the gate says, and when.
struct RiskCheck {
    std::vector<WhatIfAnswer> answers;
    Timestamp at;
    [[nodiscard]] bool approved() const noexcept {
        for (const WhatIfAnswer& answer : answers) {
            if (answer.verdict.approved == 0) return false;
        }
        return true;
    }
};

/// Runs the configuration over its data in lockstep up to and including `at`, whatever
/// engine.schedule says, writes nothing, and asks. Throws FeedError, std::invalid_argument (the
/// text of an order, a time before the data) and std::runtime_error.
[[nodiscard]] RiskCheck check_configuration(const Config& config, const StrategyRegistry& registry,
                                            const RiskCheckRequest& request);

/// Asks at the end of the run that a journal holds; `config` is the one on record, returned for the
/// names. Throws std::runtime_error also when the run cannot be repeated as it is on record.
[[nodiscard]] RiskCheck check_journal(FileSystem& files, const std::string& directory,
                                      const StrategyRegistry& registry,
                                      const RiskCheckRequest& request, Config& config);

/// Table: for each order its verdict and one line for each comparison that a control made. JSON:
/// the same as objects. CSV: one row a comparison, the order's number in the first column.
[[nodiscard]] std::string risk_check_text(const RiskCheck& check, const Config& config,
                                          RiskFormat format);

}  // namespace fermata
