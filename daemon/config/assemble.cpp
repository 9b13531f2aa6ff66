#include "daemon/config/assemble.hpp"

#include "daemon/config/draft.hpp"

namespace fermata::config {

Config assemble(Reader& reader, const Node& document, Settings& settings) {
    Draft draft(reader, document, settings);
    draft.config.mode = settings.mode;
    assemble_accounts(draft);
    assemble_instruments(draft);
    assemble_day_end(draft);
    assemble_feeds(draft);
    assemble_trading(draft);
    assemble_risk(draft);
    draft.config.journal = settings.journal;
    draft.config.database = settings.database;
    draft.config.engine = settings.engine;
    draft.config.portfolio_risk = settings.portfolio_risk;
    return std::move(draft.config);
}

}  // namespace fermata::config
