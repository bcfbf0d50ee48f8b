// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <cstdint>

namespace loam::ctl {

/// How a value of the command line is checked and sent.
enum class Kind {
    Text,
    Integer, ///< within minimum and maximum
    Real, ///< within minimum and maximum
    Amount, ///< LOAM, at most six decimals; sent as text
    Address, ///< "loam1…", checksum verified; sent as text
    Folder, ///< must exist; sent as an absolute path
    Path, ///< folder or file that must exist; sent as an absolute path
    NewPath, ///< must not exist yet; sent as an absolute path
    TextOrFile, ///< the text itself, or the name of a file that holds it
    Flag, ///< option without a value; sent as true when given
};

/// An option or a positional argument. `param` is its name in the request; empty: not sent.
struct Argument
{
    QString name;
    QString param;
    Kind kind{ Kind::Text };
    QString help;
    bool isRequired{ false };
    bool isList{ false }; ///< may be repeated; sent as a list
    QString defaultValue{};
    double minimum{ 0 };
    double maximum{ 0 };
};

/// Something that never stands on the command line: asked on the terminal without echo, or read
/// from the file named by the option.
struct Secret
{
    QString param;
    QString prompt;
    QString option; ///< "passphrase-file"
    bool isConfirmed{ false }; ///< asked twice on a terminal
};

/// How a field of an answer is shown to people.
enum class Format {
    Text,
    Time,
    Bytes,
    Loam,
    YesNo,
    Hash,
    Number,
    Duration,
    Segments, ///< pieces of a line; what is taken out stands as [kind: text]
};

struct Column
{
    QString field;
    QString title;
    Format format{ Format::Text };
};

/// What has to be done with a verb's answer besides printing.
enum class Handling {
    Print,
    StopNode, ///< wait until the node has gone
    SaveField, ///< write `savedField` to the file of --out, or to stdout
    Generate, ///< print the text as it comes when asked to
    ExportAudit, ///< page through the whole log as JSON lines
    Practice,
    Bench, ///< measured by a loam-worker that loamctl starts
};

/// One line of the table that loamctl is.
struct Verb
{
    QString noun;
    QString verb; ///< empty for a noun that is its own verb
    QString summary;
    QString method;
    QList<Argument> positionals{};
    QList<Argument> options{};
    QList<Secret> secrets{};
    QList<Column> fields{};
    QString listField{};
    QList<Column> columns{};
    Handling handling{ Handling::Print };
    QString savedField{};
    /// Field of the answer whose value false means failure (exit code 1).
    QString verdictField{};
    bool startsNode{ true };
    bool hasTimeout{ true };
};

const QList<Verb>& verbs();

} // namespace loam::ctl
