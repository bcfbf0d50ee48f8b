// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "audit_log_model.h"
#include "command_vm.h"

#include <QStringList>

namespace loam::desktop {

/// Balance, payments and keys of this node's account. Amounts are text throughout.
class WalletVm final : public loam::desktop::CommandVm
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(bool exists READ exists NOTIFY walletChanged FINAL)
    Q_PROPERTY(bool locked READ isLocked NOTIFY walletChanged FINAL)
    Q_PROPERTY(bool hasPassphrase READ hasPassphrase NOTIFY walletChanged FINAL)
    Q_PROPERTY(QString address READ address NOTIFY walletChanged FINAL)
    Q_PROPERTY(QString balance READ balance NOTIFY walletChanged FINAL)
    Q_PROPERTY(QString vesting READ vesting NOTIFY walletChanged FINAL)
    Q_PROPERTY(loam::desktop::WalletHistoryModel* history READ history CONSTANT FINAL)
    /// The 24 words while they are shown, else empty.
    Q_PROPERTY(QStringList words READ words NOTIFY wordsChanged FINAL)

public:
    explicit WalletVm(NodeApi& node, QObject* parent = nullptr);

    bool exists() const { return m_exists; }
    bool isLocked() const { return m_locked; }
    bool hasPassphrase() const { return m_hasPassphrase; }
    QString address() const { return m_address; }
    QString balance() const { return m_balance; }
    QString vesting() const { return m_vesting; }
    WalletHistoryModel* history() { return &m_history; }
    QStringList words() const { return m_words; }

    /// `typedAmount` is what the owner typed, in the notation of the language.
    Q_INVOKABLE void send(const QString& to, const QString& typedAmount, const QString& memo);
    Q_INVOKABLE void unlock(const QString& passphrase);
    Q_INVOKABLE void changePassphrase(const QString& before, const QString& after);
    Q_INVOKABLE void showWords(const QString& passphrase);
    Q_INVOKABLE void hideWords();
    Q_INVOKABLE void exportCsv(const QUrl& file);

Q_SIGNALS:
    void walletChanged();
    void wordsChanged();
    /// A payment was taken over by the node.
    void paymentSent(const QString& transaction);
    void unlocked();
    void passphraseChanged();

private:
    void load();

    WalletHistoryModel m_history;
    bool m_exists{ true };
    bool m_locked{ false };
    bool m_hasPassphrase{ true };
    QString m_address;
    QString m_balance{ QStringLiteral("0") };
    QString m_vesting{ QStringLiteral("0") };
    QStringList m_words;
};

} // namespace loam::desktop
