// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/commands.h"

#include <QCoreApplication>

int main(int argc, char* argv[])
{
    QCoreApplication application{ argc, argv };
    QCoreApplication::setApplicationName(QStringLiteral("loamctl"));
    return loam::ctl::runArguments(QCoreApplication::arguments().mid(1));
}
