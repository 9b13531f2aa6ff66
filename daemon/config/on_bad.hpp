#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/market/bad_record_policy.hpp"
#include "daemon/config/section.hpp"

namespace fermata::config {

/// The actions that a bad record may meet; `keep` only where it can be kept.
[[nodiscard]] std::vector<Choice<BadAction>> bad_actions(bool keep);
/// One key for each reason; all feeds share it.
[[nodiscard]] const Section<BadRecordPolicy>& on_bad_section();

/// `on_bad: skip` for every reason but bars outside the sessions, which are ordinary data, or a map
/// with an action for some reasons.
template <class T>
[[nodiscard]] KeySpec on_bad_key(BadRecordPolicy T::* member, std::string default_note) {
    const KeySpec map = Section<T>::section_key("on_bad", member, on_bad_section());
    KeySpec key = map;
    key.shape = KeySpec::Shape::kEither;
    key.doc =
        "What is done with a record that is wrong: one action for every reason but "
        "out_of_session, or a map of reasons to actions. Nothing is ever repaired.";
    key.type = "choice";
    key.json_type = "string";
    key.default_note = std::move(default_note);
    for (const auto& c : bad_actions(false)) key.choices.push_back({c.name, c.doc, true});
    key.section = nullptr;
    key.alternative = std::make_shared<KeySpec>(map);
    key.read = [member, map, specs = key.choices](Reader& reader, const Node& node, void* target) {
        if (node.is(Node::Kind::kMap)) {
            map.read(reader, node, target);
            return;
        }
        if (!node.is(Node::Kind::kScalar) || (node.text != "error" && node.text != "skip")) {
            reader.unexpected(node, one_of(specs) + ", or a map of reasons to actions");
            return;
        }
        const BadAction action = node.text == "skip" ? BadAction::kSkip : BadAction::kError;
        for (int i = 1; i < kSkipReasonCount; ++i) {
            const auto reason = static_cast<SkipReason>(i);
            if (reason != SkipReason::kOutOfSession) {
                (detail::of<T>(target).*member).set(reason, action);
            }
        }
    };
    return key;
}

}  // namespace fermata::config
