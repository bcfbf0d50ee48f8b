// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "system_look.h"

#include <QJsonObject>
#include <QObject>
#include <QQmlEngine>
#include <QTranslator>
#include <QUrl>

namespace loam::desktop {

/// The window's own settings: one JSON file, written whole; unknown keys are kept, bad values fall
/// back to the default and are named in `notice`.
class SettingsVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    /// system, light, dark or contrast: what the owner chose.
    Q_PROPERTY(QString theme READ theme WRITE setTheme NOTIFY changed FINAL)
    /// light, dark or contrast: what is shown.
    Q_PROPERTY(QString effectiveTheme READ effectiveTheme NOTIFY changed FINAL)
    /// system, or a code such as "de".
    Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY changed FINAL)
    Q_PROPERTY(double textScale READ textScale WRITE setTextScale NOTIFY changed FINAL)
    Q_PROPERTY(double effectiveTextScale READ effectiveTextScale NOTIFY changed FINAL)
    Q_PROPERTY(bool lessMotion READ wantsLessMotion NOTIFY changed FINAL)
    Q_PROPERTY(bool autostart READ hasAutostart WRITE setAutostart NOTIFY changed FINAL)
    Q_PROPERTY(bool onboarded READ isOnboarded WRITE setOnboarded NOTIFY changed FINAL)
    Q_PROPERTY(QString notice READ notice NOTIFY changed FINAL)
    Q_PROPERTY(QString home READ home CONSTANT FINAL)

public:
    /// `home` is the folder of the node, `autostartFolder` where desktop entries start programs
    /// (empty: $XDG_CONFIG_HOME/autostart). `look` outlives the view model.
    SettingsVm(
        SystemLook& look, QString home, QString autostartFolder = {}, QObject* parent = nullptr);
    ~SettingsVm() override;

    QString theme() const { return m_theme; }
    void setTheme(const QString& theme);
    QString effectiveTheme() const;
    QString language() const { return m_language; }
    void setLanguage(const QString& language);
    double textScale() const { return m_textScale; }
    void setTextScale(double scale);
    double effectiveTextScale() const;
    bool wantsLessMotion() const { return m_look.wantsLessMotion(); }
    bool hasAutostart() const;
    void setAutostart(bool on);
    bool isOnboarded() const { return m_onboarded; }
    void setOnboarded(bool onboarded);
    /// Whether the owner has been told that closing the window leaves the node working.
    bool isHidingExplained() const { return m_hidingExplained; }
    void setHidingExplained(bool explained);
    QString notice() const { return m_notice; }
    QString home() const { return m_home; }

    /// Puts text on the clipboard.
    Q_INVOKABLE void copy(const QString& text);
    /// Text on the clipboard, for "paste" buttons.
    Q_INVOKABLE QString clipboard() const;
    /// A file of that name in the owner's documents, as a proposal where to save.
    Q_INVOKABLE QUrl documentFile(const QString& name) const;

Q_SIGNALS:
    void changed();
    /// Translations and number formats are the new language's now.
    void languageChanged();

private:
    void load();
    void save();
    void applyLanguage();
    QString filePath() const;
    QString autostartPath() const;

    SystemLook& m_look;
    QString m_home;
    QString m_autostartFolder;
    QJsonObject m_file;
    QString m_theme{ QStringLiteral("system") };
    QString m_language{ QStringLiteral("system") };
    double m_textScale{ 1.0 };
    bool m_onboarded{ false };
    bool m_hidingExplained{ false };
    QString m_notice;
    QTranslator m_translator;
    QTranslator m_qtTranslator;
};

} // namespace loam::desktop
