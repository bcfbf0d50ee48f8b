// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utf8.h"
#include "rpc/data_params.h"
#include "rpc/methods.h"

#include <algorithm>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;
using consent::SourceId;

namespace {

    constexpr std::int64_t kMaxPage = 1000;

    base::Result<SourceId> sourceParam(const QJsonObject& params)
    {
        TRY_ASSIGN(const std::int64_t id, integerParam(params, "source", 0, 0, INT32_MAX));
        if (id == 0) {
            return base::fail(
                Errc::Invalid, "name the source by its number; see `loamctl data list`");
        }
        return SourceId{ id };
    }

    QJsonObject describe(const consent::SpanCounts& counts)
    {
        QJsonObject out;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (counts.at(i) > 0) {
                out[text(std::string{ spanKindName(static_cast<consent::SpanKind>(i)) })]
                    = static_cast<qint64>(counts.at(i));
            }
        }
        return out;
    }

    qint64 sumOf(const consent::SpanCounts& counts)
    {
        qint64 out = 0;
        for (const std::uint32_t count : counts) {
            out += count;
        }
        return out;
    }

    QJsonArray textArray(const std::vector<std::string>& texts)
    {
        QJsonArray out;
        for (const std::string& one : texts) {
            out.append(text(one));
        }
        return out;
    }

    QJsonObject describe(
        node::Node& node, const consent::Source& source, const consent::SourceSummary& summary)
    {
        consent::Records& records = node.data().records();
        const auto struck = records.struckPaths(source.id);
        return { { QStringLiteral("id"), static_cast<qint64>(source.id.value()) },
            { QStringLiteral("path"), pathText(source.path.string()) },
            { QStringLiteral("include"), textArray(source.include) },
            { QStringLiteral("exclude"), textArray(source.exclude) },
            { QStringLiteral("struck"), textArray(struck ? *struck : std::vector<std::string>{}) },
            { QStringLiteral("added"), seconds(source.added) },
            { QStringLiteral("files"), number(summary.files) },
            { QStringLiteral("waiting"), number(summary.waiting) },
            { QStringLiteral("failed"), number(summary.failed) },
            { QStringLiteral("poor"), number(summary.poor) },
            { QStringLiteral("skipped"), number(summary.skipped) },
            { QStringLiteral("bytes"), number(summary.bytes) },
            { QStringLiteral("tokens"), number(summary.tokens) },
            { QStringLiteral("redactions"), describe(summary.redactions) },
            { QStringLiteral("redacted"), sumOf(summary.redactions) },
            { QStringLiteral("scanned"), summary.isScanned && summary.foldersLeft == 0 },
            { QStringLiteral("epsilon_spent"),
                epsilonOf(records.spentOn(source.id), deltaOf(node)) },
            { QStringLiteral("epsilon_cap"),
                static_cast<double>(records.terms().sourceEpsilonMilli) / 1e3 } };
    }

    QString confinementName(consent::Confinement confinement)
    {
        switch (confinement) {
        case consent::Confinement::None:
            return QStringLiteral("not started");
        case consent::Confinement::SystemCalls:
            return QStringLiteral("system calls");
        case consent::Confinement::Namespaces:
            return QStringLiteral("namespaces");
        }
        return {};
    }

    void list(node::Node& node, const Reply& reply)
    {
        node.data().overview([&node, reply](base::Result<node::DataService::Overview> overview) {
            if (!overview) {
                reply.error(overview.error());
                return;
            }
            QJsonArray sources;
            qint64 files = 0;
            qint64 tokens = 0;
            double spent = 0;
            consent::SpanCounts counts{};
            for (const auto& [source, summary] : overview->sources) {
                const QJsonObject one = describe(node, source, summary);
                spent = std::max(spent, one.value(QLatin1String{ "epsilon_spent" }).toDouble());
                files += number(summary.files);
                tokens += number(summary.tokens);
                for (std::size_t i = 0; i < counts.size(); ++i) {
                    counts.at(i) += summary.redactions.at(i);
                }
                sources.append(one);
            }
            reply.result({ { QStringLiteral("sources"), sources },
                { QStringLiteral("files"), files }, { QStringLiteral("tokens"), tokens },
                { QStringLiteral("redactions"), describe(counts) },
                { QStringLiteral("redacted"), sumOf(counts) },
                { QStringLiteral("epsilon_spent"), spent },
                { QStringLiteral("epsilon_cap"),
                    static_cast<double>(node.data().records().terms().sourceEpsilonMilli) / 1e3 },
                { QStringLiteral("confinement"), confinementName(overview->confinement) } });
        });
    }

    Result add(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string path, requiredText(params, "path"));
        TRY_ASSIGN(const SourceId id,
            node.data().add(
                path, textListParam(params, "include"), textListParam(params, "exclude")));
        TRY_ASSIGN(const consent::Source source, node.data().records().source(id));
        return describe(node, source, {});
    }

    Result setPatterns(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const SourceId id, sourceParam(params));
        TRY(node.data().records().setPatterns(
            id, textListParam(params, "include"), textListParam(params, "exclude")));
        node.data().rulesChanged();
        TRY_ASSIGN(const consent::Source source, node.data().records().source(id));
        return describe(node, source, {});
    }

    Result remove(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const SourceId id, sourceParam(params));
        TRY(node.data().remove(id));
        return QJsonObject{ { QStringLiteral("removed"), static_cast<qint64>(id.value()) } };
    }

    Result scan(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const SourceId id, sourceParam(params));
        TRY(node.data().records().source(id));
        node.data().scan(id);
        return QJsonObject{ { QStringLiteral("source"), static_cast<qint64>(id.value()) } };
    }

    QJsonObject describe(const consent::FileRecord& file)
    {
        return { { QStringLiteral("path"), pathText(file.path) },
            { QStringLiteral("kind"), text(std::string{ documentKindName(file.kind) }) },
            { QStringLiteral("state"), text(std::string{ fileStateName(file.state) }) },
            { QStringLiteral("verdict"), text(std::string{ verdictName(file.quality.verdict) }) },
            { QStringLiteral("reason"), text(file.reason) },
            { QStringLiteral("language"), text(file.quality.language) },
            { QStringLiteral("bytes"), number(file.stamp.size) },
            { QStringLiteral("modified"), static_cast<double>(file.stamp.modifiedNs) / 1e9 },
            { QStringLiteral("tokens"), number(file.tokens) },
            { QStringLiteral("redactions"), describe(file.redactions) },
            { QStringLiteral("redacted"), sumOf(file.redactions) },
            { QStringLiteral("contents"),
                file.state == consent::FileState::Ready ? hexText(file.contents.view())
                                                        : QString{} } };
    }

    base::Result<> files(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        consent::FileQuery query;
        TRY_ASSIGN(query.source, sourceParam(params));
        TRY(node.data().records().source(query.source));
        TRY_ASSIGN(const auto offset, integerParam(params, "offset", 0, 0, INT32_MAX));
        TRY_ASSIGN(const auto limit, integerParam(params, "limit", 100, 1, kMaxPage));
        query.offset = static_cast<std::uint64_t>(offset);
        query.limit = static_cast<std::uint64_t>(limit);
        query.search = textParam(params, "search");
        node.data().files(query, [&node, reply](base::Result<node::DataService::FilePage> page) {
            if (!page) {
                reply.error(page.error());
                return;
            }
            QJsonArray entries;
            for (const consent::FileRecord& file : page->files) {
                QJsonObject one = describe(file);
                one[QLatin1String{ "seen" }]
                    = page->seen.contains(QString::fromStdString(file.path));
                one[QLatin1String{ "struck" }]
                    = node.data().records().isStruck(file.source, file.path);
                entries.append(one);
            }
            reply.result({ { QStringLiteral("total"), number(page->total) },
                { QStringLiteral("entries"), entries } });
        });
        return {};
    }

    QString fateName(consent::LineFate fate)
    {
        switch (fate) {
        case consent::LineFate::Used:
            return QStringLiteral("used");
        case consent::LineFate::Struck:
            return QStringLiteral("struck");
        case consent::LineFate::Boilerplate:
            return QStringLiteral("boilerplate");
        }
        return {};
    }

    /// The line in pieces: kind "" stays, any other is taken out.
    QJsonArray segmentsOf(const consent::PreviewLine& line)
    {
        QJsonArray out;
        const auto add = [&out](std::string_view piece, std::string_view kind) {
            if (!piece.empty()) {
                out.append(QJsonObject{ { QStringLiteral("text"), text(base::repairUtf8(piece)) },
                    { QStringLiteral("kind"), text(std::string{ kind }) } });
            }
        };
        const std::string_view whole = line.text;
        std::size_t at = 0;
        for (const consent::Span& span : line.spans) {
            add(whole.substr(at, span.begin - at), "");
            add(whole.substr(span.begin, span.end - span.begin), spanKindName(span.kind));
            at = span.end;
        }
        add(whole.substr(at), "");
        return out;
    }

    QJsonObject describe(
        const consent::FilePreview& preview, std::uint64_t offset, std::uint64_t limit)
    {
        QJsonObject out = describe(preview.record);
        const auto& lines = preview.text.lines;
        QJsonArray shown;
        for (std::uint64_t i = offset; i < lines.size() && i < offset + limit; ++i) {
            const consent::PreviewLine& line = lines[static_cast<std::size_t>(i)];
            shown.append(QJsonObject{ { QStringLiteral("number"), number(i + 1) },
                { QStringLiteral("fate"), fateName(line.fate) },
                { QStringLiteral("segments"), segmentsOf(line) } });
        }
        out[QLatin1String{ "source" }] = static_cast<qint64>(preview.record.source.value());
        out[QLatin1String{ "cut" }] = preview.isCut;
        out[QLatin1String{ "struck" }] = preview.isStruck;
        out[QLatin1String{ "total" }] = static_cast<qint64>(lines.size());
        out[QLatin1String{ "lines" }] = shown;
        return out;
    }

    using PreviewDone = std::function<void(base::Result<consent::FilePreview>)>;

    base::Result<PreviewDone> previewReply(const QJsonObject& params, const Reply& reply)
    {
        TRY_ASSIGN(const auto offset, integerParam(params, "offset", 0, 0, INT32_MAX));
        TRY_ASSIGN(const auto limit, integerParam(params, "limit", 1000, 1, 10'000));
        return PreviewDone{ [reply, offset, limit](base::Result<consent::FilePreview> preview) {
            if (!preview) {
                reply.error(std::move(preview).error().context("this file cannot be shown"));
                return;
            }
            reply.result(describe(
                *preview, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(limit)));
        } };
    }

    base::Result<> preview(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        TRY_ASSIGN(const SourceId id, sourceParam(params));
        TRY_ASSIGN(const std::string path, requiredText(params, "path"));
        TRY_ASSIGN(PreviewDone done, previewReply(params, reply));
        const bool looksOnly = params.value(QLatin1String{ "peek" }).toBool();
        node.data().preview(id, path,
            looksOnly ? node::DataService::Mark::Nothing : node::DataService::Mark::Seen,
            std::move(done));
        return {};
    }

    base::Result<> strike(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        TRY_ASSIGN(const SourceId id, sourceParam(params));
        TRY_ASSIGN(const std::int64_t line, integerParam(params, "line", 0, 0, INT32_MAX));
        const std::string path = textParam(params, "path");
        if (line > 0) {
            TRY_ASSIGN(PreviewDone done, previewReply(params, reply));
            node.data().strikeLine(id, path, static_cast<std::size_t>(line - 1), std::move(done));
            return {};
        }
        TRY(node.data().records().strikePath(id, path));
        node.data().rulesChanged();
        reply.result({ { QStringLiteral("source"), static_cast<qint64>(id.value()) },
            { QStringLiteral("struck"), pathText(path) } });
        return {};
    }

    Result unstrike(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const SourceId id, sourceParam(params));
        const std::string path = textParam(params, "path");
        const std::string line = textParam(params, "text");
        if (!line.empty()) {
            TRY(node.data().records().unstrikeLine(id, path, line));
        } else {
            TRY(node.data().records().unstrikePath(id, path));
        }
        node.data().rulesChanged();
        return QJsonObject{ { QStringLiteral("source"), static_cast<qint64>(id.value()) },
            { QStringLiteral("path"), pathText(path) } };
    }

    Result patterns(node::Node& node, const QJsonObject& params)
    {
        consent::Records& records = node.data().records();
        const std::string adding = textParam(params, "add");
        const std::string removing = textParam(params, "remove");
        if (!adding.empty()) {
            TRY(records.addOwnPattern(adding));
        }
        if (!removing.empty()) {
            TRY(records.removeOwnPattern(removing));
        }
        if (!adding.empty() || !removing.empty()) {
            node.data().rulesChanged();
        }
        TRY_ASSIGN(const auto own, records.ownPatterns());
        QJsonArray out;
        for (const consent::TextPattern& pattern : own) {
            out.append(QJsonObject{ { QStringLiteral("pattern"), text(pattern.text()) } });
        }
        return QJsonObject{ { QStringLiteral("patterns"), out } };
    }

    base::Result<> accept(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        TRY_ASSIGN(std::vector<SourceId> sources, sourcesParam(node, params));
        node.data().accept(std::move(sources), [reply](base::Result<std::uint64_t> count) {
            if (!count) {
                reply.error(count.error());
                return;
            }
            reply.result({ { QStringLiteral("seen"), number(*count) } });
        });
        return {};
    }

} // namespace

void registerDataMethods(Server& server, node::Node& node)
{
    using Now = Result (*)(node::Node&, const QJsonObject&);
    using Later = base::Result<> (*)(node::Node&, const QJsonObject&, const Reply&);
    const auto now = [&server, &node](const QString& name, Now method) {
        server.registerMethod(name, [&node, method](const QJsonObject& params, const Reply& reply) {
            reply.finish(method(node, params));
        });
    };
    const auto later = [&server, &node](const QString& name, Later method) {
        server.registerMethod(name, [&node, method](const QJsonObject& params, const Reply& reply) {
            if (const auto begun = method(node, params, reply); !begun) {
                reply.error(begun.error());
            }
        });
    };
    server.registerMethod(QStringLiteral("data.list"),
        [&node](const QJsonObject&, const Reply& reply) { list(node, reply); });
    now(QStringLiteral("data.add"), add);
    now(QStringLiteral("data.set_patterns"), setPatterns);
    now(QStringLiteral("data.remove"), remove);
    now(QStringLiteral("data.scan"), scan);
    now(QStringLiteral("data.unstrike"), unstrike);
    now(QStringLiteral("data.patterns"), patterns);
    later(QStringLiteral("data.files"), files);
    later(QStringLiteral("data.preview"), preview);
    later(QStringLiteral("data.strike"), strike);
    later(QStringLiteral("data.accept"), accept);
    QObject::connect(&node, &node::Node::dataChanged, &server,
        [&server] { server.notify(QStringLiteral("data.changed"), {}, Delivery::Latest); });
}

} // namespace loam::rpc
