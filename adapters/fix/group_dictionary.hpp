#pragma once

#include <memory>

#include "adapters/fix/quickfix.hpp"

namespace fermata::fix {

/// Which tags form the repeating groups of the FIX 4.4 messages that we exchange.
///
/// Without it QuickFIX reads the fields of a group as fields of the message, in an undefined order.
/// It has no version, and with a dictionary that has none QuickFIX validates nothing: a field that
/// a venue adds, or a value that we do not know, reaches whoever reads the message.
///
/// Groups: market data (V, W, X), security list (y), parties, mass cancel report (r), order lists
/// (E, N), fees and contra brokers of execution reports, position reports (AP).
[[nodiscard]] std::unique_ptr<FIX::DataDictionary> make_group_dictionary();

/// Makes a session read groups. Before its initiator or acceptor is started: sessions exist from
/// its construction on (Session::lookupSession). The session's settings say UseDataDictionary=N.
void read_groups(FIX::Session& session);

}  // namespace fermata::fix
