#include "daemon/config/on_bad.hpp"

#include "core/event/market_event.hpp"

namespace fermata::config {
namespace {

std::string action_name(BadAction action) {
    for (const auto& choice : bad_actions(true)) {
        if (choice.value == action) return choice.name;
    }
    return "?";
}

/// "duplicate: skip": the action for one reason.
KeySpec reason_key(SkipReason reason) {
    KeySpec key;
    key.name = std::string(name(reason));
    key.doc = "Action for this kind of bad record.";
    key.type = "choice";
    key.json_type = "string";
    key.default_note = "see on_bad";
    const auto choices = bad_actions(can_keep(reason));
    for (const auto& c : choices) key.choices.push_back({c.name, c.doc, true});
    key.read = [reason, choices, specs = key.choices](Reader& reader, const Node& node,
                                                      void* target) {
        for (const auto& c : choices) {
            if (!node.is(Node::Kind::kScalar) || c.name != node.text) continue;
            detail::of<BadRecordPolicy>(target).set(reason, c.value);
            return;
        }
        reader.unexpected(node, one_of(specs));
    };
    key.dump = [reason](const void* target, const std::vector<Part>&, Part) {
        return std::optional(
            Node::scalar(action_name(detail::of<BadRecordPolicy>(target)[reason])));
    };
    return key;
}

}  // namespace

std::vector<Choice<BadAction>> bad_actions(bool keep) {
    std::vector<Choice<BadAction>> choices{
        {"error", BadAction::kError, "Stop, and say which record is wrong."},
        {"skip", BadAction::kSkip, "Leave it out, count it and journal that."}};
    if (keep) choices.push_back({"keep", BadAction::kKeep, "Deliver it as it is."});
    return choices;
}

const Section<BadRecordPolicy>& on_bad_section() {
    static const Section<BadRecordPolicy> section = [] {
        Section<BadRecordPolicy> s("on_bad", "The action for each kind of bad record.");
        for (int i = 1; i < kSkipReasonCount; ++i) s.add(reason_key(static_cast<SkipReason>(i)));
        return s;
    }();
    return section;
}

}  // namespace fermata::config
