#include "adapters/fix/session_times.hpp"

#include <cstdio>

namespace fermata::fix {

std::string daily_end(const std::string& start, const std::string& end) {
    int hour = 0, minute = 0, second = 0;
    if (start != end || std::sscanf(start.c_str(), "%2d:%2d:%2d", &hour, &minute, &second) != 3) {
        return end;
    }
    const int begin = hour * 3'600 + minute * 60 + second;
    if (begin <= 0 || begin >= 86'400) return end;
    const int last = begin - 1;
    char text[32];
    (void)std::snprintf(text, sizeof text, "%02d:%02d:%02d", last / 3'600, last / 60 % 60,
                        last % 60);
    return text;
}

}  // namespace fermata::fix
