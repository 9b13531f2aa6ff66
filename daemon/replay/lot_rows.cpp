#include "daemon/replay/lot_rows.hpp"

#include "daemon/replay/csv_file.hpp"

namespace fermata {
namespace {

constexpr std::string_view kHeader =
    "status,account,instrument,side,lot,quantity,opened_by,opened_ns,opened_on,holding_start,"
    "closed_by,closed_ns,closed_on,term,proceeds,basis,adjustment,disallowed,washed_quantity,"
    "provisional_until,gain";

void write(CsvFile& file, const RunNames& names, const ClosedLot& lot) {
    file.field("closed")
        .field(names.account(lot.account))
        .field(names.instrument(lot.instrument))
        .field(lot.side == Side::kBuy ? "long" : "short")
        .field(static_cast<std::uint64_t>(lot.lot))
        .field(lot.quantity)
        .field(names.strategy(lot.opened_by))
        .field(lot.opened.ns)
        .field(format_iso_date(lot.opened_on))
        .field(format_iso_date(lot.holding_start))
        .field(names.strategy(lot.closed_by))
        .field(lot.closed.ns)
        .field(format_iso_date(lot.closed_on))
        .field(lot.term == TaxTerm::kLong ? "long" : "short")
        .field(lot.proceeds)
        .field(lot.basis)
        .field(lot.adjustment)
        .field(lot.disallowed)
        .field(lot.washed);
    if (lot.provisional_until > lot.closed_on) {
        file.field(format_iso_date(lot.provisional_until));
    } else {
        file.field(std::string_view{});
    }
    file.field(lot.gain()).end_row();
}

void write(CsvFile& file, const RunNames& names, const OpenLot& lot) {
    file.field("open")
        .field(names.account(lot.account))
        .field(names.instrument(lot.instrument))
        .field(lot.side == Side::kBuy ? "long" : "short")
        .field(static_cast<std::uint64_t>(lot.lot))
        .field(lot.quantity)
        .field(names.strategy(lot.strategy))
        .field(lot.opened.ns)
        .field(format_iso_date(lot.opened_on))
        .field(format_iso_date(lot.holding_start));
    for (int column = 0; column < 5; ++column) file.field(std::string_view{});
    file.field(lot.basis).field(lot.adjustment);
    for (int column = 0; column < 4; ++column) file.field(std::string_view{});
    file.end_row();
}

}  // namespace

void write_lots(const std::filesystem::path& dir, const RunNames& names, const LotReport& report) {
    CsvFile file(dir / "lots.csv", kHeader, nullptr);
    for (const ClosedLot& lot : report.closed) write(file, names, lot);
    for (const OpenLot& lot : report.open) write(file, names, lot);
    file.close();
}

}  // namespace fermata
