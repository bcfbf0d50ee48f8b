// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/invitation.h"

#include <QUrl>
#include <QUrlQuery>

namespace loam::node {

using base::Errc;

namespace {

    constexpr int kMaxInvitationLength = 4096;
    constexpr int kMaxEndpoints = 16;

} // namespace

std::string Invitation::encode() const
{
    QUrlQuery query;
    query.addQueryItem(
        QStringLiteral("network"), QString::fromStdString(base::toHex(network.view())));
    query.addQueryItem(QStringLiteral("name"),
        QString::fromUtf8(QUrl::toPercentEncoding(QString::fromStdString(name))));
    for (const swarm::Endpoint& endpoint : endpoints) {
        query.addQueryItem(QStringLiteral("at"), QString::fromStdString(endpoint.toString()));
    }
    return "loam:join?" + query.toString(QUrl::FullyEncoded).toStdString();
}

base::Result<Invitation> Invitation::parse(std::string_view text)
{
    const QString trimmed
        = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).trimmed();
    const QString prefix = QStringLiteral("loam:join?");
    if (!trimmed.startsWith(prefix) || trimmed.size() > kMaxInvitationLength) {
        return base::fail(Errc::Invalid, "an invitation begins with \"loam:join?\"");
    }
    const QUrlQuery query{ trimmed.mid(prefix.size()) };
    Invitation invitation;
    auto network = base::fixedFromHex<base::NetworkId>(
        query.queryItemValue(QStringLiteral("network")).toStdString());
    if (!network) {
        return base::fail(Errc::Invalid,
            "the invitation's network id is damaged (" + network.error().message
                + "); ask for it again");
    }
    invitation.network = *network;
    invitation.name
        = query.queryItemValue(QStringLiteral("name"), QUrl::FullyDecoded).left(64).toStdString();
    const QStringList addresses
        = query.allQueryItemValues(QStringLiteral("at"), QUrl::FullyDecoded);
    for (const QString& address : addresses.mid(0, kMaxEndpoints)) {
        TRY_ASSIGN(auto endpoint, swarm::Endpoint::parse(address.toStdString()));
        invitation.endpoints.push_back(std::move(endpoint));
    }
    if (invitation.endpoints.empty()) {
        return base::fail(Errc::Invalid, "the invitation names no address of a peer");
    }
    return invitation;
}

} // namespace loam::node
