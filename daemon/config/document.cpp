#include "daemon/config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

namespace fermata::config {
namespace {

[[noreturn]] void fail(std::shared_ptr<const std::string> origin, int line, int column,
                       std::string message) {
    throw ConfigError(
        {ConfigProblem{Place{std::move(origin), line, column}, "", std::move(message)}});
}

/// Builds the tree from the parser's events and refuses what the configuration does not allow.
class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(std::shared_ptr<const std::string> origin) : origin_(std::move(origin)) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.place = place(mark);
        take(std::move(node), anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        check_tag(mark, tag);
        if (expects_key()) {
            begin_key(mark, value);
            return;
        }
        Node node = Node::scalar(value);
        node.place = place(mark);
        take(std::move(node), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            fail_at(mark, "an alias stands inside the value that it names");
        take(count(found->second, mark), 0);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Node::list());
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Node::map());
    }
    void OnMapEnd() override { close(); }

    [[nodiscard]] Node& root() { return root_; }
    /// Duplicate keys: every one is reported, not only the first.
    [[nodiscard]] std::vector<ConfigProblem>& problems() { return problems_; }

private:
    struct Frame {
        Node node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        bool drop = false;  // the value of a duplicate key
        std::string key;
        Place key_place;
    };

    [[nodiscard]] Place place(const YAML::Mark& mark) const {
        return Place{origin_, mark.line + 1, mark.column + 1};
    }
    [[noreturn]] void fail_at(const YAML::Mark& mark, std::string message) const {
        fail(origin_, mark.line + 1, mark.column + 1, std::move(message));
    }
    void check_tag(const YAML::Mark& mark, const std::string& tag) const {
        if (!tag.empty() && tag != "?" && tag != "!") {
            fail_at(mark,
                    "found the YAML tag " + in_quotes(tag) + ", expected a value without a tag");
        }
    }
    [[nodiscard]] bool expects_key() const {
        return !stack_.empty() && stack_.back().node.is(Node::Kind::kMap) && !stack_.back().has_key;
    }

    void begin_key(const YAML::Mark& mark, const std::string& key) {
        Frame& frame = stack_.back();
        frame.has_key = true;
        frame.drop = false;
        frame.key = key;
        frame.key_place = place(mark);
        if (const Entry* first = frame.node.find_entry(key); first != nullptr) {
            frame.drop = true;
            problems_.push_back(
                {frame.key_place, path() + key,
                 "duplicate key, first written in line " + std::to_string(first->place.line)});
        }
    }

    /// The dotted path of the innermost open map or list, with a dot behind it.
    [[nodiscard]] std::string path() const {
        std::string out;
        for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
            const Frame& frame = stack_[i];
            out += frame.has_key ? frame.key : std::to_string(frame.node.items.size());
            out += '.';
        }
        return out;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node node) {
        check_tag(mark, tag);
        if (expects_key()) {
            fail_at(mark, "found " + node.describe() + " as a key, expected a plain text key");
        }
        if (static_cast<int>(stack_.size()) >= kDepthMax) {
            fail_at(mark, "nested deeper than " + std::to_string(kDepthMax) + " levels");
        }
        node.place = place(mark);
        stack_.push_back({});
        stack_.back().node = std::move(node);
        stack_.back().anchor = anchor;
    }

    void close() {
        Frame frame = std::move(stack_.back());
        stack_.pop_back();
        if (frame.node.is(Node::Kind::kMap)) merge(frame.node);
        take(std::move(frame.node), frame.anchor);
    }

    void take(Node node, YAML::anchor_t anchor) {
        if (++nodes_ > kNodesMax) fail_count(node.place);
        if (anchor != 0) anchors_[anchor] = count(node, YAML::Mark());
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Frame& frame = stack_.back();
        if (frame.node.is(Node::Kind::kList)) {
            frame.node.items.push_back(std::move(node));
            return;
        }
        if (!frame.has_key) {
            fail(origin_, node.place.line, node.place.column,
                 "found " + node.describe() + " as a key, expected a plain text key");
        }
        frame.has_key = false;
        if (frame.drop) return;
        frame.node.entries.push_back(Entry{std::move(frame.key), frame.key_place, std::move(node)});
    }

    /// A copy of an anchored value, counted, so that aliases of aliases cannot explode.
    Node count(const Node& node, const YAML::Mark& mark) {
        ++nodes_;
        if (nodes_ > kNodesMax) fail_count(mark.is_null() ? node.place : place(mark));
        Node copy = node.is(Node::Kind::kList)  ? Node::list()
                    : node.is(Node::Kind::kMap) ? Node::map()
                                                : node;
        copy.place = node.place;
        for (const Node& item : node.items) copy.items.push_back(count(item, mark));
        for (const Entry& e : node.entries) {
            copy.entries.push_back(Entry{e.key, e.place, count(e.value, mark)});
        }
        return copy;
    }
    [[noreturn]] void fail_count(const Place& at) const {
        fail(origin_, at.line, at.column,
             "more than " + std::to_string(kNodesMax) + " values after the expansion of aliases");
    }

    /// `<<: *base` or `<<: [*a, *b]`: keys that are not written here come from there; earlier wins.
    void merge(Node& map) {
        const auto found = std::find_if(map.entries.begin(), map.entries.end(),
                                        [](const Entry& e) { return e.key == "<<"; });
        if (found == map.entries.end()) return;
        const Entry merged = std::move(*found);
        map.entries.erase(found);
        std::vector<const Node*> sources;
        if (merged.value.is(Node::Kind::kList)) {
            for (const Node& item : merged.value.items) sources.push_back(&item);
        } else {
            sources.push_back(&merged.value);
        }
        for (const Node* source : sources) {
            if (!source->is(Node::Kind::kMap)) {
                fail(origin_, merged.place.line, merged.place.column,
                     "found " + source->describe() + " to merge, expected an alias of a map");
            }
            for (const Entry& e : source->entries) {
                if (map.find(e.key) == nullptr) map.entries.push_back(e);
            }
        }
    }

    std::shared_ptr<const std::string> origin_;
    Node root_;
    std::vector<Frame> stack_;
    std::map<YAML::anchor_t, Node> anchors_;
    std::vector<ConfigProblem> problems_;
    std::size_t nodes_ = 0;
};

/// Length of the UTF-8 sequence at `i`, 0 when it is not valid (RFC 3629, table 3-7 of Unicode).
std::size_t utf8_length(std::string_view text, std::size_t i) {
    const auto at = [&](std::size_t k) {
        return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U;
    };
    const auto tail = [&](std::size_t k) { return (at(k) & 0xC0U) == 0x80U; };
    const unsigned b = at(i);
    if (b < 0x80) return 1;
    if (b >= 0xC2 && b <= 0xDF) return tail(i + 1) ? 2 : 0;
    if (b >= 0xE0 && b <= 0xEF) {
        if (!tail(i + 1) || !tail(i + 2)) return 0;
        if (b == 0xE0 && at(i + 1) < 0xA0) return 0;  // overlong
        if (b == 0xED && at(i + 1) > 0x9F) return 0;  // surrogate
        return 3;
    }
    if (b >= 0xF0 && b <= 0xF4) {
        if (!tail(i + 1) || !tail(i + 2) || !tail(i + 3)) return 0;
        if (b == 0xF0 && at(i + 1) < 0x90) return 0;
        if (b == 0xF4 && at(i + 1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

}  // namespace

Node Node::scalar(std::string text) {
    Node node;
    node.kind = Kind::kScalar;
    node.text = std::move(text);
    return node;
}
Node Node::list() {
    Node node;
    node.kind = Kind::kList;
    return node;
}
Node Node::map() {
    Node node;
    node.kind = Kind::kMap;
    return node;
}

const Entry* Node::find_entry(std::string_view key) const noexcept {
    for (const Entry& e : entries) {
        if (e.key == key) return &e;
    }
    return nullptr;
}
const Node* Node::find(std::string_view key) const noexcept {
    const Entry* e = find_entry(key);
    return e == nullptr ? nullptr : &e->value;
}
Node* Node::find(std::string_view key) noexcept {
    return const_cast<Node*>(std::as_const(*this).find(key));
}

Node& Node::add(std::string key, Node value) {
    entries.push_back(Entry{std::move(key), value.place, std::move(value)});
    return entries.back().value;
}

std::string Node::describe() const {
    switch (kind) {
        case Kind::kNull:
            return "nothing";
        case Kind::kScalar:
            return in_quotes(text);
        case Kind::kList:
            return "a list";
        case Kind::kMap:
            return "a map";
    }
    return "?";
}

void check_encoding(std::string_view text, const std::string& origin) {
    int line = 1;
    int column = 1;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = utf8_length(text, i);
        if (length == 0) {
            char hex[8];
            std::snprintf(hex, sizeof hex, "0x%02X", byte);
            fail(std::make_shared<const std::string>(origin), line, column,
                 std::string("found the byte ") + hex + ", expected UTF-8 text");
        }
        if ((byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') || byte == 0x7F) {
            fail(std::make_shared<const std::string>(origin), line, column,
                 "found the control character " + in_quotes(text.substr(i, 1)) + ", expected text");
        }
        if (byte == '\n') {
            ++line;
            column = 1;
        } else {
            ++column;
        }
        i += length;
    }
}

Node parse_document(std::string_view text, const std::string& origin) {
    const auto shared = std::make_shared<const std::string>(origin);
    if (text.size() > kFileBytesMax) {
        fail(shared, 0, 0, "larger than " + std::to_string(kFileBytesMax >> 20) + " MiB");
    }
    check_encoding(text, origin);
    TreeBuilder builder(shared);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        if (!parser.HandleNextDocument(builder) || builder.root().is(Node::Kind::kNull)) {
            fail(shared, 1, 1, "found an empty file, expected a configuration");
        }
        Node root = std::move(builder.root());
        TreeBuilder rest(shared);
        if (parser.HandleNextDocument(rest)) {
            fail(shared, rest.root().place.line, rest.root().place.column,
                 "found a second YAML document, expected one configuration a file");
        }
        if (!builder.problems().empty()) throw ConfigError(std::move(builder.problems()));
        return root;
    } catch (const YAML::Exception& e) {
        const bool known = !e.mark.is_null();
        fail(shared, known ? e.mark.line + 1 : 1, known ? e.mark.column + 1 : 1,
             "not valid YAML: " + e.msg);
    }
}

std::string read_text_file(const std::filesystem::path& path) {
    const auto origin = std::make_shared<const std::string>(path.string());
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::exists(status)) fail(origin, 0, 0, "no such file");
    if (std::filesystem::is_directory(status))
        fail(origin, 0, 0, "is a directory, expected a file");
    std::ifstream in(path, std::ios::binary);
    if (!in) fail(origin, 0, 0, "cannot be read: check its permissions");
    std::string text(kFileBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) fail(origin, 0, 0, "cannot be read: input error");
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileBytesMax) {
        fail(origin, 0, 0, "larger than " + std::to_string(kFileBytesMax >> 20) + " MiB");
    }
    return text;
}

}  // namespace fermata::config
