// SPDX-License-Identifier: GPL-3.0-or-later
// The owner's own data: sources, preview, consent.
#include "ctl/verb_parts.h"

namespace loam::ctl {

namespace {

    using namespace Qt::Literals::StringLiterals;

    constexpr double kMaxNumber = 2'000'000'000;

    const QList<Column> kSource{ { u"id"_s, u"Source"_s, Format::Number }, { u"path"_s, u"Path"_s },
        { u"files"_s, u"Files"_s, Format::Number }, { u"waiting"_s, u"Waiting"_s, Format::Number },
        { u"failed"_s, u"Failed"_s, Format::Number }, { u"poor"_s, u"Poor"_s, Format::Number },
        { u"tokens"_s, u"Tokens"_s, Format::Number },
        { u"redacted"_s, u"Redacted"_s, Format::Number },
        { u"epsilon_spent"_s, u"Epsilon spent"_s, Format::Number },
        { u"epsilon_cap"_s, u"Cap"_s, Format::Number } };
    const QList<Column> kLines{ { u"number"_s, u"Line"_s, Format::Number },
        { u"fate"_s, u"Fate"_s }, { u"segments"_s, u"Text"_s, Format::Segments } };
    const QList<Column> kFile{ { u"path"_s, u"Path"_s }, { u"kind"_s, u"Kind"_s },
        { u"verdict"_s, u"Verdict"_s }, { u"reason"_s, u"Reason"_s },
        { u"language"_s, u"Language"_s }, { u"tokens"_s, u"Tokens"_s, Format::Number },
        { u"redacted"_s, u"Redacted"_s, Format::Number },
        { u"total"_s, u"Lines"_s, Format::Number }, { u"contents"_s, u"SHA-256"_s } };
    const QList<Column> kGrant{ { u"id"_s, u"Grant"_s },
        { u"version"_s, u"Version"_s, Format::Number }, { u"purpose"_s, u"Purpose"_s },
        { u"state"_s, u"State"_s }, { u"run"_s, u"Run"_s, Format::Hash },
        { u"sources"_s, u"Sources"_s, Format::Number }, { u"files"_s, u"Files"_s, Format::Number },
        { u"issued"_s, u"Since"_s, Format::Time }, { u"until"_s, u"Until"_s, Format::Time },
        { u"epsilon_spent"_s, u"Epsilon spent"_s, Format::Number },
        { u"epsilon_cap"_s, u"Cap"_s, Format::Number } };

    Argument source()
    {
        return { .name = u"source"_s,
            .param = u"source"_s,
            .kind = Kind::Integer,
            .help = u"number of the source"_s,
            .isRequired = true,
            .minimum = 1,
            .maximum = kMaxNumber };
    }

    Argument sources()
    {
        return { .name = u"source"_s,
            .param = u"sources"_s,
            .kind = Kind::Integer,
            .help = u"number of a source (repeatable); all if left out"_s,
            .isList = true,
            .minimum = 1,
            .maximum = kMaxNumber };
    }

    Argument path(bool isRequired)
    {
        return { .name = u"path"_s,
            .param = u"path"_s,
            .kind = Kind::Text,
            .help = u"path inside the source, as `loamctl data files` prints it"_s,
            .isRequired = isRequired };
    }

    QList<Verb> sourceVerbs()
    {
        const QList<Argument> patterns{
            text(u"include"_s, u"only files like this, such as \"*.md\" (repeatable)"_s, true),
            text(u"exclude"_s, u"no files like this, such as \"drafts\" (repeatable)"_s, true)
        };
        return {
            { .noun = u"data"_s,
                .verb = u"add"_s,
                .summary = u"add a folder or file of your own; nothing is used without a grant"_s,
                .method = u"data.add"_s,
                .positionals = { { .name = u"path"_s,
                    .param = u"path"_s,
                    .kind = Kind::Path,
                    .help = u"folder or file"_s,
                    .isRequired = true } },
                .options = patterns,
                .fields = kSource },
            { .noun = u"data"_s,
                .verb = u"patterns"_s,
                .summary = u"show or change what is redacted besides the built-in kinds"_s,
                .method = u"data.patterns"_s,
                .options
                = { text(u"add"_s, u"text to redact; # is a digit, ? any sign, * a word's rest"_s),
                    text(u"remove"_s, u"pattern to forget"_s) },
                .listField = u"patterns"_s,
                .columns = { { u"pattern"_s, u"Pattern"_s } } },
            { .noun = u"data"_s,
                .verb = u"filter"_s,
                .summary = u"replace a source's include and exclude patterns"_s,
                .method = u"data.set_patterns"_s,
                .positionals = { source() },
                .options = patterns,
                .fields = kSource },
            { .noun = u"data"_s,
                .verb = u"list"_s,
                .summary = u"list your sources and what is in them"_s,
                .method = u"data.list"_s,
                .fields = { { u"files"_s, u"Files"_s, Format::Number },
                    { u"tokens"_s, u"Tokens"_s, Format::Number },
                    { u"redacted"_s, u"Redacted"_s, Format::Number },
                    { u"epsilon_spent"_s, u"Epsilon spent"_s, Format::Number },
                    { u"epsilon_cap"_s, u"Epsilon cap"_s, Format::Number },
                    { u"confinement"_s, u"Readers confined by"_s } },
                .listField = u"sources"_s,
                .columns = kSource },
            { .noun = u"data"_s,
                .verb = u"files"_s,
                .summary = u"list the files of a source and how each was judged"_s,
                .method = u"data.files"_s,
                .positionals = { source() },
                .options = { integer(u"limit"_s, u"files to show"_s, 1, 1000, u"100"_s),
                    integer(u"offset"_s, u"files to skip"_s, 0, kMaxNumber, u"0"_s),
                    text(u"search"_s, u"part of the path"_s) },
                .listField = u"entries"_s,
                .columns = { { u"path"_s, u"Path"_s }, { u"kind"_s, u"Kind"_s },
                    { u"state"_s, u"State"_s }, { u"verdict"_s, u"Verdict"_s },
                    { u"language"_s, u"Language"_s }, { u"tokens"_s, u"Tokens"_s, Format::Number },
                    { u"redacted"_s, u"Redacted"_s, Format::Number },
                    { u"seen"_s, u"Seen"_s, Format::YesNo },
                    { u"struck"_s, u"Struck"_s, Format::YesNo }, { u"reason"_s, u"Reason"_s } } },
            { .noun = u"data"_s,
                .verb = u"preview"_s,
                .summary = u"show line by line what would be used of a file; it counts as seen"_s,
                .method = u"data.preview"_s,
                .positionals = { source(), path(true) },
                .options = { integer(u"limit"_s, u"lines to show"_s, 1, 10'000, u"1000"_s),
                    integer(u"offset"_s, u"lines to skip"_s, 0, kMaxNumber, u"0"_s),
                    flag(u"peek"_s, u"look without its counting as seen"_s) },
                .fields = kFile,
                .listField = u"lines"_s,
                .columns = kLines },
            { .noun = u"data"_s,
                .verb = u"accept"_s,
                .summary = u"take the present state of all files as seen"_s,
                .method = u"data.accept"_s,
                .options = { sources() },
                .fields = { { u"seen"_s, u"Files"_s, Format::Number } },
                .hasTimeout = false },
            { .noun = u"data"_s,
                .verb = u"strike"_s,
                .summary = u"never use a folder, a file, or one line of a file"_s,
                .method = u"data.strike"_s,
                .positionals = { source(), path(true) },
                .options
                = { integer(u"line"_s, u"line of the preview, from 1"_s, 1, kMaxNumber) } },
            { .noun = u"data"_s,
                .verb = u"unstrike"_s,
                .summary = u"take back a strike"_s,
                .method = u"data.unstrike"_s,
                .positionals = { source(), path(true) },
                .options = { text(u"text"_s, u"the struck line itself"_s) } },
            { .noun = u"data"_s,
                .verb = u"scan"_s,
                .summary = u"look through a source again now"_s,
                .method = u"data.scan"_s,
                .positionals = { source() } },
            { .noun = u"data"_s,
                .verb = u"remove"_s,
                .summary = u"forget a source and revoke its grants; the log is kept"_s,
                .method = u"data.remove"_s,
                .positionals = { source() } },
        };
    }

    QList<Verb> consentVerbs()
    {
        const Argument grant{ .name = u"grant"_s,
            .param = u"grant"_s,
            .kind = Kind::Text,
            .help = u"id of the grant"_s,
            .isRequired = true };
        return {
            { .noun = u"data"_s,
                .verb = u"grant"_s,
                .summary = u"allow a use of your sources as they are now, for a while"_s,
                .method = u"data.grant"_s,
                .options = { sources(),
                    text(u"purpose"_s, u"adapter (at home, the default) or private (a run)"_s),
                    text(u"run"_s, u"id of the run, for private"_s),
                    real(u"days"_s, u"how long it holds"_s, 0, 3660),
                    real(u"epsilon"_s, u"privacy cost it may reach, for private"_s, 0, 1000),
                    text(u"grant"_s, u"id of a grant to replace"_s) },
                .fields = kGrant,
                .hasTimeout = false },
            { .noun = u"data"_s,
                .verb = u"grants"_s,
                .summary = u"list what you allowed"_s,
                .method = u"data.grants"_s,
                .listField = u"grants"_s,
                .columns = kGrant },
            { .noun = u"data"_s,
                .verb = u"revoke"_s,
                .summary = u"end a grant at once"_s,
                .method = u"data.revoke"_s,
                .positionals = { grant },
                .fields = kGrant },
            { .noun = u"data"_s,
                .verb = u"used"_s,
                .summary = u"show what was used, when, for what and at what privacy cost"_s,
                .method = u"data.used"_s,
                .options = { integer(u"limit"_s, u"entries to show"_s, 1, 1000, u"50"_s),
                    integer(u"offset"_s, u"newest entries to skip"_s, 0, kMaxNumber, u"0"_s),
                    flag(u"verify"_s, u"hash the whole log again"_s) },
                .fields
                = { { u"total"_s, u"Entries"_s, Format::Number }, { u"root"_s, u"Root"_s } },
                .listField = u"entries"_s,
                .columns = { { u"index"_s, u"Entry"_s, Format::Number },
                    { u"time"_s, u"Time"_s, Format::Time }, { u"kind"_s, u"Kind"_s },
                    { u"source"_s, u"Source"_s, Format::Number }, { u"path"_s, u"Path"_s },
                    { u"round"_s, u"Round"_s, Format::Number },
                    { u"tokens"_s, u"Tokens"_s, Format::Number },
                    { u"rho"_s, u"Rho"_s, Format::Number },
                    { u"hash"_s, u"SHA-256"_s, Format::Hash }, { u"note"_s, u"Note"_s } } },
            { .noun = u"data"_s,
                .verb = u"budget"_s,
                .summary = u"show or set how much privacy your data may cost"_s,
                .method = u"data.budget"_s,
                .options
                = { real(u"epsilon-cap"_s, u"most that all runs may spend on a source"_s, 0, 1000),
                    real(u"delta"_s, u"largest delta, such as 1e-6"_s, 0, 0.1),
                    text(u"private-lane"_s, u"on or off: may text enter shared training"_s),
                    text(u"adapters"_s, u"on or off: may adapters be trained at home"_s),
                    text(u"only-good-text"_s, u"on or off: leave poor text and duplicates out"_s),
                    integer(u"minimum-group"_s, u"smallest group of a secure sum"_s, 2, 100'000),
                    integer(
                        u"minimum-cohort"_s, u"fewest members that hide an update"_s, 2, 100'000) },
                .fields = { { u"private_lane"_s, u"Shared training"_s, Format::YesNo },
                    { u"adapters"_s, u"Adapters at home"_s, Format::YesNo },
                    { u"epsilon_spent"_s, u"Epsilon spent"_s, Format::Number },
                    { u"epsilon_cap"_s, u"Epsilon cap"_s, Format::Number },
                    { u"delta"_s, u"Delta"_s, Format::Number },
                    { u"minimum_group"_s, u"Smallest group"_s, Format::Number },
                    { u"minimum_cohort"_s, u"Smallest cohort"_s, Format::Number } },
                .listField = u"sources"_s,
                .columns = { { u"id"_s, u"Source"_s, Format::Number }, { u"path"_s, u"Path"_s },
                    { u"epsilon_spent"_s, u"Epsilon spent"_s, Format::Number },
                    { u"epsilon_cap"_s, u"Cap"_s, Format::Number } } },
            { .noun = u"data"_s,
                .verb = u"export"_s,
                .summary = u"write all receipts of consent and use as JSON"_s,
                .method = u"data.export"_s,
                .options = { { .name = u"out"_s,
                    .param = {},
                    .kind = Kind::Text,
                    .help = u"file to write instead of standard output"_s } },
                .handling = Handling::SaveField,
                .savedField = u"receipts"_s },
        };
    }

} // namespace

QList<Verb> dataVerbs()
{
    return sourceVerbs() + consentVerbs();
}

} // namespace loam::ctl
