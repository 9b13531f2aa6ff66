#include "daemon/cli/error_output.hpp"

#include <iostream>

#include "daemon/cli/report_text.hpp"

namespace fermata {

void print_json_error(std::string_view code, std::string_view message,
                      std::optional<std::uint64_t> state_version) {
    Report report;
    if (state_version) report["state_version"] = *state_version;
    report["error"] = {{"code", code}, {"message", message}};
    std::cout << report.dump(-1, ' ', false, Report::error_handler_t::replace) << '\n';
}

bool wants_json(const CLI::App& app) {
    const CLI::App* command = &app;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    const CLI::Option* const json = command->get_option_no_throw("--json");
    return json != nullptr && json->count() > 0;
}

}  // namespace fermata
