// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "ml/lora.h"
#include "ml/safetensors.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QTest>

using namespace loam;
using ml::Linear;
using ml::Lora;
using ml::LoraConfig;
using Json = nlohmann::json;

namespace {

ml::ModelConfig smallModel()
{
    ml::ModelConfig config;
    config.dim = 32;
    config.layers = 2;
    config.heads = 4;
    config.kvHeads = 2;
    config.ffn = 40;
    config.vocab = 50;
    config.context = 16;
    return config;
}

const LoraConfig kConfig{ 4, 6.0F, { Linear::Query, Linear::Value, Linear::Down }, false };

} // namespace

class TestLora : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void beginsAsTheBase()
    {
        const Lora lora = Lora::initialise(smallModel(), kConfig, 5).value();
        ml::Parameters parameters = ml::Parameters::initialise(smallModel(), 1).value();
        const base::Hash256 before = parameters.hash();
        QVERIFY(lora.mergeInto(parameters).has_value());
        QVERIFY(parameters.hash() == before);
        QVERIFY(Lora::initialise(smallModel(), kConfig, 5)->hash() == lora.hash());
        QVERIFY(Lora::initialise(smallModel(), kConfig, 6)->hash() != lora.hash());
        for (const ml::ParameterEntry& entry : lora.table().entries()) {
            const auto values = lora.values().subspan(entry.offset, entry.count);
            const bool isA = entry.name.find("lora_A") != std::string::npos;
            const float most = *std::ranges::max_element(values);
            const float bound = 1.0F / std::sqrt(static_cast<float>(entry.shape[1]));
            QVERIFY(isA ? most > 0.7F * bound && most <= bound : most == 0.0F);
        }
    }

    void frozenHalfIsNotTrained()
    {
        Lora lora = Lora::initialise(smallModel(), kConfig, 5).value();
        const std::size_t all = lora.trained().size();
        QCOMPARE(all, lora.values().size());
        lora.freezeA(true);
        std::size_t ofB = 0;
        for (const ml::ParameterEntry& entry : lora.table().trained()) {
            QVERIFY(entry.name.ends_with("lora_B.weight"));
            ofB += entry.count;
        }
        QCOMPARE(lora.trained().size(), ofB);
        // query and value see 32 and write 32 and 16; down sees 40 and writes 32; two layers
        QCOMPARE(ofB, std::size_t{ 2 * 4 * (32 + 16 + 32) });
        QCOMPARE(all, ofB + 2 * 4 * (32 + 32 + 40));
    }

    void filesComeBack()
    {
        QTemporaryDir folder;
        const std::filesystem::path path{ folder.filePath(QStringLiteral("a")).toStdString() };
        Lora lora = Lora::initialise(smallModel(), kConfig, 5).value();
        lora.values().back() = 0.25F;
        QVERIFY(lora.save(path, "loam/base").has_value());
        const Lora back = Lora::load(smallModel(), path).value();
        QVERIFY(back.hash() == lora.hash());
        QVERIFY(back.config() == kConfig);
        // What PEFT looks for.
        const Json json
            = Json::parse(base::asText(*base::readFile(path / "adapter_config.json", 65536)));
        QVERIFY(json["peft_type"] == "LORA");
        QVERIFY(json["r"] == 4);
        QVERIFY(json["lora_alpha"] == 6.0);
        QVERIFY(json["target_modules"] == Json::parse(R"(["q_proj","v_proj","down_proj"])"));
        const auto file = ml::Safetensors::open(path / "adapter_model.safetensors").value();
        const auto* entry
            = file.find("base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight");
        QVERIFY(entry != nullptr);
        QVERIFY(entry->shape == (std::vector<std::size_t>{ 16, 4 }));

        ml::ModelConfig other = smallModel();
        other.ffn = 41;
        QVERIFY(!Lora::load(other, path).has_value());
        std::filesystem::remove(path / "adapter_model.safetensors");
        const auto missing = Lora::load(smallModel(), path);
        QCOMPARE(missing.error().code, base::Errc::NotFound);
        QVERIFY(missing.error().message.find("adapter_model.safetensors") != std::string::npos);
    }

    void foreignConfigurationsAreRefused_data()
    {
        QTest::addColumn<std::string>("change");
        QTest::addColumn<std::string>("named");
        const auto row = [](const char* change, const char* named) {
            QTest::newRow(change) << std::string{ change } << std::string{ named };
        };
        row(R"({"peft_type":"LOHA"})", "peft_type");
        row(R"({"use_dora":true})", "use_dora");
        row(R"({"use_rslora":true})", "use_rslora");
        row(R"({"bias":"all"})", "bias");
        row(R"({"modules_to_save":["lm_head"]})", "modules_to_save");
        row(R"({"rank_pattern":{"q_proj":2}})", "rank_pattern");
        row(R"({"r":0})", "r must be");
        row(R"({"r":-1})", "r must be");
        row(R"({"r":1e9})", "r must be");
        row(R"({"lora_alpha":"x"})", "lora_alpha");
        row(R"({"target_modules":"all-linear"})", "target_modules");
        row(R"({"target_modules":["q_proj","q_proj"]})", "target_modules");
        row(R"({"target_modules":["embed_tokens"]})", "target_modules");
        row(R"({"target_modules":[1]})", "target_modules");
    }
    void foreignConfigurationsAreRefused()
    {
        QFETCH(std::string, change);
        QFETCH(std::string, named);
        const Lora lora = Lora::initialise(smallModel(), kConfig, 5).value();
        Json json = Json::parse(lora.configJson("x"));
        QVERIFY(ml::parseAdapterConfig(base::asBytes(json.dump())).has_value());
        json.merge_patch(Json::parse(change));
        const auto refused = ml::parseAdapterConfig(base::asBytes(json.dump()));
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, base::Errc::Invalid);
        QVERIFY2(refused.error().message.find(named) != std::string::npos,
            refused.error().message.c_str());
    }

    void hostileFilesAreRefused()
    {
        const Lora lora = Lora::initialise(smallModel(), kConfig, 5).value();
        const std::string json = lora.configJson("x");
        base::Bytes weights = lora.toSafetensors();
        QVERIFY(Lora::parse(smallModel(), base::asBytes(json), weights).has_value());
        weights.resize(weights.size() - 4);
        QVERIFY(!Lora::parse(smallModel(), base::asBytes(json), weights).has_value());
        for (const std::string& text : { std::string{}, std::string{ "[]" }, std::string{ "{" },
                 std::string(100'000, '['), std::string(200'000, ' ') + "{}" }) {
            QVERIFY(!ml::parseAdapterConfig(base::asBytes(text)).has_value());
        }
        Json wide = Json::parse(json);
        wide["r"] = 17; // more than the 16 rows of value
        QVERIFY(!Lora::parse(smallModel(), base::asBytes(wide.dump()), lora.toSafetensors())
                     .has_value());
    }
};

QTEST_GUILESS_MAIN(TestLora)
#include "tst_lora.moc"
