#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

using venue::Fault;
using venue::FaultKind;

void check_member(Reader& reader, const Node& node, MemberSettings& member) {
    if (!member.orders && !member.market_data && !member.drop_copy) {
        reader.problem(node.place, "a session without orders, market_data and drop_copy");
    }
    if (member.orders && member.accounts.empty()) {
        reader.problem(node.place, "orders need 'accounts'");
    }
}

Section<MemberSettings> member_section() {
    using M = MemberSettings;
    Section<M> s("members", "The sessions that the exchange accepts.");
    s.key("comp_id", &M::comp_id, "SenderCompID (49) of the member.", {.required = true});
    s.key("firm", &M::firm,
          "The firm that the session belongs to: ClOrdIDs are unique in it, and its drop copies "
          "show the orders of all its sessions.",
          {.default_note = "the member's comp_id"});
    s.values("accounts", &M::accounts,
             "Accounts that it trades in; the first is for orders that name none.",
             {.refers_to = kAccountName});
    s.key("orders", &M::orders, "Enters orders.");
    s.key("market_data", &M::market_data, "May subscribe to market data.");
    s.key("drop_copy", &M::drop_copy, "Gets a copy of every execution report of its firm.");
    s.key("cancel_on_disconnect", &M::cancel_on_disconnect,
          "Its orders are canceled when its connection ends. Its logon may say otherwise.");
    s.choice("authority", &M::of_firm, "Whose orders it may change, cancel and ask about.",
             {{"session", false, "Its own."}, {"firm", true, "Every order of its firm."}});
    s.check(check_member);
    return s;
}

void check_fault(Reader& reader, const Node& node, Fault& f) {
    const int said = (f.every != 0 ? 1 : 0) + (f.after != 0 ? 1 : 0) + (f.probability > 0 ? 1 : 0) +
                     (f.at > Duration{} ? 1 : 0);
    if (said != 1) {
        reader.problem(node.place, "expected exactly one of every, after, probability, at");
    }
    const bool of_messages = f.kind == FaultKind::kDelay || f.kind == FaultKind::kDrop ||
                             f.kind == FaultKind::kDuplicate || f.kind == FaultKind::kReject ||
                             f.kind == FaultKind::kLoseRequest || f.kind == FaultKind::kDropFill;
    if (of_messages && f.at > Duration{}) {
        reader.problem(node.place, "'at' is for disconnect, halt, bust and correct");
    }
}

Section<Fault> fault_section() {
    Section<Fault> s("list", "What goes wrong on purpose, and when.");
    s.choice("kind", &Fault::kind, "What happens.",
             {{"delay", FaultKind::kDelay, "A report, and what follows it, leaves later."},
              {"drop", FaultKind::kDrop, "A report is lost."},
              {"drop_fill", FaultKind::kDropFill,
               "The report of a fill is lost; `every`, `after` and `probability` are of such "
               "reports."},
              {"duplicate", FaultKind::kDuplicate,
               "A report comes twice: PossResend=Y, the same ExecID."},
              {"lose_request", FaultKind::kLoseRequest, "A request has no effect and no answer."},
              {"reject", FaultKind::kReject, "A request is refused."},
              {"disconnect", FaultKind::kDisconnect, "The connection of the session ends."},
              {"halt", FaultKind::kHalt, "Trading halts, and resumes `delay` later."},
              {"bust", FaultKind::kBust, "The newest fill is taken back (ExecType H)."},
              {"correct", FaultKind::kCorrect,
               "The newest fill's price becomes another, by `ticks` (ExecType G)."}},
             {.required = true});
    s.key("member", &Fault::member, "Of which member (comp_id) alone.", {.default_note = "all"});
    s.key("instrument", &Fault::instrument, "Of which instrument alone (kind halt).",
          {.default_note = "all", .refers_to = kSymbolName});
    s.key("every", &Fault::every, "At every so many messages.", {.default_note = "none"});
    s.key("after", &Fault::after, "Once, at this message.", {.default_note = "none"});
    s.key("probability", &Fault::probability, "At each message with this probability.",
          {.minimum = 0.0, .maximum = 1.0, .default_note = "none"});
    s.key("at", &Fault::at, "Once, so long after the venue opened.", {.default_note = "none"});
    s.key("delay", &Fault::delay, "How long a delay or a halt lasts.",
          {.minimum = Duration::milliseconds(1), .maximum = Duration::hours(24)});
    s.key("ticks", &Fault::ticks, "By how many ticks (kind correct).",
          {.minimum = -1'000, .maximum = 1'000});
    s.check(check_fault);
    return s;
}

Section<FaultsSettings> faults_section() {
    Section<FaultsSettings> s(
        "faults",
        "Faults by seed: the same messages in the same order meet the same ones. Requests "
        "are counted for lose_request, reject, disconnect, halt, bust and correct; reports (8, 9, "
        "r, N) for delay, drop and duplicate.");
    s.key("seed", &FaultsSettings::seed, "Of the probabilities.");
    s.list("list", &FaultsSettings::list, fault_section());
    return s;
}

}  // namespace

Section<ExchangeSettings> exchange_section() {
    using venue::ExchangeConfig;
    Section<ExchangeSettings> s(
        "exchange",
        "The exchange that `fermata venue` runs: FIX 4.4 sessions over the fills of one of the "
        "`venues`, see docs/venue.md. Nothing else reads it.");
    s.key("venue", &ExchangeSettings::venue, "Whose fills, fees, latency and support.",
          {.default_note = "the first venue", .refers_to = kVenueName});
    s.key("folder", &ExchangeSettings::folder,
          "Where its journal, its sequence numbers and the reports that it may have to send again "
          "are kept.",
          {.required = true});
    s.list("members", &ExchangeSettings::members, member_section(),
           {.required = true, .may_be_empty = false});
    s.section("faults", &ExchangeSettings::faults, faults_section());
    Section<ExchangeConfig> plain("exchange", "");
    plain.key("port", &ExchangeConfig::port,
              "TCP port. It listens on all addresses of the machine and knows members by their "
              "CompIDs alone: keep it behind a firewall.",
              {.required = true, .minimum = 1});
    plain.key("comp_id", &ExchangeConfig::comp_id, "SenderCompID (49) of the exchange.");
    plain.key("cancel_on_disconnect_tag", &ExchangeConfig::cancel_on_disconnect_tag,
              "A tag of Logon whose Y or N decides instead of the member's setting. 0: none.",
              {.minimum = 0, .maximum = 99'999});
    plain.choice("triggered", &ExchangeConfig::triggered_by_l, "How the trigger of a stop is told.",
                 {{"L", true, "ExecType=L, of FIX 5.0, as many venues do on 4.4."},
                  {"restated", false, "ExecType=D, which FIX 4.4 has."}});
    plain.key("logon_timeout", &ExchangeConfig::logon_timeout,
              "For how long a connection may be without a session that is logged on before it is "
              "closed.",
              {.minimum = Duration::milliseconds(10), .maximum = Duration::minutes(10)});
    plain.key("behind_bytes", &ExchangeConfig::behind_bytes,
              "What a member may leave unread before changes of bid and offer wait for it.",
              {.minimum = 1'024, .unit = "bytes"});
    plain.key("unread_bytes_max", &ExchangeConfig::unread_bytes_max,
              "What a member may leave unread before it is disconnected.",
              {.minimum = 65'536, .unit = "bytes"});
    plain.key("requests_max", &ExchangeConfig::requests_max,
              "Requests that may wait; one more is answered with BusinessMessageReject (380=4).",
              {.minimum = 1, .maximum = 16'777'216});
    plain.key("orders_kept", &ExchangeConfig::orders_kept,
              "Orders that are remembered, live or over; one more is refused. Live ones at a time: "
              "`engine.orders_max`.",
              {.minimum = 1, .maximum = 100'000'000});
    s.include(plain, &ExchangeSettings::plain);
    return s;
}

}  // namespace fermata::config
