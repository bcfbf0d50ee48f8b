// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/arguments.h"

#include "base/amount.h"
#include "base/bech32m.h"
#include "base/file.h"
#include "rpc/wire.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>

#include <algorithm>
#include <cmath>
#include <utility>

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;
using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kLongestFileArgument = 1 << 20;

    QString nameOf(const Verb& verb)
    {
        return verb.verb.isEmpty() ? verb.noun : verb.noun + u' ' + verb.verb;
    }

    tl::unexpected<base::Error> usage(const QString& message, const QString& command = {})
    {
        const QString subject = command.isEmpty() ? QString{} : command + u' ';
        return fail(
            Errc::Invalid, (message + u"; see `loamctl "_s + subject + u"--help`"_s).toStdString());
    }

    QString row(const QString& left, const QString& right)
    {
        return u"  "_s + left.leftJustified(26) + u' ' + right + u'\n';
    }

    QString placeholder(const Argument& argument)
    {
        switch (argument.kind) {
        case Kind::Integer:
        case Kind::Real:
            return u" N"_s;
        case Kind::Folder:
            return u" DIR"_s;
        case Kind::Path:
        case Kind::NewPath:
            return u" PATH"_s;
        case Kind::Flag:
            return {};
        case Kind::Text:
        case Kind::Amount:
        case Kind::Address:
        case Kind::TextOrFile:
            break;
        }
        return argument.name == u"out"_s ? u" FILE"_s : u" TEXT"_s;
    }

    QString globalOptions()
    {
        return row(u"--home DIR"_s,
                   u"folder of the node (LOAM_HOME; default: ~/.local/share/loam)"_s)
            + row(u"--json"_s, u"print one JSON object and nothing else"_s)
            + row(u"--help"_s, u"show this"_s);
    }

    QString helpOf(const Verb& verb)
    {
        QString text = u"Usage: loamctl "_s + nameOf(verb);
        for (const Argument& argument : verb.positionals) {
            const QString name = argument.name.toUpper();
            text += argument.isRequired ? u' ' + name : u" ["_s + name + u']';
        }
        text += u" [options]\n\n"_s + verb.summary.left(1).toUpper() + verb.summary.mid(1)
            + u".\n\n"_s;
        if (!verb.positionals.isEmpty()) {
            text += u"Arguments:\n"_s;
            for (const Argument& argument : verb.positionals) {
                text += row(argument.name.toUpper(), argument.help);
            }
            text += u'\n';
        }
        text += u"Options:\n"_s;
        for (const Argument& option : verb.options) {
            QString help = option.help;
            if (option.isRequired) {
                help += u" (required)"_s;
            } else if (!option.defaultValue.isEmpty()) {
                help += u" (default: "_s + option.defaultValue + u')';
            }
            text += row(u"--"_s + option.name + placeholder(option), help);
        }
        for (const Secret& secret : verb.secrets) {
            text += row(u"--"_s + secret.option + u" FILE"_s,
                secret.prompt + u": first line of this file, - for standard input"_s);
        }
        return text + globalOptions();
    }

    /// All verbs, or those of one noun.
    QString overview(const QString& noun = {})
    {
        QString text = u"Usage: loamctl [--home DIR] [--json] NOUN [VERB] [arguments]\n\n"_s;
        for (const Verb& verb : verbs()) {
            if (noun.isEmpty() || verb.noun == noun) {
                text += row(nameOf(verb), verb.summary);
            }
        }
        return text + u"\nOptions of every verb:\n"_s + globalOptions()
            + u"\nExit codes: 0 done, 1 failed, 2 wrong usage.\n"_s;
    }

    Result<QJsonValue> convert(const Argument& argument, const QString& text)
    {
        const QString what = argument.name;
        switch (argument.kind) {
        case Kind::Flag:
            return QJsonValue{ true };
        case Kind::Text:
            return QJsonValue{ text };
        case Kind::Integer: {
            bool isNumber = false;
            const qint64 value = text.toLongLong(&isNumber);
            if (!isNumber || static_cast<double>(value) < argument.minimum
                || static_cast<double>(value) > argument.maximum) {
                return fail(Errc::Invalid,
                    u"%1 must be a whole number from %2 to %3, not %4"_s.arg(what)
                        .arg(argument.minimum, 0, 'f', 0)
                        .arg(argument.maximum, 0, 'f', 0)
                        .arg(text)
                        .toStdString());
            }
            return QJsonValue{ value };
        }
        case Kind::Real: {
            bool isNumber = false;
            const double value = text.toDouble(&isNumber);
            if (!isNumber || !std::isfinite(value) || value < argument.minimum
                || value > argument.maximum) {
                return fail(Errc::Invalid,
                    u"%1 must be a number from %2 to %3, not %4"_s.arg(what)
                        .arg(argument.minimum)
                        .arg(argument.maximum)
                        .arg(text)
                        .toStdString());
            }
            return QJsonValue{ value };
        }
        case Kind::Amount: {
            const Result<base::Amount> amount = base::Amount::parse(text.toStdString());
            if (!amount || amount->micro() <= 0) {
                return fail(Errc::Invalid,
                    u"%1 must be a number above zero with at most six decimals, not %2"_s
                        .arg(what, text)
                        .toStdString());
            }
            return QJsonValue{ QString::fromStdString(amount->toString()) };
        }
        case Kind::Address: {
            const Result<base::PublicKey> key = base::fromAddress(text.toStdString());
            if (!key) {
                return fail(Errc::Invalid, what.toStdString() + ": " + key.error().message);
            }
            return QJsonValue{ text };
        }
        case Kind::Folder: {
            const QFileInfo info{ text };
            if (!info.isDir()) {
                return fail(
                    Errc::Invalid, u"%1: there is no folder %2"_s.arg(what, text).toStdString());
            }
            return QJsonValue{ info.absoluteFilePath() };
        }
        case Kind::Path:
        case Kind::NewPath: {
            const QFileInfo info{ text };
            if (info.exists() != (argument.kind == Kind::Path)) {
                return fail(Errc::Invalid,
                    (info.exists() ? u"%1: %2 exists already; choose another name"_s
                                   : u"%1: there is no folder or file %2"_s)
                        .arg(what, text)
                        .toStdString());
            }
            return QJsonValue{ info.absoluteFilePath() };
        }
        case Kind::TextOrFile: {
            if (!QFileInfo{ text }.isFile()) {
                return QJsonValue{ text.trimmed() };
            }
            TRY_ASSIGN(
                const base::Bytes bytes, base::readFile(text.toStdString(), kLongestFileArgument));
            const std::string_view contents = base::asText(bytes);
            return QJsonValue{ QString::fromUtf8(
                contents.data(), static_cast<qsizetype>(contents.size()))
                                   .trimmed() };
        }
        }
        return fail(Errc::Invalid, "unknown kind of argument");
    }

    /// Adds one value to the command, as a parameter of the request or as a local option.
    Result<> put(Command& command, const Argument& argument, const QStringList& texts)
    {
        if (argument.param.isEmpty()) {
            command.local.insert(
                argument.name, argument.kind == Kind::Flag ? u"true"_s : texts.last());
            return {};
        }
        if (argument.isList) {
            QJsonArray list;
            for (const QString& text : texts) {
                TRY_ASSIGN(const QJsonValue value, convert(argument, text));
                list.append(value);
            }
            command.params.insert(argument.param, list);
            return {};
        }
        TRY_ASSIGN(const QJsonValue value, convert(argument, texts.last()));
        command.params.insert(argument.param, value);
        return {};
    }

    /// The options that may stand before the noun.
    struct Globals
    {
        QString home;
        bool isJson{ false };
        bool isHelp{ false };
        bool isVersion{ false };
    };

    Result<Globals> takeGlobals(QStringList& arguments)
    {
        Globals out;
        while (!arguments.isEmpty() && arguments.constFirst().startsWith(u'-')) {
            const QString option = arguments.takeFirst();
            if (option == u"--json"_s) {
                out.isJson = true;
            } else if (option == u"--help"_s || option == u"-h"_s) {
                out.isHelp = true;
            } else if (option == u"--version"_s) {
                out.isVersion = true;
            } else if (option.startsWith(u"--home="_s)) {
                out.home = option.mid(7);
            } else if (option == u"--home"_s && !arguments.isEmpty()) {
                out.home = arguments.takeFirst();
            } else {
                return usage(option == u"--home"_s ? u"--home needs a folder"_s
                                                   : u"unknown option "_s + option);
            }
        }
        return out;
    }

    Result<const Verb*> findVerb(QStringList& arguments)
    {
        const QString noun = arguments.takeFirst();
        const auto isOf = [&noun](const Verb& verb) { return verb.noun == noun; };
        const QList<Verb>& all = verbs();
        const auto first = std::ranges::find_if(all, isOf);
        if (first == all.end()) {
            return usage(u"there is no command "_s + noun);
        }
        if (first->verb.isEmpty()) {
            return &*first;
        }
        if (arguments.isEmpty() || arguments.constFirst().startsWith(u'-')) {
            return usage(noun + u" needs a verb"_s, noun);
        }
        const QString name = arguments.takeFirst();
        const auto found = std::ranges::find_if(
            all, [&](const Verb& verb) { return isOf(verb) && verb.verb == name; });
        if (found == all.end()) {
            return usage(noun + u" has no verb "_s + name, noun);
        }
        return &*found;
    }

    Result<Command> parseVerb(
        const Verb& verb, const QStringList& arguments, const Globals& globals, bool& isHelp)
    {
        QCommandLineParser parser;
        parser.addOptions({ { u"home"_s, {}, u"DIR"_s }, QCommandLineOption{ u"json"_s },
            QCommandLineOption{ { u"help"_s, u"h"_s } } });
        for (const Argument& option : verb.options) {
            const bool isFlag = option.kind == Kind::Flag;
            parser.addOption(isFlag ? QCommandLineOption{ option.name }
                                    : QCommandLineOption{ option.name, {}, u"value"_s });
        }
        for (const Secret& secret : verb.secrets) {
            parser.addOption({ secret.option, {}, u"FILE"_s });
        }
        // The parser wants the program's name in front.
        if (!parser.parse(QStringList{ u"loamctl"_s } + arguments)) {
            return usage(parser.errorText().chopped(1), nameOf(verb));
        }
        isHelp = globals.isHelp || parser.isSet(u"help"_s);
        Command command{ .verb = &verb };
        if (isHelp) {
            return command;
        }
        command.isJson = globals.isJson || parser.isSet(u"json"_s);
        command.home
            = rpc::homeFolder(parser.isSet(u"home"_s) ? parser.value(u"home"_s) : globals.home);

        const QStringList given = parser.positionalArguments();
        if (given.size() > verb.positionals.size()) {
            return usage(
                u"unexpected argument "_s + given.at(verb.positionals.size()), nameOf(verb));
        }
        for (qsizetype i = 0; i < verb.positionals.size(); ++i) {
            const Argument& argument = verb.positionals.at(i);
            if (i < given.size()) {
                TRY(put(command, argument, { given.at(i) }));
            } else if (argument.isRequired) {
                return usage(argument.name.toUpper() + u" is missing"_s, nameOf(verb));
            }
        }
        for (const Argument& option : verb.options) {
            if (parser.isSet(option.name)) {
                const bool isFlag = option.kind == Kind::Flag;
                TRY(put(command, option,
                    isFlag ? QStringList{ u"true"_s } : parser.values(option.name)));
            } else if (option.isRequired) {
                return usage(u"--"_s + option.name + u" is missing"_s, nameOf(verb));
            } else if (!option.defaultValue.isEmpty()) {
                TRY(put(command, option, { option.defaultValue }));
            }
        }
        for (const Secret& secret : verb.secrets) {
            if (parser.isSet(secret.option)) {
                command.local.insert(secret.option, parser.value(secret.option));
            }
        }
        return command;
    }

} // namespace

Result<std::variant<Command, Help>> parseArguments(const QStringList& arguments)
{
    QStringList rest = arguments;
    TRY_ASSIGN(const Globals globals, takeGlobals(rest));
    if (globals.isVersion) {
        return Help{ u"loamctl "_s + QString::fromLatin1(LOAM_VERSION) + u'\n' };
    }
    if (rest.isEmpty()) {
        if (globals.isHelp) {
            return Help{ overview() };
        }
        return usage(u"a command is missing"_s);
    }
    if (rest.constFirst() == u"help"_s) {
        return Help{ overview() };
    }
    const QString noun = rest.constFirst();
    const bool asksForNoun = rest.size() == 2
        && (rest.at(1) == u"--help"_s || rest.at(1) == u"-h"_s || rest.at(1) == u"help"_s);
    const bool isNoun = std::ranges::any_of(
        verbs(), [&noun](const Verb& verb) { return verb.noun == noun && !verb.verb.isEmpty(); });
    if (isNoun && (asksForNoun || (globals.isHelp && rest.size() == 1))) {
        return Help{ overview(noun) };
    }
    TRY_ASSIGN(const Verb* const verb, findVerb(rest));
    bool isHelp = false;
    Result<Command> command = parseVerb(*verb, rest, globals, isHelp);
    if (!command) {
        return tl::unexpected{ std::move(command).error() };
    }
    if (isHelp) {
        return Help{ helpOf(*verb) };
    }
    return std::move(*command);
}

} // namespace loam::ctl
