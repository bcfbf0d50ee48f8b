// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN // the moc of Qt 6.4 cannot parse <concepts>
#include "base/id.h"
#include "base/narrow.h"
#endif
#include "base/result.h"
#include "base/scope_guard.h"
#include "unit/support.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_set>

using namespace loam::base;

namespace {

using Height = Id<struct HeightTag, std::uint64_t>;

Result<int> half(int value)
{
    if (value % 2 != 0) {
        return fail(Errc::Invalid, "odd");
    }
    return value / 2;
}

Result<int> quarter(int value)
{
    TRY(half(value));
    TRY_ASSIGN(const int once, half(value));
    TRY_ASSIGN(const int twice, half(once));
    return twice;
}

} // namespace

class TestValues : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void failuresTravelUp()
    {
        QCOMPARE(quarter(12).value_or(0), 3);
        LOAM_FAILS(quarter(3), Errc::Invalid);
        LOAM_FAILS(quarter(6), Errc::Invalid);
    }

    void contextIsPrepended()
    {
        const Error error = Error{ Errc::Io, "no space" }.context("saving");
        QCOMPARE(QString::fromStdString(error.message), QStringLiteral("saving: no space"));
        QVERIFY(error.code == Errc::Io);
    }

    void codesHaveDistinctNames()
    {
        std::unordered_set<std::string_view> names;
        for (const Errc code : { Errc::Invalid, Errc::NotFound, Errc::Io, Errc::Corrupt,
                 Errc::Denied, Errc::Unavailable, Errc::Cancelled, Errc::Timeout }) {
            names.insert(errcName(code));
        }
        QCOMPARE(names.size(), std::size_t{ 8 });
        QVERIFY(!names.contains("unknown"));
    }

    void idsCompareByValue()
    {
        QVERIFY(Height{ 1 } < Height{ 2 });
        QVERIFY(Height{ 3 } == Height{ 3 });
        QCOMPARE(Height{ 5 }.value(), std::uint64_t{ 5 });
        QCOMPARE((std::unordered_set<Height>{ Height{ 1 }, Height{ 1 }, Height{ 2 } }).size(),
            std::size_t{ 2 });
    }

    void guardRunsOnceUnlessDismissed()
    {
        int runs = 0;
        {
            const ScopeGuard guard{ [&runs] { ++runs; } };
            QCOMPARE(runs, 0);
        }
        QCOMPARE(runs, 1);
        {
            ScopeGuard guard{ [&runs] { ++runs; } };
            guard.dismiss();
        }
        QCOMPARE(runs, 1);
    }

    void narrowKeepsValuesThatFit()
    {
        QCOMPARE(narrow<std::uint8_t>(255), std::uint8_t{ 255 });
        QCOMPARE(narrow<std::int8_t>(-128L), std::int8_t{ -128 });
    }

    void narrowAbortsOtherwise()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(STDERR_FILENO);
            ::signal(SIGABRT, SIG_DFL);
            const volatile int tooMuch = 256;
            ::_exit(narrow<std::uint8_t>(int{ tooMuch }));
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
    }
};

QTEST_GUILESS_MAIN(TestValues)
#include "tst_values.moc"
