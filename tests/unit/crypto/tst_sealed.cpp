// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/random.h"
#include "crypto/sealed.h"
#include "unit/support.h"

#include <QTest>

#include <algorithm>

using namespace loam;

class TestSealed final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comesBackUnderItsKeyAndPurposeOnly()
    {
        const crypto::SymmetricKey key = crypto::randomKey();
        const base::ByteView plain = base::asBytes("the south bed first");
        const base::Bytes sealed = crypto::sealContents(key, "letters", plain);
        QVERIFY(std::ranges::search(sealed, plain).empty());
        const auto back = crypto::openContents(key, "letters", sealed);
        LOAM_OK(back);
        QVERIFY(std::ranges::equal(*back, plain));
        LOAM_FAILS(crypto::openContents(key, "bills", sealed), base::Errc::Corrupt);
        LOAM_FAILS(
            crypto::openContents(crypto::randomKey(), "letters", sealed), base::Errc::Corrupt);
        QVERIFY(crypto::sealContents(key, "letters", plain) != sealed);
    }

    void emptyContentsAreContents()
    {
        const crypto::SymmetricKey key = crypto::randomKey();
        const auto back = crypto::openContents(key, "x", crypto::sealContents(key, "x", {}));
        LOAM_OK(back);
        QVERIFY(back->empty());
    }

    void everyDamageIsNoticed()
    {
        const crypto::SymmetricKey key = crypto::randomKey();
        const base::Bytes sealed = crypto::sealContents(key, "x", base::asBytes("text"));
        for (std::size_t i = 0; i < sealed.size(); ++i) {
            base::Bytes damaged = sealed;
            damaged[i] ^= std::byte{ 4 };
            LOAM_FAILS(crypto::openContents(key, "x", damaged), base::Errc::Corrupt);
            LOAM_FAILS(
                crypto::openContents(key, "x", std::span{ sealed }.first(i)), base::Errc::Corrupt);
        }
    }
};

QTEST_GUILESS_MAIN(TestSealed)
#include "tst_sealed.moc"
