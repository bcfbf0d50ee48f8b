// SPDX-License-Identifier: GPL-3.0-or-later
#include "command_vm.h"

#include "text_file.h"

namespace loam::desktop {

CommandVm::CommandVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
{
}

void CommandVm::setState(State state, const QString& error, const QString& done)
{
    m_state = state;
    m_errorText = error;
    m_doneText = done;
    Q_EMIT stateChanged();
}

void CommandVm::command(const QString& method, const QJsonObject& params, Handler done)
{
    setState(Busy);
    m_node.call(method, params, this, [this, done = std::move(done)](const NodeReply& reply) {
        if (!reply.isOk()) {
            setState(Failed, reply.error);
            return;
        }
        setState(Idle);
        done(reply.result);
    });
}

void CommandVm::saveAs(const QUrl& file, const QString& text)
{
    const QString error = saveText(file, text);
    if (error.isEmpty()) {
        setState(Idle, {}, tr("Saved as %1.").arg(file.fileName()));
    } else {
        setState(Failed, error);
    }
}

} // namespace loam::desktop
