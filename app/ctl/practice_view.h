// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>

#include <cstdio>

namespace loam::ctl {

/// Live progress of a practice run: on a terminal one line a node that is redrawn in place, else a
/// line whenever the phase changes; a table for each closed round.
class PracticeView
{
public:
    enum class Style {
        Silent,
        Lines,
        Terminal, ///< redraws by escape sequences
    };

    PracticeView(std::FILE* stream, Style style);

    void showProgress(const QJsonObject& progress);
    void showRound(const QJsonObject& round);
    /// Removes the live lines; nothing is left half drawn.
    void finish();

private:
    void write(const QString& text);
    void erase();

    std::FILE* m_stream;
    Style m_style;
    int m_liveLines{ 0 };
    int m_columns{ 80 };
    QString m_lastMessage;
};

/// The final report for people.
QString practiceReport(const QJsonObject& report);

} // namespace loam::ctl
