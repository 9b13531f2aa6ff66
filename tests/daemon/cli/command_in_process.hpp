#pragma once

#include <algorithm>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/port/feed.hpp"
#include "daemon/cli/whole_number.hpp"  // CLI::App
#include "daemon/config/problem.hpp"

namespace fermata::test {

/// What a command printed and how it ended.
struct Ended {
    int code = 0;
    std::string out;
    std::string error;
};

/// Runs `fermata ARGUMENTS` in this process as the main program does, with the commands that
/// `register_commands(app)` adds.
template <class Register>
Ended run_in_process(Register&& register_commands, std::vector<std::string> arguments) {
    CLI::App app{"test", "fermata"};
    register_commands(app);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    std::ostringstream out, error;
    std::streambuf* const saved_out = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const saved_error = std::cerr.rdbuf(error.rdbuf());
    Ended ended;
    try {
        app.parse(arguments);
    } catch (const CLI::RuntimeError& e) {
        ended.code = e.get_exit_code();
    } catch (const CLI::ParseError& e) {
        ended.code = 2;
        error << e.what();
    } catch (const ConfigError& e) {
        ended.code = 2;
        error << e.what();
    } catch (const FeedError& e) {
        ended.code = 2;
        error << e.what();
    } catch (const std::exception& e) {
        ended.code = 1;
        error << e.what();
    }
    std::cout.rdbuf(saved_out);
    std::cerr.rdbuf(saved_error);
    ended.out = out.str();
    ended.error = error.str();
    return ended;
}

}  // namespace fermata::test
