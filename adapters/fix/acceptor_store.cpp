#include "adapters/fix/acceptor_store.hpp"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/request_decoder.hpp"
#include "adapters/fix/wire_fields.hpp"

namespace fermata::fix {
namespace {

bool is_kept(std::string_view type) noexcept {
    return type == "8" || type == "9" || type == "r" || type == "N" || type == "j";
}

class ReportStore final : public FIX::MessageStore {
public:
    ReportStore(FIX::FileStoreFactory& factory, FIX::MessageStore* files, FIX::SessionID id)
        : factory_(factory), files_(files), id_(std::move(id)) {}
    ReportStore(const ReportStore&) = delete;
    ReportStore& operator=(const ReportStore&) = delete;
    ~ReportStore() override { factory_.destroy(files_); }

    bool set(int number, const std::string& message) override {
        return is_kept(message_type(message)) ? files_->set(number, message) : true;
    }
    void get(int first, int last, std::vector<std::string>& messages) const override {
        files_->get(first, last, messages);
        if (!messages.empty() && number_of(messages.back()) < last) {
            messages.push_back(placeholder(last));
        }
    }
    int getNextSenderMsgSeqNum() const override { return files_->getNextSenderMsgSeqNum(); }
    int getNextTargetMsgSeqNum() const override { return files_->getNextTargetMsgSeqNum(); }
    void setNextSenderMsgSeqNum(int value) override { files_->setNextSenderMsgSeqNum(value); }
    void setNextTargetMsgSeqNum(int value) override { files_->setNextTargetMsgSeqNum(value); }
    void incrNextSenderMsgSeqNum() override { files_->incrNextSenderMsgSeqNum(); }
    void incrNextTargetMsgSeqNum() override { files_->incrNextTargetMsgSeqNum(); }
    FIX::UtcTimeStamp getCreationTime() const override { return files_->getCreationTime(); }
    void reset() override { files_->reset(); }
    void refresh() override { files_->refresh(); }

private:
    [[nodiscard]] static int number_of(const std::string& message) {
        WireFields fields(message);
        while (fields.next()) {
            if (fields.tag() == FIX::FIELD::MsgSeqNum) {
                return static_cast<int>(parse_whole(fields.value()).value_or(0));
            }
        }
        return 0;
    }
    /// Stands for everything behind the last report up to `number`: a message of the session, which
    /// QuickFIX answers with a gap. Where none is there, QuickFIX 1.15 lets that gap begin with the
    /// first number that was asked for, and whoever asked ignores it as a repetition.
    [[nodiscard]] std::string placeholder(int number) const {
        FIX::Message m;
        m.getHeader().setField(FIX::BeginString(id_.getBeginString()));
        m.getHeader().setField(FIX::MsgType("0"));
        m.getHeader().setField(FIX::MsgSeqNum(number));
        m.getHeader().setField(id_.getSenderCompID());
        m.getHeader().setField(FIX::SendingTime(FIX::UtcTimeStamp(), 3));
        m.getHeader().setField(id_.getTargetCompID());
        return m.toString();
    }

    FIX::FileStoreFactory& factory_;
    FIX::MessageStore* files_;
    FIX::SessionID id_;
};

}  // namespace

FIX::MessageStore* ReportStoreFactory::create(const FIX::SessionID& id) {
    return new ReportStore(files_, files_.create(id), id);
}

void ReportStoreFactory::destroy(FIX::MessageStore* store) { delete store; }

}  // namespace fermata::fix
