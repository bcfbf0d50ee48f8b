// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>
#include <vector>

namespace loam::test {

/// What a program said before it ended.
struct Finished
{
    int code{ -1 };
    QByteArray out;
    QByteArray err;
    QJsonObject json() const;
};

/// Path of one of our programs.
QString program(const char* name);
/// Runs loamctl to its end.
Finished ctl(const QStringList& arguments, int timeoutMillis = 60'000);
/// Writes about `bytes` of English-like text, different for each seed.
void writeText(const QString& path, unsigned seed, qsizetype bytes);

/// One loamd with a home and loopback address of its own, started as a person would.
class NodeProcess
{
public:
    NodeProcess(const QString& root, int index);
    ~NodeProcess();

    void start();
    void kill9();
    qint64 processId() const { return m_process ? m_process->processId() : 0; }
    const QString& home() const { return m_home; }
    QString corpus() const { return m_home + QStringLiteral("-corpus"); }
    /// loamctl against this node with --json; fails the test's expectation by an empty object.
    QJsonObject call(const QStringList& arguments, int timeoutMillis = 60'000) const;
    QJsonObject status() const
    {
        return call({ QStringLiteral("node"), QStringLiteral("status") });
    }

private:
    QString m_home;
    std::unique_ptr<QProcess> m_process;
};

} // namespace loam::test
