// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Precompiled for the modules that use Qt.
#include "pch.h"

#include <QDebug>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <QTimer>
