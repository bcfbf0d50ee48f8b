// SPDX-License-Identifier: GPL-3.0-or-later
// The node's models: which one a name means, and what the owner lets other programs do with them.
#include "node/node.h"

namespace loam::node {

using base::Errc;

namespace {

    constexpr std::size_t kShortestRunId = 4;

} // namespace

base::Result<> Node::openAdapters()
{
    TRY_ASSIGN(m_adapters,
        HomeAdapterService::open({ .home = m_options.home,
            .identity = m_identity,
            .data = *m_data,
            .program = m_options.workerProgram,
            .means = [this] { return m_device.means(); },
            .trainedOn
            = [this](const std::string& device,
                  const base::Result<QJsonObject>& outcome) { m_device.note(device, outcome); },
            .findModel = [this](std::string_view model) { return servedModel(model); },
            .unload = [this](const std::string& id) { m_answers->unload(id); } }));
    connect(m_adapters.get(), &HomeAdapterService::changed, this, &Node::adaptersChanged);
    connect(m_adapters.get(), &HomeAdapterService::progress, this, &Node::adapterProgress);
    return {};
}

base::Result<ServedModel> Node::servedModel(std::string_view idOrName) const
{
    // A model's name may begin like an adapter's: whole names of adapters first.
    if (m_adapters && m_adapters->isNamed(idOrName)) {
        return m_adapters->served(idOrName);
    }
    const auto model = m_models->find(idOrName);
    if (model) {
        TRY_ASSIGN(const auto path, m_models->pathOf(*model));
        return ServedModel{ model->id, model->name,
            { { QStringLiteral("path"), QString::fromStdString(path.string()) } }, model->memory,
            model->architecture };
    }
    if (model.error().code != Errc::NotFound || !m_session) {
        return tl::unexpected{ model.error() };
    }
    TRY_ASSIGN(const auto runs, m_session->ledger().runs());
    for (const ledger::Run& run : runs) {
        const std::string id = base::toHex(run.id.view());
        if (run.name == idOrName
            || (idOrName.size() >= kShortestRunId && id.starts_with(idOrName))) {
            TRY_ASSIGN(QJsonObject source, m_session->rounds().modelSource(run.id));
            // The newest parameters are another model than those before them.
            const QString params = source.value(QLatin1String{ "params" }).toString();
            return ServedModel{ id + '@' + params.section(QLatin1Char('/'), -1).toStdString(),
                run.name, std::move(source), 0 };
        }
    }
    return tl::unexpected{ model.error() };
}

void Node::exportModel(
    std::string_view idOrName, const ExportRequest& request, WorkerProcess::Done done)
{
    if (m_adapters && m_adapters->isNamed(idOrName)) {
        done(base::fail(Errc::Invalid,
            std::string{ idOrName }
                + " is an adapter of your own: write it with `loamctl adapter export`"));
        return;
    }
    auto model = servedModel(idOrName);
    if (!model) {
        done(tl::unexpected{ model.error() });
        return;
    }
    model->source[QLatin1String{ "name" }] = QString::fromStdString(model->name);
    m_models->exportModel(std::move(model->source), request, std::move(done));
}

base::Result<> Node::setApi(const Settings::Api& api)
{
    Settings changed = m_settings;
    changed.api = api;
    TRY(changed.save(m_options.home.settings()));
    m_settings = std::move(changed);
    return {};
}

} // namespace loam::node
