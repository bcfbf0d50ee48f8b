// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/verb_parts.h"

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

namespace {

    Argument option(const QString& name, Kind kind, const QString& help)
    {
        QString param = name;
        param.replace(u'-', u'_');
        return { .name = name, .param = param, .kind = kind, .help = help };
    }

} // namespace

Argument text(const QString& name, const QString& help, bool isList)
{
    Argument out = option(name, Kind::Text, help);
    out.isList = isList;
    return out;
}

Argument integer(const QString& name, const QString& help, double minimum, double maximum,
    const QString& defaultValue)
{
    Argument out = option(name, Kind::Integer, help);
    out.defaultValue = defaultValue;
    out.minimum = minimum;
    out.maximum = maximum;
    return out;
}

Argument real(const QString& name, const QString& help, double minimum, double maximum,
    const QString& defaultValue)
{
    Argument out = integer(name, help, minimum, maximum, defaultValue);
    out.kind = Kind::Real;
    return out;
}

Argument flag(const QString& name, const QString& help)
{
    return option(name, Kind::Flag, help);
}

Argument corpus(const QString& help)
{
    return { .name = u"corpus"_s,
        .param = u"corpora"_s,
        .kind = Kind::Folder,
        .help = help,
        .isList = true };
}

Argument positional(const QString& name, Kind kind, const QString& help, bool isRequired)
{
    return { .name = name, .param = name, .kind = kind, .help = help, .isRequired = isRequired };
}

} // namespace loam::ctl
