// SPDX-License-Identifier: GPL-3.0-or-later
#include "fake_data.h"

#include "fake_node.h"

#include <QJsonArray>

#include <array>

namespace loam::tests {

namespace {

    constexpr qint64 kDay = 86'400;

    QJsonObject piece(const char* text, const char* kind = "")
    {
        return { { "text", QString::fromUtf8(text) }, { "kind", kind } };
    }

} // namespace

QJsonObject FakeData::overview() const
{
    if (m_isEmpty) {
        return { { "sources", QJsonArray() }, { "files", 0 }, { "tokens", 0 }, { "redacted", 0 },
            { "epsilon_spent", 0 }, { "epsilon_cap", 3 }, { "confinement", "not started" } };
    }
    const QJsonArray sources{
        QJsonObject{ { "id", 1 }, { "path", "/home/ada/Documents/Letters" }, { "files", 412 },
            { "waiting", 0 }, { "poor", 9 }, { "failed", 2 }, { "tokens", 318'204 },
            { "redacted", 1'204 }, { "scanned", true }, { "epsilon_spent", 1.24 },
            { "epsilon_cap", 3 } },
        QJsonObject{ { "id", 2 }, { "path", "/home/ada/Notes" }, { "files", 1'875 },
            { "waiting", 640 }, { "poor", 0 }, { "failed", 0 }, { "tokens", 96'112 },
            { "redacted", 88 }, { "scanned", true }, { "epsilon_spent", 0 }, { "epsilon_cap", 3 } }
    };
    return { { "sources", sources }, { "files", 2'287 }, { "tokens", 414'316 },
        { "redacted", 1'292 }, { "epsilon_spent", 1.24 }, { "epsilon_cap", 3 },
        { "confinement", "namespaces" } };
}

QJsonObject FakeData::files() const
{
    struct Row
    {
        const char* path;
        const char* state;
        const char* verdict;
        const char* reason;
        int tokens;
        bool seen;
    };
    static constexpr std::array kRows{ Row{
                                           "2019/aunt-martha.odt", "ready", "good", "", 812, true },
        Row{ "2019/insurance.pdf", "ready", "good", "", 2'404, true },
        Row{ "2020/copy of insurance.pdf", "ready", "duplicate",
            "nearly the same as 2019/insurance.pdf", 2'398, true },
        Row{ "2021/garden plan.md", "ready", "good", "", 390, false },
        Row{ "2021/scan.pdf", "failed", "good", "it is protected by a password", 0, false },
        Row{ "2024/letter to the club.txt", "ready", "good", "", 655, true },
        Row{ "2024/table.txt", "ready", "gibberish", "less than half of it is letters", 0, true },
        Row{ "mail/inbox.mbox", "waiting", "good", "", 0, false } };
    QJsonArray entries;
    for (const Row& row : kRows) {
        entries.append(QJsonObject{ { "path", row.path }, { "kind", "text" },
            { "state", row.state }, { "verdict", row.verdict }, { "reason", row.reason },
            { "language", "en" }, { "tokens", row.tokens }, { "redacted", 3 }, { "seen", row.seen },
            { "struck", false } });
    }
    return { { "total", 412 }, { "entries", entries } };
}

QJsonObject FakeData::preview(const QString& path) const
{
    const std::array<QJsonArray, 9> lines{ QJsonArray{ piece("Dear members of the garden club,") },
        QJsonArray{},
        QJsonArray{ piece("the meeting is moved to Thursday. Whoever cannot come "
                          "writes to "),
            piece("ada.miller@example.org", "mail"), piece(" or calls "),
            piece("+49 30 901820", "phone"), piece(" in the evening.") },
        QJsonArray{ piece("The fee of this year goes to "),
            piece("DE89 3704 0044 0532 0130 00", "iban"), piece(" as before.") },
        QJsonArray{ piece("The shed opens with "), piece("rose-garden-7", "secret"),
            piece("; please do not pass it on.") },
        QJsonArray{ piece("We shall plant the south bed first, since the soil there is warm "
                          "already.") },
        QJsonArray{ piece("My knee is better, thank you for asking.") },
        QJsonArray{ piece("Yours, Ada") }, QJsonArray{ piece("Sent from my telephone") } };
    QJsonArray shown;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const int number = static_cast<int>(i) + 1;
        shown.append(QJsonObject{ { "number", number },
            { "fate",
                number == m_struckLine ? "struck"
                    : number == 9      ? "boilerplate"
                                       : "used" },
            { "segments", lines.at(i) } });
    }
    return { { "path", path }, { "source", 1 }, { "verdict", "good" }, { "reason", "" },
        { "tokens", 118 }, { "struck", false }, { "cut", false }, { "total", 9 },
        { "lines", shown } };
}

QJsonObject FakeData::grants() const
{
    QJsonArray out;
    if (!m_isEmpty) {
        out.append(QJsonObject{ { "id", "00112233445566778899aabbccddeeff" }, { "version", 1 },
            { "purpose", "adapter" }, { "state", m_isRevoked ? "revoked" : "active" },
            { "files", 412 }, { "issued", FakeNode::kNow - 3 * kDay },
            { "until", FakeNode::kNow + 27 * kDay }, { "epsilon_spent", 0 },
            { "epsilon_cap", 0 } });
        out.append(QJsonObject{ { "id", "ffeeddccbbaa99887766554433221100" }, { "version", 2 },
            { "purpose", "private" }, { "state", "ended" }, { "files", 398 },
            { "issued", FakeNode::kNow - 40 * kDay }, { "until", FakeNode::kNow - 10 * kDay },
            { "epsilon_spent", 1.24 }, { "epsilon_cap", 2 } });
    }
    return { { "grants", out } };
}

QJsonObject FakeData::uses(const QJsonObject& params) const
{
    constexpr int kTotal = 40;
    constexpr std::array kKinds{ "used", "used", "charged", "used", "granted", "source_added" };
    const int total = m_isEmpty ? 0 : kTotal;
    const int offset = params.value(QStringLiteral("offset")).toInt();
    const int limit = params.value(QStringLiteral("limit")).toInt();
    QJsonArray entries;
    for (int row = offset; row < std::min(offset + limit, total); ++row) {
        const char* kind = kKinds.at(static_cast<std::size_t>(row) % kKinds.size());
        const bool isFile = qstrcmp(kind, "used") == 0;
        entries.append(QJsonObject{ { "index", total - 1 - row },
            { "time", static_cast<double>(FakeNode::kNow - 300 - row * 5'000) }, { "kind", kind },
            { "path", isFile ? "2024/letter to the club.txt" : "" }, { "tokens", isFile ? 655 : 0 },
            { "round", 12 }, { "note", isFile ? "" : "round 12 of riverside-2m" } });
    }
    return { { "total", total }, { "root", "" }, { "entries", entries } };
}

QJsonObject FakeData::terms() const
{
    return { { "private_lane", m_mayShared }, { "adapters", m_mayAdapters },
        { "asked_private_lane", m_isAskedShared }, { "asked_adapters", m_isAskedAdapters },
        { "epsilon_cap", 3 }, { "epsilon_spent", m_isEmpty ? 0 : 1.24 }, { "delta", 1e-6 } };
}

QJsonObject FakeData::adapters() const
{
    const QJsonArray letters{ QJsonObject{
        { "id", 1 }, { "path", "/home/ada/Documents/Letters" } } };
    const auto now = static_cast<double>(FakeNode::kNow);
    QJsonArray list;
    if (!m_isEmpty) {
        list = { QJsonObject{ { "id", "notes-1f2e3d4c" }, { "name", "My notes" },
                     { "base", "smollm2-135m-77ab12cd" }, { "base_name", "SmolLM2 135M" },
                     { "sources", letters }, { "state", "training" }, { "step", 84 },
                     { "steps", 300 }, { "tokens_per_second", 412 }, { "loss_before", 3.41 },
                     { "loss_after", 3.12 }, { "created", now - 900 } },
            QJsonObject{ { "id", "letters-77aa00bb" }, { "name", "My letters" },
                { "base", "smollm2-135m-77ab12cd" }, { "base_name", "SmolLM2 135M" },
                { "sources", letters }, { "state", "ready" }, { "step", 260 }, { "steps", 300 },
                { "tokens", 318'204 }, { "loss_before", 3.402 }, { "loss_after", 2.871 },
                { "created", now - 86'400 * 2 }, { "trained", now - 86'400 } } };
    }
    for (qsizetype i = list.size() - 1; i >= 0; --i) {
        if (m_removedAdapters.contains(list.at(i)[QStringLiteral("id")].toString())) {
            list.removeAt(i);
        }
    }
    return { { "adapters", list } };
}

QJsonObject FakeData::meter() const
{
    if (m_isEmpty) {
        return { { "known", false }, { "busy", false } };
    }
    const bool isRed = m_isLeaking;
    return { { "known", true }, { "busy", false }, { "light", isRed ? "red" : "green" },
        { "auc", isRed ? 0.94 : 0.512 }, { "tpr_01", isRed ? 0.41 : 0.002 },
        { "epsilon_low", isRed ? 3.4 : 0.0 }, { "epsilon_promised", 1.24 },
        { "exposure_bits", isRed ? 11.0 : 0.7 }, { "members", 512 }, { "others", 96 },
        { "compared", "held_out" }, { "subject", m_measured.isEmpty() ? "run" : "adapter" },
        { "adapter", m_measured }, { "name", m_measured.isEmpty() ? "riverside-2m" : "Letters" },
        { "time", static_cast<double>(FakeNode::kNow - 7'200) } };
}

std::optional<QJsonObject> FakeData::answer(const QString& method, const QJsonObject& params)
{
    const auto is = [&method](const char* name) { return method == QLatin1String(name); };
    if (is("data.list")) {
        return overview();
    }
    if (is("adapter.list")) {
        return adapters();
    }
    if (is("adapter.remove")) {
        m_removedAdapters.append(params.value(QStringLiteral("adapter")).toString());
        return QJsonObject{};
    }
    if (method.startsWith(QLatin1String("adapter."))) {
        return QJsonObject{};
    }
    if (is("data.files")) {
        return files();
    }
    if (is("data.preview") || is("data.strike")) {
        if (params.contains(QStringLiteral("line"))) {
            m_struckLine = params.value(QStringLiteral("line")).toInt();
        }
        return preview(params.value(QStringLiteral("path")).toString());
    }
    if (is("data.grants")) {
        return grants();
    }
    if (is("data.used")) {
        return uses(params);
    }
    if (is("data.budget")) {
        if (params.contains(QStringLiteral("adapters"))) {
            m_mayAdapters = params.value(QStringLiteral("adapters")).toBool();
            m_isAskedAdapters = true;
        }
        if (params.contains(QStringLiteral("private_lane"))) {
            m_mayShared = params.value(QStringLiteral("private_lane")).toBool();
            m_isAskedShared = true;
        }
        return terms();
    }
    if (is("meter.measure")) {
        m_measured = params.value(QStringLiteral("adapter")).toString();
    }
    if (is("meter.last") || is("meter.measure")) {
        return meter();
    }
    if (is("data.revoke")) {
        m_isRevoked = true;
        return QJsonObject{};
    }
    if (is("data.add")) {
        m_isEmpty = false;
        return QJsonObject{ { "id", 1 } };
    }
    if (is("data.export")) {
        return QJsonObject{ { "receipts", "{}\n" } };
    }
    return is("data.remove") || is("data.grant") || is("data.unstrike") || is("data.patterns")
        ? std::optional{ QJsonObject{} }
        : std::nullopt;
}

} // namespace loam::tests
