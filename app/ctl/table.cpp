// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/table.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

namespace {

    constexpr qsizetype kHashShown = 16;

    bool isRightAligned(Format format)
    {
        switch (format) {
        case Format::Bytes:
        case Format::Loam:
        case Format::Number:
        case Format::Duration:
            return true;
        case Format::Text:
        case Format::Time:
        case Format::YesNo:
        case Format::Segments:
        case Format::Hash:
            break;
        }
        return false;
    }

    QString numberText(double value)
    {
        // Whole numbers of any size in full, others to four decimals, tiny ones by their power of
        // ten.
        if (std::abs(value) < 9e15 && std::nearbyint(value) == value) {
            return QString::number(static_cast<qint64>(value));
        }
        return std::abs(value) < 0.001 ? QString::number(value, 'g', 4)
                                       : QString::number(value, 'f', 4);
    }

    QString bytesText(double bytes)
    {
        constexpr std::array kUnits{ "B", "KiB", "MiB", "GiB", "TiB" };
        std::size_t unit = 0;
        while (bytes >= 1024 && unit + 1 < kUnits.size()) {
            bytes /= 1024;
            ++unit;
        }
        return QString::number(bytes, 'f', unit == 0 ? 0 : 1) + u' '
            + QString::fromLatin1(kUnits.at(unit));
    }

    QString durationText(double seconds)
    {
        if (seconds < 1) {
            return QString::number(seconds * 1000, 'f', 0) + u" ms"_s;
        }
        return QString::number(seconds, 'f', 1) + u" s"_s;
    }

    QString plainText(const QJsonValue& value)
    {
        switch (value.type()) {
        case QJsonValue::Null:
        case QJsonValue::Undefined:
            return u"-"_s;
        case QJsonValue::Bool:
            return value.toBool() ? u"yes"_s : u"no"_s;
        case QJsonValue::Double:
            return numberText(value.toDouble());
        case QJsonValue::String:
            return value.toString().isEmpty() ? u"-"_s : printable(value.toString());
        case QJsonValue::Array: {
            QStringList texts;
            for (const QJsonValue& item : value.toArray()) {
                texts.append(plainText(item));
            }
            return texts.isEmpty() ? u"-"_s : texts.join(u' ');
        }
        case QJsonValue::Object:
            break;
        }
        return printable(
            QString::fromUtf8(QJsonDocument{ value.toObject() }.toJson(QJsonDocument::Compact)));
    }

} // namespace

QString printable(const QString& text, Lines lines)
{
    QString out;
    out.reserve(text.size());
    for (const QChar c : text) {
        const QChar::Category category = c.category();
        // Format characters can turn the direction of a line around.
        const bool isControl = category == QChar::Other_Control || category == QChar::Other_Format;
        const bool isKept = lines == Lines::Kept && (c == u'\n' || c == u'\t');
        out += isControl && !isKept ? QChar{ u' ' } : c;
    }
    return out;
}

QString formatted(const QJsonValue& value, Format format)
{
    switch (format) {
    case Format::Time:
        if (value.isDouble() && value.toDouble() > 0) {
            return QDateTime::fromSecsSinceEpoch(static_cast<qint64>(value.toDouble()))
                .toString(u"yyyy-MM-dd HH:mm:ss"_s);
        }
        return u"-"_s;
    case Format::Bytes:
        return value.isDouble() ? bytesText(value.toDouble()) : u"-"_s;
    case Format::Loam:
        return value.isString() && !value.toString().isEmpty()
            ? printable(value.toString()) + u" LOAM"_s
            : u"-"_s;
    case Format::Hash: {
        const QString text = plainText(value);
        return text.size() > kHashShown ? text.left(kHashShown) + u'…' : text;
    }
    case Format::Number:
        return value.isArray() ? QString::number(value.toArray().size()) : plainText(value);
    case Format::Duration:
        return value.isDouble() ? durationText(value.toDouble()) : u"-"_s;
    case Format::Segments: {
        QString text;
        for (const QJsonValue& piece : value.toArray()) {
            const QString kind = piece[u"kind"_s].toString();
            const QString words = printable(piece[u"text"_s].toString());
            text += kind.isEmpty() ? words : u'[' + kind + u": "_s + words + u']';
        }
        return text;
    }
    case Format::Text:
    case Format::YesNo:
        break;
    }
    return plainText(value);
}

QString objectText(const QJsonObject& object, const QList<Column>& fields)
{
    QList<Column> shown;
    if (fields.isEmpty()) {
        for (auto it = object.begin(); it != object.end(); ++it) {
            shown.append({ it.key(), it.key() });
        }
    }
    for (const Column& field : fields) {
        if (object.contains(field.field)) {
            shown.append(field);
        }
    }
    qsizetype width = 0;
    for (const Column& field : shown) {
        width = std::max(width, field.title.size());
    }
    QString out;
    for (const Column& field : shown) {
        out += printable(field.title).leftJustified(width + 2)
            + formatted(object.value(field.field), field.format) + u'\n';
    }
    return out;
}

QString tableText(const QJsonArray& rows, const QList<Column>& columns)
{
    if (rows.isEmpty()) {
        return u"Nothing to show.\n"_s;
    }
    QString out;
    if (columns.isEmpty()) {
        for (const QJsonValue& row : rows) {
            out += plainText(row) + u'\n';
        }
        return out;
    }
    QList<QStringList> cells;
    QStringList head;
    for (const Column& column : columns) {
        head.append(column.title);
    }
    cells.append(head);
    for (const QJsonValue& row : rows) {
        QStringList line;
        for (const Column& column : columns) {
            line.append(formatted(row.toObject().value(column.field), column.format));
        }
        cells.append(line);
    }
    QList<qsizetype> widths(columns.size(), 0);
    for (const QStringList& line : cells) {
        for (qsizetype i = 0; i < columns.size(); ++i) {
            widths[i] = std::max(widths.at(i), line.at(i).size());
        }
    }
    for (const QStringList& line : cells) {
        QString text;
        for (qsizetype i = 0; i < columns.size(); ++i) {
            const qsizetype width = widths.at(i);
            const bool isRight = isRightAligned(columns.at(i).format);
            text += (i == 0 ? QString{} : u"  "_s)
                + (isRight ? line.at(i).rightJustified(width) : line.at(i).leftJustified(width));
        }
        while (text.endsWith(u' ')) {
            text.chop(1);
        }
        out += text + u'\n';
    }
    return out;
}

} // namespace loam::ctl
