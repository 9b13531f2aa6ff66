#include "adapters/fix/acceptor_store.hpp"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/fix/request_decoder.hpp"

namespace fermata::fix {
namespace {

bool is_kept(std::string_view type) noexcept {
    return type == "8" || type == "9" || type == "r" || type == "N" || type == "j";
}

class ReportStore final : public FIX::MessageStore {
public:
    ReportStore(FIX::FileStoreFactory& factory, FIX::MessageStore* files)
        : factory_(factory), files_(files) {}
    ReportStore(const ReportStore&) = delete;
    ReportStore& operator=(const ReportStore&) = delete;
    ~ReportStore() override { factory_.destroy(files_); }

    bool set(int number, const std::string& message) override {
        return is_kept(message_type(message)) ? files_->set(number, message) : true;
    }
    void get(int first, int last, std::vector<std::string>& messages) const override {
        files_->get(first, last, messages);
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
    FIX::FileStoreFactory& factory_;
    FIX::MessageStore* files_;
};

}  // namespace

FIX::MessageStore* ReportStoreFactory::create(const FIX::SessionID& id) {
    return new ReportStore(files_, files_.create(id));
}

void ReportStoreFactory::destroy(FIX::MessageStore* store) { delete store; }

}  // namespace fermata::fix
