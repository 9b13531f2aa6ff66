#include "adapters/fix/sequence_store.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "adapters/fix/session_end.hpp"
#include "adapters/fix/utc_text.hpp"

namespace fermata::fix {
namespace {

class Store final : public FIX::MessageStore {
public:
    explicit Store(SequenceFile& file) : file_(file), begun_(quickfix_time(file.begun())) {}

    bool set(int, const std::string&) override { return true; }
    void get(int, int, std::vector<std::string>& messages) const override { messages.clear(); }
    int getNextSenderMsgSeqNum() const override { return static_cast<int>(file_.to_send()); }
    int getNextTargetMsgSeqNum() const override { return static_cast<int>(file_.to_receive()); }
    void setNextSenderMsgSeqNum(int value) override { file_.set_to_send(number(value)); }
    void setNextTargetMsgSeqNum(int value) override { file_.set_to_receive(number(value)); }
    void incrNextSenderMsgSeqNum() override { file_.set_to_send(next(file_.to_send())); }
    void incrNextTargetMsgSeqNum() override { file_.set_to_receive(next(file_.to_receive())); }
    FIX::UtcTimeStamp getCreationTime() const override { return begun_; }
    void reset() override {
        file_.begin_anew(utc_time());
        begun_ = quickfix_time(file_.begun());
    }
    void refresh() override {}  // nobody else writes to a file that is locked

private:
    static std::uint32_t number(int value) {
        if (value < 1) throw FIX::IOException("a sequence number below 1");
        return static_cast<std::uint32_t>(value);
    }
    static std::uint32_t next(std::uint32_t value) {
        if (value >= 0x7fff'ffff) throw FIX::IOException("the sequence numbers are used up");
        return value + 1;
    }

    SequenceFile& file_;
    FIX::UtcTimeStamp begun_;
};

std::string name_of(const FIX::SessionID& id) {
    std::string name = id.getBeginString().getString() + "-" + id.getSenderCompID().getString() +
                       "-" + id.getTargetCompID().getString();
    if (!id.getSessionQualifier().empty()) name += "-" + id.getSessionQualifier();
    return name;
}

/// As part of a path.
std::string file_name(std::string_view name) {
    std::string file;
    for (const char c : name) file += c == '/' ? '_' : c;
    return file;
}

/// What QuickFIX's FileStore left: "0000000017 : 0000000023" in PREFIX.seqnums, and the begin of
/// the count as a UTC time in PREFIX.session.
std::optional<SequenceFile::State> file_store_state(const std::string& prefix) {
    const std::string numbers = prefix + ".seqnums";
    const std::string session = prefix + ".session";
    if (!std::filesystem::exists(numbers)) return std::nullopt;
    std::int64_t to_send = 0, to_receive = 0;
    char colon = 0;
    std::ifstream(numbers) >> to_send >> colon >> to_receive;
    constexpr std::int64_t kMax = 0x7fff'ffff;
    if (colon != ':' || to_send < 1 || to_send > kMax || to_receive < 1 || to_receive > kMax) {
        throw std::runtime_error(numbers + ": expected \"NUMBER : NUMBER\", found another text");
    }
    std::string begun;
    std::ifstream(session) >> begun;
    const auto ts = parse_utc(begun);
    if (!ts || ts->ns <= 0) {
        throw std::runtime_error(session + ": expected a UTC time, found \"" + begun + "\"");
    }
    return SequenceFile::State{static_cast<std::uint32_t>(to_send),
                               static_cast<std::uint32_t>(to_receive), *ts};
}

[[noreturn]] void refuse_missing(const std::string& prefix, const std::string& path,
                                 const SequenceRecord::Count& on_record) {
    const std::string numbers =
        std::to_string(on_record.to_send) + " : " + std::to_string(on_record.to_receive);
    throw SequenceMissing(
        path +
        ": the file of the session's sequence numbers is missing, and the session goes on: its "
        "record shows messages up to the next numbers " +
        numbers +
        " (to send : to receive), and with 1 the venue would refuse it. Restore the file, "
        "an older copy too: what the record knows better is taken from there. Or agree with the "
        "venue on numbers, and write them as \"" +
        numbers + "\" into " + prefix + ".seqnums and the UTC time (20260105-14:30:00) into " +
        prefix + ".session; or on a reset of both sides, and start once with reset_on_logon: true");
}

void remove_file_store(const std::string& prefix) {
    for (const char* kind : {".seqnums", ".session", ".header", ".body"}) {
        std::filesystem::remove(prefix + kind);
    }
}

}  // namespace

void SequenceStores::open(const FIX::SessionID& id, const std::string& folder,
                          const SequenceRun& run,
                          const std::optional<SequenceRecord::Count>& on_record) {
    const std::string name = name_of(id);
    const std::string prefix = (std::filesystem::path(folder) / file_name(name)).string();
    const std::string path = prefix + ".sequence";
    SequenceFile::State first;
    first.begun = utc_time();
    if (!std::filesystem::exists(path)) {
        const auto moved = file_store_state(prefix);
        if (!moved && on_record) refuse_missing(prefix, path, *on_record);
        first = moved.value_or(first);
    }
    files_[id] = std::make_unique<SequenceFile>(path, name, first, run, on_record);
    remove_file_store(prefix);
}

FIX::MessageStore* SequenceStores::create(const FIX::SessionID& id) {
    const auto at = files_.find(id);
    if (at == files_.end()) throw FIX::ConfigError("no file of sequence numbers is open");
    return new Store(*at->second);
}

void SequenceStores::destroy(FIX::MessageStore* store) { delete store; }

}  // namespace fermata::fix
