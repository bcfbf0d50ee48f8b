// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/verb_parts.h"

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

QList<Argument> laneOptions()
{
    return {
        text(u"lane"_s,
            u"open (public text) or private (only noisy sums of adapters leave a node)"_s),
        real(u"noise"_s, u"private lane: noise over sensitivity of a group's sum"_s, 0.1, 100),
        real(u"clip"_s, u"private lane: largest norm of a member's update"_s, 1e-6, 1000),
        real(u"epsilon"_s, u"private lane: promised for all rounds"_s, 0.01, 1000),
        integer(u"private-rounds"_s, u"private lane: rounds a member takes part in"_s, 1, 100'000),
        integer(u"group-least"_s, u"private lane: members of a group at least"_s, 2, 64),
        flag(u"practice"_s, u"private lane: allow groups too small to be private"_s),
    };
}

QList<Column> meterFields()
{
    return { { u"light"_s, u"Light"_s }, { u"subject"_s, u"Measured"_s }, { u"name"_s, u"Name"_s },
        { u"auc"_s, u"Members told apart (AUC)"_s, Format::Number },
        { u"tpr_01"_s, u"True positives at 0.1 %"_s, Format::Number },
        { u"epsilon_low"_s, u"Epsilon at least"_s, Format::Number },
        { u"epsilon_promised"_s, u"Epsilon promised at most"_s, Format::Number },
        { u"exposure_bits"_s, u"Exposure of a number, bits"_s, Format::Number },
        { u"members"_s, u"Passages trained on"_s, Format::Number },
        { u"others"_s, u"Passages left out"_s, Format::Number },
        { u"time"_s, u"When"_s, Format::Time } };
}

QList<Verb> privacyVerbs()
{
    const auto required = [](Argument argument) {
        argument.isRequired = true;
        return argument;
    };
    return {
        { .noun = u"data"_s,
            .verb = u"epsilon"_s,
            .summary = u"work out what privacy a noisy run costs"_s,
            .method = u"data.epsilon"_s,
            .options = { required(real(u"noise"_s, u"noise over sensitivity"_s, 0.01, 1e9)),
                real(u"rate"_s, u"part of the members in one step; 1 is all"_s, 1e-12, 1, u"1"_s),
                required(integer(u"steps"_s, u"steps of the run"_s, 1, 1e9)),
                required(real(u"delta"_s, u"probability that the promise fails"_s, 1e-30, 0.5)),
                text(u"method"_s, u"rdp (default), zcdp, pld or gaussian"_s) },
            .fields = { { u"epsilon"_s, u"Epsilon"_s, Format::Number },
                { u"rho"_s, u"Rho (zCDP)"_s, Format::Number },
                { u"order"_s, u"Order"_s, Format::Number }, { u"method"_s, u"Method"_s },
                { u"sentence"_s, u"In words"_s } } },
        { .noun = u"meter"_s,
            .verb = u"measure"_s,
            .summary
            = u"measure how much a model shows of your text; nothing leaves the computer"_s,
            .method = u"meter.measure"_s,
            .positionals = { text(u"run"_s, u"id of the run; the only one if left out"_s) },
            .options = { text(u"adapter"_s, u"id or name of an adapter of yours"_s),
                { .name = u"peft"_s,
                    .param = u"peft"_s,
                    .kind = Kind::Folder,
                    .help = u"measure this adapter (a PEFT folder) on the run's model"_s } },
            .fields = meterFields(),
            .hasTimeout = false },
        { .noun = u"meter"_s,
            .verb = u"last"_s,
            .summary = u"show the last measurement"_s,
            .method = u"meter.last"_s,
            .fields = meterFields() },
    };
}

} // namespace loam::ctl
