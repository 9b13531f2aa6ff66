#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/document.hpp"
#include "daemon/config/problem.hpp"

namespace fermata::config {

/// What is known while a document is read: the path of the key in hand, the names that were
/// defined so far, and every problem that was found.
class Reader {
public:
    /// Relative paths are resolved against `base`, the configuration file's folder.
    explicit Reader(std::filesystem::path base) : base_(std::move(base)) {}

    /// Extends the path of messages while it lives.
    class Step {
    public:
        Step(Reader& reader, std::string key) : reader_(reader) {
            reader_.path_.push_back(std::move(key));
        }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { reader_.path_.pop_back(); }

    private:
        Reader& reader_;
    };

    /// Notes a problem with the key in hand, which stands at `place`.
    void problem(const Place& place, std::string message);
    /// The same in the usual words: "found X, expected Y".
    void unexpected(const Node& node, const std::string& expected);
    /// Of a key below the one in hand.
    void problem_at(const std::string& key, const Place& place, std::string message);

    /// Makes `name` known as a `kind` ("account"); a second one of the same name is a problem.
    void define(const std::string& kind, const std::string& name, const Place& place);
    /// Some names of this kind could not be read: unknown ones are no longer a problem of their
    /// own.
    void mark_incomplete(const std::string& kind) { incomplete_.insert(kind); }
    [[nodiscard]] bool is_defined(const std::string& kind, const std::string& name) const;
    /// A problem, with a suggestion, unless `name` is a known `kind`.
    void require_defined(const std::string& kind, const std::string& name, const Place& place);
    /// Names of one kind, sorted.
    [[nodiscard]] std::vector<std::string> names(const std::string& kind) const;

    [[nodiscard]] std::filesystem::path resolve(const std::string& written) const;
    [[nodiscard]] std::string path() const;
    [[nodiscard]] std::size_t problem_count() const noexcept { return problems_.size(); }
    /// All problems by place. Empties the reader.
    [[nodiscard]] std::vector<ConfigProblem> take_problems();

private:
    std::filesystem::path base_;
    std::vector<std::string> path_;
    std::map<std::string, std::map<std::string, Place>> names_;
    std::set<std::string> incomplete_;
    std::vector<ConfigProblem> problems_;
};

}  // namespace fermata::config
