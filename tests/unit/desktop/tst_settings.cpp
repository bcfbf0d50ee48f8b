// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings_vm.h"

#include <QFile>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace loam::desktop;

class TestSettings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void areKept()
    {
        QTemporaryDir home;
        {
            SettingsVm settings(m_look, home.path(), home.path());
            QVERIFY(!settings.isOnboarded());
            settings.setTheme(QStringLiteral("contrast"));
            settings.setLanguage(QStringLiteral("de"));
            settings.setTextScale(1.25);
            settings.setOnboarded(true);
            settings.setTheme(QStringLiteral("no such theme"));
        }
        const SettingsVm again(m_look, home.path(), home.path());
        QCOMPARE(again.theme(), QStringLiteral("contrast"));
        QCOMPARE(again.effectiveTheme(), QStringLiteral("contrast"));
        QCOMPARE(again.language(), QStringLiteral("de"));
        QCOMPARE(again.textScale(), 1.25);
        QVERIFY(again.isOnboarded());
        QVERIFY(again.notice().isEmpty());
    }

    void badValuesFallBackAndUnknownOnesStay()
    {
        QTemporaryDir home;
        const QString path = home.filePath(QStringLiteral("window.json"));
        write(path, R"({"theme": "pink", "text_scale": 9, "from_the_future": [1, 2]})");
        SettingsVm settings(m_look, home.path(), home.path());
        QCOMPARE(settings.theme(), QStringLiteral("system"));
        QVERIFY(settings.notice().contains(QStringLiteral("theme")));
        QVERIFY(settings.notice().contains(QStringLiteral("text_scale")));
        settings.setTheme(QStringLiteral("dark"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject saved = QJsonDocument::fromJson(file.readAll()).object();
        QVERIFY(saved.contains(QStringLiteral("from_the_future")));
        QCOMPARE(saved.value(QStringLiteral("theme")).toString(), QStringLiteral("dark"));
    }

    void rubbishIsSurvived()
    {
        QTemporaryDir home;
        write(home.filePath(QStringLiteral("window.json")), "{not json");
        const SettingsVm settings(m_look, home.path(), home.path());
        QCOMPARE(settings.theme(), QStringLiteral("system"));
        QVERIFY(!settings.notice().isEmpty());
    }

    void autostartIsADesktopEntry()
    {
        QTemporaryDir home;
        SettingsVm settings(m_look, home.filePath(QStringLiteral("a \"b\"")), home.path());
        QVERIFY(!settings.hasAutostart());
        settings.setAutostart(true);
        QVERIFY(settings.hasAutostart());
        QFile file(home.filePath(QStringLiteral("loam.desktop")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray entry = file.readAll();
        QVERIFY2(entry.contains("--hidden --home \"") && entry.contains("a \\\"b\\\"\""),
            entry.constData());
        settings.setAutostart(false);
        QVERIFY(!settings.hasAutostart());
    }

    void languageIsAnnouncedAfterItsTextsAreIn()
    {
        QTemporaryDir home;
        SettingsVm settings(m_look, home.path(), home.path());
        settings.setLanguage(QStringLiteral("en"));
        QSignalSpy changed(&settings, &SettingsVm::languageChanged);
        settings.setLanguage(QStringLiteral("de"));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(QCoreApplication::translate("Format", "Working"), QStringLiteral("Arbeitet"));
        QCOMPARE(QLocale().decimalPoint(), QStringLiteral(","));
        settings.setLanguage(QStringLiteral("en"));
        QCOMPARE(QCoreApplication::translate("Format", "Working"), QStringLiteral("Working"));
    }

    void pluralsAreThereInEveryLanguage()
    {
        QTemporaryDir home;
        // Whatever the system speaks: where there is no translation English stands in.
        const SettingsVm settings(m_look, home.path(), home.path());
        const QString one = QCoreApplication::translate(
            "ModelsPage", "%n model(s) on this computer and in the network's runs", nullptr, 1);
        QVERIFY2(one.startsWith(QStringLiteral("1 ")) && !one.contains(QLatin1Char('(')),
            qPrintable(one));
    }

private:
    static void write(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    SystemLook m_look;
};

QTEST_MAIN(TestSettings)
#include "tst_settings.moc"
