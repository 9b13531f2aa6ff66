#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"
#include "core/port/byte_source.hpp"
#include "core/port/hasher.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// What a file tells the gate during a replay.
struct RiskInputList {
    std::vector<OrderEvent> inputs;  ///< kRiskInput, in the order of the file: ascending times.
    JournalSource source;            ///< Its name and the hash of its bytes.
};

/// Reads a comma-separated file (RFC 4180, UTF-8) whose first line names its columns, in any order;
/// `time` and `kind` must be there, columns that no row needs may be left out:
///
///   time      2024-01-31T14:30:00Z, with an offset, or without one in UTC; ascending
///   kind      what it is, see below
///   scope     limit: firm, account, strategy or instrument
///   target    name of the instrument, account or strategy
///   limit     limit: its key, as under risk.limits
///   first, second      the values
///   actor, approver    numbers of the people who asked for it and agreed; may be empty
///
///   kind          target      first                   second
///   band          instrument  lowest price            highest price
///   no_band       instrument
///   locate        instrument  quantity
///   clock_offset              duration, may be -
///   buying_power  account     money
///   journal_lag               duration                bytes
///   drop_copy                 duration
///   recovering                true or false
///   limit         by scope    value in the limit's unit
///   restrict      instrument  from: time              until: time; empty: without an end
///   acknowledge   strategy
///
/// A cell that a kind has no use for must be empty.
/// Throws FeedError: "told.csv:3: first: found 'two', expected a price of at most 9 decimals".
[[nodiscard]] RiskInputList read_risk_inputs(std::unique_ptr<ByteSource> source,
                                             const RunNames& names, const HasherFactory& hasher);
/// The same from a file.
[[nodiscard]] RiskInputList read_risk_inputs(const std::string& path, const RunNames& names);

/// Among the sources of a manifest.
[[nodiscard]] bool is_risk_inputs(const JournalSource& source) noexcept;

}  // namespace fermata
