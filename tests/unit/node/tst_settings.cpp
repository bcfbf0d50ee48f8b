// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "node/settings.h"

#include <QJsonDocument>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;

class TestSettings : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::filesystem::path file() const
    {
        return std::filesystem::path{ m_folder.path().toStdString() } / "settings.json";
    }
    void write(const char* text) const
    {
        QVERIFY(base::writeFileAtomically(file(), base::asBytes(text)));
    }

private Q_SLOTS:
    void aMissingFileMeansDefaults()
    {
        const auto settings = node::Settings::load("/nonexistent/settings.json");
        QVERIFY(settings);
        QVERIFY(!settings->contribution.on);
        QCOMPARE(settings->network.profile, std::string{ "public" });
    }

    void survivesARoundTripWithUnknownKeys()
    {
        write(R"({"theme":"dark","contribution":{"on":true,"idle_minutes":7,"later":1}})");
        auto settings = node::Settings::load(file());
        QVERIFY(settings);
        QVERIFY(settings->contribution.on);
        QVERIFY(settings->contribution.idleFor == std::chrono::minutes{ 7 });
        settings->corpora = { "/a/b" };
        settings->api = { .on = true, .port = 4100, .keyHash = "ab" };
        QVERIFY(settings->save(file()));
        const auto bytes = base::readFile(file(), 1 << 20);
        QVERIFY(bytes);
        const QJsonObject document = QJsonDocument::fromJson(
            QByteArray::fromStdString(std::string{ base::asText(*bytes) }))
                                         .object();
        QCOMPARE(document.value(QLatin1String{ "theme" }).toString(), QStringLiteral("dark"));
        QCOMPARE(document.value(QLatin1String{ "contribution" })
                     .toObject()
                     .value(QLatin1String{ "later" })
                     .toInt(),
            1);
        const auto again = node::Settings::load(file());
        QVERIFY(again);
        QCOMPARE(again->corpora.size(), std::size_t{ 1 });
        QVERIFY(again->api.on);
        QCOMPARE(again->api.port, 4100);
        QCOMPARE(again->api.keyHash, std::string{ "ab" });
    }

    void badValuesFallBackAndAreNamed()
    {
        write(R"({"contribution":{"on":"yes","idle_minutes":-4},"network":{"profile":"moon"}})");
        const auto settings = node::Settings::load(file());
        QVERIFY(settings);
        QVERIFY(!settings->contribution.on);
        QCOMPARE(settings->network.profile, std::string{ "public" });
        QCOMPARE(settings->notices().size(), std::size_t{ 3 });
        QVERIFY(settings->notices().front().find("contribution.on") != std::string::npos);
    }

    void brokenJsonIsAnErrorWithTheRemedy()
    {
        write("{\"contribution\":");
        const auto settings = node::Settings::load(file());
        QVERIFY(!settings);
        QCOMPARE(settings.error().code, base::Errc::Corrupt);
        QVERIFY(settings.error().message.find("delete it") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
