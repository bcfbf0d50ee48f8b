// SPDX-License-Identifier: GPL-3.0-or-later
#include "practice.h"

#include "base/file.h"

#include <QCoreApplication>
#include <QJsonDocument>

#include <algorithm>
#include <chrono>

namespace loam::daemon {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr int kMaxRestarts = 5;
    constexpr auto kCallTimeout = 120s;
    constexpr auto kJoinAgain = 200ms;
    constexpr qint64 kJoinPatienceMillis = 120'000;
    constexpr auto kCompareEvery = 300ms;
    constexpr int kMaxComparisons = 200;
    /// Longer than a round's window: a round that has lost a member still ends.
    constexpr auto kStall = 5min;
    QString text(const QJsonObject& object, const char* key)
    {
        return object.value(QLatin1String{ key }).toString();
    }

} // namespace

Practice::Practice(PracticeOptions options, std::filesystem::path root, QObject* parent)
    : QObject{ parent }
    , m_options{ std::move(options) }
    , m_root{ std::move(root) }
{
    m_poll.setInterval(kCompareEvery);
    connect(&m_poll, &QTimer::timeout, this, &Practice::compareNodes);
    m_stall.setInterval(kStall);
    m_stall.setSingleShot(true);
    connect(&m_stall, &QTimer::timeout, this, [this] {
        finish(false, tr("No node has done any work for 5 minutes; see the nodes' logs"));
    });
}

Practice::~Practice()
{
    endProcesses();
}

void Practice::start()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_root, ignored);
    m_clock.start();
    m_stall.start();
    QStringList folders;
    for (int index = 0; index < m_options.nodes; ++index) {
        auto child = std::make_unique<Child>();
        child->index = index;
        // The first node opens the run, so the last ones are those that misbehave.
        child->byzantine = index >= m_options.nodes - m_options.byzantine;
        child->home = QString::fromStdString((m_root / ("node" + std::to_string(index))).string());
        child->corpus = child->home + QStringLiteral("/corpus");
        folders.append(child->corpus);
        m_children.push_back(std::move(child));
    }
    report(QStringLiteral("text"), tr("Gathering text"));
    auto texts = writePracticeTexts(m_options.corpora, m_options.isPrivate, m_root, folders);
    if (!texts) {
        finish(false, QString::fromStdString(texts.error().message));
        return;
    }
    m_texts = std::move(*texts);
    report(QStringLiteral("start"), tr("Starting %n node(s)", nullptr, m_options.nodes));
    for (const auto& child : m_children) {
        if (auto prepared = prepareHome(*child); !prepared) {
            finish(false, QString::fromStdString(prepared.error().message));
            return;
        }
        launch(*child);
    }
    readIdentities();
}

void Practice::stop(const QString& reason)
{
    finish(false, reason);
}

base::Result<> Practice::prepareHome(Child& child)
{
    // Addresses of its own for each practice, so that two may run beside one another.
    const auto pid = static_cast<int>(QCoreApplication::applicationPid());
    const QString address = QStringLiteral("127.%1.%2.%3")
                                .arg(10 + pid % 200)
                                .arg(1 + pid / 200 % 250)
                                .arg(child.index + 1);
    const QJsonObject settings{
        { QStringLiteral("network"),
            QJsonObject{ { QStringLiteral("listen_interface"), address },
                { QStringLiteral("profile"), QStringLiteral("loopback") } } },
        { QStringLiteral("contribution"),
            QJsonObject{ { QStringLiteral("threads"), 1 },
                { QStringLiteral("device"), QStringLiteral("cpu") },
                { QStringLiteral("on_battery"), true } } },
    };
    const QByteArray document = QJsonDocument{ settings }.toJson();
    return base::writeFileAtomically(
        child.home.toStdString() + "/settings.json", base::asBytes(document.toStdString()));
}

void Practice::launch(Child& child)
{
    child.process = std::make_unique<QProcess>();
    QStringList arguments{ QStringLiteral("--home"), child.home,
        QStringLiteral("--die-with-parent") };
    if (child.byzantine) {
        arguments << QStringLiteral("--misbehave");
    }
    // The log goes to the node's own file; standard error would only fill a pipe nobody reads.
    child.process->setStandardErrorFile(QProcess::nullDevice());
    child.process->setStandardOutputFile(QProcess::nullDevice());
    connect(child.process.get(), &QProcess::finished, this,
        [this, &child](int code) { childEnded(child, code); });
    child.process->start(QCoreApplication::applicationFilePath(), arguments);
    if (child.client) {
        return;
    }
    child.client = std::make_unique<rpc::Client>();
    child.client->subscribe(
        { QStringLiteral("training"), QStringLiteral("round"), QStringLiteral("node") });
    connect(child.client.get(), &rpc::Client::notification, this,
        [this, &child](const QString& method, const QJsonObject& params) {
            handleNotification(child, method, params);
        });
    child.client->connectTo(child.home);
}

void Practice::childEnded(Child& child, int code)
{
    if (m_finished) {
        return;
    }
    if (m_run.isEmpty() || ++child.restarts > kMaxRestarts) {
        finish(false,
            tr("Node %1 ended unexpectedly with code %2; see %3/logs")
                .arg(child.index + 1)
                .arg(code)
                .arg(child.home));
        return;
    }
    report(m_phase, tr("Node %1 was killed; starting it again").arg(child.index + 1));
    // Deferred, because this runs inside a signal of the process object.
    child.process.release()->deleteLater();
    launch(child);
}

void Practice::readIdentities()
{
    callEach(
        QStringLiteral("node.status"), [](const Child&) { return QJsonObject{}; }, 0,
        [](Child& child, const QJsonObject& status) {
            child.status = status;
            child.id = text(status, "id");
        },
        [this] { createNetwork(); });
}

void Practice::createNetwork()
{
    report(QStringLiteral("network"), tr("Founding the network"));
    QJsonArray validators;
    for (const auto& child : m_children) {
        validators.append(child->id);
    }
    call(*m_children.front(), QStringLiteral("net.create"),
        { { QStringLiteral("name"), QStringLiteral("practice") },
            { QStringLiteral("validators"), validators }, { QStringLiteral("practice"), true } },
        [this](const QJsonObject& created) { joinNetwork(text(created, "invitation")); });
}

void Practice::joinNetwork(const QString& invitation)
{
    callEach(
        QStringLiteral("net.join"),
        [invitation](const Child&) {
            return QJsonObject{ { QStringLiteral("invitation"), invitation } };
        },
        1, [](Child&, const QJsonObject&) {}, [this] { openRun(); });
}

void Practice::openRun()
{
    report(QStringLiteral("model"), tr("Making the vocabulary and the first model"));
    const int nodes = m_options.nodes;
    QJsonObject request{ { QStringLiteral("name"), QStringLiteral("practice") },
        { QStringLiteral("corpora"), QJsonArray::fromStringList(m_texts.vocabulary) },
        { QStringLiteral("probe"), m_texts.probe }, { QStringLiteral("rounds"), m_options.rounds },
        { QStringLiteral("sparsity"), m_options.sparsity }, { QStringLiteral("join"), false },
        { QStringLiteral("members"), nodes },
        { QStringLiteral("quorum"), nodes - (nodes - 1) / 3 } };
    if (m_options.isPrivate) {
        report(QStringLiteral("model"),
            tr("Private lane, practice: groups of four or more; nothing here is private"));
        m_options.addPrivateTerms(request);
    }
    call(*m_children.front(), QStringLiteral("run.open"), request,
        [this](const QJsonObject& opened) {
            m_run = text(opened, "id");
            m_parameters = opened.value(QLatin1String{ "parameters" }).toInteger();
            joinRun();
        });
}

void Practice::joinRun()
{
    report(QStringLiteral("training"), tr("Training together"));
    for (const auto& child : m_children) {
        if (m_options.isPrivate) {
            giveConsent(*child);
        } else {
            joinRun(*child);
        }
    }
}

void Practice::joinRun(Child& child)
{
    QJsonObject params{ { QStringLiteral("run"), m_run } };
    if (!m_options.isPrivate) {
        params[QLatin1String{ "corpora" }] = QJsonArray{ child.corpus };
    }
    child.client->call(QStringLiteral("run.join"), params, this,
        [this, &child](const base::Result<QJsonObject>& joined) {
            if (m_finished) {
                return;
            }
            // The block that opened the run is on its way to this node.
            if (!joined && joined.error().code == Errc::NotFound
                && m_clock.elapsed() < kJoinPatienceMillis) {
                QTimer::singleShot(kJoinAgain, this, [this, &child] { joinRun(child); });
                return;
            }
            if (!joined) {
                fail(child, QStringLiteral("run.join"), joined.error());
                return;
            }
            call(child, QStringLiteral("contribute.on"), {}, [](const QJsonObject&) {});
        });
}

void Practice::fail(const Child& child, const QString& method, const base::Error& error)
{
    finish(false,
        tr("Node %1 failed at %2: %3")
            .arg(child.index + 1)
            .arg(method, QString::fromStdString(error.message)));
}

void Practice::handleNotification(Child& child, const QString& method, const QJsonObject& params)
{
    if (method == QLatin1String{ "training.progress" }) {
        m_stall.start();
        child.training = params;
        report(m_phase, {});
    } else if (method == QLatin1String{ "node.changed" }) {
        child.status = params;
    } else if (method == QLatin1String{ "round.closed" } && !child.byzantine) {
        m_reports[params.value(QLatin1String{ "round" }).toInt()][child.id] = params;
        completeRounds();
    }
}

void Practice::completeRounds()
{
    const auto honest = static_cast<std::size_t>(m_options.nodes - m_options.byzantine);
    for (auto found = m_reports.find(static_cast<int>(m_rounds.size()));
         found != m_reports.end() && found->second.size() == honest;
         found = m_reports.find(static_cast<int>(m_rounds.size()))) {
        QJsonObject sent;
        QJsonObject received;
        QJsonObject round = found->second.begin()->second;
        for (const auto& [id, own] : found->second) {
            sent[id] = own.value(QLatin1String{ "bytes_sent" });
            received[id] = own.value(QLatin1String{ "bytes_received" });
        }
        // People count from one, as the progress does.
        round[QLatin1String{ "round" }] = m_rounds.size() + 1;
        round[QLatin1String{ "bytes_sent" }] = sent;
        round[QLatin1String{ "bytes_received" }] = received;
        m_rounds.append(round);
        Q_EMIT roundClosed(round);
    }
    if (m_rounds.size() >= m_options.rounds && !m_poll.isActive() && !m_finished) {
        report(QStringLiteral("compare"), tr("Comparing the nodes"));
        m_poll.start();
    }
}

void Practice::compareNodes()
{
    if (++m_comparisons > kMaxComparisons) {
        finish(false, tr("The nodes do not agree on one log; see the nodes' heights and roots"));
        return;
    }
    std::set<std::tuple<qint64, QString, QString>> states;
    for (const auto& child : m_children) {
        child->client->call(QStringLiteral("node.status"), {}, this,
            [raw = child.get()](base::Result<QJsonObject> status) {
                if (status) {
                    raw->status = *status;
                }
            });
        if (!child->byzantine) {
            states.insert({ child->status.value(QLatin1String{ "height" }).toInteger(),
                text(child->status, "audit_root"), text(child->status, "params_hash") });
        }
    }
    // Two looks at least, so that no status from before the last round counts.
    const bool agreed = states.size() == 1 && !std::get<2>(*states.begin()).isEmpty();
    if (m_comparisons < 3 || !agreed) {
        return;
    }
    finish(true, {});
}

void Practice::finish(bool ok, const QString& error)
{
    if (m_finished) {
        return;
    }
    m_finished = true;
    m_poll.stop();
    m_stall.stop();
    QJsonArray nodes;
    double bytes = 0;
    for (const auto& child : m_children) {
        nodes.append(QJsonObject{ { QStringLiteral("id"), child->id },
            { QStringLiteral("role"),
                child->byzantine ? QStringLiteral("byzantine") : QStringLiteral("honest") },
            { QStringLiteral("height"), child->status.value(QLatin1String{ "height" }) },
            { QStringLiteral("audit_root"), child->status.value(QLatin1String{ "audit_root" }) },
            { QStringLiteral("params_hash"), child->status.value(QLatin1String{ "params_hash" }) },
            { QStringLiteral("balance"), child->status.value(QLatin1String{ "balance" }) } });
    }
    for (const QJsonValue& round : std::as_const(m_rounds)) {
        bytes += round.toObject().value(QLatin1String{ "update_bytes" }).toDouble();
    }
    QJsonObject report{ { QStringLiteral("ok"), ok },
        { QStringLiteral("seconds"), static_cast<double>(m_clock.elapsed()) / 1000.0 },
        { QStringLiteral("nodes"), nodes }, { QStringLiteral("rounds"), m_rounds } };
    if (m_parameters > 0 && !m_rounds.isEmpty()) {
        report[QLatin1String{ "parameters" }] = m_parameters;
        report[QLatin1String{ "bytes_per_parameter_sent" }]
            = bytes / static_cast<double>(m_rounds.size()) / static_cast<double>(m_parameters);
    }
    if (!error.isEmpty()) {
        report[QLatin1String{ "error" }] = error;
    }
    endProcesses();
    Q_EMIT finished(report);
}

void Practice::endProcesses()
{
    m_finished = true;
    for (const auto& child : m_children) {
        if (child->process) {
            child->process->terminate();
        }
    }
    for (const auto& child : m_children) {
        if (child->process && !child->process->waitForFinished(5000)) {
            child->process->kill();
            child->process->waitForFinished(1000);
        }
    }
}

void Practice::report(const QString& phase, const QString& message)
{
    m_phase = phase;
    QJsonArray nodes;
    for (const auto& child : m_children) {
        const bool running = child->process && child->process->state() == QProcess::Running;
        const int step = child->training.value(QLatin1String{ "step" }).toInt();
        const int steps = child->training.value(QLatin1String{ "steps" }).toInt();
        nodes.append(QJsonObject{ { QStringLiteral("id"), child->id },
            { QStringLiteral("role"),
                child->byzantine ? QStringLiteral("byzantine") : QStringLiteral("honest") },
            { QStringLiteral("step"), step }, { QStringLiteral("steps"), steps },
            { QStringLiteral("loss"), child->training.value(QLatin1String{ "loss" }) },
            { QStringLiteral("tokens_per_second"),
                child->training.value(QLatin1String{ "tokens_per_second" }) },
            { QStringLiteral("state"),
                !running           ? QStringLiteral("starting")
                    : step < steps ? QStringLiteral("training")
                                   : QStringLiteral("waiting") } });
    }
    Q_EMIT progress({ { QStringLiteral("phase"), phase }, { QStringLiteral("message"), message },
        { QStringLiteral("round"), static_cast<int>(m_rounds.size()) },
        { QStringLiteral("rounds"), m_options.rounds }, { QStringLiteral("nodes"), nodes } });
}

void Practice::callEach(const QString& method,
    const std::function<QJsonObject(const Child&)>& params, std::size_t first,
    const std::function<void(Child&, const QJsonObject&)>& each, Next next)
{
    auto left = std::make_shared<std::size_t>(m_children.size() - first);
    if (*left == 0) {
        next();
        return;
    }
    for (std::size_t i = first; i < m_children.size(); ++i) {
        Child& child = *m_children[i];
        call(child, method, params(child), [left, each, next, &child](const QJsonObject& result) {
            each(child, result);
            if (--*left == 0) {
                next();
            }
        });
    }
}

void Practice::call(Child& child, const QString& method, const QJsonObject& params,
    std::function<void(const QJsonObject&)> done)
{
    if (!child.client->isConnected()) {
        // The process is still starting; its first connection triggers the call.
        connect(
            child.client.get(), &rpc::Client::connected, this,
            [this, &child, method, params, done] { call(child, method, params, done); },
            Qt::SingleShotConnection);
        return;
    }
    child.client->call(
        method, params, this,
        [this, &child, method, done](base::Result<QJsonObject> result) {
            if (m_finished) {
                return;
            }
            if (!result) {
                fail(child, method, result.error());
                return;
            }
            done(*result);
        },
        kCallTimeout);
}

} // namespace loam::daemon
