#include "core/strategy/account_view.hpp"

#include <gtest/gtest.h>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

Price price(const char* text) { return parse<Price>(text).value(); }
Money money(const char* text) { return parse<Money>(text).value(); }

class AccountViewTest : public ::testing::Test {
protected:
    InstrumentId add(const std::string& symbol, const std::string& currency,
                     std::int64_t multiplier = 1) {
        Instrument instrument;
        instrument.symbol = symbol;
        instrument.currency = table_.currency(currency);
        instrument.multiplier = Multiplier::from_units(multiplier);
        instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        return table_.add(instrument);
    }
    void mark(InstrumentId id, const char* last) {
        TradeData trade;
        trade.price = price(last);
        marks_.update(make_trade(Timestamp{1}, id, StreamId{0}, trade));
    }
    AccountView view(const char* cash) {
        return {table_, marks_, table_.currency("USD"), money(cash)};
    }

    InstrumentTable table_;
    MarkTable marks_{8};
};

TEST_F(AccountViewTest, AddsCashAndPositionsAtTheirMarks) {
    const InstrumentId spy = add("SPY", "USD");
    const InstrumentId es = add("ES", "USD", 50);
    AccountView account = view("1000.5");
    EXPECT_EQ(account.equity(), money("1000.5"));
    mark(spy, "100.25");
    mark(es, "20");
    account.set_position(spy, Quantity::from_units(4));
    account.set_position(es, Quantity::from_units(-2));
    // 1000.5 + 4 x 100.25 - 2 x 20 x 50 = 1000.5 + 401 - 2000
    EXPECT_EQ(account.equity(), money("-598.5"));
    EXPECT_EQ(account.position(es), Quantity::from_units(-2));
    account.set_position(es, Quantity::zero());
    EXPECT_EQ(account.equity(), money("1401.5"));
}

TEST_F(AccountViewTest, ValuesAQuotedInstrumentAtTheMid) {
    const InstrumentId spy = add("SPY", "USD");
    AccountView account = view("0");
    account.set_position(spy, Quantity::from_units(10));
    QuoteData quote;
    quote.bid = price("10");
    quote.ask = price("10.5");
    marks_.update(make_quote(Timestamp{1}, spy, StreamId{0}, quote));
    EXPECT_EQ(account.equity(), money("102.5"));
}

TEST_F(AccountViewTest, LeavesOutAPositionThatHasNoMarkYet) {
    const InstrumentId spy = add("SPY", "USD");
    AccountView account = view("7");
    account.set_position(spy, Quantity::from_units(10));
    EXPECT_EQ(account.equity(), money("7"));
}

TEST_F(AccountViewTest, ConvertsAnotherCurrencyByItsPair) {
    const InstrumentId pair = add("EURUSD", "USD");
    const InstrumentId sap = add("SAP", "EUR");
    AccountView account = view("100");
    account.set_cash(table_.currency("EUR"), money("50"));
    account.set_position(sap, Quantity::from_units(2));
    EXPECT_EQ(account.equity(), money("100"));  // no rate yet
    mark(pair, "1.2");
    mark(sap, "25");
    // 100 + (50 + 2 x 25) x 1.2
    EXPECT_EQ(account.equity(), money("220"));
    EXPECT_EQ(account.cash(table_.currency("EUR")), money("50"));
    EXPECT_EQ(account.cash(), money("100"));
}

TEST_F(AccountViewTest, DividesByAPairThatIsQuotedTheOtherWay) {
    const InstrumentId pair = add("USD/JPY", "JPY");
    AccountView account = view("1");
    account.set_cash(table_.currency("JPY"), money("-3000"));
    mark(pair, "150");
    EXPECT_EQ(account.equity(), money("-19"));
    mark(pair, "0");  // a rate that converts nothing leaves the balance out
    EXPECT_EQ(account.equity(), money("1"));
}

TEST_F(AccountViewTest, SaysItsEquityInTheCurrencyOfAnInstrument) {
    const InstrumentId yen = add("USDJPY", "JPY");
    const InstrumentId euro = add("EURUSD", "USD");
    static_cast<void>(add("SAP", "EUR"));
    const AccountView account = view("1000");
    EXPECT_EQ(account.equity_in(table_.currency("USD")), money("1000"));
    EXPECT_EQ(account.equity_in(table_.currency("JPY")), std::nullopt) << "no rate yet";
    mark(yen, "150");
    mark(euro, "1.25");
    EXPECT_EQ(account.equity_in(table_.currency("JPY")), money("150000"));
    EXPECT_EQ(account.equity_in(table_.currency("EUR")), money("800"));
}

TEST_F(AccountViewTest, KeepsTheSumWithinWhatMoneyHolds) {
    const InstrumentId dear = add("DEAR", "USD");
    AccountView account = view("1");
    mark(dear, "9000000000");
    account.set_position(dear, Quantity::from_units(80'000'000'000));
    EXPECT_EQ(account.equity(), Money::max());
    account.set_position(dear, Quantity::from_units(-80'000'000'000));
    EXPECT_LT(account.equity(), money("-9000000000000"));
}

}  // namespace
}  // namespace fermata
