#include "daemon/database/vocabulary.hpp"

#include "risk/controls.hpp"
#include "risk/verdict_text.hpp"

namespace fermata {
namespace {

int decimals_of(LimitUnit unit) noexcept {
    switch (unit) {
        case LimitUnit::kQuantity:
            return Quantity::kDecimals;
        case LimitUnit::kPrice:
            return Price::kDecimals;
        case LimitUnit::kMoney:
            return Money::kDecimals;
        case LimitUnit::kRatio:
            return Ratio::kDecimals;
        case LimitUnit::kDuration:
            return 9;  // seconds
        default:
            return 0;
    }
}

postgres::Vocabulary make() {
    postgres::Vocabulary vocabulary;
    for (const Control& control : kControls) {
        vocabulary.controls.push_back({std::string(control.code), std::string(control.rule)});
    }
    for (int unit = 0; unit <= static_cast<int>(LimitUnit::kIdentifier); ++unit) {
        const auto u = static_cast<LimitUnit>(unit);
        vocabulary.units.push_back({std::string(name(u)), decimals_of(u)});
    }
    vocabulary.scopes.resize(static_cast<std::size_t>(Scope::kVenue) + 1);
    for (const Scope scope : {Scope::kOrder, Scope::kStrategy, Scope::kInstrument, Scope::kAccount,
                              Scope::kFirm, Scope::kTaxpayer, Scope::kVenue}) {
        vocabulary.scopes[static_cast<std::size_t>(scope)] = name(scope);
    }
    vocabulary.explain = [](const VerdictData& verdict) { return render_verdict(verdict); };
    return vocabulary;
}

}  // namespace

const postgres::Vocabulary& database_vocabulary() {
    static const postgres::Vocabulary vocabulary = make();
    return vocabulary;
}

}  // namespace fermata
