// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::int64_t kMaxPage = 1000;

    /// One line that tells the entry to a person who does not read codes.
    QString sentenceOf(const ledger::AuditEntry& entry)
    {
        QString out = text(std::string{ ledger::auditKindName(entry.kind) });
        if (!entry.reason.empty()) {
            out += QStringLiteral(": ") + text(entry.reason);
        }
        return out;
    }

    QJsonObject describe(const ledger::AuditEntry& entry)
    {
        return { { QStringLiteral("index"), number(entry.index) },
            { QStringLiteral("time"), seconds(entry.time) },
            { QStringLiteral("height"), number(entry.height) },
            { QStringLiteral("kind"), text(std::string{ ledger::auditKindName(entry.kind) }) },
            { QStringLiteral("node"), addressText(entry.subject) },
            { QStringLiteral("peer"), entry.peer ? addressText(*entry.peer) : QString{} },
            { QStringLiteral("run"), entry.run ? hexText(entry.run->view()) : QString{} },
            { QStringLiteral("round"),
                entry.round ? QJsonValue{ number(*entry.round) } : QJsonValue{} },
            { QStringLiteral("amount"), amountText(entry.amount) },
            { QStringLiteral("reason"), text(entry.reason) },
            { QStringLiteral("text"), sentenceOf(entry) },
            { QStringLiteral("bytes"), hexText(entry.encode()) } };
    }

    /// Size, root and who vouches for the log.
    base::Result<QJsonObject> headOf(ledger::Ledger& ledger)
    {
        TRY_ASSIGN(const auto best, ledger.audit().bestCheckpoint());
        QJsonArray cosigners;
        bool consistent = true;
        if (best) {
            for (const crypto::NoteSignature& signature : best->cosignatures) {
                cosigners.append(text(signature.name));
            }
            TRY_ASSIGN(const auto own, ledger.audit().checkpoint(best->checkpoint.size));
            TRY_ASSIGN(const auto path,
                ledger.audit().consistencyProof(best->checkpoint.size, ledger.audit().size()));
            consistent = own.root == best->checkpoint.root
                && crypto::verifyConsistency(best->checkpoint.size, ledger.audit().size(),
                    best->checkpoint.root, ledger.audit().root(), path);
        }
        return QJsonObject{ { QStringLiteral("size"), number(ledger.audit().size()) },
            { QStringLiteral("root"), hexText(ledger.audit().root().view()) },
            { QStringLiteral("cosigners"), cosigners },
            { QStringLiteral("cosigned_size"), best ? number(best->checkpoint.size) : 0 },
            { QStringLiteral("validators"),
                static_cast<qint64>(ledger.validatorSet().members.size()) },
            { QStringLiteral("consistent"), consistent } };
    }

    Result list(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(const auto offset, integerParam(params, "offset", 0, 0, INT64_MAX - 1));
        TRY_ASSIGN(const auto limit, integerParam(params, "limit", 100, 1, kMaxPage));
        ledger::AuditQuery query;
        query.offset = static_cast<std::uint64_t>(offset);
        query.limit = static_cast<std::uint64_t>(limit);
        query.search = textParam(params, "search");
        query.order = textParam(params, "order") == "oldest" ? ledger::AuditOrder::OldestFirst
                                                             : ledger::AuditOrder::NewestFirst;
        TRY_ASSIGN(QJsonObject out, headOf(session->ledger()));
        TRY_ASSIGN(const auto found, session->ledger().audit().entries(query));
        TRY_ASSIGN(const auto total, session->ledger().audit().count(query.search));
        QJsonArray entries;
        for (const ledger::AuditEntry& entry : found) {
            entries.append(describe(entry));
        }
        out[QLatin1String{ "total" }] = number(total);
        out[QLatin1String{ "entries" }] = entries;
        return out;
    }

    base::Result<std::uint64_t> indexParam(const QJsonObject& params, ledger::Ledger& ledger)
    {
        const auto size = static_cast<std::int64_t>(ledger.audit().size());
        if (!params.contains(QLatin1String{ "index" })) {
            return base::fail(Errc::Invalid, "name the entry by its number");
        }
        TRY_ASSIGN(const auto index, integerParam(params, "index", 0, 0, size - 1));
        return static_cast<std::uint64_t>(index);
    }

    Result show(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(const auto index, indexParam(params, session->ledger()));
        TRY_ASSIGN(const auto entry, session->ledger().audit().entry(index));
        QJsonObject out = describe(entry);
        QJsonObject details;
        for (const auto& [name, value] : entry.details) {
            details[text(name)] = text(value);
        }
        if (entry.hash) {
            details[QLatin1String{ "hash" }] = hexText(entry.hash->view());
        }
        if (entry.transaction) {
            details[QLatin1String{ "transaction" }] = hexText(entry.transaction->view());
        }
        out[QLatin1String{ "details" }] = details;
        return out;
    }

    /// Checks one entry against the newest cosigned checkpoint, or against the log's own root while
    /// no quorum has signed one that covers it.
    Result verifyEntry(ledger::Ledger& ledger, std::uint64_t index)
    {
        ledger::AuditLog& log = ledger.audit();
        TRY_ASSIGN(const auto bytes, log.entryBytes(index));
        TRY_ASSIGN(const auto best, log.bestCheckpoint());
        const bool covered = best && best->checkpoint.size > index;
        const std::uint64_t size = covered ? best->checkpoint.size : log.size();
        TRY_ASSIGN(const auto checkpoint, log.checkpoint(size));
        const base::Hash256 root = covered ? best->checkpoint.root : checkpoint.root;
        TRY_ASSIGN(const auto proof, log.inclusionProof(index, size));
        const base::Hash256 leaf = crypto::merkleLeaf(bytes);
        const bool verified = crypto::verifyInclusion(leaf, index, size, proof, root);
        QJsonArray path;
        for (const base::Hash256& hash : proof) {
            path.append(hexText(hash.view()));
        }
        QJsonArray cosigners;
        QJsonArray steps{ QStringLiteral("Hashed the entry's %1 bytes to the leaf %2")
                              .arg(bytes.size())
                              .arg(hexText(leaf.view())),
            QStringLiteral("Combined it with %1 hashes of its neighbours").arg(proof.size()),
            verified ? QStringLiteral("Arrived at the root %1 of the log with %2 entries")
                           .arg(hexText(root.view()))
                           .arg(size)
                     : QStringLiteral("Did not arrive at the root of the log") };
        if (covered) {
            for (const crypto::NoteSignature& signature : best->cosignatures) {
                cosigners.append(text(signature.name));
            }
            steps.append(QStringLiteral("%1 of %2 validators signed this root")
                             .arg(best->cosignatures.size())
                             .arg(ledger.validatorSet().members.size()));
        } else {
            steps.append(
                QStringLiteral("No quorum of validators has signed a root with this entry yet"));
        }
        return QJsonObject{ { QStringLiteral("verified"), verified },
            { QStringLiteral("cosigned"), covered },
            { QStringLiteral("leaf"), hexText(leaf.view()) },
            { QStringLiteral("root"), hexText(root.view()) },
            { QStringLiteral("size"), number(size) }, { QStringLiteral("proof"), path },
            { QStringLiteral("cosigners"), cosigners }, { QStringLiteral("steps"), steps } };
    }

    Result verify(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        if (params.contains(QLatin1String{ "index" })) {
            TRY_ASSIGN(const auto index, indexParam(params, session->ledger()));
            return verifyEntry(session->ledger(), index);
        }
        // The whole log: every entry hashed again, every block executed again.
        TRY(session->ledger().audit().verify());
        TRY(session->ledger().replay());
        TRY_ASSIGN(QJsonObject out, headOf(session->ledger()));
        out[QLatin1String{ "verified" }] = true;
        return out;
    }

    Result prove(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(const auto index, indexParam(params, session->ledger()));
        TRY_ASSIGN(const auto proof, session->ledger().audit().prove(index));
        return QJsonObject{ { QStringLiteral("file"), text(proof.encode()) } };
    }

    Result checkpoint(node::Node& node)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(QJsonObject out, headOf(session->ledger()));
        TRY_ASSIGN(const auto best, session->ledger().audit().bestCheckpoint());
        out[QLatin1String{ "note" }] = best ? text(best->note().encode()) : QString{};
        return out;
    }

} // namespace

void registerAuditMethods(Server& server, node::Node& node)
{
    using Method = Result (*)(node::Node&, const QJsonObject&);
    const auto add = [&server, &node](const QString& name, Method method) {
        server.registerMethod(name, [&node, method](const QJsonObject& params, const Reply& reply) {
            reply.finish(method(node, params));
        });
    };
    add(QStringLiteral("audit.list"), list);
    add(QStringLiteral("audit.show"), show);
    add(QStringLiteral("audit.verify"), verify);
    add(QStringLiteral("audit.prove"), prove);
    add(QStringLiteral("audit.checkpoint"),
        [](node::Node& one, const QJsonObject&) { return checkpoint(one); });
}

} // namespace loam::rpc
