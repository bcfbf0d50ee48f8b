// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace loam::desktop {

/// Which of the node's names is looked up.
enum class Vocabulary {
    State, ///< of the node, and of a practice node
    Kind, ///< of an audit entry or a payment
    Role, ///< of a practice node
    Phase, ///< of a practice run
    Reason, ///< why work waits, why an update was refused, why a payment was made
};

/// The words a person reads for a name the node sends, in the current language. A name that is not
/// known is made readable ("some.new_kind" -> "Some new kind"); a sentence stays a sentence.
QString wordFor(Vocabulary vocabulary, const QString& name);

/// Name of the icon beside these words; "circle-dot" when there is none.
QString iconFor(Vocabulary vocabulary, const QString& name);

} // namespace loam::desktop
