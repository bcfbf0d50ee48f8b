// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/commands.h"

#include "base/file.h"
#include "ctl/bench.h"
#include "ctl/practice.h"
#include "ctl/secrets.h"
#include "ctl/session.h"
#include "ctl/table.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

#include <cstdio>
#include <functional>
#include <iostream>

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;
using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::chrono::milliseconds kStopTimeout{ 60'000 };
    constexpr int kExportPage = 1000;

    int report(const base::Error& error)
    {
        std::cerr << "loamctl: " << error.message << '\n';
        return kFailed;
    }

    void print(const QByteArray& text)
    {
        std::cout.write(text.constData(), text.size());
        std::cout.flush();
    }

    void printJson(const QJsonObject& object)
    {
        print(QJsonDocument{ object }.toJson(QJsonDocument::Compact) + '\n');
    }

    QString outOf(const Command& command)
    {
        return command.local.value(u"out"_s);
    }

    /// Where a verb with --out writes: a file that appears only when complete, or stdout.
    class Output
    {
    public:
        Result<> open(const QString& name)
        {
            if (name.isEmpty() || name == u"-"_s) {
                return {};
            }
            m_file.emplace(name);
            if (!m_file->open(QIODevice::WriteOnly)) {
                return fail(Errc::Io,
                    "cannot write " + name.toStdString() + ": "
                        + m_file->errorString().toStdString());
            }
            return {};
        }

        bool isFile() const { return m_file.has_value(); }

        void write(const QByteArray& bytes)
        {
            if (m_file) {
                m_file->write(bytes);
            } else {
                print(bytes);
            }
        }

        Result<> close()
        {
            if (m_file && !m_file->commit()) {
                return fail(
                    Errc::Io, "cannot write the file: " + m_file->errorString().toStdString());
            }
            return {};
        }

    private:
        std::optional<QSaveFile> m_file;
    };

    int printAnswer(const Command& command, const QJsonObject& answer)
    {
        const Verb& verb = *command.verb;
        if (command.isJson) {
            printJson(answer);
        } else {
            QString text;
            if (!verb.fields.isEmpty() || verb.listField.isEmpty()) {
                text += objectText(answer, verb.fields);
            }
            if (!verb.listField.isEmpty()) {
                text += (text.isEmpty() ? QString{} : u"\n"_s)
                    + tableText(answer.value(verb.listField).toArray(), verb.columns);
            }
            print((text.isEmpty() ? u"Done.\n"_s : text).toUtf8());
        }
        const bool isRefuted
            = !verb.verdictField.isEmpty() && !answer.value(verb.verdictField).toBool(true);
        return isRefuted ? kFailed : kDone;
    }

    int saveField(const Command& command, QJsonObject answer)
    {
        const QString name = outOf(command);
        const QString field = command.verb->savedField;
        if (command.isJson && name.isEmpty()) {
            printJson(answer);
            return kDone;
        }
        QByteArray text = answer.take(field).toString().toUtf8();
        if (!text.endsWith('\n')) {
            text += '\n';
        }
        Output output;
        Result<> done = output.open(name);
        if (done) {
            output.write(text);
            done = output.close();
        }
        if (!done) {
            return report(done.error());
        }
        if (output.isFile()) {
            answer.insert(u"out"_s, name);
            answer.insert(u"bytes"_s, text.size());
            if (command.isJson) {
                printJson(answer);
            } else {
                print("Written to " + name.toUtf8() + ".\n");
            }
        }
        return kDone;
    }

    Result<int> exportAudit(const Command& command, Session& session)
    {
        Output output;
        TRY(output.open(outOf(command)));
        int exported = 0;
        while (true) {
            // Oldest first: what is appended meanwhile does not shift the pages.
            TRY_ASSIGN(const QJsonObject page,
                session.call(command.verb->method,
                    { { u"offset"_s, exported }, { u"limit"_s, kExportPage },
                        { u"order"_s, u"oldest"_s } }));
            const QJsonArray entries = page.value(u"entries"_s).toArray();
            for (const QJsonValue& entry : entries) {
                output.write(
                    QJsonDocument{ entry.toObject() }.toJson(QJsonDocument::Compact) + '\n');
            }
            exported += static_cast<int>(entries.size());
            if (entries.size() < kExportPage) {
                break;
            }
        }
        TRY(output.close());
        if (output.isFile()) {
            if (command.isJson) {
                printJson({ { u"entries"_s, exported }, { u"out"_s, outOf(command) } });
            } else {
                print("Written " + QByteArray::number(exported) + " entries to "
                    + outOf(command).toUtf8() + ".\n");
            }
        }
        return kDone;
    }

    int stopNode(const Command& command, Session& session, const Result<>& opened)
    {
        if (!opened && opened.error().code != Errc::Unavailable) {
            return report(opened.error());
        }
        const bool wasRunning = opened.has_value();
        if (wasRunning) {
            const Result<QJsonObject> answer = session.call(command.verb->method, {});
            // A node that goes before it answers has done what was asked.
            if (!answer && answer.error().code != Errc::Unavailable) {
                return report(answer.error());
            }
            if (const Result<> ended = session.waitForEnd(kStopTimeout); !ended) {
                return report(ended.error());
            }
        }
        if (command.isJson) {
            printJson({ { u"stopped"_s, true }, { u"was_running"_s, wasRunning } });
        } else {
            print(wasRunning ? "Loam's node has stopped.\n" : "Loam's node was not running.\n");
        }
        return kDone;
    }

    /// The text as it comes, then the figures; with --json the whole answer at its end.
    int generate(const Command& command, Session& session)
    {
        const Verb& verb = *command.verb;
        const bool prints = command.params.value(u"stream"_s).toBool() && !command.isJson;
        if (prints) {
            session.onReport([](const QString& method, const QJsonObject& params) {
                if (method == u"generate.delta"_s) {
                    print(printable(params.value(u"text"_s).toString(), Lines::Kept).toUtf8());
                }
            });
        }
        Result<QJsonObject> answer
            = session.call(verb.method, command.params, std::chrono::milliseconds{ 0 });
        if (!answer) {
            if (prints) {
                print("\n");
            }
            return report(answer.error());
        }
        if (prints) {
            answer->remove(u"text"_s);
            print("\n\n");
        }
        return printAnswer(command, *answer);
    }

} // namespace

int run(const Command& command)
{
    const Verb& verb = *command.verb;
    if (verb.handling == Handling::Practice) {
        return runPractice(command);
    }
    if (verb.handling == Handling::Bench) {
        return runBench(command);
    }
    QJsonObject params = command.params;
    if (const Result<> added = addSecrets(command, params); !added) {
        return report(added.error());
    }
    Session session;
    const Result<> opened = session.open(command.home, verb.startsNode);
    if (verb.handling == Handling::StopNode) {
        return stopNode(command, session, opened);
    }
    if (!opened) {
        return report(opened.error());
    }
    if (verb.handling == Handling::ExportAudit) {
        const Result<int> code = exportAudit(command, session);
        return code ? *code : report(code.error());
    }
    if (verb.handling == Handling::Generate) {
        return generate(command, session);
    }
    const std::chrono::milliseconds timeout
        = verb.hasTimeout ? rpc::Client::kDefaultTimeout : std::chrono::milliseconds{ 0 };
    const Result<QJsonObject> answer = session.call(verb.method, params, timeout);
    if (!answer) {
        return report(answer.error());
    }
    return verb.handling == Handling::SaveField ? saveField(command, *answer)
                                                : printAnswer(command, *answer);
}

int runArguments(const QStringList& arguments)
{
    const auto parsed = parseArguments(arguments);
    if (!parsed) {
        std::cerr << "loamctl: " << parsed.error().message << '\n';
        return kUsage;
    }
    if (const Help* const help = std::get_if<Help>(&*parsed)) {
        print(help->text.toUtf8());
        return kDone;
    }
    return run(std::get<Command>(*parsed));
}

} // namespace loam::ctl
