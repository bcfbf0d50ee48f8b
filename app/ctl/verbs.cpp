// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/verbs.h"

namespace loam::ctl {

namespace {

    using namespace Qt::Literals::StringLiterals;

    const QList<Column> kContribution{ { u"state"_s, u"State"_s }, { u"reason"_s, u"Reason"_s },
        { u"until"_s, u"Until"_s, Format::Time } };
    const QList<Column> kDevices{ { u"name"_s, u"Device"_s }, { u"kind"_s, u"Kind"_s },
        { u"busy"_s, u"Busy"_s, Format::YesNo }, { u"uuid"_s, u"Id"_s, Format::Hash } };
    const QList<Column> kRun{ { u"id"_s, u"Run"_s, Format::Hash }, { u"name"_s, u"Name"_s },
        { u"state"_s, u"State"_s }, { u"joined"_s, u"Joined"_s, Format::YesNo },
        { u"round"_s, u"Round"_s, Format::Number }, { u"members"_s, u"Members"_s, Format::Number },
        { u"loss"_s, u"Loss"_s, Format::Number },
        { u"parameters"_s, u"Parameters"_s, Format::Number } };

    Argument corpus(const QString& help)
    {
        return { .name = u"corpus"_s,
            .param = u"corpora"_s,
            .kind = Kind::Folder,
            .help = help,
            .isList = true };
    }

    Argument integer(const QString& name, const QString& help, double minimum, double maximum,
        const QString& defaultValue = {})
    {
        QString param = name;
        param.replace(u'-', u'_');
        return { .name = name,
            .param = param,
            .kind = Kind::Integer,
            .help = help,
            .defaultValue = defaultValue,
            .minimum = minimum,
            .maximum = maximum };
    }

    Argument positional(const QString& name, Kind kind, const QString& help, bool isRequired = true)
    {
        return {
            .name = name, .param = name, .kind = kind, .help = help, .isRequired = isRequired
        };
    }

    Argument index(bool isRequired)
    {
        return { .name = u"index"_s,
            .param = u"index"_s,
            .kind = Kind::Integer,
            .help = u"number of the entry, from 0"_s,
            .isRequired = isRequired,
            .maximum = 9e15 };
    }

    const Argument kOut{ .name = u"out"_s,
        .param = {},
        .kind = Kind::Text,
        .help = u"file to write instead of standard output"_s };
    const QList<Argument> kPage{ integer(u"limit"_s, u"entries to show"_s, 1, 10000, u"50"_s),
        integer(u"offset"_s, u"newest entries to skip"_s, 0, 1e9, u"0"_s),
        { .name = u"search"_s,
            .param = u"search"_s,
            .help = u"show only entries that hold this text"_s } };

    const Secret kPassphrase{ u"passphrase"_s, u"Passphrase"_s, u"passphrase-file"_s, false };
    const Secret kNewPassphrase{ u"passphrase"_s, u"New passphrase"_s, u"passphrase-file"_s, true };

    QList<Verb> nodeVerbs()
    {
        return {
            { .noun = u"node"_s,
                .verb = u"status"_s,
                .summary = u"show what the node is and does"_s,
                .method = u"node.status"_s,
                .fields = { { u"id"_s, u"Node"_s }, { u"version"_s, u"Version"_s },
                    { u"network_name"_s, u"Network"_s },
                    { u"network"_s, u"Network id"_s, Format::Hash },
                    { u"height"_s, u"Height"_s, Format::Number },
                    { u"peers"_s, u"Peers"_s, Format::Number },
                    { u"validators"_s, u"Validators"_s, Format::Number },
                    { u"contributing"_s, u"Contributing"_s, Format::YesNo },
                    { u"state"_s, u"State"_s }, { u"reason"_s, u"Reason"_s },
                    { u"until"_s, u"Until"_s, Format::Time }, { u"run"_s, u"Run"_s },
                    { u"round"_s, u"Round"_s, Format::Number },
                    { u"loss"_s, u"Loss"_s, Format::Number },
                    { u"tokens_per_second"_s, u"Tokens/s"_s, Format::Number },
                    { u"balance"_s, u"Balance"_s, Format::Loam },
                    { u"earned_today"_s, u"Earned today"_s, Format::Loam } } },
            { .noun = u"node"_s,
                .verb = u"stop"_s,
                .summary = u"stop the node and its work"_s,
                .method = u"node.stop"_s,
                .handling = Handling::StopNode,
                .startsNode = false },
            { .noun = u"node"_s,
                .verb = u"log"_s,
                .summary = u"show the node's last messages"_s,
                .method = u"node.log"_s,
                .options = { integer(u"lines"_s, u"messages to show"_s, 1, 500, u"100"_s) },
                .listField = u"lines"_s,
                .startsNode = false },
            { .noun = u"contribute"_s,
                .verb = u"on"_s,
                .summary = u"lend idle computing time to the network"_s,
                .method = u"contribute.on"_s,
                .fields = kContribution },
            { .noun = u"contribute"_s,
                .verb = u"off"_s,
                .summary = u"stop lending until switched on"_s,
                .method = u"contribute.off"_s,
                .fields = kContribution },
            { .noun = u"contribute"_s,
                .verb = u"snooze"_s,
                .summary = u"pause for a while"_s,
                .method = u"contribute.snooze"_s,
                .options
                = { integer(u"minutes"_s, u"length of the pause"_s, 1, 7 * 24 * 60, u"60"_s) },
                .fields = kContribution },
            { .noun = u"contribute"_s,
                .verb = u"status"_s,
                .summary = u"show whether this computer works, and why or why not"_s,
                .method = u"contribute.status"_s,
                .fields = kContribution,
                .listField = u"devices"_s,
                .columns = kDevices },
        };
    }

    QList<Verb> networkVerbs()
    {
        const QList<Column> network{ { u"network"_s, u"Network id"_s }, { u"name"_s, u"Name"_s },
            { u"invitation"_s, u"Invitation"_s } };
        return {
            { .noun = u"net"_s,
                .verb = u"create"_s,
                .summary = u"found a network and invite others"_s,
                .method = u"net.create"_s,
                .options = { { .name = u"name"_s,
                    .param = u"name"_s,
                    .help = u"what to call it"_s,
                    .isRequired = true } },
                .fields = network },
            { .noun = u"net"_s,
                .verb = u"join"_s,
                .summary = u"enter a network by its invitation"_s,
                .method = u"net.join"_s,
                .positionals = { positional(
                    u"invitation"_s, Kind::TextOrFile, u"loam:join?… or a file that holds it"_s) },
                .fields = network },
            { .noun = u"net"_s,
                .verb = u"leave"_s,
                .summary = u"leave the network; keys and earnings are kept"_s,
                .method = u"net.leave"_s },
            { .noun = u"net"_s,
                .verb = u"invite"_s,
                .summary = u"print an invitation"_s,
                .method = u"net.invite"_s,
                .options = { kOut },
                .handling = Handling::SaveField,
                .savedField = u"invitation"_s },
            { .noun = u"net"_s,
                .verb = u"peers"_s,
                .summary = u"list the connected nodes"_s,
                .method = u"net.peers"_s,
                .listField = u"peers"_s,
                .columns = { { u"id"_s, u"Node"_s, Format::Hash }, { u"endpoint"_s, u"Endpoint"_s },
                    { u"client"_s, u"Client"_s }, { u"rtt"_s, u"Round trip"_s, Format::Duration },
                    { u"since"_s, u"Since"_s, Format::Time } } },
            { .noun = u"run"_s,
                .verb = u"list"_s,
                .summary = u"list the network's training runs"_s,
                .method = u"run.list"_s,
                .listField = u"runs"_s,
                .columns = kRun },
            { .noun = u"run"_s,
                .verb = u"open"_s,
                .summary = u"open a training run"_s,
                .method = u"run.open"_s,
                .options = { { .name = u"name"_s,
                                 .param = u"name"_s,
                                 .help = u"what to call it"_s,
                                 .isRequired = true },
                    corpus(u"folder of .txt files this node trains on (repeatable)"_s),
                    integer(u"rounds"_s, u"rounds until the run ends; 0 is never"_s, 0, 1'000'000),
                    integer(u"steps"_s, u"local steps of one round"_s, 8, 1000),
                    integer(u"sparsity"_s, u"values sent of each 4,096"_s, 1, 4096),
                    integer(u"window"_s, u"seconds of one round"_s, 10, 86400),
                    integer(u"members"_s, u"members that the first round waits for"_s, 1, 1000),
                    integer(u"quorum"_s, u"updates that a round needs"_s, 1, 1000) },
                .fields = kRun,
                .hasTimeout = false },
            { .noun = u"run"_s,
                .verb = u"join"_s,
                .summary = u"take part in a training run"_s,
                .method = u"run.join"_s,
                .positionals = { positional(u"run"_s, Kind::Text, u"id of the run"_s) },
                .options = { corpus(u"folder of .txt files this node trains on (repeatable)"_s) },
                .fields = kRun },
            { .noun = u"run"_s,
                .verb = u"leave"_s,
                .summary = u"stop taking part"_s,
                .method = u"run.leave"_s,
                .positionals = { positional(u"run"_s, Kind::Text, u"id of the run"_s) } },
            { .noun = u"run"_s,
                .verb = u"status"_s,
                .summary = u"show a run and its rounds"_s,
                .method = u"run.status"_s,
                .positionals = { positional(
                    u"run"_s, Kind::Text, u"id of the run; the joined one if left out"_s, false) },
                .fields = kRun,
                .listField = u"closed"_s,
                .columns = { { u"round"_s, u"Round"_s, Format::Number },
                    { u"loss_before"_s, u"Loss before"_s, Format::Number },
                    { u"loss_after"_s, u"Loss after"_s, Format::Number },
                    { u"accepted"_s, u"Accepted"_s, Format::Number },
                    { u"refused"_s, u"Refused"_s, Format::Number }, { u"state"_s, u"State"_s } } },
        };
    }

    QList<Verb> walletVerbs()
    {
        const QList<Column> address{ { u"address"_s, u"Address"_s } };
        return {
            { .noun = u"wallet"_s,
                .verb = u"create"_s,
                .summary = u"make new keys and show their 24 words"_s,
                .method = u"wallet.create"_s,
                .secrets = { kNewPassphrase },
                .fields = { { u"address"_s, u"Address"_s }, { u"words"_s, u"Words"_s } } },
            { .noun = u"wallet"_s,
                .verb = u"restore"_s,
                .summary = u"bring back keys from 24 words"_s,
                .method = u"wallet.restore"_s,
                .secrets
                = { { u"words"_s, u"The 24 words"_s, u"words-file"_s, false }, kNewPassphrase },
                .fields = address },
            { .noun = u"wallet"_s,
                .verb = u"unlock"_s,
                .summary = u"let the node use the keys"_s,
                .method = u"wallet.unlock"_s,
                .secrets = { kPassphrase },
                .fields = address },
            { .noun = u"wallet"_s,
                .verb = u"lock"_s,
                .summary = u"wipe the keys from memory"_s,
                .method = u"wallet.lock"_s },
            { .noun = u"wallet"_s,
                .verb = u"status"_s,
                .summary = u"show whether it is locked"_s,
                .method = u"wallet.status"_s,
                .fields = { { u"exists"_s, u"Exists"_s, Format::YesNo },
                    { u"locked"_s, u"Locked"_s, Format::YesNo }, { u"address"_s, u"Address"_s } } },
            { .noun = u"wallet"_s,
                .verb = u"address"_s,
                .summary = u"print the address"_s,
                .method = u"wallet.address"_s,
                .fields = address },
            { .noun = u"wallet"_s,
                .verb = u"balance"_s,
                .summary = u"show what is there"_s,
                .method = u"wallet.balance"_s,
                .fields = { { u"balance"_s, u"Balance"_s, Format::Loam },
                    { u"vesting"_s, u"Vesting"_s, Format::Loam },
                    { u"bonded"_s, u"Bonded"_s, Format::Loam } } },
            { .noun = u"wallet"_s,
                .verb = u"history"_s,
                .summary = u"list payments with their reasons"_s,
                .method = u"wallet.history"_s,
                .options = kPage,
                .listField = u"entries"_s,
                .columns = { { u"time"_s, u"Time"_s, Format::Time }, { u"kind"_s, u"Kind"_s },
                    { u"amount"_s, u"Amount"_s, Format::Loam },
                    { u"balance"_s, u"Balance"_s, Format::Loam },
                    { u"peer"_s, u"Peer"_s, Format::Hash }, { u"reason"_s, u"Reason"_s },
                    { u"memo"_s, u"Memo"_s }, { u"entry"_s, u"Entry"_s, Format::Number } } },
            { .noun = u"wallet"_s,
                .verb = u"send"_s,
                .summary = u"pay somebody"_s,
                .method = u"wallet.send"_s,
                .positionals = { positional(u"to"_s, Kind::Address, u"address of the receiver"_s),
                    positional(u"amount"_s, Kind::Amount, u"LOAM, at most six decimals"_s) },
                .options = { { .name = u"memo"_s,
                    .param = u"memo"_s,
                    .help = u"a note that everybody can read in the log"_s } },
                .fields = { { u"transaction"_s, u"Transaction"_s },
                    { u"amount"_s, u"Amount"_s, Format::Loam }, { u"to"_s, u"To"_s } } },
            { .noun = u"wallet"_s,
                .verb = u"sign"_s,
                .summary = u"sign a text with the node's key"_s,
                .method = u"wallet.sign"_s,
                .positionals = { positional(u"message"_s, Kind::Text, u"the text"_s) },
                .fields = { { u"address"_s, u"Address"_s }, { u"signature"_s, u"Signature"_s } } },
            { .noun = u"wallet"_s,
                .verb = u"verify"_s,
                .summary = u"check a signed text"_s,
                .method = u"wallet.verify"_s,
                .positionals
                = { positional(u"address"_s, Kind::Address, u"who is said to have signed"_s),
                    positional(u"message"_s, Kind::Text, u"the text"_s),
                    positional(u"signature"_s, Kind::Text, u"hexadecimal"_s) },
                .fields = { { u"valid"_s, u"Valid"_s, Format::YesNo } },
                .verdictField = u"valid"_s },
            { .noun = u"wallet"_s,
                .verb = u"export"_s,
                .summary = u"write the history as CSV"_s,
                .method = u"wallet.export"_s,
                .options = { kOut },
                .handling = Handling::SaveField,
                .savedField = u"csv"_s },
            { .noun = u"wallet"_s,
                .verb = u"words"_s,
                .summary = u"show the 24 words"_s,
                .method = u"wallet.words"_s,
                .secrets = { kPassphrase },
                .fields = { { u"words"_s, u"Words"_s } } },
            { .noun = u"wallet"_s,
                .verb = u"passphrase"_s,
                .summary = u"change the passphrase"_s,
                .method = u"wallet.passphrase"_s,
                .secrets = { { u"old"_s, u"Present passphrase"_s, u"passphrase-file"_s, false },
                    { u"new"_s, u"New passphrase"_s, u"new-passphrase-file"_s, true } } },
        };
    }

    QList<Verb> auditVerbs()
    {
        const QList<Column> log{ { u"size"_s, u"Entries"_s, Format::Number },
            { u"root"_s, u"Root"_s }, { u"cosigners"_s, u"Cosigners"_s, Format::Number },
            { u"consistent"_s, u"Consistent"_s, Format::YesNo } };
        return {
            { .noun = u"audit"_s,
                .verb = u"list"_s,
                .summary = u"list the network's audit log"_s,
                .method = u"audit.list"_s,
                .options = kPage,
                .fields = log,
                .listField = u"entries"_s,
                .columns = { { u"index"_s, u"Entry"_s, Format::Number },
                    { u"time"_s, u"Time"_s, Format::Time }, { u"kind"_s, u"Kind"_s },
                    { u"node"_s, u"Node"_s, Format::Hash },
                    { u"round"_s, u"Round"_s, Format::Number },
                    { u"amount"_s, u"Amount"_s, Format::Loam }, { u"text"_s, u"What"_s } } },
            { .noun = u"audit"_s,
                .verb = u"show"_s,
                .summary = u"show one entry in full"_s,
                .method = u"audit.show"_s,
                .positionals = { index(true) } },
            { .noun = u"audit"_s,
                .verb = u"verify"_s,
                .summary = u"verify one entry's proof, or hash the whole log again"_s,
                .method = u"audit.verify"_s,
                .positionals = { index(false) },
                .fields = { { u"verified"_s, u"Verified"_s, Format::YesNo },
                    { u"size"_s, u"Entries"_s, Format::Number }, { u"root"_s, u"Root"_s },
                    { u"cosigners"_s, u"Cosigners"_s, Format::Number },
                    { u"consistent"_s, u"Consistent"_s, Format::YesNo } },
                .verdictField = u"verified"_s,
                .hasTimeout = false },
            { .noun = u"audit"_s,
                .verb = u"prove"_s,
                .summary = u"write a proof of one entry that foreign tools verify"_s,
                .method = u"audit.prove"_s,
                .positionals = { index(true) },
                .options = { kOut },
                .handling = Handling::SaveField,
                .savedField = u"file"_s },
            { .noun = u"audit"_s,
                .verb = u"checkpoint"_s,
                .summary = u"print the newest cosigned checkpoint"_s,
                .method = u"audit.checkpoint"_s,
                .options = { kOut },
                .handling = Handling::SaveField,
                .savedField = u"note"_s },
            { .noun = u"audit"_s,
                .verb = u"export"_s,
                .summary = u"write the whole log as JSON lines"_s,
                .method = u"audit.list"_s,
                .options = { kOut },
                .handling = Handling::ExportAudit },
        };
    }

    QList<Verb> modelVerbs()
    {
        return {
            { .noun = u"model"_s,
                .verb = u"list"_s,
                .summary = u"list the models on this computer"_s,
                .method = u"model.list"_s,
                .listField = u"models"_s,
                .columns = { { u"id"_s, u"Model"_s, Format::Hash }, { u"name"_s, u"Name"_s },
                    { u"architecture"_s, u"Architecture"_s },
                    { u"parameters"_s, u"Parameters"_s, Format::Number },
                    { u"bytes"_s, u"Size"_s, Format::Bytes }, { u"licence"_s, u"Licence"_s },
                    { u"complete"_s, u"Complete"_s, Format::YesNo } } },
            { .noun = u"generate"_s,
                .verb = {},
                .summary = u"continue a text with a model"_s,
                .method = u"generate.text"_s,
                .positionals = { positional(u"model"_s, Kind::Text, u"id or name of the model"_s) },
                .options = { { .name = u"prompt"_s,
                                 .param = u"prompt"_s,
                                 .help = u"the text to continue"_s,
                                 .isRequired = true },
                    integer(u"max-tokens"_s, u"tokens to make at most"_s, 1, 100000, u"64"_s),
                    { .name = u"temperature"_s,
                        .param = u"temperature"_s,
                        .kind = Kind::Real,
                        .help = u"0 takes the likeliest token each time"_s,
                        .defaultValue = u"0"_s,
                        .minimum = 0,
                        .maximum = 10 },
                    integer(u"seed"_s, u"of the random choice"_s, 0, 9e15),
                    { .name = u"device"_s,
                        .param = u"device"_s,
                        .help = u"device to compute on"_s },
                    { .name = u"logprobs"_s,
                        .param = u"logprobs"_s,
                        .kind = Kind::Flag,
                        .help = u"also give the logarithm of each token's probability"_s } },
                .fields = { { u"text"_s, u"Text"_s },
                    { u"prompt_tokens"_s, u"Prompt tokens"_s, Format::Number },
                    { u"tokens_per_second"_s, u"Tokens/s"_s, Format::Number },
                    { u"device"_s, u"Device"_s } },
                .hasTimeout = false },
            { .noun = u"practice"_s,
                .verb = {},
                .summary = u"train a small model on a private network of this computer"_s,
                .method = u"practice.start"_s,
                .options = { integer(u"nodes"_s, u"nodes to start"_s, 1, 64, u"4"_s),
                    integer(u"rounds"_s, u"rounds to train"_s, 1, 1000, u"5"_s),
                    corpus(u"folder of .txt files for one node (repeatable)"_s),
                    integer(u"byzantine"_s, u"nodes that cheat"_s, 0, 63, u"0"_s),
                    integer(u"sparsity"_s, u"values sent of each 4,096"_s, 1, 4096),
                    { .name = u"keep"_s,
                        .param = {},
                        .kind = Kind::Flag,
                        .help = u"keep the nodes' folders afterwards"_s } },
                .handling = Handling::Practice,
                .startsNode = false,
                .hasTimeout = false },
        };
    }

} // namespace

const QList<Verb>& verbs()
{
    static const QList<Verb> kVerbs
        = nodeVerbs() + networkVerbs() + walletVerbs() + auditVerbs() + modelVerbs();
    return kVerbs;
}

} // namespace loam::ctl
