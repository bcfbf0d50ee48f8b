// SPDX-License-Identifier: GPL-3.0-or-later
#include "wallet_vm.h"

#include "format.h"

#include <QJsonArray>

namespace loam::desktop {

WalletVm::WalletVm(NodeApi& node, QObject* parent)
    : CommandVm{ node, parent }
    , m_history{ node }
{
    connect(&node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            load();
        }
    });
    connect(&node, &NodeApi::notified, this, [this](const QString& topic) {
        if (topic == QLatin1String("wallet.changed")) {
            load();
        }
    });
    if (node.isConnected()) {
        load();
    }
}

void WalletVm::load()
{
    node().call(QStringLiteral("wallet.status"), {}, this, [this](const NodeReply& reply) {
        if (!reply.isOk()) {
            return;
        }
        m_exists = reply.result.value(QStringLiteral("exists")).toBool(true);
        m_locked = reply.result.value(QStringLiteral("locked")).toBool();
        m_hasPassphrase = reply.result.value(QStringLiteral("has_passphrase")).toBool(true);
        m_address = reply.result.value(QStringLiteral("address")).toString();
        Q_EMIT walletChanged();
    });
    node().call(QStringLiteral("wallet.balance"), {}, this, [this](const NodeReply& reply) {
        if (!reply.isOk()) {
            return;
        }
        m_balance = reply.result.value(QStringLiteral("balance")).toString(QStringLiteral("0"));
        m_vesting = reply.result.value(QStringLiteral("vesting")).toString(QStringLiteral("0"));
        Q_EMIT walletChanged();
    });
}

void WalletVm::send(const QString& to, const QString& typedAmount, const QString& memo)
{
    const QString amount = Format::amountFromInput(typedAmount);
    if (amount.isEmpty() || Format::isZero(amount)) {
        setState(Failed, tr("The amount must be a number above zero, at most six decimals."));
        return;
    }
    command(QStringLiteral("wallet.send"),
        { { QStringLiteral("to"), to.trimmed() }, { QStringLiteral("amount"), amount },
            { QStringLiteral("memo"), memo } },
        [this, amount](const QJsonObject& result) {
            setState(Idle, {}, tr("%1 are on their way.").arg(Format::amountWithUnit(amount)));
            load();
            m_history.refresh();
            Q_EMIT paymentSent(result.value(QStringLiteral("transaction")).toString());
        });
}

void WalletVm::unlock(const QString& passphrase)
{
    command(QStringLiteral("wallet.unlock"), { { QStringLiteral("passphrase"), passphrase } },
        [this](const QJsonObject&) {
            load();
            Q_EMIT unlocked();
        });
}

void WalletVm::changePassphrase(const QString& before, const QString& after)
{
    command(QStringLiteral("wallet.passphrase"),
        { { QStringLiteral("old"), before }, { QStringLiteral("new"), after } },
        [this](const QJsonObject&) {
            load();
            setState(Idle, {}, tr("The passphrase is changed."));
            Q_EMIT passphraseChanged();
        });
}

void WalletVm::showWords(const QString& passphrase)
{
    command(QStringLiteral("wallet.words"), { { QStringLiteral("passphrase"), passphrase } },
        [this](const QJsonObject& result) {
            const QJsonValue words = result.value(QStringLiteral("words"));
            m_words = words.isArray()
                ? namesFrom(words)
                : words.toString().split(QLatin1Char(' '), Qt::SkipEmptyParts);
            Q_EMIT wordsChanged();
        });
}

void WalletVm::hideWords()
{
    for (QString& word : m_words) {
        word.fill(QLatin1Char(' '));
    }
    m_words.clear();
    Q_EMIT wordsChanged();
}

void WalletVm::exportCsv(const QUrl& file)
{
    command(QStringLiteral("wallet.export"), {}, [this, file](const QJsonObject& result) {
        saveAs(file, result.value(QStringLiteral("csv")).toString());
    });
}

} // namespace loam::desktop
