#include "daemon/cli/report_output.hpp"

#include <fstream>
#include <iostream>
#include <stdexcept>

namespace fermata {

void write_report(const std::string& text, const std::string& output) {
    if (output.empty()) {
        std::cout << text;
        std::cout.flush();
        return;
    }
    std::ofstream out(output, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) throw std::runtime_error(output + ": cannot be written");
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace fermata
