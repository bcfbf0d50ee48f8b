// SPDX-License-Identifier: GPL-3.0-or-later
#include "vocabulary.h"

#include <QCoreApplication>
#include <QHash>

namespace loam::desktop {
namespace {

    struct Row
    {
        const char* name;
        const char* words;
        const char* icon{ "" };
    };

    constexpr Row kStates[]{
        { "working", QT_TRANSLATE_NOOP("Format", "Working"), "activity" },
        { "waiting", QT_TRANSLATE_NOOP("Format", "Waiting"), "hourglass" },
        { "paused", QT_TRANSLATE_NOOP("Format", "Paused"), "circle-pause" },
        { "off", QT_TRANSLATE_NOOP("Format", "Off"), "power" },
        { "trouble", QT_TRANSLATE_NOOP("Format", "Trouble"), "triangle-alert" },
        { "training", QT_TRANSLATE_NOOP("Format", "Training"), "activity" },
        { "running", QT_TRANSLATE_NOOP("Format", "Running"), "activity" },
        { "starting", QT_TRANSLATE_NOOP("Format", "Starting"), "hourglass" },
        { "done", QT_TRANSLATE_NOOP("Format", "Done"), "circle-check" },
        { "failed", QT_TRANSLATE_NOOP("Format", "Failed"), "circle-x" },
    };

    constexpr Row kKinds[]{
        { "genesis", QT_TRANSLATE_NOOP("Format", "Network founded"), "sprout" },
        { "transferred", QT_TRANSLATE_NOOP("Format", "Transfer"), "send" },
        { "bonded", QT_TRANSLATE_NOOP("Format", "Bonded"), "lock" },
        { "unbonded", QT_TRANSLATE_NOOP("Format", "Bond released"), "lock-open" },
        { "node_registered", QT_TRANSLATE_NOOP("Format", "Node registered"), "ticket" },
        { "run_opened", QT_TRANSLATE_NOOP("Format", "Run opened"), "rocket" },
        { "run_joined", QT_TRANSLATE_NOOP("Format", "Run joined"), "log-in" },
        { "run_left", QT_TRANSLATE_NOOP("Format", "Run left"), "arrow-left" },
        { "run_ended", QT_TRANSLATE_NOOP("Format", "Run ended"), "circle-check" },
        { "round_opened", QT_TRANSLATE_NOOP("Format", "Round opened"), "play" },
        { "round_closed", QT_TRANSLATE_NOOP("Format", "Round closed"), "list-checks" },
        { "round_voided", QT_TRANSLATE_NOOP("Format", "Round void"), "ban" },
        { "update_submitted", QT_TRANSLATE_NOOP("Format", "Update submitted"), "upload" },
        { "update_accepted", QT_TRANSLATE_NOOP("Format", "Update accepted"), "circle-check" },
        { "update_refused", QT_TRANSLATE_NOOP("Format", "Update refused"), "circle-x" },
        { "reward", QT_TRANSLATE_NOOP("Format", "Reward"), "sprout" },
        { "reward_vested", QT_TRANSLATE_NOOP("Format", "Reward vested"), "lock-open" },
        { "vested", QT_TRANSLATE_NOOP("Format", "Vested"), "lock-open" },
        { "node_slashed", QT_TRANSLATE_NOOP("Format", "Penalty"), "ban" },
        { "slashed", QT_TRANSLATE_NOOP("Format", "Penalty"), "ban" },
        { "fees_collected", QT_TRANSLATE_NOOP("Format", "Fees collected"), "coins" },
        { "fee_income", QT_TRANSLATE_NOOP("Format", "Fees collected"), "coins" },
        { "fee", QT_TRANSLATE_NOOP("Format", "Fee"), "coins" },
        { "initial", QT_TRANSLATE_NOOP("Format", "First balance"), "sprout" },
        { "sent", QT_TRANSLATE_NOOP("Format", "Sent"), "arrow-up-right" },
        { "received", QT_TRANSLATE_NOOP("Format", "Received"), "arrow-down-left" },
        { "checkpoint", QT_TRANSLATE_NOOP("Format", "Checkpoint"), "layers" },
        { "transaction", QT_TRANSLATE_NOOP("Format", "Transaction"), "hash" },
        { "hash", QT_TRANSLATE_NOOP("Format", "Hash"), "hash" },
        { "weight", QT_TRANSLATE_NOOP("Format", "Weight"), "gauge" },
        { "share", QT_TRANSLATE_NOOP("Format", "Share"), "gauge" },
        { "loss_before", QT_TRANSLATE_NOOP("Format", "Loss before"), "activity" },
        { "loss_after", QT_TRANSLATE_NOOP("Format", "Loss afterwards"), "activity" },
        { "params", QT_TRANSLATE_NOOP("Format", "Model"), "layers" },
    };

    constexpr Row kRoles[]{
        { "honest", QT_TRANSLATE_NOOP("Format", "Honest"), "shield-check" },
        { "byzantine", QT_TRANSLATE_NOOP("Format", "Bad actor"), "user-x" },
        { "validator", QT_TRANSLATE_NOOP("Format", "Validator"), "shield-check" },
    };

    constexpr Row kPhases[]{
        { "text", QT_TRANSLATE_NOOP("Format", "Gathering texts") },
        { "start", QT_TRANSLATE_NOOP("Format", "Starting the nodes") },
        { "starting", QT_TRANSLATE_NOOP("Format", "Starting the nodes") },
        { "network", QT_TRANSLATE_NOOP("Format", "Founding the network") },
        { "model", QT_TRANSLATE_NOOP("Format", "Making the vocabulary and the first model") },
        { "training", QT_TRANSLATE_NOOP("Format", "Training together") },
        { "compare", QT_TRANSLATE_NOOP("Format", "Comparing the nodes") },
        { "stopping", QT_TRANSLATE_NOOP("Format", "Stopping and cleaning up") },
    };

    constexpr Row kReasons[]{
        { "contribution is switched off", QT_TRANSLATE_NOOP("Format", "Nothing of this computer is used") },
        { "you paused contribution", QT_TRANSLATE_NOOP("Format", "Paused by you") },
        { "the wallet is locked; unlock it to contribute",
            QT_TRANSLATE_NOOP("Format", "The wallet is locked") },
        { "no network yet; create or join one",
            QT_TRANSLATE_NOOP("Format", "No network joined yet") },
        { "no training run is open in this network",
            QT_TRANSLATE_NOOP("Format", "No run is open") },
        { "on battery; resumes on mains power", QT_TRANSLATE_NOOP("Format", "On battery") },
        { "the network connection is metered", QT_TRANSLATE_NOOP("Format", "Metered connection") },
        { "the processor is hot; resumes when it has cooled down",
            QT_TRANSLATE_NOOP("Format", "The processor is hot") },
        { "training with the network", QT_TRANSLATE_NOOP("Format", "Training with the network") },
        { "ok", QT_TRANSLATE_NOOP("Format", "Everything in order") },
        { "below_quorum", QT_TRANSLATE_NOOP("Format", "Too few updates arrived in time") },
        { "nothing_accepted", QT_TRANSLATE_NOOP("Format", "No update could be accepted") },
        { "double_vote", QT_TRANSLATE_NOOP("Format", "Voted twice for the same block") },
        { "double vote", QT_TRANSLATE_NOOP("Format", "Voted twice for the same block") },
        { "no update arrived", QT_TRANSLATE_NOOP("Format", "No update arrived") },
        { "update does not match its commitment",
            QT_TRANSLATE_NOOP("Format", "The update is not the one announced") },
        { "empty: every value is zero", QT_TRANSLATE_NOOP("Format", "The update is empty") },
        { "second update of this node",
            QT_TRANSLATE_NOOP("Format", "A second update of the same node") },
        { "parts of earlier rewards that were due",
            QT_TRANSLATE_NOOP("Format", "Parts of earlier rewards that were due") },
        { "initial balance of the genesis",
            QT_TRANSLATE_NOOP("Format", "First balance, set by the founder") },
        { "transfer", QT_TRANSLATE_NOOP("Format", "Transfer") },
        { "you stopped it", QT_TRANSLATE_NOOP("Format", "Stopped by you") },
        { "the grant was revoked", QT_TRANSLATE_NOOP("Format", "You ended the consent") },
        { "the grant has ended", QT_TRANSLATE_NOOP("Format", "The consent has ended") },
        { "a source of the grant was removed",
            QT_TRANSLATE_NOOP("Format", "You removed a source of it") },
        { "you have switched this kind of use off",
            QT_TRANSLATE_NOOP("Format", "You have switched this kind of use off") },
        { "the wallet is locked; unlock it to train",
            QT_TRANSLATE_NOOP("Format", "The wallet is locked") },
    };

    /// The idle rule names its minutes; the time of day that goes with it says more.
    constexpr QLatin1String kOwnerActive{ "you are using the computer" };

    using Index = QHash<QString, const Row*>;

    template <std::size_t N> Index indexOf(const Row (&rows)[N])
    {
        Index index;
        for (const Row& row : rows) {
            index.insert(QString::fromLatin1(row.name), &row);
        }
        return index;
    }

    const Row* find(Vocabulary vocabulary, const QString& name)
    {
        static const Index states = indexOf(kStates);
        static const Index kinds = indexOf(kKinds);
        static const Index roles = indexOf(kRoles);
        static const Index phases = indexOf(kPhases);
        static const Index reasons = indexOf(kReasons);
        QString key = name.toLower();
        switch (vocabulary) {
        case Vocabulary::State:
            return states.value(key);
        case Vocabulary::Kind:
            return kinds.value(key.replace(QLatin1Char('.'), QLatin1Char('_')));
        case Vocabulary::Role:
            return roles.value(key);
        case Vocabulary::Phase:
            return phases.value(key);
        case Vocabulary::Reason:
            return reasons.value(key);
        }
        return nullptr;
    }

    QString readable(const QString& name)
    {
        QString words = name;
        if (!words.contains(QLatin1Char(' '))) {
            words.replace(QLatin1Char('_'), QLatin1Char(' '))
                .replace(QLatin1Char('.'), QLatin1Char(' '));
        }
        if (!words.isEmpty()) {
            words[0] = words[0].toUpper();
        }
        return words;
    }

} // namespace

QString wordFor(Vocabulary vocabulary, const QString& name)
{
    if (const Row* row = find(vocabulary, name)) {
        return QCoreApplication::translate("Format", row->words);
    }
    if (vocabulary == Vocabulary::Reason && name.startsWith(kOwnerActive, Qt::CaseInsensitive)) {
        return QCoreApplication::translate("Format", "You are using the computer");
    }
    return readable(name);
}

QString iconFor(Vocabulary vocabulary, const QString& name)
{
    const Row* row = find(vocabulary, name);
    return QLatin1String(row == nullptr || *row->icon == '\0' ? "circle-dot" : row->icon);
}

} // namespace loam::desktop
