// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

namespace loam::test {

/// Writes a file that fake_model_worker takes for a model: its contents are what "inspect" says.
inline QString writeFakeModel(
    const QString& path, const QString& name, qint64 memory = 1000, qint64 parameters = 42)
{
    QDir{}.mkpath(QFileInfo{ path }.path());
    QFile file{ path };
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QJsonDocument{
            QJsonObject{ { QStringLiteral("name"), name },
                { QStringLiteral("architecture"), QStringLiteral("llama") },
                { QStringLiteral("licence"), QStringLiteral("apache-2.0") },
                { QStringLiteral("quantisation"), QStringLiteral("Q8_0") },
                { QStringLiteral("parameters"), parameters }, { QStringLiteral("context"), 2048 },
                { QStringLiteral("memory"), memory } } }
                       .toJson());
    }
    return path;
}

} // namespace loam::test
