// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "platform/monitors.h"

#include <cstdlib>
#include <system_error>
#include <utility>

namespace loam::platform {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

namespace {

    constexpr std::size_t kLongestEntry = 64 * 1024;

    /// An entry of the Desktop Application Autostart Specification.
    class XdgAutostart final : public Autostart
    {
    public:
        XdgAutostart(std::string command, fs::path folder)
            : m_command{ std::move(command) }
            , m_folder{ std::move(folder) }
        {
        }

        bool isEnabled() const override
        {
            const base::Result<base::Bytes> bytes = base::readFile(file(), kLongestEntry);
            if (!bytes) {
                return false;
            }
            // Desktops' own settings switch an entry off by one of these lines.
            const std::string text = "\n" + std::string{ base::asText(*bytes) } + "\n";
            return text.find("\nHidden=true\n") == std::string::npos
                && text.find("\nX-GNOME-Autostart-enabled=false\n") == std::string::npos;
        }

        base::Result<> setEnabled(bool enabled) override
        {
            if (!enabled) {
                std::error_code error;
                fs::remove(file(), error);
                if (error) {
                    return fail(
                        Errc::Io, "cannot remove " + file().string() + ": " + error.message());
                }
                return {};
            }
            TRY(base::makeFolder(m_folder));
            const std::string text = "[Desktop Entry]\nType=Application\nName=Loam\n"
                                     "Comment=Lends idle computing time to your network\n"
                                     "Icon=loam\nTerminal=false\nExec="
                + m_command + "\n";
            return base::writeFileAtomically(file(), base::asBytes(text));
        }

    private:
        fs::path file() const { return m_folder / "loam.desktop"; }

        const std::string m_command;
        const fs::path m_folder;
    };

    std::string environment(const char* name)
    {
        const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): start-up only
        return value != nullptr ? value : "";
    }

} // namespace

fs::path autostartFolder()
{
    const fs::path configuration{ environment("XDG_CONFIG_HOME") };
    // The base directory specification wants relative paths ignored.
    return (configuration.is_absolute() ? configuration
                                        : fs::path{ environment("HOME") } / ".config")
        / "autostart";
}

std::unique_ptr<Autostart> openAutostart(std::string command, fs::path folder)
{
    return std::make_unique<XdgAutostart>(std::move(command), std::move(folder));
}

} // namespace loam::platform
