// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings_vm.h"

#include "logging.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QLibraryInfo>
#include <QLocale>
#include <QSaveFile>
#include <QStandardPaths>

#include <algorithm>

namespace loam::desktop {
namespace {

    const QString kTheme = QStringLiteral("theme");
    const QString kLanguage = QStringLiteral("language");
    const QString kTextScale = QStringLiteral("text_scale");
    const QString kOnboarded = QStringLiteral("onboarded");
    const QString kHidingExplained = QStringLiteral("hiding_explained");

    const QStringList& themes()
    {
        static const QStringList list{ QStringLiteral("system"), QStringLiteral("light"),
            QStringLiteral("dark"), QStringLiteral("contrast") };
        return list;
    }

    const QStringList& languages()
    {
        static const QStringList list{ QStringLiteral("system"), QStringLiteral("en"),
            QStringLiteral("de") };
        return list;
    }

    /// Quotes an argument of a desktop entry's Exec line.
    QString quoted(const QString& argument)
    {
        QString text = argument;
        for (const char special : { '\\', '"', '`', '$' }) {
            text.replace(QLatin1Char(special), QLatin1String("\\") + QLatin1Char(special));
        }
        text.replace(QLatin1Char('%'), QLatin1String("%%"));
        return QLatin1Char('"') + text + QLatin1Char('"');
    }

} // namespace

SettingsVm::SettingsVm(SystemLook& look, QString home, QString autostartFolder, QObject* parent)
    : QObject{ parent }
    , m_look{ look }
    , m_home{ std::move(home) }
    , m_autostartFolder{ std::move(autostartFolder) }
{
    if (m_autostartFolder.isEmpty()) {
        m_autostartFolder = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)
            + QLatin1String("/autostart");
    }
    connect(&m_look, &SystemLook::changed, this, &SettingsVm::changed);
    load();
    applyLanguage();
}

SettingsVm::~SettingsVm() = default;

QString SettingsVm::filePath() const
{
    return m_home + QLatin1String("/window.json");
}

void SettingsVm::load()
{
    QFile file(filePath());
    if (!file.exists()) {
        return;
    }
    QJsonParseError error;
    const QByteArray bytes = file.open(QIODevice::ReadOnly) ? file.read(1 << 20) : QByteArray();
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &error);
    if (!document.isObject()) {
        m_notice = tr("The window's settings could not be read; the defaults are in use.");
        return;
    }
    m_file = document.object();
    QStringList bad;
    const auto choice = [&](const QString& key, const QStringList& allowed, QString& target) {
        const QJsonValue value = m_file.value(key);
        if (allowed.contains(value.toString())) {
            target = value.toString();
        } else if (!value.isUndefined()) {
            bad.append(key);
        }
    };
    choice(kTheme, themes(), m_theme);
    choice(kLanguage, languages(), m_language);
    const double scale = m_file.value(kTextScale).toDouble(1.0);
    if (scale >= 1.0 && scale <= 1.5) {
        m_textScale = scale;
    } else {
        bad.append(kTextScale);
    }
    m_onboarded = m_file.value(kOnboarded).toBool(false);
    m_hidingExplained = m_file.value(kHidingExplained).toBool(false);
    if (!bad.isEmpty()) {
        m_notice = tr("Not understood in the window's settings, default in use: %1.")
                       .arg(bad.join(QLatin1String(", ")));
    }
}

void SettingsVm::save()
{
    m_file.insert(kTheme, m_theme);
    m_file.insert(kLanguage, m_language);
    m_file.insert(kTextScale, m_textScale);
    m_file.insert(kOnboarded, m_onboarded);
    m_file.insert(kHidingExplained, m_hidingExplained);
    QDir().mkpath(m_home);
    QSaveFile file(filePath());
    if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(m_file).toJson()) < 0
        || !file.commit()) {
        m_notice = tr("The window's settings could not be saved: %1.").arg(file.errorString());
        qCWarning(lcDesktop) << "cannot write" << filePath();
    }
    Q_EMIT changed();
}

void SettingsVm::setTheme(const QString& theme)
{
    if (theme != m_theme && themes().contains(theme)) {
        m_theme = theme;
        save();
    }
}

QString SettingsVm::effectiveTheme() const
{
    if (m_theme != QLatin1String("system")) {
        return m_theme;
    }
    return m_look.isDark() ? QStringLiteral("dark") : QStringLiteral("light");
}

void SettingsVm::setLanguage(const QString& language)
{
    if (language != m_language && languages().contains(language)) {
        m_language = language;
        applyLanguage();
        save();
        Q_EMIT languageChanged();
    }
}

void SettingsVm::applyLanguage()
{
    const QLocale locale
        = m_language == QLatin1String("system") ? QLocale::system() : QLocale(m_language);
    QLocale::setDefault(locale);
    for (QTranslator* translator : { &m_translator, &m_qtTranslator }) {
        if (!translator->isEmpty()) {
            QCoreApplication::removeTranslator(translator);
        }
    }
    // English is a translation too: it holds the plurals.
    const QString texts = QStringLiteral(":/loam/i18n");
    if (m_translator.load(locale, QStringLiteral("loam"), QStringLiteral("_"), texts)
        || m_translator.load(QStringLiteral("loam_en"), texts)) {
        QCoreApplication::installTranslator(&m_translator);
    }
    if (m_qtTranslator.load(locale, QStringLiteral("qtbase"), QStringLiteral("_"),
            QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(&m_qtTranslator);
    }
    QGuiApplication::setLayoutDirection(locale.textDirection());
}

void SettingsVm::setTextScale(double scale)
{
    const double bounded = std::clamp(scale, 1.0, 1.5);
    if (qFuzzyCompare(bounded, m_textScale)) {
        return;
    }
    m_textScale = bounded;
    save();
}

double SettingsVm::effectiveTextScale() const
{
    return std::max(m_textScale, m_look.textScale());
}

QString SettingsVm::autostartPath() const
{
    return m_autostartFolder + QLatin1String("/loam.desktop");
}

bool SettingsVm::hasAutostart() const
{
    return QFile::exists(autostartPath());
}

void SettingsVm::setAutostart(bool on)
{
    if (on == hasAutostart()) {
        return;
    }
    if (!on) {
        QFile::remove(autostartPath());
        Q_EMIT changed();
        return;
    }
    QDir().mkpath(m_autostartFolder);
    QSaveFile file(autostartPath());
    const QString entry = QStringLiteral("[Desktop Entry]\nType=Application\nName=Loam\n"
                                         "Exec=%1 --hidden --home %2\nIcon=loam\nTerminal=false\n")
                              .arg(quoted(QCoreApplication::applicationFilePath()), quoted(m_home));
    if (!file.open(QIODevice::WriteOnly) || file.write(entry.toUtf8()) < 0 || !file.commit()) {
        m_notice = tr("Loam could not be added to the programs that start with the computer: %1.")
                       .arg(file.errorString());
    }
    Q_EMIT changed();
}

void SettingsVm::setOnboarded(bool onboarded)
{
    if (m_onboarded != onboarded) {
        m_onboarded = onboarded;
        save();
    }
}

void SettingsVm::setHidingExplained(bool explained)
{
    if (m_hidingExplained != explained) {
        m_hidingExplained = explained;
        save();
    }
}

void SettingsVm::copy(const QString& text)
{
    QGuiApplication::clipboard()->setText(text);
}

QString SettingsVm::clipboard() const
{
    return QGuiApplication::clipboard()->text();
}

QUrl SettingsVm::documentFile(const QString& name) const
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QUrl::fromLocalFile(
        QDir(folder).exists() ? folder + QLatin1Char('/') + name : QDir::home().filePath(name));
}

} // namespace loam::desktop
