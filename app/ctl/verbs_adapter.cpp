// SPDX-License-Identifier: GPL-3.0-or-later
// Adapters of the owner's own text.
#include "ctl/verb_parts.h"

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

namespace {

    const QList<Column> kAdapter{ { u"id"_s, u"Adapter"_s }, { u"name"_s, u"Name"_s },
        { u"base_name"_s, u"Base"_s }, { u"state"_s, u"State"_s },
        { u"step"_s, u"Step"_s, Format::Number }, { u"steps"_s, u"Of"_s, Format::Number },
        { u"loss_before"_s, u"Loss before"_s, Format::Number },
        { u"loss_after"_s, u"Loss after"_s, Format::Number },
        { u"tokens"_s, u"Tokens"_s, Format::Number }, { u"created"_s, u"Begun"_s, Format::Time },
        { u"trained"_s, u"Ready"_s, Format::Time }, { u"reason"_s, u"Reason"_s },
        { u"waits_for"_s, u"Waits"_s } };

} // namespace

QList<Verb> adapterVerbs()
{
    const Argument adapter = positional(u"adapter"_s, Kind::Text, u"id or name of the adapter"_s);
    return {
        { .noun = u"adapter"_s,
            .verb = u"list"_s,
            .summary = u"list the adapters of your own text"_s,
            .method = u"adapter.list"_s,
            .listField = u"adapters"_s,
            .columns = kAdapter },
        { .noun = u"adapter"_s,
            .verb = u"train"_s,
            .summary = u"adapt a model to your own text; nothing leaves this computer"_s,
            .method = u"adapter.train"_s,
            .positionals = { positional(u"model"_s, Kind::Text, u"id or name of the model"_s) },
            .options = { text(u"name"_s, u"what to call it (default: after the source)"_s),
                { .name = u"source"_s,
                    .param = u"sources"_s,
                    .kind = Kind::Integer,
                    .help
                    = u"number of a source to learn from (repeatable); this gives the consent; all if left out"_s,
                    .isList = true,
                    .minimum = 1,
                    .maximum = 2e9 },
                text(u"grant"_s, u"id of a consent given before, instead of sources"_s),
                real(u"days"_s, u"how long the consent holds"_s, 0.001, 3660, u"30"_s),
                integer(u"steps"_s, u"steps at most"_s, 1, 100'000, u"300"_s),
                integer(u"rank"_s, u"size of the adapter"_s, 1, 256, u"8"_s),
                real(u"learning-rate"_s, u"how fast it learns"_s, 1e-6, 1, u"0.001"_s),
                flag(u"now"_s, u"at once, without waiting for the schedule"_s) },
            .fields = kAdapter,
            .hasTimeout = false },
        { .noun = u"adapter"_s,
            .verb = u"start"_s,
            .summary = u"go on with an adapter that was stopped, or hasten one"_s,
            .method = u"adapter.start"_s,
            .positionals = { adapter },
            .options = { flag(u"now"_s, u"at once, without waiting for the schedule"_s) },
            .fields = kAdapter },
        { .noun = u"adapter"_s,
            .verb = u"stop"_s,
            .summary = u"stop training an adapter; what it has learnt is kept, sealed"_s,
            .method = u"adapter.stop"_s,
            .positionals = { adapter },
            .fields = kAdapter },
        { .noun = u"adapter"_s,
            .verb = u"export"_s,
            .summary = u"write an adapter, unsealed, for other programs"_s,
            .method = u"adapter.export"_s,
            .positionals = { adapter },
            .options = { { .name = u"out"_s,
                             .param = u"out"_s,
                             .kind = Kind::NewPath,
                             .help = u".gguf file, or folder in the manner of PEFT"_s,
                             .isRequired = true },
                text(u"format"_s, u"peft or gguf (default: by the name's ending)"_s) },
            .fields = { { u"out"_s, u"Written to"_s } },
            .hasTimeout = false },
        { .noun = u"adapter"_s,
            .verb = u"remove"_s,
            .summary = u"delete an adapter"_s,
            .method = u"adapter.remove"_s,
            .positionals = { adapter },
            .fields = { { u"id"_s, u"Removed"_s }, { u"name"_s, u"Name"_s } } },
    };
}

} // namespace loam::ctl
