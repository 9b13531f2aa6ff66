#include "daemon/config/connection_string.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "adapters/postgres/connection.hpp"

namespace fermata::config {
namespace {

TEST(ConnectionString, ShowsItsPasswordInEveryFormThatLibpqReads) {
    for (const std::string text :
         {"postgresql://ann:sesame@db1/book", "postgres://ann:sesame@db1", "postgres://:x@/",
          "postgresql://db1?password=sesame", "postgresql://db1/book?user=a&password=sesame",
          "postgresql://trader@/fermata?host=/tmp&%70assword=sesame",
          "postgresql://db1/book?%50%61%73sword=sesame", "postgresql://db1/book?passwor%64=sesame",
          "postgresql://db1/book?ssl%70assword=sesame", "postgresql://ann:ses%61me@db1/book",
          "postgresql://ann%3asesame@db1/book", "postgresql://db1/b?%2570assword=sesame",
          "host=db1 password=sesame", "host=db1 password = 'se same'", "password\t=\nsesame",
          "user='a b' password = se\\ same host=h", "sslpassword=sesame",
          "host=h dbname=postgresql://ann:sesame@db1/book"}) {
        EXPECT_TRUE(carries_password(text)) << text;
    }
}

TEST(ConnectionString, WithoutAPasswordIsAccepted) {
    for (const std::string text :
         {"", "dbname=fermata", "host=db1,db2 port=5432,5433 user=trader",
          "postgresql://trader@db1:5432,db2:5433/book?target_session_attrs=read-write",
          "postgresql:///book?host=%2Fvar%2Frun%2Fpostgresql&user=trader",
          "postgresql://[2001:db8::1]:5432/book", "host=h passfile=/etc/fermata/pgpass",
          "postgresql://trader@db1/100%25", "host='it\\'s' application_name='100% sure'"}) {
        EXPECT_FALSE(carries_password(text)) << text;
    }
}

/// Some of the characters of `text` in percent-encoded form.
std::string encoded(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (*rc::gen::inRange(0, 3) != 0) {
            out += c;
            continue;
        }
        const char* const digits = *rc::gen::element("0123456789abcdef", "0123456789ABCDEF");
        out += '%';
        out += digits[(static_cast<unsigned char>(c) >> 4) & 15];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

/// Plain ones, which libpq accepts, and ones that turn the text into something else.
std::string word() {
    const std::string letters = *rc::gen::weightedElement<std::string>(
        {{4, "abcxyz019_."}, {1, "abcxyz019_./:@?&=%' \\,[]-#"}});
    return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(letters)));
}

std::string url() {
    std::string out = *rc::gen::element<std::string>("postgresql://", "postgres://");
    if (*rc::gen::arbitrary<bool>()) out += encoded(word());
    if (*rc::gen::arbitrary<bool>()) out += ":" + encoded(word());
    if (*rc::gen::arbitrary<bool>()) out += "@";
    out += *rc::gen::element<std::string>("", "db1", "db1:5432,db2:5433", "[::1]");
    if (*rc::gen::arbitrary<bool>()) out += "/" + encoded(word());
    char separator = '?';
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
        const auto key = *rc::gen::element<std::string>("password", "sslpassword", "host", "user",
                                                        "application_name");
        out += separator + encoded(key) + "=" + encoded(word());
        separator = '&';
    }
    return out;
}

std::string pairs() {
    std::string out;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        out += *rc::gen::element<std::string>("password", "sslpassword", "host", "user", "dbname");
        const auto space = rc::gen::element<std::string>("", " ", "\t", "\n ");
        out += *space + "=" + *space;
        out += *rc::gen::arbitrary<bool>() ? word() : "'" + word() + "'";
        out += ' ';
    }
    return out;
}

// libpq's own parser is the judge: what it takes a password from is never accepted.
RC_GTEST_PROP(ConnectionString, NeverHidesAPasswordThatLibpqFinds, ()) {
    const std::string text = *rc::gen::arbitrary<bool>() ? url() : pairs();
    const bool has_one = postgres::has_password(text);
    RC_CLASSIFY(has_one, "with a password");
    if (has_one) RC_ASSERT(carries_password(text));
}

}  // namespace
}  // namespace fermata::config
