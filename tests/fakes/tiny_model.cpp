// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakes/tiny_model.h"

#include "ml/model_export.h"
#include "ml/parameters.h"
#include "ml/tokenizer.h"
#include "unit/support.h"

#include <array>
#include <random>

namespace loam::test {

void writeTinyModel(const QString& path, std::uint32_t dim, std::uint32_t layers)
{
    std::string text;
    for (int i = 0; i < 400; ++i) {
        text += "In year " + std::to_string(1900 + i) + " the gardener number "
            + std::to_string(i * 7 % 400) + " planted moss, fern and walnut by the river.\n";
    }
    const std::array<std::string_view, 1> texts{ text };
    const auto vocabulary = ml::Tokenizer::train(texts, { .vocab = 512 });
    LOAM_OK(vocabulary);
    const auto tokenizer = ml::Tokenizer::load(*vocabulary);
    LOAM_OK(tokenizer);
    ml::ModelConfig config;
    config.dim = dim;
    config.layers = layers;
    config.heads = 4;
    config.kvHeads = 2;
    config.ffn = dim * 11 / 4;
    config.vocab = (*tokenizer)->vocab();
    config.context = 4096;
    auto parameters = ml::Parameters::initialise(config, 7);
    LOAM_OK(parameters);
    const auto model = ml::ModelFile::ofParameters(
        std::make_shared<const ml::Parameters>(std::move(*parameters)), "Tiny garden", *vocabulary);
    LOAM_OK(model);
    LOAM_OK(ml::exportGguf(**model, path.toStdString(), { ml::WeightType::Q8_0, {} }));
}

QByteArray tinyText(unsigned seed, qsizetype bytes)
{
    constexpr std::array kSyllables{ "mo", "ra", "li", "ten", "sa", "ber", "ni", "gol", "fe", "dur",
        "ka", "sim", "lo", "pan", "vi", "rut", "ela", "os", "tim", "una" };
    constexpr unsigned kWords = kSyllables.size() * kSyllables.size();
    std::mt19937 random{ seed };
    QByteArray out;
    unsigned word = seed % kWords;
    while (out.size() < bytes) {
        const auto length = 7 + random() % 6;
        for (unsigned i = 0; i < length; ++i) {
            // Mostly the word that always follows this one.
            word = random() % 4 == 0 ? static_cast<unsigned>(random()) % kWords
                                     : (word * 7 + 3) % kWords;
            out += kSyllables.at(word / kSyllables.size());
            out += kSyllables.at(word % kSyllables.size());
            out += i + 1 == length ? ".\n" : " ";
        }
    }
    return out;
}

} // namespace loam::test
