// SPDX-License-Identifier: GPL-3.0-or-later
#include "format.h"

#include "vocabulary.h"

#include <QCoreApplication>
#include <QEvent>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::desktop {
namespace {

    constexpr QChar kNarrowSpace{ 0x202f };
    constexpr QChar kNoBreakSpace{ 0x00a0 };
    constexpr QChar kMinus{ 0x2212 };
    constexpr QChar kDash{ 0x2013 };
    constexpr QChar kEllipsis{ 0x2026 };

    QString word(const char* source)
    {
        return QCoreApplication::translate("Format", source);
    }

    const QRegularExpression& amountPattern()
    {
        static const QRegularExpression pattern(
            QStringLiteral("^([+-]?)([0-9]+)(?:\\.([0-9]+))?$"));
        return pattern;
    }

    QString grouped(const QString& digits, const QLocale& locale)
    {
        QString text;
        for (qsizetype i = 0; i < digits.size(); ++i) {
            if (i > 0 && (digits.size() - i) % 3 == 0) {
                text += locale.groupSeparator();
            }
            text += digits[i];
        }
        return text;
    }

    QString plainAmount(const QString& amount, bool plusSign)
    {
        const auto match = amountPattern().match(amount.trimmed());
        if (!match.hasMatch()) {
            return amount;
        }
        const QLocale locale;
        const bool negative = match.captured(1) == QLatin1String("-");
        QString text = grouped(match.captured(2), locale);
        if (!match.captured(3).isEmpty()) {
            text += locale.decimalPoint() + match.captured(3);
        }
        if (Format::isZero(amount)) {
            return text;
        }
        if (negative) {
            return kMinus + text;
        }
        return plusSign ? QLatin1Char('+') + text : text;
    }

} // namespace

Format::Format(QObject* parent)
    : QObject{ parent }
{
    if (QCoreApplication::instance() != nullptr) {
        QCoreApplication::instance()->installEventFilter(this);
    }
}

bool Format::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::LanguageChange && watched == QCoreApplication::instance()) {
        Q_EMIT languageChanged();
    }
    return QObject::eventFilter(watched, event);
}

QString Format::amount(const QString& amount)
{
    return plainAmount(amount, false);
}

QString Format::amountWithUnit(const QString& amount)
{
    return plainAmount(amount, false) + kNoBreakSpace + QLatin1String("LOAM");
}

QString Format::signedAmount(const QString& amount)
{
    return plainAmount(amount, true) + kNoBreakSpace + QLatin1String("LOAM");
}

bool Format::isNegative(const QString& amount)
{
    return amount.startsWith(QLatin1Char('-')) && !isZero(amount);
}

bool Format::isZero(const QString& amount)
{
    return !std::any_of(amount.begin(), amount.end(),
        [](QChar c) { return c >= QLatin1Char('1') && c <= QLatin1Char('9'); });
}

QString Format::amountFromInput(const QString& typed)
{
    const QLocale locale;
    QString text = typed.trimmed();
    text.remove(kNoBreakSpace).remove(kNarrowSpace).remove(QLatin1Char(' '));
    const bool dotGroups = locale.groupSeparator() == QLatin1String(".");
    const bool looksGrouped
        = text.contains(locale.decimalPoint()) || text.count(locale.groupSeparator()) > 1;
    if (looksGrouped) {
        text.remove(locale.groupSeparator());
    } else if (dotGroups && text.section(QLatin1Char('.'), -1).size() == 3
        && text.contains(QLatin1Char('.'))) {
        // "1.234" in a language that groups by dots could mean either: ask again, never guess.
        return {};
    } else if (!dotGroups && text.contains(locale.groupSeparator())) {
        return {};
    }
    text.replace(locale.decimalPoint(), QLatin1String("."));
    static const QRegularExpression allowed(QStringLiteral("^[0-9]{1,13}(\\.[0-9]{1,6})?$"));
    return allowed.match(text).hasMatch() ? text : QString();
}

QString Format::bytes(double bytes)
{
    if (!std::isfinite(bytes) || bytes < 0) {
        return kDash;
    }
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), bytes < 1024 ? 0 : 1);
}

QString Format::count(double value)
{
    return std::isfinite(value) ? QLocale().toString(static_cast<qlonglong>(std::llround(value)))
                                : QString(kDash);
}

QString Format::compact(double value)
{
    struct Step
    {
        double size;
        const char* sign;
    };
    static constexpr std::array kSteps{ Step{ 1e12, " T" }, Step{ 1e9, " B" }, Step{ 1e6, " M" },
        Step{ 1e3, " k" } };
    if (!std::isfinite(value)) {
        return kDash;
    }
    for (const Step& step : kSteps) {
        if (value >= step.size) {
            const double scaled = value / step.size;
            return QLocale().toString(scaled, 'f', scaled < 9.95 ? 1 : 0)
                + QLatin1String(step.sign);
        }
    }
    return count(value);
}

QString Format::figure(double value)
{
    if (!std::isfinite(value)) {
        return kDash;
    }
    const double size = std::fabs(value);
    const int decimals = size == 0.0 || size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
    QString text = QLocale().toString(size, 'f', decimals);
    return value < 0 ? kMinus + text : text;
}

QString Format::percent(double fraction)
{
    return std::isfinite(fraction)
        ? QLocale().toString(fraction * 100.0, 'f', fraction < 0.1 && fraction > 0 ? 1 : 0)
            + kNoBreakSpace + QLatin1Char('%')
        : QString(kDash);
}

QString Format::duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0) {
        return kDash;
    }
    const auto total = static_cast<qlonglong>(std::llround(seconds));
    const auto pair
        = [](const char* text, qlonglong a, qlonglong b) { return word(text).arg(a).arg(b); };
    if (total < 60) {
        return word(QT_TRANSLATE_NOOP("Format", "%1 s")).arg(total);
    }
    if (total < 3600) {
        return pair(QT_TRANSLATE_NOOP("Format", "%1 min %2 s"), total / 60, total % 60);
    }
    if (total < 86400) {
        return pair(QT_TRANSLATE_NOOP("Format", "%1 h %2 min"), total / 3600, total % 3600 / 60);
    }
    return pair(QT_TRANSLATE_NOOP("Format", "%1 d %2 h"), total / 86400, total % 86400 / 3600);
}

QString Format::milliseconds(double milliseconds)
{
    if (!std::isfinite(milliseconds) || milliseconds < 0) {
        return kDash;
    }
    return QLocale().toString(milliseconds, 'f', milliseconds < 10 ? 1 : 0) + kNoBreakSpace
        + QLatin1String("ms");
}

QString Format::relativeTime(double time, double now)
{
    if (!(time > 0)) {
        return kDash;
    }
    const auto past = static_cast<qlonglong>(now - time);
    if (past < -60) {
        return exactTime(time);
    }
    if (past < 60) {
        return word(QT_TRANSLATE_NOOP("Format", "just now"));
    }
    if (past < 3600) {
        return word(QT_TRANSLATE_NOOP("Format", "%1 min ago")).arg(past / 60);
    }
    if (past < 86400) {
        return word(QT_TRANSLATE_NOOP("Format", "%1 h ago")).arg(past / 3600);
    }
    if (past < 7 * 86400) {
        const int days = static_cast<int>(past / 86400);
        return QCoreApplication::translate("Format", "%n day(s) ago", "", days);
    }
    return QLocale().toString(
        QDateTime::fromSecsSinceEpoch(static_cast<qint64>(time)).date(), QLocale::ShortFormat);
}

QString Format::exactTime(double time)
{
    if (!(time > 0)) {
        return kDash;
    }
    const QDateTime moment = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(time));
    return QLocale().toString(moment.date(), QLocale::ShortFormat) + QLatin1String("  ")
        + moment.time().toString(QStringLiteral("HH:mm:ss"));
}

QString Format::clockTime(double time, double now)
{
    if (!(time > 0)) {
        return kDash;
    }
    const QDateTime moment = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(time));
    const QString clock = QLocale().toString(moment.time(), QLocale::ShortFormat);
    if (moment.date() == QDateTime::fromSecsSinceEpoch(static_cast<qint64>(now)).date()) {
        return clock;
    }
    return QLocale().toString(moment.date(), QLocale::ShortFormat) + QLatin1Char(' ') + clock;
}

QString Format::shortId(const QString& id, int keep)
{
    const int head = id.startsWith(QLatin1String("loam1")) ? keep + 5 : keep;
    return id.size() <= head + keep + 1 ? id : id.left(head) + kEllipsis + id.right(keep);
}

QString Format::stateWord(const QString& state)
{
    return wordFor(Vocabulary::State, state);
}

QString Format::stateIcon(const QString& state)
{
    return iconFor(Vocabulary::State, state);
}

QString Format::reasonLine(const QString& reason, double until, double now)
{
    if (reason.isEmpty()) {
        return {};
    }
    QString line = wordFor(Vocabulary::Reason, reason);
    if (until > now) {
        //: %1 is a sentence that says why the work waits, %2 a time of day
        line = word(QT_TRANSLATE_NOOP("Format", "%1. Resumes at %2"))
                   .arg(line, clockTime(until, now));
    }
    return line;
}

QString Format::reasonText(const QString& reason)
{
    return wordFor(Vocabulary::Reason, reason);
}

QString Format::entryText(
    const QString& kind, const QString& text, const QString& reason, const QString& amount)
{
    if (!reason.isEmpty()) {
        return reasonText(reason);
    }
    if (!text.isEmpty() && text != kind) {
        return text;
    }
    return isZero(amount) ? QString() : amountWithUnit(amount);
}

QString Format::kindWord(const QString& kind)
{
    return wordFor(Vocabulary::Kind, kind);
}

QString Format::kindIcon(const QString& kind)
{
    return iconFor(Vocabulary::Kind, kind);
}

QString Format::roleWord(const QString& role)
{
    return wordFor(Vocabulary::Role, role);
}

QString Format::phaseWord(const QString& phase)
{
    return wordFor(Vocabulary::Phase, phase);
}

} // namespace loam::desktop
