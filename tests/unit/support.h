// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <QFile>
#include <QString>
#include <QStringList>
#include <QTest>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

/// What the unit tests of the Qt-free modules share.
namespace loam::test {

/// Bytes of hexadecimal text that is known to be right.
inline base::Bytes hex(std::string_view text)
{
    base::Result<base::Bytes> bytes = base::fromHex(text);
    if (!bytes) {
        std::fprintf(stderr, "bad hexadecimal text in a test\n");
        std::abort();
    }
    return std::move(*bytes);
}

template <class Fixed> Fixed fixed(std::string_view text)
{
    const base::Result<Fixed> value = Fixed::from(hex(text));
    if (!value) {
        std::fprintf(stderr, "wrong size of a constant in a test\n");
        std::abort();
    }
    return *value;
}

inline QString text(base::ByteView bytes)
{
    return QString::fromStdString(base::toHex(bytes));
}

/// Rows of tests/data/vectors/<name>: fields between bars; lines with a # are comments.
inline std::vector<std::vector<std::string>> vectors(const char* name)
{
    QFile file{ QStringLiteral(LOAM_TEST_DATA "/vectors/") + QString::fromLatin1(name) };
    std::vector<std::vector<std::string>> rows;
    if (!file.open(QIODevice::ReadOnly)) {
        return rows;
    }
    const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    for (const QString& line : lines) {
        if (line.isEmpty() || line.startsWith(QLatin1Char('#'))) {
            continue;
        }
        std::vector<std::string> fields;
        for (const QString& field : line.split(QLatin1Char('|'))) {
            fields.push_back(field.toStdString());
        }
        rows.push_back(std::move(fields));
    }
    return rows;
}

} // namespace loam::test

/// The result must hold a value; otherwise its message is shown.
#define LOAM_OK(result)                                                                            \
    do {                                                                                           \
        const auto& outcome_ = (result);                                                           \
        QVERIFY2(                                                                                  \
            outcome_.has_value(), outcome_.has_value() ? "" : outcome_.error().message.c_str());   \
    } while (false)
/// The result must be a failure with this code.
#define LOAM_FAILS(result, expected)                                                               \
    do {                                                                                           \
        const auto& outcome_ = (result);                                                           \
        QVERIFY2(!outcome_.has_value(), "succeeded unexpectedly");                                 \
        QCOMPARE(                                                                                  \
            QString::fromStdString(std::string{ ::loam::base::errcName(outcome_.error().code) }),  \
            QString::fromStdString(std::string{ ::loam::base::errcName(expected) }));              \
    } while (false)
