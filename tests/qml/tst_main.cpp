// SPDX-License-Identifier: GPL-3.0-or-later
#include "api_vm.h"
#include "audit_vm.h"
#include "chat_vm.h"
#include "data_vm.h"
#include "fake_node.h"
#include "models_vm.h"
#include "network_vm.h"
#include "node_vm.h"
#include "practice_vm.h"
#include "settings_vm.h"
#include "wallet_vm.h"
#include "window_engine.h"

#include <QAccessible>
#include <QGuiApplication>
#include <QPointer>
#include <QQmlEngine>
#include <QQuickItem>
#include <QTemporaryDir>
#include <QtQuickTest/quicktest.h>

#include <memory>

namespace loam::tests {

/// View models over a fake node, made anew for each test function by reset().
class Bench : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QObject* fake READ fake NOTIFY changed)
    Q_PROPERTY(QObject* node READ node NOTIFY changed)
    Q_PROPERTY(QObject* models READ models NOTIFY changed)
    Q_PROPERTY(QObject* chat READ chat NOTIFY changed)
    Q_PROPERTY(QObject* api READ api NOTIFY changed)
    Q_PROPERTY(QObject* wallet READ wallet NOTIFY changed)
    Q_PROPERTY(QObject* audit READ audit NOTIFY changed)
    Q_PROPERTY(QObject* network READ network NOTIFY changed)
    Q_PROPERTY(QObject* practice READ practice NOTIFY changed)
    Q_PROPERTY(QObject* data READ data NOTIFY changed)
    Q_PROPERTY(QObject* settings READ settings NOTIFY changed)

public:
    struct Parts
    {
        QTemporaryDir home;
        FakeNode fake;
        desktop::SystemLook look;
        desktop::SettingsVm settings{ look, home.path(), home.path() };
        desktop::NodeVm node{ fake, [] { return FakeNode::kNow; } };
        desktop::ModelsVm models{ fake };
        desktop::ChatVm chat{ fake };
        desktop::ApiVm api{ fake };
        desktop::WalletVm wallet{ fake };
        desktop::AuditVm audit{ fake };
        desktop::NetworkVm network{ fake };
        desktop::PracticeVm practice{ fake };
        desktop::DataVm data{ fake };

        explicit Parts(bool hasNetwork)
            : fake{ hasNetwork }
        {
        }
    };

    QObject* fake() { return m_parts ? &m_parts->fake : nullptr; }
    QObject* node() { return m_parts ? &m_parts->node : nullptr; }
    QObject* models() { return m_parts ? &m_parts->models : nullptr; }
    QObject* chat() { return m_parts ? &m_parts->chat : nullptr; }
    QObject* api() { return m_parts ? &m_parts->api : nullptr; }
    QObject* wallet() { return m_parts ? &m_parts->wallet : nullptr; }
    QObject* audit() { return m_parts ? &m_parts->audit : nullptr; }
    QObject* network() { return m_parts ? &m_parts->network : nullptr; }
    QObject* practice() { return m_parts ? &m_parts->practice : nullptr; }
    QObject* data() { return m_parts ? &m_parts->data : nullptr; }
    QObject* settings() { return m_parts ? &m_parts->settings : nullptr; }

    Q_INVOKABLE void reset(bool hasNetwork, bool onboarded)
    {
        m_parts = std::make_unique<Parts>(hasNetwork);
        connect(&m_parts->settings, &desktop::SettingsVm::languageChanged, this, [this] {
            if (m_engine != nullptr) {
                m_engine->retranslate();
            }
        });
        m_parts->settings.setLanguage(QStringLiteral("en"));
        m_parts->settings.setTheme(QStringLiteral("light"));
        m_parts->settings.setOnboarded(onboarded);
        Q_EMIT changed();
    }
    void setEngine(QQmlEngine* engine) { m_engine = engine; }
    Q_INVOKABLE void setConnected(bool connected) { m_parts->fake.setConnected(connected); }
    Q_INVOKABLE void playImport(bool toTheEnd) { m_parts->fake.playImport(toTheEnd); }
    Q_INVOKABLE void playAnswer(bool toTheEnd) { m_parts->fake.playAnswer(toTheEnd); }
    Q_INVOKABLE void playPractice(bool toTheEnd) { m_parts->fake.playPractice(toTheEnd); }
    /// The visible item of that name below `root`, through all children.
    Q_INVOKABLE QQuickItem* find(QQuickItem* root, const QString& name) const
    {
        if (root == nullptr || !root->isVisible()) {
            return nullptr;
        }
        if (root->objectName() == name) {
            return root;
        }
        for (QQuickItem* child : root->childItems()) {
            if (QQuickItem* found = find(child, name)) {
                return found;
            }
        }
        return nullptr;
    }

    /// Visible items that take the keyboard but have no name for a screen reader.
    Q_INVOKABLE QStringList unnamed(QQuickItem* root) const
    {
        QStringList found;
        if (!root->isVisible() || !root->isEnabled()) {
            return found;
        }
        const QAccessibleInterface* face = QAccessible::queryAccessibleInterface(root);
        if (root->activeFocusOnTab()
            && (face == nullptr || face->text(QAccessible::Name).isEmpty())) {
            found.append(QLatin1String(root->metaObject()->className()) + QLatin1Char(' ')
                + root->objectName());
        }
        for (QQuickItem* child : root->childItems()) {
            found += unnamed(child);
        }
        return found;
    }

Q_SIGNALS:
    void changed();

private:
    QPointer<QQmlEngine> m_engine;
    std::unique_ptr<Parts> m_parts;
};

class Setup : public QObject
{
    Q_OBJECT

public Q_SLOTS:
    void applicationAvailable()
    {
        desktop::prepareApplication();
        desktop::loadFonts();
    }
    void qmlEngineAvailable(QQmlEngine* engine)
    {
        desktop::setUpEngine(*engine);
        qmlRegisterSingletonInstance("Loam.Test", 1, 0, "Bench", &m_bench);
        m_bench.setEngine(engine);
    }

private:
    Bench m_bench;
};

} // namespace loam::tests

QUICK_TEST_MAIN_WITH_SETUP(window, loam::tests::Setup)
#include "tst_main.moc"
