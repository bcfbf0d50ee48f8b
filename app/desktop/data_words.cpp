// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the page "My data".
#include "data_vm.h"
#include "format.h"

namespace loam::desktop {

namespace {

    QString kindWord(const QString& kind)
    {
        if (kind == QLatin1String("mail")) {
            return DataVm::tr("mail address");
        }
        if (kind == QLatin1String("phone")) {
            return DataVm::tr("phone number");
        }
        if (kind == QLatin1String("card")) {
            return DataVm::tr("card number");
        }
        if (kind == QLatin1String("iban")) {
            return DataVm::tr("bank account");
        }
        if (kind == QLatin1String("ip_address")) {
            return DataVm::tr("network address");
        }
        if (kind == QLatin1String("secret") || kind == QLatin1String("url_password")) {
            return DataVm::tr("password or key");
        }
        if (kind == QLatin1String("private_key")) {
            return DataVm::tr("private key");
        }
        return DataVm::tr("your pattern");
    }

} // namespace

QString DataVm::styled(const QJsonArray& segments, const QColor& ink) const
{
    QString out;
    for (const QJsonValue& value : segments) {
        const QString kind = value[QStringLiteral("kind")].toString();
        // Runs of spaces would shrink to one.
        const QString text = value[QStringLiteral("text")].toString().toHtmlEscaped().replace(
            QLatin1String("  "), QLatin1String("&nbsp; "));
        if (kind.isEmpty()) {
            out += text;
        } else {
            out += QStringLiteral("<font color=\"%1\"><s>%2</s> [%3]</font>")
                       .arg(ink.name(), text, kindWord(kind).toHtmlEscaped());
        }
    }
    return out;
}

QString DataVm::sourceLine(const QJsonObject& source) const
{
    const double waiting = number(source, "waiting");
    if (waiting > 0 || !source.value(QStringLiteral("scanned")).toBool()) {
        return tr("%1 files, %2 still to be read")
            .arg(Format::count(number(source, "files")), Format::count(waiting));
    }
    const double left = number(source, "poor") + number(source, "failed");
    return left > 0 ? tr("%1 files, %2 of them left out")
                          .arg(Format::count(number(source, "files")), Format::count(left))
                    : tr("%1 files").arg(Format::count(number(source, "files")));
}

QString DataVm::verdictWord(const QString& state, const QString& verdict, bool struck) const
{
    if (struck) {
        return tr("Struck");
    }
    if (state == QLatin1String("waiting")) {
        return tr("Waiting");
    }
    if (state == QLatin1String("failed")) {
        return tr("Unreadable");
    }
    if (verdict == QLatin1String("good")) {
        return tr("Usable");
    }
    if (verdict == QLatin1String("too_short")) {
        return tr("Too short");
    }
    if (verdict == QLatin1String("gibberish")) {
        return tr("No prose");
    }
    return verdict == QLatin1String("duplicate") ? tr("Duplicate") : tr("Boilerplate");
}

QString DataVm::purposeWord(const QString& purpose) const
{
    return purpose == QLatin1String("private") ? tr("Shared, private training")
                                               : tr("A model of your own, at home");
}

QString DataVm::grantStateWord(const QString& state) const
{
    if (state == QLatin1String("active")) {
        return tr("In force");
    }
    return state == QLatin1String("revoked") ? tr("Ended by you") : tr("Ended");
}

QString DataVm::useWord(const QString& kind) const
{
    if (kind == QLatin1String("granted")) {
        return tr("Consent given");
    }
    if (kind == QLatin1String("revoked")) {
        return tr("Consent ended");
    }
    if (kind == QLatin1String("charged")) {
        return tr("Privacy spent");
    }
    if (kind == QLatin1String("used")) {
        return tr("File used");
    }
    if (kind == QLatin1String("source_added")) {
        return tr("Source added");
    }
    if (kind == QLatin1String("source_removed")) {
        return tr("Source removed");
    }
    if (kind == QLatin1String("terms_changed")) {
        return tr("Your limits changed");
    }
    return tr("Use refused");
}

} // namespace loam::desktop
