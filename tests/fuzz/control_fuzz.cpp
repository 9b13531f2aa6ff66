// A line of the control socket: a request within its bounds, or a refusal that says why.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.hpp"
#include "ops/control/protocol.hpp"

using namespace fermata::console;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto request = parse_request({reinterpret_cast<const char*>(data), size});
    if (!request) {
        FERMATA_ASSERT(!request.error().message.empty() && request.error().message.size() < 256);
        FERMATA_ASSERT(request.error().error != Error::kNone);
        return 0;
    }
    FERMATA_ASSERT(request->target.size() <= kNameMax && request->reason.size() <= kReasonMax);
    FERMATA_ASSERT(request->count >= 1 && request->count <= kPageMax);
    const MethodDefinition& method = definition(request->method);
    FERMATA_ASSERT(!method.command || (request->expect && !request->reason.empty()));
    FERMATA_ASSERT(!method.command || (request->scope == "firm") == request->target.empty());
    return 0;
}
