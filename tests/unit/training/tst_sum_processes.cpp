// SPDX-License-Identifier: GPL-3.0-or-later
// The secure sum among 64 simulated members and four real processes, three in ten of them dropping
// out in random phases: the sum is exact, and no process ever holds another's vector.
#include "base/bytes.h"
#include "base/require.h"
#include "crypto/random.h"
#include "training/private_lane.h"
#include "unit/support.h"
#include "unit/training/sum_group.h"

#include <QFile>
#include <QProcess>
#include <QTest>

#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <unistd.h>

using namespace loam;
using namespace loam::test;

namespace {

constexpr int kSimulated = 64;
constexpr int kProcesses = 4;
constexpr std::uint32_t kValues = 4000;
constexpr int kPatience = 60'000;

/// A run of a word that no honest memory holds by chance.
constexpr int kTaintedRun = 16;
/// Only a sanitizer's shadow is larger.
constexpr std::uint64_t kLargestMapping = std::uint64_t{ 1 } << 36U;

/// A member whose messages are made somewhere.
class Player
{
public:
    virtual ~Player() = default;
    virtual base::PublicKey key() const = 0;
    virtual void begin(const SumTerms& terms) = 0;
    virtual base::Result<base::Bytes> act(int phase, const base::Bytes& told) = 0;
};

class SimulatedPlayer final : public Player
{
public:
    explicit SimulatedPlayer(std::uint32_t taint)
        : m_key{ crypto::KeyPair::generate() }
        , word{ taint }
    {
    }
    base::PublicKey key() const override { return m_key.publicKey(); }
    void begin(const SumTerms& terms) override
    {
        auto member = SumMember::create(terms, m_key, crypto::randomKey());
        ASSERT(member.has_value());
        m_member.emplace(std::move(*member));
    }
    base::Result<base::Bytes> act(int phase, const base::Bytes& told) override
    {
        switch (phase) {
        case 0:
            return m_member->advertise();
        case 1:
            return m_member->shareKeys(told);
        case 2:
            return m_member->mask(told, Vector(kValues, word));
        case 3:
            return m_member->confirm(told);
        default:
            return m_member->unmask(told);
        }
    }

private:
    crypto::KeyPair m_key;
    std::optional<SumMember> m_member;

public:
    const std::uint32_t word;
};

class ProcessPlayer final : public Player
{
public:
    ProcessPlayer()
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QStringLiteral(LOAM_SUM_PROCESS), QStringList{});
        const auto key = base::fixedFromHex<base::PublicKey>(line());
        ASSERT(key.has_value());
        m_key = *key;
    }
    ~ProcessPlayer() override
    {
        m_process.kill();
        m_process.waitForFinished(kPatience);
    }
    base::PublicKey key() const override { return m_key; }
    void begin(const SumTerms& terms) override
    {
        std::ostringstream text;
        text << terms.round << ' ' << terms.threshold << ' ' << int{ terms.bits } << ' '
             << terms.values << ' ' << base::toHex(terms.group.view());
        for (const base::PublicKey& member : terms.members) {
            text << ' ' << base::toHex(member.view());
        }
        say(text.str());
        ASSERT(line() == "ready");
    }
    base::Result<base::Bytes> act(int phase, const base::Bytes& told) override
    {
        say(std::to_string(phase) + ' ' + base::toHex(told));
        const std::string answer = line();
        return answer.starts_with("error") ? base::fail(base::Errc::Denied, answer)
                                           : base::fromHex(answer);
    }
    /// The complement of its word: the word itself is never in this process before.
    std::uint32_t tell()
    {
        say("tell");
        return static_cast<std::uint32_t>(std::stoul(line()));
    }
    qint64 pid() const { return m_process.processId(); }

private:
    void say(const std::string& text)
    {
        m_process.write(QByteArray::fromStdString(text) + '\n');
        m_process.waitForBytesWritten(kPatience);
    }
    std::string line()
    {
        while (!m_process.canReadLine() && m_process.waitForReadyRead(kPatience)) { }
        return m_process.readLine().trimmed().toStdString();
    }

    QProcess m_process;
    base::PublicKey m_key;
};

/// Complements of all words that stand kTaintedRun times in a row in a process's memory.
std::set<std::uint32_t> tainted(qint64 pid)
{
    std::set<std::uint32_t> found;
    const std::string folder = "/proc/" + std::to_string(pid);
    const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT(memory >= 0);
    std::ifstream maps{ folder + "/maps" };
    std::vector<std::uint32_t> block(1U << 16U);
    for (std::string text; std::getline(maps, text);) {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char access[5]{};
        if (std::sscanf(text.c_str(), "%lx-%lx %4s", &begin, &end, access) != 3 || access[0] != 'r'
            || end - begin > kLargestMapping) {
            continue;
        }
        std::uint32_t last = 0;
        std::uint64_t run = 0;
        while (begin < end) {
            const auto wanted = std::min<std::uint64_t>(block.size() * 4, end - begin);
            const ssize_t got = ::pread(memory, block.data(), wanted, static_cast<off_t>(begin));
            if (got <= 0) {
                break;
            }
            for (std::size_t i = 0; i < static_cast<std::size_t>(got) / 4; ++i) {
                run = block[i] == last ? run + 1 : 1;
                last = block[i];
                if (run == kTaintedRun && last != 0) {
                    found.insert(~last);
                }
            }
            begin += static_cast<std::uint64_t>(got);
        }
    }
    ::close(memory);
    return found;
}

} // namespace

class TestSumProcesses final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void exactAndUnseen();
};

void TestSumProcesses::exactAndUnseen()
{
    std::mt19937 engine{ 7 };
    std::vector<std::unique_ptr<Player>> players;
    std::vector<ProcessPlayer*> processes;
    for (int i = 0; i < kSimulated; ++i) {
        players.push_back(std::make_unique<SimulatedPlayer>(1U + engine() % 0xfffffeU));
    }
    for (int i = 0; i < kProcesses; ++i) {
        auto process = std::make_unique<ProcessPlayer>();
        processes.push_back(process.get());
        players.push_back(std::move(process));
    }
    std::shuffle(players.begin(), players.end(), engine);

    std::map<base::PublicKey, Player*> byKey;
    std::vector<base::PublicKey> cohort;
    for (const auto& player : players) {
        byKey[player->key()] = player.get();
        cohort.push_back(player->key());
    }
    std::ranges::sort(cohort);
    constexpr std::uint64_t kRound = 3;
    auto groups = training::assignGroups({}, base::Hash256{}, kRound, cohort);
    QCOMPARE(groups.size(), std::size_t{ 4 });

    // Three in ten of each group go, each when it likes.
    std::map<base::PublicKey, int> dropsBefore;
    std::vector<Vector> sums;
    std::vector<std::vector<base::PublicKey>> survivors;
    for (std::vector<base::PublicKey>& members : groups) {
        SumTerms terms;
        terms.members = members;
        std::ranges::sort(terms.members);
        terms.group.data.fill(static_cast<std::byte>(sums.size() + 1));
        terms.round = kRound;
        terms.threshold = training::sumThreshold(static_cast<std::uint32_t>(members.size()));
        terms.bits = 24;
        terms.values = kValues;
        for (const base::PublicKey& member : members) {
            byKey[member]->begin(terms);
        }
        std::shuffle(members.begin(), members.end(), engine);
        for (std::size_t i = 0; i < members.size() * 3 / 10; ++i) {
            dropsBefore[members[i]] = static_cast<int>(engine() % 5);
        }
        // The scan can see: before it is masked, a process's vector is in its memory.
        for (const ProcessPlayer* process : processes) {
            if (std::ranges::find(members, process->key()) != members.end()) {
                QVERIFY(!tainted(process->pid()).empty());
            }
        }
        auto organiser = SumOrganiser::create(terms);
        LOAM_OK(organiser);
        for (int phase = 0; phase < 5; ++phase) {
            for (const base::PublicKey& member : members) {
                if (dropsBefore.contains(member) && dropsBefore[member] <= phase) {
                    continue;
                }
                const base::Bytes told = organiser->messageFor(member).value_or(base::Bytes{});
                const auto said = byKey[member]->act(phase, told);
                LOAM_OK(said);
                LOAM_OK(organiser->take(*said));
            }
            LOAM_OK(organiser->close());
        }
        const auto transcript = organiser->transcript();
        LOAM_OK(transcript);
        const auto opened = training::openSum(terms, *transcript);
        LOAM_OK(opened);
        sums.push_back(opened->values);
        survivors.push_back(opened->survivors);
    }
    QCOMPARE(dropsBefore.size(), std::size_t{ 20 });

    // Memory first: what each process tells afterwards is in this one's.
    std::vector<std::set<std::uint32_t>> memories{ tainted(::getpid()) };
    for (const ProcessPlayer* process : processes) {
        memories.push_back(tainted(process->pid()));
    }
    std::vector<std::uint32_t> complements;
    for (ProcessPlayer* process : processes) {
        complements.push_back(process->tell());
    }
    for (std::size_t owner = 0; owner < complements.size(); ++owner) {
        for (std::size_t reader = 0; reader < memories.size(); ++reader) {
            if (reader != owner + 1) {
                QVERIFY2(!memories[reader].contains(complements[owner]),
                    qPrintable(QStringLiteral("process %1 holds the vector of %2")
                                   .arg(reader)
                                   .arg(owner)));
            }
        }
    }
    // Nor may a real process hold what a simulated member put in.
    for (const auto& player : players) {
        if (const auto* simulated = dynamic_cast<const SimulatedPlayer*>(player.get())) {
            for (std::size_t reader = 1; reader < memories.size(); ++reader) {
                QVERIFY(!memories[reader].contains(~simulated->word));
            }
        }
    }

    std::size_t stayed = 0;
    for (std::size_t group = 0; group < groups.size(); ++group) {
        std::uint32_t wanted = 0;
        for (const base::PublicKey& member : survivors[group]) {
            if (const auto* one = dynamic_cast<const SimulatedPlayer*>(byKey[member])) {
                wanted += one->word;
            } else {
                const auto place = std::ranges::find(processes, byKey[member]) - processes.begin();
                wanted += ~complements[static_cast<std::size_t>(place)];
            }
        }
        stayed += survivors[group].size();
        QCOMPARE(sums[group], Vector(kValues, wanted & 0xffffffU));
    }
    QVERIFY(stayed >= players.size() - dropsBefore.size());
    qInfo("%zu of %zu members were summed", stayed, players.size());
}

QTEST_GUILESS_MAIN(TestSumProcesses)
#include "tst_sum_processes.moc"
