// SPDX-License-Identifier: GPL-3.0-or-later
#include "format.h"

#include <QCoreApplication>
#include <QEvent>
#include <QHash>
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

    /// A word and an icon for each machine-readable name the node sends.
    struct Entry
    {
        const char* word;
        const char* icon;
    };

    using Words = QHash<QString, Entry>;

    QString lookUp(const Words& words, const QString& key)
    {
        const auto it = words.constFind(key.toLower());
        if (it != words.constEnd()) {
            return word(it->word);
        }
        QString readable = key;
        readable.replace(QLatin1Char('_'), QLatin1Char(' '))
            .replace(QLatin1Char('-'), QLatin1Char(' '));
        if (!readable.isEmpty()) {
            readable[0] = readable[0].toUpper();
        }
        return readable;
    }

    QString lookUpIcon(const Words& words, const QString& key, const char* otherwise)
    {
        const auto it = words.constFind(key.toLower());
        return QLatin1String(it == words.constEnd() ? otherwise : it->icon);
    }

    const Words& states()
    {
        static const Words words{
            { QStringLiteral("working"), { QT_TRANSLATE_NOOP("Format", "Working"), "activity" } },
            { QStringLiteral("waiting"), { QT_TRANSLATE_NOOP("Format", "Waiting"), "hourglass" } },
            { QStringLiteral("paused"), { QT_TRANSLATE_NOOP("Format", "Paused"), "circle-pause" } },
            { QStringLiteral("off"), { QT_TRANSLATE_NOOP("Format", "Off"), "power" } },
            { QStringLiteral("trouble"),
                { QT_TRANSLATE_NOOP("Format", "Trouble"), "triangle-alert" } },
            { QStringLiteral("training"), { QT_TRANSLATE_NOOP("Format", "Training"), "activity" } },
            { QStringLiteral("starting"),
                { QT_TRANSLATE_NOOP("Format", "Starting"), "hourglass" } },
            { QStringLiteral("preparing"),
                { QT_TRANSLATE_NOOP("Format", "Preparing"), "hourglass" } },
            { QStringLiteral("aggregating"),
                { QT_TRANSLATE_NOOP("Format", "Combining"), "layers" } },
            { QStringLiteral("sharing"), { QT_TRANSLATE_NOOP("Format", "Sharing"), "network" } },
            { QStringLiteral("idle"), { QT_TRANSLATE_NOOP("Format", "Idle"), "circle-dot" } },
            { QStringLiteral("done"), { QT_TRANSLATE_NOOP("Format", "Done"), "circle-check" } },
            { QStringLiteral("failed"), { QT_TRANSLATE_NOOP("Format", "Failed"), "circle-x" } },
            { QStringLiteral("refused"), { QT_TRANSLATE_NOOP("Format", "Refused"), "ban" } },
        };
        return words;
    }

    const Words& kinds()
    {
        static const Words words{
            { QStringLiteral("reward"), { QT_TRANSLATE_NOOP("Format", "Reward"), "sprout" } },
            { QStringLiteral("vesting"), { QT_TRANSLATE_NOOP("Format", "Vested"), "lock-open" } },
            { QStringLiteral("vested"), { QT_TRANSLATE_NOOP("Format", "Vested"), "lock-open" } },
            { QStringLiteral("transfer"), { QT_TRANSLATE_NOOP("Format", "Transfer"), "send" } },
            { QStringLiteral("sent"), { QT_TRANSLATE_NOOP("Format", "Sent"), "arrow-up-right" } },
            { QStringLiteral("received"),
                { QT_TRANSLATE_NOOP("Format", "Received"), "arrow-down-left" } },
            { QStringLiteral("slash"), { QT_TRANSLATE_NOOP("Format", "Penalty"), "ban" } },
            { QStringLiteral("penalty"), { QT_TRANSLATE_NOOP("Format", "Penalty"), "ban" } },
            { QStringLiteral("evidence"),
                { QT_TRANSLATE_NOOP("Format", "Evidence"), "shield-alert" } },
            { QStringLiteral("accepted"),
                { QT_TRANSLATE_NOOP("Format", "Update accepted"), "circle-check" } },
            { QStringLiteral("update_accepted"),
                { QT_TRANSLATE_NOOP("Format", "Update accepted"), "circle-check" } },
            { QStringLiteral("refused"),
                { QT_TRANSLATE_NOOP("Format", "Update refused"), "circle-x" } },
            { QStringLiteral("update_refused"),
                { QT_TRANSLATE_NOOP("Format", "Update refused"), "circle-x" } },
            { QStringLiteral("checkpoint"),
                { QT_TRANSLATE_NOOP("Format", "Checkpoint"), "layers" } },
            { QStringLiteral("open_run"), { QT_TRANSLATE_NOOP("Format", "Run opened"), "rocket" } },
            { QStringLiteral("run"), { QT_TRANSLATE_NOOP("Format", "Run opened"), "rocket" } },
            { QStringLiteral("register"), { QT_TRANSLATE_NOOP("Format", "Registered"), "ticket" } },
            { QStringLiteral("registration"),
                { QT_TRANSLATE_NOOP("Format", "Registered"), "ticket" } },
            { QStringLiteral("register_node"),
                { QT_TRANSLATE_NOOP("Format", "Registered"), "ticket" } },
            { QStringLiteral("submit_update"),
                { QT_TRANSLATE_NOOP("Format", "Update submitted"), "upload" } },
            { QStringLiteral("update"),
                { QT_TRANSLATE_NOOP("Format", "Update submitted"), "upload" } },
            { QStringLiteral("close_round"),
                { QT_TRANSLATE_NOOP("Format", "Round closed"), "list-checks" } },
            { QStringLiteral("round"),
                { QT_TRANSLATE_NOOP("Format", "Round closed"), "list-checks" } },
            { QStringLiteral("void"), { QT_TRANSLATE_NOOP("Format", "Round void"), "ban" } },
            { QStringLiteral("genesis"),
                { QT_TRANSLATE_NOOP("Format", "Network founded"), "sprout" } },
        };
        return words;
    }

    const Words& roles()
    {
        static const Words words{
            { QStringLiteral("validator"),
                { QT_TRANSLATE_NOOP("Format", "Validator"), "shield-check" } },
            { QStringLiteral("trainer"),
                { QT_TRANSLATE_NOOP("Format", "Trainer"), "graduation-cap" } },
            { QStringLiteral("honest"), { QT_TRANSLATE_NOOP("Format", "Honest"), "shield-check" } },
            { QStringLiteral("byzantine"), { QT_TRANSLATE_NOOP("Format", "Bad actor"), "user-x" } },
        };
        return words;
    }

    const Words& phases()
    {
        static const Words words{
            { QStringLiteral("preparing"),
                { QT_TRANSLATE_NOOP("Format", "Preparing texts and vocabulary"), "" } },
            { QStringLiteral("tokenizer"),
                { QT_TRANSLATE_NOOP("Format", "Preparing texts and vocabulary"), "" } },
            { QStringLiteral("genesis"),
                { QT_TRANSLATE_NOOP("Format", "Founding the network"), "" } },
            { QStringLiteral("starting"),
                { QT_TRANSLATE_NOOP("Format", "Starting the nodes"), "" } },
            { QStringLiteral("connecting"),
                { QT_TRANSLATE_NOOP("Format", "The nodes are finding one another"), "" } },
            { QStringLiteral("training"), { QT_TRANSLATE_NOOP("Format", "Training"), "" } },
            { QStringLiteral("aggregating"),
                { QT_TRANSLATE_NOOP("Format", "Combining the updates"), "" } },
            { QStringLiteral("evaluating"),
                { QT_TRANSLATE_NOOP("Format", "Measuring on unseen text"), "" } },
            { QStringLiteral("settling"),
                { QT_TRANSLATE_NOOP("Format", "Paying the rewards"), "" } },
            { QStringLiteral("finishing"),
                { QT_TRANSLATE_NOOP("Format", "Comparing the results"), "" } },
            { QStringLiteral("cleaning"), { QT_TRANSLATE_NOOP("Format", "Cleaning up"), "" } },
            { QStringLiteral("stopping"), { QT_TRANSLATE_NOOP("Format", "Stopping"), "" } },
        };
        return words;
    }

    const Words& reasons()
    {
        static const Words words{
            { QStringLiteral("user_active"),
                { QT_TRANSLATE_NOOP("Format", "You are using the computer"), "" } },
            { QStringLiteral("input"),
                { QT_TRANSLATE_NOOP("Format", "You are using the computer"), "" } },
            { QStringLiteral("battery"), { QT_TRANSLATE_NOOP("Format", "On battery"), "" } },
            { QStringLiteral("thermal"),
                { QT_TRANSLATE_NOOP("Format", "The computer is warm"), "" } },
            { QStringLiteral("hot"), { QT_TRANSLATE_NOOP("Format", "The computer is warm"), "" } },
            { QStringLiteral("metered"),
                { QT_TRANSLATE_NOOP("Format", "Metered connection"), "" } },
            { QStringLiteral("cpu_busy"),
                { QT_TRANSLATE_NOOP("Format", "Other programs need the processor"), "" } },
            { QStringLiteral("busy"),
                { QT_TRANSLATE_NOOP("Format", "Other programs need the processor"), "" } },
            { QStringLiteral("snoozed"), { QT_TRANSLATE_NOOP("Format", "Paused by you"), "" } },
            { QStringLiteral("snooze"), { QT_TRANSLATE_NOOP("Format", "Paused by you"), "" } },
            { QStringLiteral("off"), { QT_TRANSLATE_NOOP("Format", "Switched off by you"), "" } },
            { QStringLiteral("no_network"),
                { QT_TRANSLATE_NOOP("Format", "No network joined yet"), "" } },
            { QStringLiteral("no_run"), { QT_TRANSLATE_NOOP("Format", "No run is open"), "" } },
            { QStringLiteral("no_peers"),
                { QT_TRANSLATE_NOOP("Format", "Looking for peers"), "" } },
            { QStringLiteral("syncing"),
                { QT_TRANSLATE_NOOP("Format", "Catching up with the network"), "" } },
            { QStringLiteral("disk_full"),
                { QT_TRANSLATE_NOOP("Format", "The disk is full"), "" } },
        };
        return words;
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
    return lookUp(states(), state);
}

QString Format::stateIcon(const QString& state)
{
    return lookUpIcon(states(), state, "circle-dot");
}

QString Format::reasonLine(const QString& reason, double until, double now)
{
    if (reason.isEmpty()) {
        return {};
    }
    QString line = lookUp(reasons(), reason);
    if (until > now) {
        //: %1 is a sentence that says why the work waits, %2 a time of day
        line = word(QT_TRANSLATE_NOOP("Format", "%1. Resumes at %2"))
                   .arg(line, clockTime(until, now));
    }
    return line;
}

QString Format::kindWord(const QString& kind)
{
    return lookUp(kinds(), kind);
}

QString Format::kindIcon(const QString& kind)
{
    return lookUpIcon(kinds(), kind, "circle-dot");
}

QString Format::roleWord(const QString& role)
{
    return lookUp(roles(), role);
}

QString Format::phaseWord(const QString& phase)
{
    return lookUp(phases(), phase);
}

} // namespace loam::desktop
