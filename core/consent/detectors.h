// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/redaction.h"

/// The detectors behind findPrivateSpans(), each linear in the text. Internal to consent.
namespace loam::consent::detect {

void mails(std::string_view text, std::vector<Span>& out);
/// Digit groups: payment cards, then phone numbers.
void cards(std::string_view text, std::vector<Span>& out);
void phones(std::string_view text, std::vector<Span>& out);
void ibans(std::string_view text, std::vector<Span>& out);
void ipAddresses(std::string_view text, std::vector<Span>& out);
void privateKeys(std::string_view text, std::vector<Span>& out);
void urlPasswords(std::string_view text, std::vector<Span>& out);
/// Known prefixes, assignments to names such as "password", and random-looking tokens.
void secrets(std::string_view text, std::vector<Span>& out);

/// ISO/IEC 7812-1 annex B: the check digit of a card number.
bool luhnHolds(std::string_view digits);
/// ISO 13616: length of the country and remainder 1 modulo 97. Upper case, no spaces.
bool ibanHolds(std::string_view iban);
/// Shannon entropy of the characters in bits per character.
double entropy(std::string_view token);

} // namespace loam::consent::detect
