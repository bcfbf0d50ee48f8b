// SPDX-License-Identifier: GPL-3.0-or-later
// The reader of HTTP bodies: whatever it accepts lies within its bounds.
#include "fuzz/fuzz.h"
#include "rpc/openai_request.h"

using namespace loam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view body = fuzz::text(data, size);
    for (const rpc::ApiCall call :
        { rpc::ApiCall::Completion, rpc::ApiCall::Chat, rpc::ApiCall::Embedding }) {
        const auto request = rpc::readApiRequest(call, body);
        if (!request) {
            ASSERT(request.error().status == 400 && !request.error().message.empty());
            continue;
        }
        ASSERT(!request->model.empty());
        ASSERT(request->temperature >= 0 && request->temperature <= 2);
        ASSERT(request->maxTokens >= 1 && request->alternatives <= 20 && request->stop.size() <= 4);
        ASSERT(call != rpc::ApiCall::Chat || !request->messages.empty());
        ASSERT(call != rpc::ApiCall::Embedding || !request->inputs.empty());
    }
    return 0;
}
