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
///
/// What is refused is noted, and the parser goes on: where the text is no valid YAML after all,
/// that explains more. Only the bounds stop it at once.
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
        if (lost_) return;
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            refuse(place(mark), "an alias stands inside the value that it names");
            return;
        }
        take(copy_of(found->second, place(mark)), 0);
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
    /// What was refused. The tree is whole only when there is nothing.
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
    /// Notes what makes the rest of the tree meaningless.
    void refuse(const Place& at, std::string message) {
        problems_.push_back({at, "", std::move(message)});
        lost_ = true;
    }
    void check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (lost_ || tag.empty() || tag == "?" || tag == "!") return;
        problems_.push_back(
            {place(mark), "",
             "found the YAML tag " + in_quotes(tag) + ", expected a value without a tag"});
    }
    [[nodiscard]] bool expects_key() const {
        return !stack_.empty() && stack_.back().node.is(Node::Kind::kMap) && !stack_.back().has_key;
    }
    void refuse_key(const Node& node) {
        refuse(node.place, "found " + node.describe() + " as a key, expected a plain text key");
    }

    void begin_key(const YAML::Mark& mark, const std::string& key) {
        if (lost_) return;
        Frame& frame = stack_.back();
        frame.has_key = true;
        frame.key = key;
        frame.key_place = place(mark);
        const Entry* first = frame.node.find_entry(key);
        frame.drop = first != nullptr;
        if (first != nullptr) {
            problems_.push_back(
                {frame.key_place, path() + key,
                 "duplicate key, first written in line " + std::to_string(first->place.line)});
        } else if (frame.node.entries.size() >= kKeysMax) {
            fail(origin_, frame.key_place.line, frame.key_place.column,
                 "more than " + std::to_string(kKeysMax) + " keys in one map");
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
        if (++depth_ > kDepthMax) {
            fail(origin_, mark.line + 1, mark.column + 1,
                 "nested deeper than " + std::to_string(kDepthMax) + " levels");
        }
        check_tag(mark, tag);
        if (lost_) return;
        node.place = place(mark);
        if (expects_key()) {
            refuse_key(node);
            return;
        }
        stack_.push_back({});
        stack_.back().node = std::move(node);
        stack_.back().anchor = anchor;
    }

    void close() {
        --depth_;
        if (lost_) return;
        Frame frame = std::move(stack_.back());
        stack_.pop_back();
        if (frame.node.is(Node::Kind::kMap)) merge(frame.node);
        take(std::move(frame.node), frame.anchor);
    }

    void take(Node node, YAML::anchor_t anchor) {
        if (lost_) return;
        count(node.place);
        if (anchor != 0) anchors_[anchor] = copy_of(node, node.place);
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
            refuse_key(node);
            return;
        }
        frame.has_key = false;
        if (frame.drop) return;
        frame.node.entries.push_back(Entry{std::move(frame.key), frame.key_place, std::move(node)});
    }

    void count(const Place& at) {
        if (++nodes_ <= kNodesMax) return;
        fail(origin_, at.line, at.column,
             "more than " + std::to_string(kNodesMax) + " values after the expansion of aliases");
    }

    /// A copy of an anchored value, counted, so that aliases of aliases cannot explode.
    Node copy_of(const Node& node, const Place& at) {
        count(at);
        Node copy;
        copy.kind = node.kind;
        copy.place = node.place;
        copy.text = node.text;
        for (const Node& item : node.items) copy.items.push_back(copy_of(item, at));
        for (const Entry& e : node.entries) {
            copy.entries.push_back(Entry{e.key, e.place, copy_of(e.value, at)});
        }
        return copy;
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
                problems_.push_back(
                    {merged.place, "",
                     "found " + source->describe() + " to merge, expected an alias of a map"});
                return;
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
    int depth_ = 0;
    bool lost_ = false;  // something was refused without which the tree makes no sense
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
    // yaml-cpp takes a quoted text that never ends for a whole one when a line break precedes the
    // end of the file; without the break it is the error that it should be.
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    TreeBuilder builder(shared);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        const bool found = parser.HandleNextDocument(builder);
        if (!builder.problems().empty()) throw ConfigError(std::move(builder.problems()));
        if (!found || builder.root().is(Node::Kind::kNull)) {
            fail(shared, 1, 1, "found an empty file, expected a configuration");
        }
        TreeBuilder rest(shared);
        if (parser.HandleNextDocument(rest)) {
            fail(shared, rest.root().place.line, rest.root().place.column,
                 "found a second YAML document, expected one configuration a file");
        }
        return std::move(builder.root());
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
