// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "unit/support.h"

using namespace loam;
using namespace loam::crypto;
using base::Errc;
using base::Hash256;

namespace {

/// The eight entries with which Certificate Transparency's implementations are tested.
constexpr const char* kEntries[]{ "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f" };
constexpr const char* kRoots[]{ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" };

constexpr std::uint64_t kLargest = 40;

Hash256 leaf(std::uint64_t index)
{
    return merkleLeaf(base::asBytes("entry " + std::to_string(index)));
}

MerkleTree treeOf(std::uint64_t size)
{
    MerkleTree tree;
    for (std::uint64_t i = 0; i < size; ++i) {
        tree.append(leaf(i));
    }
    return tree;
}

MerkleTree publishedTree()
{
    MerkleTree tree;
    for (const char* entry : kEntries) {
        tree.append(merkleLeaf(test::hex(entry)));
    }
    return tree;
}

/// The definition of RFC 6962 2.1, word for word, as the reference.
Hash256 definedRoot(std::uint64_t begin, std::uint64_t end)
{
    if (begin == end) {
        return sha256({});
    }
    if (end - begin == 1) {
        return leaf(begin);
    }
    std::uint64_t k = 1;
    while (k * 2 < end - begin) {
        k *= 2;
    }
    return merkleNode(definedRoot(begin, begin + k), definedRoot(begin + k, end));
}

QStringList texts(const std::vector<Hash256>& hashes)
{
    QStringList out;
    for (const Hash256& hash : hashes) {
        out.append(test::text(hash.view()));
    }
    return out;
}

Hash256 flipped(const Hash256& hash)
{
    Hash256 out = hash;
    out.data[13] ^= std::byte{ 4 };
    return out;
}

} // namespace

class TestMerkle : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void publishedRoots()
    {
        MerkleTree tree;
        QCOMPARE(test::text(tree.root().view()), QString::fromLatin1(kRoots[0]));
        for (std::size_t i = 0; i < std::size(kEntries); ++i) {
            QCOMPARE(tree.append(merkleLeaf(test::hex(kEntries[i]))), std::uint64_t{ i });
            QCOMPARE(test::text(tree.root().view()), QString::fromLatin1(kRoots[i + 1]));
        }
        for (std::size_t size = 0; size < std::size(kRoots); ++size) {
            QCOMPARE(test::text(tree.rootAt(size).view()), QString::fromLatin1(kRoots[size]));
        }
    }

    void publishedInclusionPaths()
    {
        const MerkleTree tree = publishedTree();
        QCOMPARE(texts(tree.inclusionProof(0, 8).value()),
            (QStringList{ u"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"_qs,
                u"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"_qs,
                u"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"_qs }));
        QCOMPARE(texts(tree.inclusionProof(5, 8).value()),
            (QStringList{ u"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"_qs,
                u"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"_qs,
                u"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"_qs }));
    }

    void publishedConsistencyProofs()
    {
        const MerkleTree tree = publishedTree();
        QCOMPARE(texts(tree.consistencyProof(6, 8).value()),
            (QStringList{ u"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"_qs,
                u"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"_qs,
                u"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"_qs }));
        QCOMPARE(texts(tree.consistencyProof(1, 8).value()),
            (QStringList{ u"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"_qs,
                u"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"_qs,
                u"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"_qs }));
        QCOMPARE(texts(tree.consistencyProof(2, 5).value()),
            (QStringList{ u"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"_qs,
                u"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"_qs }));
    }

    void rootsFollowTheDefinition()
    {
        const MerkleTree tree = treeOf(kLargest);
        for (std::uint64_t size = 0; size <= kLargest; ++size) {
            QVERIFY(tree.rootAt(size) == definedRoot(0, size));
        }
    }

    void everyInclusionProofHolds()
    {
        const MerkleTree tree = treeOf(kLargest);
        for (std::uint64_t size = 1; size <= kLargest; ++size) {
            const Hash256 root = tree.rootAt(size);
            for (std::uint64_t index = 0; index < size; ++index) {
                std::vector<Hash256> proof = tree.inclusionProof(index, size).value();
                QVERIFY(verifyInclusion(leaf(index), index, size, proof, root));
                QVERIFY(!verifyInclusion(leaf(index + 1), index, size, proof, root));
                QVERIFY(!verifyInclusion(leaf(index), index, size, proof, flipped(root)));
                for (std::uint64_t other = 0; other <= size; ++other) {
                    QCOMPARE(
                        verifyInclusion(leaf(index), other, size, proof, root), other == index);
                }
                for (std::size_t i = 0; i < proof.size(); ++i) {
                    std::vector<Hash256> changed = proof;
                    changed[i] = flipped(changed[i]);
                    QVERIFY(!verifyInclusion(leaf(index), index, size, changed, root));
                    changed = proof;
                    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
                    QVERIFY(!verifyInclusion(leaf(index), index, size, changed, root));
                }
                proof.push_back(root);
                QVERIFY(!verifyInclusion(leaf(index), index, size, proof, root));
            }
        }
    }

    void everyConsistencyProofHolds()
    {
        const MerkleTree tree = treeOf(kLargest);
        for (std::uint64_t to = 0; to <= kLargest; ++to) {
            const Hash256 toRoot = tree.rootAt(to);
            for (std::uint64_t from = 0; from <= to; ++from) {
                const Hash256 fromRoot = tree.rootAt(from);
                std::vector<Hash256> proof = tree.consistencyProof(from, to).value();
                QVERIFY(verifyConsistency(from, to, fromRoot, toRoot, proof));
                QVERIFY(!verifyConsistency(from, to, flipped(fromRoot), toRoot, proof));
                // An empty tree is consistent with everything, so its successor cannot be wrong.
                QCOMPARE(verifyConsistency(from, to, fromRoot, flipped(toRoot), proof),
                    from == 0 && to != 0);
                for (std::size_t i = 0; i < proof.size(); ++i) {
                    std::vector<Hash256> changed = proof;
                    changed[i] = flipped(changed[i]);
                    QVERIFY(!verifyConsistency(from, to, fromRoot, toRoot, changed));
                    changed = proof;
                    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
                    QVERIFY(!verifyConsistency(from, to, fromRoot, toRoot, changed));
                }
                proof.push_back(toRoot);
                QVERIFY(!verifyConsistency(from, to, fromRoot, toRoot, proof));
            }
        }
    }

    void forkedHistoryIsNotConsistent()
    {
        const MerkleTree honest = treeOf(kLargest);
        for (std::uint64_t fork = 0; fork < 20; ++fork) {
            MerkleTree forged = treeOf(fork);
            forged.append(leaf(1000));
            for (std::uint64_t i = fork + 1; i < kLargest; ++i) {
                forged.append(leaf(i));
            }
            const auto proof = forged.consistencyProof(20, kLargest).value();
            QVERIFY(!verifyConsistency(20, kLargest, honest.rootAt(20), forged.root(), proof));
        }
    }

    void refusesImpossibleQuestions()
    {
        const MerkleTree tree = treeOf(5);
        LOAM_FAILS(tree.inclusionProof(5, 5), Errc::Invalid);
        LOAM_FAILS(tree.inclusionProof(0, 6), Errc::Invalid);
        LOAM_FAILS(tree.inclusionProof(0, 0), Errc::Invalid);
        LOAM_FAILS(tree.consistencyProof(4, 3), Errc::Invalid);
        LOAM_FAILS(tree.consistencyProof(1, 6), Errc::Invalid);
        QVERIFY(!verifyConsistency(3, 2, tree.rootAt(3), tree.rootAt(2), {}));
        QVERIFY(!verifyConsistency(3, 5, tree.rootAt(3), tree.root(), {}));
    }

    void truncatedTreesGrowAlike()
    {
        for (std::uint64_t size = 0; size <= kLargest; ++size) {
            MerkleTree tree = treeOf(kLargest);
            tree.truncate(size);
            QCOMPARE(tree.size(), size);
            QVERIFY(tree.root() == definedRoot(0, size));
            for (std::uint64_t i = size; i < kLargest; ++i) {
                tree.append(leaf(i));
            }
            QVERIFY(tree.root() == definedRoot(0, kLargest));
        }
    }

    void largeEntriesAreHashedAlike()
    {
        for (const std::size_t size : { 510U, 511U, 512U, 513U, 5000U }) {
            base::Bytes prefixed(size + 1, std::byte{ 9 });
            prefixed[0] = std::byte{ 0 };
            QVERIFY(merkleLeaf(base::ByteView{ prefixed }.subspan(1)) == sha256(prefixed));
        }
    }
};

QTEST_GUILESS_MAIN(TestMerkle)
#include "tst_merkle.moc"
