// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QColor>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonObject>
#include <QLocale>
#include <QObject>
#include <QPainter>
#include <QQmlEngine>
#include <QQuickPaintedItem>
#include <QString>
#include <QTimer>
#include <QVariant>
#include <QVector>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
