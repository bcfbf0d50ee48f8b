// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QLocale>
#include <QObject>
#include <QQmlEngine>
#include <QString>

namespace loam::desktop {

/// Turns values into words and figures for people, in the current language. Pure: no state, no
/// clock. Amounts go in and come out as text and never become floating point.
///
/// QML reaches the functions through `Format.local`, a property that changes with the language:
/// a call alone would not be made again when the owner chooses another one.
class Format : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(loam::desktop::Format* local READ local NOTIFY languageChanged FINAL)

public:
    explicit Format(QObject* parent = nullptr);

    Format* local() { return this; }
    bool eventFilter(QObject* watched, QEvent* event) override;

    /// "1234.5" -> "1,234.5" with the language's separators; text that is no amount stays as it is.
    Q_INVOKABLE static QString amount(const QString& amount);
    /// The same with the unit: "12.482 LOAM".
    Q_INVOKABLE static QString amountWithUnit(const QString& amount);
    /// The same with a sign in front of gains as well: "+12.482 LOAM".
    Q_INVOKABLE static QString signedAmount(const QString& amount);
    Q_INVOKABLE static bool isNegative(const QString& amount);
    /// True for zero and for text that is no amount.
    Q_INVOKABLE static bool isZero(const QString& amount);
    /// A decimal number as typed in the current language -> "1234.5", empty when it is none.
    Q_INVOKABLE static QString amountFromInput(const QString& typed);

    /// 1536 -> "1.5 KiB".
    Q_INVOKABLE static QString bytes(double bytes);
    /// Whole number with group separators.
    Q_INVOKABLE static QString count(double value);
    /// 7240000000 -> "7.2 B", 135000 -> "135 k": the size of a model in parameters.
    Q_INVOKABLE static QString compact(double value);
    /// A measured value with as many decimals as its size deserves, a dash when not finite.
    Q_INVOKABLE static QString figure(double value);
    /// 0.25 -> "25 %".
    Q_INVOKABLE static QString percent(double fraction);
    /// Seconds -> "45 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
    Q_INVOKABLE static QString duration(double seconds);
    /// Milliseconds of a round trip.
    Q_INVOKABLE static QString milliseconds(double milliseconds);
    /// "just now", "5 min ago", "yesterday", then the date. Both in Unix seconds.
    Q_INVOKABLE static QString relativeTime(double time, double now);
    /// Date and time in full.
    Q_INVOKABLE static QString exactTime(double time);
    /// Time of day, with the date when it is not today.
    Q_INVOKABLE static QString clockTime(double time, double now);
    /// "loam1qqqqqq…wxyz": both ends of an id or hash, `keep` characters each.
    Q_INVOKABLE static QString shortId(const QString& id, int keep = 6);

    /// working, waiting, paused, off or trouble -> the word a person reads.
    Q_INVOKABLE static QString stateWord(const QString& state);
    /// Name of the icon that stands beside the word.
    Q_INVOKABLE static QString stateIcon(const QString& state);
    /// "Waiting: you are typing. Resumes at 14:32." in one line; empty without a reason.
    Q_INVOKABLE static QString reasonLine(const QString& reason, double until, double now);
    /// Why something was decided or paid, in words where the node gave a code.
    Q_INVOKABLE static QString reasonText(const QString& reason);
    /// What an audit entry says besides its kind: its reason, its text, else its amount.
    Q_INVOKABLE static QString entryText(
        const QString& kind, const QString& text, const QString& reason, const QString& amount);
    /// Kind of an audit or wallet entry -> words; unknown kinds are shown readable.
    Q_INVOKABLE static QString kindWord(const QString& kind);
    Q_INVOKABLE static QString kindIcon(const QString& kind);
    /// Role of a practice node -> words.
    Q_INVOKABLE static QString roleWord(const QString& role);
    /// Phase of a practice run -> words.
    Q_INVOKABLE static QString phaseWord(const QString& phase);

Q_SIGNALS:
    void languageChanged();
};

} // namespace loam::desktop
