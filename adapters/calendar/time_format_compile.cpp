// Compiling a pattern into the steps that TimeParser runs.

#include <algorithm>
#include <utility>

#include "adapters/calendar/time_format.hpp"

namespace fermata {
namespace {

void explain(std::string* why, std::string text) {
    if (why != nullptr) *why = std::move(text);
}

}  // namespace

bool TimeFormat::push(Op op, char literal, std::string* why) {
    if (size_ == kMaxSteps) {
        explain(why, "the time format is longer than 48 elements");
        return false;
    }
    steps_[size_++] = Step{op, literal};
    return true;
}

bool TimeFormat::add(char directive, std::string* why) {
    const auto pattern = [&](std::string_view text) {
        for (const char c : text) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (letter ? !add(c, why) : !push(Op::kLiteral, c, why)) return false;
        }
        return true;
    };
    switch (directive) {
        case 'Y':
            return push(Op::kYear, 0, why);
        case 'y':
            return push(Op::kYear2, 0, why);
        case 'm':
            return push(Op::kMonth, 0, why);
        case 'b':
            return push(Op::kMonthName, 0, why);
        case 'd':
            return push(Op::kDay, 0, why);
        case 'e':
            return push(Op::kDaySpaced, 0, why);
        case 'j':
            return push(Op::kDayOfYear, 0, why);
        case 'H':
            return push(Op::kHour, 0, why);
        case 'I':
            return push(Op::kHour12, 0, why);
        case 'p':
            return push(Op::kAmPm, 0, why);
        case 'M':
            return push(Op::kMinute, 0, why);
        case 'S':
            return push(Op::kSecond, 0, why);
        case 'f':
            return push(Op::kFraction, 0, why);
        case 'z':
            return push(Op::kOffset, 0, why);
        case 's':
            return push(Op::kEpochSeconds, 0, why);
        case 'F':
            return pattern("Y-m-d");
        case 'T':
            return pattern("H:M:S");
        case 'R':
            return pattern("H:M");
        case 'D':
            return pattern("m/d/y");
        case '%':
            return push(Op::kLiteral, '%', why);
        default:
            break;
    }
    explain(why, std::string("unknown directive '%") + directive +
                     "' in the time format; known are %Y %y %m %b %d %e %j %H %I %p %M %S %f %z %s "
                     "%F %T %R %D %%");
    return false;
}

const char* TimeFormat::check() {
    std::array<int, static_cast<std::size_t>(Op::kCount)> seen{};
    for (std::size_t i = 0; i < size_; ++i) ++seen[static_cast<std::size_t>(steps_[i].op)];
    const auto count = [&](Op op) { return seen[static_cast<std::size_t>(op)]; };
    const int year = count(Op::kYear) + count(Op::kYear2);
    const int month = count(Op::kMonth) + count(Op::kMonthName);
    const int day = count(Op::kDay) + count(Op::kDaySpaced);
    const int day_of_year = count(Op::kDayOfYear);
    const int hour = count(Op::kHour) + count(Op::kHour12);
    const int minute = count(Op::kMinute);
    const int second = count(Op::kSecond);
    const int epoch = count(Op::kEpochSeconds);

    // Operation 0 is the literal, which may come as often as it likes.
    if (*std::max_element(seen.begin() + 1, seen.end()) > 1) {
        return "the time format gives one field twice";
    }
    if (year > 1 || month > 1 || day > 1 || hour > 1 || (day_of_year > 0 && month + day > 0)) {
        return "the time format gives one field in two ways";
    }
    if (count(Op::kHour12) != count(Op::kAmPm)) {
        return "the time format must give %I and %p together";
    }
    const int of_a_date = year + month + day + day_of_year + hour + minute + second;
    if (epoch > 0 && of_a_date + count(Op::kOffset) > 0) {
        return "the time format mixes %s with fields of a date or time";
    }
    if (epoch == 0 && (year == 0 || (day_of_year == 0 && (month == 0 || day == 0)))) {
        return "the time format must give a whole date: year, month and day (or %j), or %s";
    }
    if ((minute > 0 && hour == 0) || (second > 0 && minute == 0) ||
        (count(Op::kFraction) > 0 && second + epoch == 0)) {
        return "the time format gives a part of the time without the part above it";
    }
    absolute_ = count(Op::kOffset) + epoch > 0;
    has_time_ = hour + epoch > 0;
    return nullptr;
}

std::optional<TimeFormat> TimeFormat::compile(std::string_view pattern, std::string* why) {
    TimeFormat format;
    format.pattern_ = std::string(pattern);
    if (pattern == "ns" || pattern == "us" || pattern == "ms" || pattern == "s") {
        format.unit_ns_ = pattern == "ns"   ? 1
                          : pattern == "us" ? 1'000
                          : pattern == "ms" ? 1'000'000
                                            : 1'000'000'000;
        format.has_time_ = true;
        format.absolute_ = true;
        return format;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            if (!format.push(Op::kLiteral, pattern[i], why)) return std::nullopt;
        } else if (++i == pattern.size()) {
            explain(why, "the time format ends with a single '%'");
            return std::nullopt;
        } else if (!format.add(pattern[i], why)) {
            return std::nullopt;
        }
    }
    if (const char* problem = format.check()) {
        explain(why, problem);
        return std::nullopt;
    }
    return format;
}

}  // namespace fermata
