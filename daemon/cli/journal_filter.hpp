#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/manifest.hpp"
#include "daemon/cli/event_subject.hpp"
#include "daemon/cli/journal_query.hpp"

namespace fermata {

/// Decides which records of one journal answer a question. Its names are looked up once, here.
class JournalFilter {
public:
    /// The error is for the operator: which name is unknown, and which there are.
    [[nodiscard]] static Result<JournalFilter, std::string> compile(
        const JournalQuery& query, const JournalManifest& manifest);

    [[nodiscard]] bool wants(const JournalRecord& record, const EventSubject& subject);

    /// The chosen types.
    [[nodiscard]] const EventTypes& types() const noexcept { return types_; }
    /// Whether a record was about the order, whatever else the question asks; true without one.
    [[nodiscard]] bool saw_order() const noexcept { return saw_order_; }
    /// The same of the execution.
    [[nodiscard]] bool saw_execution() const noexcept { return saw_execution_; }

private:
    JournalFilter() = default;
    [[nodiscard]] bool is_the_order(const EventSubject& subject) const noexcept;
    [[nodiscard]] bool is_the_execution(const JournalRecord& record) const noexcept;
    [[nodiscard]] bool wants_verdict(const JournalRecord& record) const noexcept;
    [[nodiscard]] bool wants_type(const JournalRecord& record) const noexcept;

    EventTypes types_;
    std::vector<StrategyId> strategies_;
    std::vector<AccountId> accounts_;
    std::vector<InstrumentId> instruments_;
    std::vector<JournalStream> streams_;
    ClientOrderId order_id_;
    OrderTag tag_;
    bool saw_order_ = true;
    std::vector<ExecId> executions_;  // any of them
    bool saw_execution_ = true;
    bool asks_verdict_ = false;
    bool approved_ = false;
    bool denied_ = false;
    bool previews_ = false;
    std::uint64_t controls_ = 0;  // bits of the controls that are asked for
    std::optional<Timestamp> from_;
    std::optional<Timestamp> to_;
};

}  // namespace fermata
