// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/requests.h"

#include <algorithm>
#include <limits>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

} // namespace

Requests::Requests(const PeerLimits& limits, Send send, std::function<void(Event)> emit)
    : m_limits{ limits }
    , m_send{ std::move(send) }
    , m_emit{ std::move(emit) }
{
}

void Requests::ask(std::uint64_t link, RequestItem item, base::MonotonicTime now, Callback callback)
{
    if (item.method.empty() || item.method.size() > kMaxName || item.patience.count() <= 0
        || item.body.size() > m_limits.maxBody) {
        callback(
            fail(Errc::Invalid, "the method, the deadline or the body's size is out of range"));
        return;
    }
    const std::uint64_t number = m_next++;
    const base::MonotonicTime deadline = now + item.patience;
    item.number = number;
    m_asked.emplace(number, Asked{ link, deadline, std::move(callback) });
    if (!m_send(link, encodeBulk(std::move(item)))) {
        settle(number, fail(Errc::Unavailable, "too much is queued for this peer already"));
    }
}

void Requests::settle(std::uint64_t number, base::Result<base::Bytes> result)
{
    const auto found = m_asked.find(number);
    if (found == m_asked.end()) {
        return;
    }
    // The callback may ask again, so the table must be consistent before it runs.
    const Callback callback = std::move(found->second.callback);
    m_asked.erase(found);
    callback(std::move(result));
}

void Requests::answer(const RequestId& id, base::Result<base::Bytes> answer)
{
    const auto found = m_incoming.find({ id.link, id.number });
    if (found == m_incoming.end() || found->second.peer != id.peer) {
        return;
    }
    m_incoming.erase(found);
    if (answer && answer->size() > m_limits.maxBody) {
        answer = fail(Errc::Invalid, "the answer is larger than a body may be");
    }
    if (!m_send(id.link, encodeBulk(ResponseItem{ id.number, std::move(answer) }))) {
        m_send(id.link,
            encodeBulk(ResponseItem{
                id.number, fail(Errc::Unavailable, "the peer has too much queued for us") }));
    }
}

std::size_t Requests::openOn(std::uint64_t link) const
{
    const auto first = m_incoming.lower_bound({ link, 0 });
    const auto last = m_incoming.upper_bound({ link, kLast });
    return static_cast<std::size_t>(std::distance(first, last));
}

base::Result<> Requests::asked(
    std::uint64_t link, const base::PublicKey& peer, RequestItem item, base::MonotonicTime now)
{
    const IncomingKey key{ link, item.number };
    if (m_incoming.contains(key)) {
        return fail(Errc::Invalid, "a request number is used twice");
    }
    if (openOn(link) >= m_limits.openRequests) {
        m_send(link,
            encodeBulk(ResponseItem{ item.number,
                fail(Errc::Unavailable, "the peer has enough open requests of ours") }));
        return {};
    }
    m_incoming.emplace(key, Incoming{ peer, now + item.patience });
    m_emit(RequestReceived{
        { peer, link, item.number }, std::move(item.method), std::move(item.body) });
    return {};
}

void Requests::answered(std::uint64_t link, ResponseItem item)
{
    const auto found = m_asked.find(item.number);
    // Late answers are ordinary: we stopped waiting while they were on their way.
    if (found != m_asked.end() && found->second.link == link) {
        settle(item.number, std::move(item.answer));
    }
}

base::Result<> Requests::received(
    std::uint64_t link, const base::PublicKey& peer, BulkItem item, base::MonotonicTime now)
{
    if (auto* request = std::get_if<RequestItem>(&item)) {
        return asked(link, peer, std::move(*request), now);
    }
    if (auto* response = std::get_if<ResponseItem>(&item)) {
        answered(link, std::move(*response));
        return {};
    }
    m_incoming.erase({ link, std::get<CancelItem>(item).number });
    return {};
}

void Requests::linkGone(std::uint64_t link)
{
    m_incoming.erase(m_incoming.lower_bound({ link, 0 }), m_incoming.upper_bound({ link, kLast }));
    std::vector<std::uint64_t> lost;
    for (const auto& [number, asked] : m_asked) {
        if (asked.link == link) {
            lost.push_back(number);
        }
    }
    std::sort(lost.begin(), lost.end());
    for (const std::uint64_t number : lost) {
        settle(number, fail(Errc::Unavailable, "the peer has gone"));
    }
}

void Requests::expire(base::MonotonicTime now)
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> late;
    for (const auto& [number, asked] : m_asked) {
        if (asked.deadline <= now) {
            late.emplace_back(number, asked.link);
        }
    }
    for (const auto& [number, link] : late) {
        m_send(link, encodeBulk(CancelItem{ number }));
        settle(number, fail(Errc::Timeout, "the peer did not answer in time"));
    }
    std::erase_if(m_incoming, [now](const auto& entry) { return entry.second.deadline <= now; });
}

void Requests::cancelAll()
{
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, asked] : m_asked) {
        numbers.push_back(number);
    }
    for (const std::uint64_t number : numbers) {
        settle(number, fail(Errc::Cancelled, "the swarm is shutting down"));
    }
    m_incoming.clear();
}

} // namespace loam::swarm
