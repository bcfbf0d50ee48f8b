// SPDX-License-Identifier: GPL-3.0-or-later
#include "text_file.h"

#include <QCoreApplication>
#include <QSaveFile>

namespace loam::desktop {

QString saveText(const QUrl& file, const QString& text)
{
    const QString path = file.isLocalFile() ? file.toLocalFile() : file.path();
    QSaveFile out(path);
    const QByteArray bytes = text.toUtf8();
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit()) {
        return QCoreApplication::translate("TextFile", "%1 was not written: %2.")
            .arg(path, out.errorString());
    }
    return {};
}

} // namespace loam::desktop
