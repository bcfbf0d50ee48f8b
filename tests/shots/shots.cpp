// SPDX-License-Identifier: GPL-3.0-or-later
// Renders every page of the window with fixed figures and fails if one is blank or if QML warned.
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

#include <QApplication>
#include <QCommandLineParser>
#include <QDeadlineTimer>
#include <QDir>
#include <QImage>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QSet>
#include <QTemporaryDir>
#include <QTextStream>

#include <algorithm>
#include <functional>
#include <memory>

using namespace loam;

namespace {

QStringList warnings;

void collect(QtMsgType type, const QMessageLogContext&, const QString& text)
{
    if (type != QtDebugMsg && type != QtInfoMsg) {
        warnings.append(text);
    }
    QTextStream(stderr) << text << '\n';
}

/// Turns the event loop until `done` or the deadline; returns done().
bool waitFor(const std::function<bool()>& done)
{
    QDeadlineTimer deadline(10'000);
    while (!done() && !deadline.hasExpired()) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    }
    return done();
}

int colours(const QImage& picture)
{
    QSet<QRgb> seen;
    for (int y = 0; y < picture.height(); y += 2) {
        for (int x = 0; x < picture.width(); x += 2) {
            seen.insert(picture.pixel(x, y));
        }
    }
    return static_cast<int>(seen.size());
}

/// One window over one fake node.
class Stage
{
public:
    Stage(const QString& theme, const QString& language, double text, bool onboarded, bool network)
        : fake{ network }
    {
        settings.setTheme(theme);
        settings.setLanguage(language);
        settings.setTextScale(text);
        settings.setOnboarded(onboarded);
        desktop::setUpEngine(engine);
        engine.setInitialProperties(desktop::windowProperties(
            node, models, chat, api, wallet, audit, net, practice, data, settings));
        engine.load(QUrl(QStringLiteral("qrc:/qt/qml/Loam/Ui/Main.qml")));
        window = engine.rootObjects().isEmpty()
            ? nullptr
            : qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
    }

    void show(QSize size)
    {
        window->resize(size);
        window->show();
        waitFor([this] { return window->isExposed() && node.isKnown(); });
    }
    void open(const QString& page)
    {
        window->setProperty("currentPage", page);
        settle();
    }
    /// Scrolls the page until the item stands in its upper half.
    void reveal(const QString& name)
    {
        QQuickItem* const item = findIn(window->contentItem(), name);
        QQuickItem* flick = item;
        while (flick != nullptr && !flick->inherits("QQuickFlickable")) {
            flick = flick->parentItem();
        }
        if (flick == nullptr) {
            warnings.append(QStringLiteral("cannot scroll to %1").arg(name));
            return;
        }
        const double shown = item->mapToItem(flick, QPointF{}).y();
        const double most = flick->property("contentHeight").toDouble() - flick->height();
        flick->setProperty("contentY",
            std::clamp(flick->property("contentY").toDouble() + shown - flick->height() / 4, 0.0,
                std::max(0.0, most)));
        settle();
    }
    QObject* find(const QString& name) { return window->findChild<QObject*>(name); }
    void click(const QString& name)
    {
        QQuickItem* item = nullptr;
        waitFor([&] {
            item = findIn(window->contentItem(), name);
            return item != nullptr && item->isEnabled();
        });
        if (item == nullptr || !QMetaObject::invokeMethod(item, "clicked")) {
            warnings.append(QStringLiteral("cannot click %1").arg(name));
        }
        settle();
    }
    static QQuickItem* findIn(QQuickItem* item, const QString& name)
    {
        if (item->objectName() == name && item->isVisible()) {
            return item;
        }
        for (QQuickItem* child : item->childItems()) {
            if (QQuickItem* found = findIn(child, name)) {
                return found;
            }
        }
        return nullptr;
    }
    /// Lets answers, coalesced changes and animations come to rest.
    static void settle()
    {
        QDeadlineTimer rest(400);
        waitFor([&rest] { return rest.hasExpired(); });
    }

    QTemporaryDir home;
    tests::FakeNode fake;
    desktop::SystemLook look;
    desktop::SettingsVm settings{ look, home.path(), home.path() };
    desktop::NodeVm node{ fake, [] { return tests::FakeNode::kNow; } };
    desktop::ModelsVm models{ fake };
    desktop::ChatVm chat{ fake };
    desktop::ApiVm api{ fake };
    desktop::WalletVm wallet{ fake };
    desktop::AuditVm audit{ fake };
    desktop::NetworkVm net{ fake };
    desktop::PracticeVm practice{ fake };
    desktop::DataVm data{ fake };
    QQmlApplicationEngine engine;
    QQuickWindow* window{ nullptr };
};

} // namespace

int main(int argc, char* argv[])
{
    desktop::prepareApplication();
    QQuickWindow::setGraphicsApi(QSGRendererInterface::Software);
    QApplication app(argc, argv);
    QCommandLineParser arguments;
    arguments.addOptions({
        { QStringLiteral("out"), QString(), QStringLiteral("folder") },
        { QStringLiteral("theme"), QString(), QStringLiteral("name"), QStringLiteral("light") },
        { QStringLiteral("language"), QString(), QStringLiteral("code"), QStringLiteral("en") },
        { QStringLiteral("text"), QString(), QStringLiteral("factor"), QStringLiteral("1") },
        { QStringLiteral("size"), QString(), QStringLiteral("WxH"), QStringLiteral("1180x780") },
    });
    arguments.process(app);
    desktop::loadFonts();
    qInstallMessageHandler(collect);
    const QString theme = arguments.value(QStringLiteral("theme"));
    const QString language = arguments.value(QStringLiteral("language"));
    const double text = arguments.value(QStringLiteral("text")).toDouble();
    const QStringList sides = arguments.value(QStringLiteral("size")).split(QLatin1Char('x'));
    const QSize size(sides.value(0).toInt(), sides.value(1).toInt());
    const QString out = arguments.value(QStringLiteral("out"));
    int failures = 0;

    const auto shoot = [&](Stage& stage, const QString& name) {
        const QImage picture = stage.window->grabWindow();
        const bool isShown
            = !picture.isNull() && colours(picture) > (theme == QLatin1String("contrast") ? 8 : 24);
        if (!isShown) {
            QTextStream(stderr) << "blank: " << name << '\n';
            ++failures;
        }
        if (!out.isEmpty()) {
            QDir().mkpath(out);
            picture.save(QStringLiteral("%1/%2-%3-%4.png").arg(out, name, theme, language));
        }
    };
    {
        Stage stage(theme, language, text, false, false);
        if (stage.window == nullptr) {
            return 1;
        }
        stage.show(size);
        Stage::settle();
        shoot(stage, QStringLiteral("onboarding"));
        stage.settings.setOnboarded(true);
        for (const char* page :
            { "overview", "models", "chat", "data", "wallet", "audit", "network", "practice" }) {
            stage.open(QLatin1String(page));
            shoot(stage, QStringLiteral("empty-") + QLatin1String(page));
        }
        stage.open(QStringLiteral("network"));
        stage.click(QStringLiteral("networkJoin"));
        shoot(stage, QStringLiteral("join"));
    }
    {
        Stage stage(theme, language, text, true, true);
        stage.show(size);
        for (const char* page : { "overview", "models", "chat", "data", "wallet", "audit",
                 "network", "practice", "settings" }) {
            stage.open(QLatin1String(page));
            shoot(stage, QLatin1String(page));
        }
        stage.open(QStringLiteral("data"));
        stage.click(QStringLiteral("source0"));
        shoot(stage, QStringLiteral("data-files"));
        stage.click(QStringLiteral("file5"));
        shoot(stage, QStringLiteral("data-preview"));
        stage.click(QStringLiteral("previewSheetClose"));
        stage.click(QStringLiteral("filesSheetClose"));
        stage.click(QStringLiteral("openGrant"));
        shoot(stage, QStringLiteral("data-grant"));
        stage.click(QStringLiteral("grantSheetClose"));
        stage.click(QStringLiteral("openTrain"));
        shoot(stage, QStringLiteral("data-train"));
        stage.click(QStringLiteral("trainSheetClose"));
        stage.click(QStringLiteral("adapter1"));
        shoot(stage, QStringLiteral("data-adapter"));
        stage.click(QStringLiteral("adapterSheetClose"));
        stage.reveal(QStringLiteral("meterCard"));
        shoot(stage, QStringLiteral("data-meter"));
        stage.fake.data().setLeaking(true);
        stage.click(QStringLiteral("measure"));
        waitFor([&] { return stage.data.meter()->light() == QLatin1String("red"); });
        shoot(stage, QStringLiteral("data-meter-red"));
        stage.open(QStringLiteral("settings"));
        stage.api.setOn(true);
        Stage::settle();
        shoot(stage, QStringLiteral("api"));
        stage.click(QStringLiteral("openWords"));
        stage.click(QStringLiteral("showWords"));
        shoot(stage, QStringLiteral("words"));
        stage.open(QStringLiteral("wallet"));
        waitFor([&] { return stage.wallet.history()->isReady(); });
        stage.click(QStringLiteral("openSend"));
        shoot(stage, QStringLiteral("send"));
        QMetaObject::invokeMethod(
            Stage::findIn(stage.window->contentItem(), QStringLiteral("walletPage")), "openPayment",
            Q_ARG(int, 0));
        Stage::settle();
        shoot(stage, QStringLiteral("payment"));
        stage.open(QStringLiteral("audit"));
        waitFor([&] { return stage.audit.log()->isReady(); });
        QMetaObject::invokeMethod(
            Stage::findIn(stage.window->contentItem(), QStringLiteral("auditPage")), "openEntry",
            Q_ARG(int, 1));
        Stage::settle();
        stage.click(QStringLiteral("verify"));
        shoot(stage, QStringLiteral("verified"));
        stage.open(QStringLiteral("network"));
        stage.click(QStringLiteral("invite"));
        shoot(stage, QStringLiteral("invitation"));
        stage.open(QStringLiteral("models"));
        stage.models.importFrom(
            QUrl(QStringLiteral("file:///tmp/gemma-3-4b-it-Q4_K_M.gguf")), false);
        Stage::settle();
        stage.fake.playImport(false);
        QMetaObject::invokeMethod(
            Stage::findIn(stage.window->contentItem(), QStringLiteral("modelsPage")), "openModel",
            Q_ARG(QString, QStringLiteral("qwen2.5-1.5b-3f9a01c2")));
        Stage::settle();
        shoot(stage, QStringLiteral("importing"));
        stage.open(QStringLiteral("chat"));
        stage.chat.open(QStringLiteral("7"));
        Stage::settle();
        stage.chat.send(QStringLiteral("And on bare ground, under the old walnut tree?"));
        Stage::settle();
        stage.fake.playAnswer(false);
        Stage::settle();
        shoot(stage, QStringLiteral("chatting"));
        stage.open(QStringLiteral("practice"));
        stage.practice.start(4, 5, 1);
        stage.fake.playPractice(false);
        Stage::settle();
        shoot(stage, QStringLiteral("practising"));
        stage.fake.playPractice(true);
        Stage::settle();
        shoot(stage, QStringLiteral("practised"));
        stage.open(QStringLiteral("overview"));
        stage.fake.setConnected(false);
        Stage::settle();
        shoot(stage, QStringLiteral("trouble"));
    }
    for (const QString& warning : std::as_const(warnings)) {
        QTextStream(stderr) << "warned: " << warning << '\n';
    }
    return failures > 0 || !warnings.isEmpty() ? 1 : 0;
}
