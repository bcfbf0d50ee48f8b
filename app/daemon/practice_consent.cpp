// SPDX-License-Identifier: GPL-3.0-or-later
// How a practice node of the private lane comes to its text: by its owner's consent, as any other.
// The texts are the program's own or those named for the practice, so the practice says yes.
#include "practice.h"

#include <chrono>

namespace loam::daemon {

using namespace std::chrono_literals;

namespace {

    constexpr auto kLookAgain = 300ms;
    constexpr double kPracticeDays = 1;
    constexpr double kPracticeCap = 1000; ///< of a source; the run's own promise is the smaller one

} // namespace

void Practice::giveConsent(Child& child)
{
    // The gate stands as it does for everybody; only the owner's terms are those of a practice,
    // where a handful of nodes is all the crowd there is.
    call(child, QStringLiteral("data.budget"),
        { { QStringLiteral("private_lane"), true },
            { QStringLiteral("minimum_group"), kLeastPrivateNodes },
            { QStringLiteral("minimum_cohort"), kLeastPrivateNodes },
            { QStringLiteral("epsilon_cap"), kPracticeCap },
            { QStringLiteral("only_good_text"), false } },
        [this, &child](const QJsonObject&) {
            call(child, QStringLiteral("data.add"), { { QStringLiteral("path"), child.corpus } },
                [this, &child](const QJsonObject&) { grantWhenRead(child); });
        });
}

void Practice::grantWhenRead(Child& child)
{
    call(child, QStringLiteral("data.list"), {}, [this, &child](const QJsonObject& list) {
        const QJsonObject source
            = list.value(QLatin1String{ "sources" }).toArray().first().toObject();
        if (!source.value(QLatin1String{ "scanned" }).toBool()
            || source.value(QLatin1String{ "waiting" }).toInt() > 0) {
            QTimer::singleShot(kLookAgain, this, [this, &child] { grantWhenRead(child); });
            return;
        }
        call(child, QStringLiteral("data.grant"),
            { { QStringLiteral("purpose"), QStringLiteral("private") },
                { QStringLiteral("run"), m_run }, { QStringLiteral("days"), kPracticeDays },
                { QStringLiteral("epsilon"), m_options.privateEpsilon() } },
            [this, &child](const QJsonObject&) { joinRun(child); });
    });
}

} // namespace loam::daemon
