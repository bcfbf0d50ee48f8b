// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/practice_view.h"

#include "base/amount.h"
#include "ctl/table.h"

#include <QJsonArray>
#include <QSet>
#include <QStringList>

#include <algorithm>
#include <sys/ioctl.h>

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

namespace {

    constexpr int kBarWidth = 16;

    QString shortId(const QString& id)
    {
        return id.size() > 14 ? printable(id.left(14)) + u'…' : printable(id);
    }

    QString lossText(const QJsonValue& loss)
    {
        return loss.isDouble() ? QString::number(loss.toDouble(), 'f', 3) : u"-"_s;
    }

    QString bar(double done, double whole)
    {
        const double share = whole > 0 ? std::clamp(done / whole, 0.0, 1.0) : 0.0;
        const int filled = static_cast<int>(share * kBarWidth);
        return u'[' + QString(filled, u'#') + QString(kBarWidth - filled, u'.') + u']';
    }

    QString nodeLine(const QJsonObject& node)
    {
        const double step = node.value(u"step"_s).toDouble();
        const double steps = node.value(u"steps"_s).toDouble();
        return u"  %1  %2  %3 %4/%5  loss %6  %7 tokens/s  %8"_s
            .arg(shortId(node.value(u"id"_s).toString()), -15)
            .arg(printable(node.value(u"role"_s).toString()), -9)
            .arg(bar(step, steps))
            .arg(step, 3, 'f', 0)
            .arg(steps, 0, 'f', 0)
            .arg(lossText(node.value(u"loss"_s)), 6)
            .arg(node.value(u"tokens_per_second"_s).toDouble(), 6, 'f', 0)
            .arg(printable(node.value(u"state"_s).toString()));
    }

    /// One row for each node that the round speaks of.
    QString roundTable(const QJsonObject& round)
    {
        const QJsonObject sent = round.value(u"bytes_sent"_s).toObject();
        const QJsonObject received = round.value(u"bytes_received"_s).toObject();
        const QJsonObject earned = round.value(u"earned"_s).toObject();
        QStringList ids = earned.keys() + sent.keys();
        QSet<QString> accepted;
        for (const QJsonValue& id : round.value(u"accepted"_s).toArray()) {
            accepted.insert(id.toString());
            ids.append(id.toString());
        }
        QJsonObject refusals;
        for (const QJsonValue& value : round.value(u"refused"_s).toArray()) {
            const QJsonObject refusal = value.toObject();
            ids.append(refusal.value(u"node"_s).toString());
            refusals.insert(ids.last(), refusal.value(u"reason"_s));
        }
        ids.removeDuplicates();
        ids.sort();
        QJsonArray rows;
        for (const QString& id : ids) {
            QString verdict = accepted.contains(id) ? u"accepted"_s : u"-"_s;
            if (refusals.contains(id)) {
                verdict = u"refused: "_s + refusals.value(id).toString();
            }
            rows.append(QJsonObject{ { u"node"_s, shortId(id) }, { u"verdict"_s, verdict },
                { u"sent"_s, sent.value(id) }, { u"received"_s, received.value(id) },
                { u"earned"_s, earned.value(id) } });
        }
        return tableText(rows,
            { { u"node"_s, u"Node"_s }, { u"sent"_s, u"Sent"_s, Format::Bytes },
                { u"received"_s, u"Received"_s, Format::Bytes },
                { u"earned"_s, u"Earned"_s, Format::Loam }, { u"verdict"_s, u"Update"_s } });
    }

    QString roundText(const QJsonObject& round)
    {
        return u"Round %1: loss %2 -> %3 nats per byte of text no node trained on\n"_s
                   .arg(round.value(u"round"_s).toInt())
                   .arg(lossText(round.value(u"loss_before"_s)),
                       lossText(round.value(u"loss_after"_s)))
            + roundTable(round) + u'\n';
    }

    /// Whether all nodes tell the same of this field.
    bool isCommon(const QJsonArray& nodes, const QString& field)
    {
        return std::all_of(nodes.begin(), nodes.end(), [&](const QJsonValue& node) {
            return node.toObject().value(field) == nodes.first().toObject().value(field);
        });
    }

} // namespace

PracticeView::PracticeView(std::FILE* stream, Style style)
    : m_stream{ stream }
    , m_style{ style }
{
    winsize size{};
    if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        m_columns = size.ws_col;
    }
}

void PracticeView::write(const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), m_stream);
    std::fflush(m_stream);
}

void PracticeView::erase()
{
    if (m_liveLines > 0) {
        // Up to the first live line, then clear to the end of the screen.
        write(u"\r\x1b[%1A\x1b[J"_s.arg(m_liveLines));
        m_liveLines = 0;
    }
}

void PracticeView::showProgress(const QJsonObject& progress)
{
    const QString phase = printable(progress.value(u"phase"_s).toString());
    const int round = progress.value(u"round"_s).toInt();
    const QString text = printable(progress.value(u"message"_s).toString());
    const QString where = round > 0
        ? u"round %1 of %2, "_s.arg(round).arg(progress.value(u"rounds"_s).toInt())
        : QString{};
    const QString message
        = where + phase + (text.isEmpty() || text == phase ? QString{} : u": "_s + text);
    if (m_style == Style::Lines) {
        if (message != m_lastMessage) {
            m_lastMessage = message;
            write(message + u'\n');
        }
        return;
    }
    if (m_style == Style::Silent) {
        return;
    }
    QStringList lines{ message };
    for (const QJsonValue& node : progress.value(u"nodes"_s).toArray()) {
        lines.append(nodeLine(node.toObject()));
    }
    erase();
    QString all;
    for (const QString& line : lines) {
        // A wrapped line would be two, and erase() would miss one.
        all += line.left(m_columns - 1) + u'\n';
    }
    write(all);
    m_liveLines = static_cast<int>(lines.size());
}

void PracticeView::showRound(const QJsonObject& round)
{
    if (m_style != Style::Silent) {
        erase();
        write(roundText(round));
    }
}

void PracticeView::finish()
{
    erase();
}

QString practiceReport(const QJsonObject& report)
{
    const QJsonArray nodes = report.value(u"nodes"_s).toArray();
    const QJsonArray rounds = report.value(u"rounds"_s).toArray();
    QString text = tableText(nodes,
        { { u"id"_s, u"Node"_s, Format::Hash }, { u"role"_s, u"Role"_s },
            { u"height"_s, u"Height"_s, Format::Number },
            { u"audit_root"_s, u"Audit root"_s, Format::Hash },
            { u"params_hash"_s, u"Parameters"_s, Format::Hash },
            { u"balance"_s, u"Balance"_s, Format::Loam } });
    text += u'\n';
    if (!nodes.isEmpty()) {
        text += isCommon(nodes, u"audit_root"_s) ? u"All nodes hold the same audit log.\n"_s
                                                 : u"The nodes' audit logs DIFFER.\n"_s;
        text += isCommon(nodes, u"params_hash"_s) ? u"All nodes hold the same model.\n"_s
                                                  : u"The nodes' models DIFFER.\n"_s;
    }
    if (!rounds.isEmpty()) {
        text += u"Loss %1 -> %2 nats per byte over %3 rounds.\n"_s
                    .arg(lossText(rounds.first().toObject().value(u"loss_before"_s)),
                        lossText(rounds.last().toObject().value(u"loss_after"_s)))
                    .arg(rounds.size());
    }
    text += u"Bytes sent per parameter and node: %1. Took %2 s.\n"_s
                .arg(report.value(u"bytes_per_parameter_sent"_s).toDouble(), 0, 'f', 3)
                .arg(report.value(u"seconds"_s).toDouble(), 0, 'f', 1);
    if (report.contains(u"error"_s)) {
        text += printable(report.value(u"error"_s).toString()) + u'\n';
    }
    return text;
}

} // namespace loam::ctl
