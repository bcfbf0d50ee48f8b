// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::int64_t kMaxPage = 10'000;

    QJsonObject walletOf(node::Node& node)
    {
        return { { QStringLiteral("exists"), true },
            { QStringLiteral("locked"), !node.identity().isUnlocked() },
            { QStringLiteral("address"), text(node.identity().address()) },
            { QStringLiteral("has_passphrase"), node.identity().hasPassphrase() } };
    }

    Result balance(node::Node& node)
    {
        QJsonObject out = walletOf(node);
        if (node.session() == nullptr) {
            out[QLatin1String{ "balance" }] = QStringLiteral("0");
            out[QLatin1String{ "vesting" }] = QStringLiteral("0");
            out[QLatin1String{ "bonded" }] = QStringLiteral("0");
            return out;
        }
        const auto held = node.session()->balance();
        out[QLatin1String{ "balance" }] = amountText(held.balance);
        out[QLatin1String{ "vesting" }] = amountText(held.vesting);
        out[QLatin1String{ "bonded" }] = amountText(held.bonded);
        return out;
    }

    QJsonObject describe(const ledger::AccountChange& change)
    {
        return { { QStringLiteral("time"), seconds(change.time) },
            { QStringLiteral("kind"), text(std::string{ ledger::changeKindName(change.kind) }) },
            { QStringLiteral("amount"), amountText(change.amount) },
            { QStringLiteral("locked"), amountText(change.locked) },
            { QStringLiteral("balance"), amountText(change.balance) },
            { QStringLiteral("peer"), change.peer ? addressText(*change.peer) : QString{} },
            { QStringLiteral("memo"), text(change.memo) },
            { QStringLiteral("reason"), text(change.reason) },
            { QStringLiteral("entry"), number(change.entry) } };
    }

    Result history(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const auto offset, integerParam(params, "offset", 0, 0, INT64_MAX - 1));
        TRY_ASSIGN(const auto limit, integerParam(params, "limit", 100, 1, kMaxPage));
        const QString search = params.value(QLatin1String{ "search" }).toString();
        QJsonArray entries;
        qint64 total = 0;
        if (node.session() != nullptr) {
            ledger::Ledger& ledger = node.session()->ledger();
            const base::PublicKey& me = node.identity().publicKey();
            TRY_ASSIGN(const auto size, ledger.historySize(me));
            if (search.isEmpty()) {
                total = number(size);
                TRY_ASSIGN(const auto page,
                    ledger.history(me,
                        { .offset = static_cast<std::uint64_t>(offset),
                            .limit = static_cast<std::uint64_t>(limit) }));
                for (const ledger::AccountChange& change : page) {
                    entries.append(describe(change));
                }
            } else {
                // Wallets hold thousands of lines, not millions: looking through them is quick
                // enough.
                for (std::uint64_t at = 0; at < size; at += kMaxPage) {
                    TRY_ASSIGN(
                        const auto page, ledger.history(me, { .offset = at, .limit = kMaxPage }));
                    for (const ledger::AccountChange& change : page) {
                        const QJsonObject entry = describe(change);
                        bool fits = false;
                        for (const char* key : { "kind", "peer", "memo", "reason", "amount" }) {
                            fits = fits
                                || entry.value(QLatin1String{ key })
                                       .toString()
                                       .contains(search, Qt::CaseInsensitive);
                        }
                        if (fits && total >= offset && entries.size() < limit) {
                            entries.append(entry);
                        }
                        total += fits ? 1 : 0;
                    }
                }
            }
        }
        return QJsonObject{ { QStringLiteral("total"), total },
            { QStringLiteral("entries"), entries } };
    }

    Result send(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(const std::string to, requiredText(params, "to"));
        TRY_ASSIGN(const std::string sum, requiredText(params, "amount"));
        TRY_ASSIGN(const auto receiver, base::fromAddress(to));
        TRY_ASSIGN(const auto amount, base::Amount::parse(sum));
        if (amount.micro() <= 0) {
            return base::fail(Errc::Invalid, "the amount must be above zero");
        }
        TRY_ASSIGN(const auto id,
            session->submit(ledger::Transfer{ receiver, amount, textParam(params, "memo") }));
        return QJsonObject{ { QStringLiteral("transaction"), hexText(id.view()) } };
    }

    Result sign(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string message, requiredText(params, "message"));
        TRY_ASSIGN(const auto signature, node.identity().signText(message));
        return QJsonObject{ { QStringLiteral("address"), text(node.identity().address()) },
            { QStringLiteral("signature"), hexText(signature.view()) } };
    }

    Result verify(const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string message, requiredText(params, "message"));
        TRY_ASSIGN(const std::string address, requiredText(params, "address"));
        TRY_ASSIGN(const std::string hex, requiredText(params, "signature"));
        TRY_ASSIGN(const auto key, base::fromAddress(address));
        TRY_ASSIGN(const auto signature, base::fixedFromHex<base::Signature>(hex));
        return QJsonObject{ { QStringLiteral("valid"),
            node::Identity::verifyText(key, message, signature) } };
    }

    Result words(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const auto found, node.identity().words(textParam(params, "passphrase")));
        return QJsonObject{ { QStringLiteral("words"), text(found) } };
    }

    Result exported(node::Node& node)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(const auto csv, session->historyCsv());
        return QJsonObject{ { QStringLiteral("csv"), text(csv) } };
    }

} // namespace

void registerWalletMethods(Server& server, node::Node& node)
{
    const auto wallet = [&node](base::Result<> done) -> Result {
        TRY(std::move(done));
        return walletOf(node);
    };
    server.registerMethod(QStringLiteral("wallet.status"),
        [&node](const QJsonObject&, const Reply& reply) { reply.result(walletOf(node)); });
    server.registerMethod(QStringLiteral("wallet.address"),
        [&node](const QJsonObject&, const Reply& reply) { reply.result(walletOf(node)); });
    server.registerMethod(QStringLiteral("wallet.balance"),
        [&node](const QJsonObject&, const Reply& reply) { reply.finish(balance(node)); });
    server.registerMethod(
        QStringLiteral("wallet.history"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(history(node, params));
        });
    server.registerMethod(
        QStringLiteral("wallet.send"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(send(node, params));
        });
    server.registerMethod(
        QStringLiteral("wallet.sign"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(sign(node, params));
        });
    server.registerMethod(QStringLiteral("wallet.verify"),
        [](const QJsonObject& params, const Reply& reply) { reply.finish(verify(params)); });
    server.registerMethod(
        QStringLiteral("wallet.words"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(words(node, params));
        });
    server.registerMethod(QStringLiteral("wallet.export"),
        [&node](const QJsonObject&, const Reply& reply) { reply.finish(exported(node)); });
    server.registerMethod(QStringLiteral("wallet.unlock"),
        [&node, wallet](const QJsonObject& params, const Reply& reply) {
            reply.finish(wallet(node.unlock(textParam(params, "passphrase"))));
        });
    server.registerMethod(
        QStringLiteral("wallet.lock"), [&node, wallet](const QJsonObject&, const Reply& reply) {
            node.lock();
            reply.finish(wallet({}));
        });
    server.registerMethod(QStringLiteral("wallet.passphrase"),
        [&node, wallet](const QJsonObject& params, const Reply& reply) {
            reply.finish(
                wallet(node.changePassphrase(textParam(params, "old"), textParam(params, "new"))));
        });
    server.registerMethod(QStringLiteral("wallet.restore"),
        [&node, wallet](const QJsonObject& params, const Reply& reply) {
            reply.finish(
                wallet(node.restore(textParam(params, "words"), textParam(params, "passphrase"))));
        });
    // Every home has an identity from its first start on; creating one sets its passphrase.
    server.registerMethod(
        QStringLiteral("wallet.create"), [&node](const QJsonObject& params, const Reply& reply) {
            const auto made = [&]() -> Result {
                if (node.identity().hasPassphrase()) {
                    return base::fail(Errc::Denied,
                        "this home has a wallet with a passphrase already; change it with "
                        "`loamctl wallet passphrase`");
                }
                TRY(node.changePassphrase({}, textParam(params, "passphrase")));
                TRY_ASSIGN(QJsonObject out, words(node, params));
                out[QLatin1String{ "address" }] = text(node.identity().address());
                return out;
            };
            reply.finish(made());
        });
}

} // namespace loam::rpc
