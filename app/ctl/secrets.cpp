// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/secrets.h"

#include "base/file.h"
#include "base/scope_guard.h"

#include <fcntl.h>
#include <iostream>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace loam::ctl {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kLongestSecretFile = 64 * 1024;
    constexpr char kControlC = 3;

    std::string firstLine(std::string text)
    {
        text.erase(std::min(text.find('\n'), text.size()));
        if (text.ends_with('\r')) {
            text.pop_back();
        }
        return text;
    }

    Result<std::string> fromFile(const QString& name)
    {
        if (name == QStringLiteral("-")) {
            std::string line;
            if (!std::getline(std::cin, line)) {
                return fail(Errc::Invalid, "standard input ended before the passphrase");
            }
            return firstLine(std::move(line));
        }
        TRY_ASSIGN(const base::Bytes bytes, base::readFile(name.toStdString(), kLongestSecretFile));
        return firstLine(std::string{ base::asText(bytes) });
    }

    /// One line typed on the controlling terminal, which is put back as it was even after Ctrl-C.
    Result<std::string> fromTerminal(const QString& prompt, const QString& option)
    {
        const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (terminal < 0) {
            return fail(Errc::Unavailable,
                "there is no terminal to type a secret on; give it by --" + option.toStdString());
        }
        const base::ScopeGuard closer{ [terminal] { ::close(terminal); } };
        termios before{};
        if (::tcgetattr(terminal, &before) != 0) {
            return fail(Errc::Io, "the terminal does not let its echo be switched off");
        }
        termios quiet = before;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        // Ctrl-C ends the line and is then seen below.
        quiet.c_cc[VEOL] = kControlC;
        if (::tcsetattr(terminal, TCSAFLUSH, &quiet) != 0) {
            return fail(Errc::Io, "the terminal does not let its echo be switched off");
        }
        const base::ScopeGuard restorer{ [terminal, &before] {
            ::tcsetattr(terminal, TCSAFLUSH, &before);
            [[maybe_unused]] const ssize_t shown = ::write(terminal, "\n", 1);
        } };
        const std::string text = prompt.toStdString() + ": ";
        [[maybe_unused]] const ssize_t shown = ::write(terminal, text.data(), text.size());
        std::string line;
        char c = 0;
        while (::read(terminal, &c, 1) == 1 && c != '\n') {
            if (c == kControlC) {
                return fail(Errc::Cancelled, "cancelled");
            }
            if (line.size() < kLongestSecretFile) {
                line += c;
            }
        }
        return line;
    }

} // namespace

Result<> addSecrets(const Command& command, QJsonObject& params)
{
    for (const Secret& secret : command.verb->secrets) {
        std::string value;
        if (command.local.contains(secret.option)) {
            TRY_ASSIGN(value, fromFile(command.local.value(secret.option)));
        } else {
            TRY_ASSIGN(value, fromTerminal(secret.prompt, secret.option));
            if (secret.isConfirmed) {
                TRY_ASSIGN(const std::string again,
                    fromTerminal(secret.prompt + QStringLiteral(" again"), secret.option));
                if (again != value) {
                    return fail(Errc::Invalid, "the two are not the same; nothing was changed");
                }
            }
        }
        params.insert(secret.param, QString::fromStdString(value));
    }
    return {};
}

} // namespace loam::ctl
