// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "command_vm.h"
#include "records_model.h"

#include <QList>

namespace loam::desktop {

/// Models of the owner's own: adapters trained on his text, at home. What each is, how far it has
/// come, and what can be done with it.
class AdaptersVm final : public loam::desktop::CommandVm
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by DataVm")
    Q_PROPERTY(loam::desktop::RecordsModel* list READ list CONSTANT FINAL)
    /// Models that an adapter can be trained on.
    Q_PROPERTY(loam::desktop::RecordsModel* bases READ bases CONSTANT FINAL)

public:
    explicit AdaptersVm(NodeApi& node, QObject* parent = nullptr);

    RecordsModel* list() { return &m_list; }
    RecordsModel* bases() { return &m_bases; }

    /// Gives the consent for these sources and begins as soon as it may, or now.
    Q_INVOKABLE void train(
        const QString& name, const QString& model, const QList<int>& sources, int days, bool now);
    Q_INVOKABLE void start(const QString& adapter);
    Q_INVOKABLE void stop(const QString& adapter);
    Q_INVOKABLE void remove(const QString& adapter);
    /// A file that ends in .gguf, or else a folder in the manner of PEFT.
    Q_INVOKABLE void exportTo(const QString& adapter, const QUrl& place);
    /// The fields of one adapter, empty when there is none.
    Q_INVOKABLE QVariantMap record(const QString& adapter) const;

    Q_INVOKABLE QString stateWord(const QString& state) const;
    Q_INVOKABLE QString stateSymbol(const QString& state) const;
    /// One sentence: how far it is, why it waits, or what it has brought.
    Q_INVOKABLE QString line(const QVariantMap& adapter) const;
    /// How much less the text held back surprises the model now; empty before that is known.
    Q_INVOKABLE QString gain(double before, double after) const;

Q_SIGNALS:
    void changed();
    /// The wish stands; training begins by itself.
    void begun();

private:
    void load();
    void loadBases();
    void takeProgress(const QJsonObject& progress);
    /// A command about one adapter; `done` is the sentence when it succeeded.
    void change(const QString& method, const QJsonObject& params, const QString& done);

    RecordsModel m_list;
    RecordsModel m_bases;
};

} // namespace loam::desktop
