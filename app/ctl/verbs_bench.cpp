// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/verb_parts.h"

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

namespace {

    Verb benchVerb(const QString& what, const QString& summary)
    {
        return { .noun = u"bench"_s,
            .verb = what,
            .summary = summary,
            .method = {},
            .options
            = { integer(u"threads"_s, u"most threads (else as many as there are cores)"_s, 1, 256),
                integer(u"repetitions"_s, u"repetitions; the median is given"_s, 1, 100, u"5"_s) },
            .listField = u"measurements"_s,
            .columns
            = { { u"name"_s, u"Measurement"_s }, { u"value"_s, u"Median"_s, Format::Number },
                { u"unit"_s, u"Unit"_s }, { u"minimum"_s, u"Least"_s, Format::Number },
                { u"maximum"_s, u"Most"_s, Format::Number },
                { u"threads"_s, u"Threads"_s, Format::Number }, { u"device"_s, u"Device"_s } },
            .handling = Handling::Bench,
            .startsNode = false,
            .hasTimeout = false };
    }

    Verb deviceVerb(const QString& what, const QString& summary)
    {
        Verb verb = benchVerb(what, summary);
        verb.options << text(
            u"device"_s, u"cpu, or the id of a device of `loamctl model devices`"_s);
        return verb;
    }

    Verb inferVerb()
    {
        Verb verb = deviceVerb(u"infer"_s, u"how fast it reads prompts and writes answers"_s);
        verb.options << Argument{ .name = u"model"_s,
            .param = u"model"_s,
            .kind = Kind::Path,
            .help = u"a model file (else one of noise, 134 million parameters)"_s }
                     << text(u"type"_s,
                            u"weights of the noise: F32, F16, Q8_0 (as it comes), Q4_0, Q4_K"_s);
        return verb;
    }

} // namespace

QList<Verb> benchVerbs()
{
    return { deviceVerb(u"gemm"_s, u"how fast this computer multiplies matrices"_s),
        deviceVerb(u"train"_s, u"how fast it trains a model of 8 million parameters"_s),
        inferVerb(),
        deviceVerb(u"ops"_s, u"how long the other operations of a training step take"_s),
        benchVerb(u"messages"_s, u"how fast it signs, checks and seals messages"_s) };
}

} // namespace loam::ctl
