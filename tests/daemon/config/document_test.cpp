#include "daemon/config/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace fermata::config {
namespace {

/// The problems of a text that must not parse, one a line.
std::string refusal(const std::string& text) {
    try {
        static_cast<void>(parse_document(text, "f"));
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "accepted";
}

TEST(Document, KeepsTextAndPlaceOfEveryValue) {
    const Node root = parse_document("a: 1.50\nb:\n  - x\n  - {c: 'quoted'}\n", "f");
    ASSERT_TRUE(root.is(Node::Kind::kMap));
    EXPECT_EQ(root.find("a")->text, "1.50");
    EXPECT_EQ(root.find("a")->place.text(), "f:1:4");
    EXPECT_EQ(root.find("b")->items[0].place.text(), "f:3:5");
    const Node* c = root.find("b")->items[1].find("c");
    ASSERT_NE(c, nullptr);
    EXPECT_EQ(c->text, "quoted");
    EXPECT_EQ(c->place.text(), "f:4:9");
    EXPECT_EQ(root.find_entry("b")->place.text(), "f:2:1");
    EXPECT_EQ(root.find("z"), nullptr);
}

TEST(Document, ExpandsAliasesAndMergeKeys) {
    const Node root = parse_document(
        "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\ncopy: *b\n"
        "merged: {<<: [*b, *o], x: 9}\n",
        "f");
    EXPECT_EQ(root.find("copy")->find("y")->text, "2");
    const Node* merged = root.find("merged");
    EXPECT_EQ(merged->find("x")->text, "9");  // its own value wins
    EXPECT_EQ(merged->find("y")->text, "2");  // then the earlier source
    EXPECT_EQ(merged->find("z")->text, "4");
    EXPECT_EQ(merged->find("<<"), nullptr);
}

struct Refused {
    const char* text;
    const char* message;
};

class DocumentRefuses : public testing::TestWithParam<Refused> {};

TEST_P(DocumentRefuses, WithThePlaceAndTheReason) {
    EXPECT_EQ(refusal(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Document, DocumentRefuses,
    testing::Values(
        Refused{"", "f:1:1: found an empty file, expected a configuration"},
        Refused{"# nothing\n", "f:1:1: found an empty file, expected a configuration"},
        Refused{"a: 1\nb: 2\na: 3\n", "f:3:1: a: duplicate key, first written in line 1"},
        Refused{"m:\n  - {k: 1, k: 2}\n", "f:2:12: m.0.k: duplicate key, first written in line 2"},
        Refused{"a: 1\n---\nb: 2\n",
                "f:3:1: found a second YAML document, expected one configuration a file"},
        Refused{"a: !!binary QUJD\n",
                "f:1:4: found the YAML tag 'tag:yaml.org,2002:binary', expected a value without a "
                "tag"},
        Refused{"? [a, b]\n: 1\n", "f:1:3: found a list as a key, expected a plain text key"},
        Refused{"a: &x [*x]\n", "f:1:8: an alias stands inside the value that it names"},
        Refused{"a: {<<: 5}\n", "f:1:5: found '5' to merge, expected an alias of a map"},
        Refused{"a: \xFF\n", "f:1:4: found the byte 0xFF, expected UTF-8 text"},
        Refused{"a: x\n\xC0\xAF: 1\n", "f:2:1: found the byte 0xC0, expected UTF-8 text"},
        Refused{"a: \xED\xA0\x80\n", "f:1:4: found the byte 0xED, expected UTF-8 text"},
        Refused{"a: \x01\n", "f:1:4: found the control character '\\x01', expected text"}));

TEST(Document, ReportsAllDuplicateKeysTogether) {
    EXPECT_EQ(refusal("a: 1\na: 2\nb: 1\nb: 2\n"),
              "f:2:1: a: duplicate key, first written in line 1\n"
              "f:4:1: b: duplicate key, first written in line 3");
}

TEST(Document, NamesThePlaceOfASyntaxError) {
    for (const char* text :
         {"a: [1, 2\nb: 3\n", "a: {b: 1\n", "a: 'x\n", "a: *unknown\n", "a: b: c\n", "\t- x\n",
          "a: 1\n b: 2\n", "%YAML 9.9\n---\na: 1\n", "}", "a: |x\n"}) {
        const std::string message = refusal(text);
        EXPECT_NE(message.find("not valid YAML"), std::string::npos) << text << " -> " << message;
        EXPECT_EQ(message.rfind("f:", 0), 0U) << message;
    }
}

TEST(Document, BoundsDepth) {
    const auto nested = [](int depth) {
        std::string text = "a: ";
        text.append(static_cast<std::size_t>(depth), '[');
        return text.append(static_cast<std::size_t>(depth), ']');
    };
    EXPECT_EQ(refusal(nested(kDepthMax - 1)), "accepted");  // the map is one level itself
    EXPECT_EQ(refusal(nested(kDepthMax)),
              "f:1:27: nested deeper than 24 levels");  // the 24th bracket: column 3 + 24
    EXPECT_NE(refusal(nested(100'000)).find("nested deeper"), std::string::npos);
}

TEST(Document, BoundsTheExpansionOfAliases) {
    // Nine levels of nine aliases each would be 9^9 values.
    std::string text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i <= 9; ++i) {
        const std::string previous = "*l" + std::to_string(i - 1);
        text += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [" + previous;
        for (int k = 1; k < 9; ++k) text += ", " + previous;
        text += "]\n";
    }
    EXPECT_NE(refusal(text).find("more than 500000 values after the expansion of aliases"),
              std::string::npos);
}

TEST(Document, BoundsTheSizeOfTheFile) {
    EXPECT_EQ(refusal("a: " + std::string(kFileBytesMax, 'x')), "f: larger than 8 MiB");
}

TEST(Document, RefusesFilesThatCannotBeRead) {
    const auto message = [](const std::string& path) {
        try {
            static_cast<void>(read_text_file(path));
        } catch (const ConfigError& e) {
            return std::string(e.what());
        }
        return std::string("read");
    };
    EXPECT_EQ(message("/no/such/file.yaml"), "/no/such/file.yaml: no such file");
    EXPECT_EQ(message("/"), "/: is a directory, expected a file");
}

/// Trees of maps, lists and scalars with every kind of text.
Node generated(int depth) {
    const int kind = *rc::gen::inRange(0, depth > 0 ? 4 : 2);
    if (kind == 0) {
        return Node::scalar(*rc::gen::element<std::string>(
            "1", "-1", "0.5", "true", "null", "~", "", "a b", "x: y", "- x", "#c", "'q'", "\"d\"",
            "a\\b", "{", "[x]", "*a", "&a", "!t", "%d", "@x", "`", "é", "2020-01-01", "09:30-16:00",
            "...", "---", "<<", "a:", ":a", "?", "? x", "x #y", "=", "-", "--", "line\nbreak",
            "\t"));
    }
    if (kind == 1) return Node::scalar(std::to_string(*rc::gen::arbitrary<int>()));
    Node out = kind == 2 ? Node::list() : Node::map();
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
        if (kind == 2) {
            out.items.push_back(generated(depth - 1));
        } else {
            out.add(*rc::gen::element<std::string>("k", "a b", "x:", "~", "1", "BRK.B", "<", "é") +
                        std::to_string(i),
                    generated(depth - 1));
        }
    }
    return out;
}

RC_GTEST_PROP(Document, ReadsBackTheYamlThatItWrites, ()) {
    Node root = Node::map();
    root.add("root", generated(4));
    const std::string text = to_yaml(root);
    RC_ASSERT(to_yaml(parse_document(text, "f")) == text);
}

TEST(Document, WritesSortedKeysAndQuotesWhatYamlWouldMisread) {
    Node root = Node::map();
    root.add("b", Node::scalar("1"));
    root.add("a", Node::scalar("null"));
    Node list = Node::list();
    list.items.push_back(Node::scalar("x y"));
    Node inner = Node::map();
    inner.add("k", Node::scalar("v"));
    inner.add("l", Node::list());
    list.items.push_back(inner);
    root.add("c", list);
    EXPECT_EQ(to_yaml(root), "a: \"null\"\nb: 1\nc:\n  - \"x y\"\n  - k: v\n    l: []\n");
}

}  // namespace
}  // namespace fermata::config
