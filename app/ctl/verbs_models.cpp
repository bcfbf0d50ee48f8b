// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/verb_parts.h"

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;

namespace {

    const QList<Column> kModel{ { u"id"_s, u"Model"_s }, { u"name"_s, u"Name"_s },
        { u"architecture"_s, u"Architecture"_s },
        { u"parameters"_s, u"Parameters"_s, Format::Number }, { u"quantisation"_s, u"Weights"_s },
        { u"bytes"_s, u"Size"_s, Format::Bytes }, { u"memory"_s, u"Memory"_s, Format::Bytes },
        { u"licence"_s, u"Licence"_s }, { u"complete"_s, u"Complete"_s, Format::YesNo } };
    const QList<Column> kApi{ { u"on"_s, u"Switched on"_s, Format::YesNo },
        { u"url"_s, u"Address"_s }, { u"has_key"_s, u"Has a key"_s, Format::YesNo },
        { u"key"_s, u"Key (shown once)"_s } };

    QList<Verb> storeVerbs()
    {
        const Argument model = positional(u"model"_s, Kind::Text, u"id or name of the model"_s);
        return {
            { .noun = u"model"_s,
                .verb = u"list"_s,
                .summary = u"list the models on this computer and of the network's runs"_s,
                .method = u"model.list"_s,
                .listField = u"models"_s,
                .columns = kModel },
            { .noun = u"model"_s,
                .verb = u"import"_s,
                .summary = u"take a model into Loam"_s,
                .method = u"model.import"_s,
                .positionals = { positional(u"path"_s, Kind::Path,
                    u"a .gguf or .safetensors file, or a folder with config.json"_s) },
                .options = { text(u"name"_s, u"what to call it (default: its own name)"_s),
                    flag(u"link"_s, u"use the files where they are instead of a copy"_s),
                    flag(u"force"_s, u"even if this computer's memory cannot hold it"_s) },
                .fields = kModel,
                .hasTimeout = false },
            { .noun = u"model"_s,
                .verb = u"export"_s,
                .summary = u"write a model for other programs"_s,
                .method = u"model.export"_s,
                .positionals = { model },
                .options = { { .name = u"out"_s,
                                 .param = u"out"_s,
                                 .kind = Kind::NewPath,
                                 .help = u".gguf file, or folder for config.json and safetensors"_s,
                                 .isRequired = true },
                    text(
                        u"format"_s, u"gguf, or hf for a folder (default: by the name's ending)"_s),
                    text(u"type"_s,
                        u"type of the weights: F16, Q8_0, Q4_K, ... (default: as they are)"_s) },
                .fields
                = { { u"out"_s, u"Written to"_s }, { u"bytes"_s, u"Size"_s, Format::Bytes } },
                .hasTimeout = false },
            { .noun = u"model"_s,
                .verb = u"remove"_s,
                .summary = u"delete a model from this computer"_s,
                .method = u"model.remove"_s,
                .positionals = { model },
                .fields = { { u"id"_s, u"Removed"_s }, { u"name"_s, u"Name"_s } } },
            { .noun = u"model"_s,
                .verb = u"devices"_s,
                .summary = u"list what this computer can compute answers on"_s,
                .method = u"model.devices"_s,
                .listField = u"devices"_s,
                .columns = { { u"name"_s, u"Device"_s }, { u"kind"_s, u"Kind"_s },
                    { u"memory"_s, u"Memory"_s, Format::Bytes }, { u"uuid"_s, u"Id"_s } } },
        };
    }

    QList<Verb> answerVerbs()
    {
        return {
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
                    text(u"adapter"_s, u"adapter of yours to answer with"_s),
                    text(u"device"_s, u"device to compute on"_s),
                    flag(u"logprobs"_s, u"also give the logarithm of each token's probability"_s),
                    flag(u"stream"_s, u"print the text as it comes"_s) },
                .fields = { { u"text"_s, u"Text"_s }, { u"tokens"_s, u"Tokens"_s, Format::Number },
                    { u"prompt_tokens"_s, u"Prompt tokens"_s, Format::Number },
                    { u"tokens_per_second"_s, u"Tokens/s"_s, Format::Number },
                    { u"device"_s, u"Device"_s } },
                .handling = Handling::Generate,
                .hasTimeout = false },
            { .noun = u"api"_s,
                .verb = u"on"_s,
                .summary = u"let other programs of this computer use the models"_s,
                .method = u"api.on"_s,
                .options = { integer(u"port"_s, u"port of 127.0.0.1"_s, 0, 65535) },
                .fields = kApi },
            { .noun = u"api"_s,
                .verb = u"off"_s,
                .summary = u"close the interface for other programs"_s,
                .method = u"api.off"_s,
                .fields = kApi },
            { .noun = u"api"_s,
                .verb = u"status"_s,
                .summary = u"show whether other programs may use the models, and where"_s,
                .method = u"api.status"_s,
                .fields = kApi },
            { .noun = u"api"_s,
                .verb = u"key"_s,
                .summary = u"make a new key; the old one stops working"_s,
                .method = u"api.key"_s,
                .fields = kApi },
            { .noun = u"practice"_s,
                .verb = {},
                .summary = u"train a small model on a private network of this computer"_s,
                .method = u"practice.start"_s,
                .options = { integer(u"nodes"_s, u"nodes to start"_s, 1, 64, u"4"_s),
                    integer(u"rounds"_s, u"rounds to train"_s, 1, 1000, u"5"_s),
                    corpus(u"folder of .txt files for one node (repeatable)"_s),
                    integer(u"byzantine"_s, u"nodes that cheat"_s, 0, 63, u"0"_s),
                    laneOptions().first(),
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

QList<Verb> modelVerbs()
{
    return storeVerbs() + answerVerbs();
}

} // namespace loam::ctl
