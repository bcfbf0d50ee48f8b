// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <optional>

namespace loam::tests {

/// The part of the fake node that answers for the owner's data: two sources, one consent, and the
/// same figures every time.
class FakeData
{
public:
    /// Nothing for methods that are not its own.
    std::optional<QJsonObject> answer(const QString& method, const QJsonObject& params);
    void setEmpty(bool isEmpty) { m_isEmpty = isEmpty; }
    /// Whether the meter finds that the model shows the owner's text.
    void setLeaking(bool isLeaking) { m_isLeaking = isLeaking; }
    void setAsked(bool isAsked) { m_isAskedAdapters = m_isAskedShared = isAsked; }

private:
    QJsonObject overview() const;
    QJsonObject files() const;
    QJsonObject preview(const QString& path) const;
    QJsonObject grants() const;
    QJsonObject uses(const QJsonObject& params) const;
    QJsonObject terms() const;
    QJsonObject adapters() const;
    QJsonObject meter() const;

    bool m_isEmpty{ false };
    bool m_isAskedAdapters{ true };
    bool m_isAskedShared{ true };
    bool m_mayAdapters{ true };
    bool m_mayShared{ false };
    bool m_isRevoked{ false };
    bool m_isLeaking{ false };
    QString m_measured; ///< the adapter that the last measurement was of; empty: the run
    int m_struckLine{ 0 };
    QStringList m_removedAdapters;
};

} // namespace loam::tests
