// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtTest
import Loam.Test
import Loam.Ui

WindowCase {
    name: "Window"

    function test_switch_calls_the_node_and_shows_its_answer() {
        make(true, true);
        const control = item("contributionSwitch");
        verify(control.checked);
        press("contributionSwitch");
        tryCompare(Bench.node, "contributing", false);
        compare(calls("contribute.off"), 1);
        compare(control.checked, false);
        tryCompare(item("stateWord"), "text", "Off");
    }
    function test_switch_by_keyboard_and_accessibility() {
        make(true, true);
        const control = item("contributionSwitch");
        control.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryCompare(Bench.node, "contributing", false);
        // What a screen reader does: it changes the property, not the pointer.
        control.toggle();
        tryCompare(Bench.node, "contributing", true);
        compare(calls("contribute.on"), 1);
    }
    function test_switch_falls_back_when_refused() {
        make(true, true);
        Bench.fake.failWith("contribute.off", "the node is shutting down");
        press("contributionSwitch");
        tryVerify(() => item("errorBanner") !== null);
        compare(item("errorBanner").text, "the node is shutting down");
        compare(item("contributionSwitch").checked, true);
        press("errorBannerAction");
        tryVerify(() => item("errorBanner") === null);
    }
    function test_pages_by_keyboard() {
        make(true, true);
        const pages = ["overview", "models", "chat", "data", "wallet", "audit", "network", "practice", "settings"];
        for (let i = 0; i < pages.length; ++i) {
            keyClick(Qt.Key_1 + i, Qt.ControlModifier);
            tryVerify(() => item(pages[i] + "Page") !== null, 5000, pages[i]);
            compare(item("nav_" + pages[i]).isCurrent, true);
        }
        item("nav_settings").forceActiveFocus(Qt.TabFocusReason);
        verify(item("nav_settings").visualFocus);
        keyClick(Qt.Key_Up);
        verify(item("nav_practice").visualFocus);
        keyClick(Qt.Key_Return);
        tryVerify(() => item("practicePage") !== null);
    }
    function test_every_control_has_a_name() {
        make(true, true);
        for (const page of ["overview", "models", "chat", "data", "wallet", "audit", "network", "practice", "settings"]) {
            window.showPage(page);
            tryVerify(() => item(page + "Page") !== null);
            compare(Bench.unnamed(window.contentItem), []);
        }
    }
    function test_audit_search() {
        make(true, true);
        window.showPage("audit");
        tryVerify(() => item("auditList") !== null);
        compare(item("auditList").count, 100000);
        keyClick(Qt.Key_F, Qt.ControlModifier);
        verify(item("auditSearch").activeFocus);
        for (const letter of "refused: norm")
            keyClick(letter);
        tryCompare(item("auditList"), "count", 100);
        verify(item("auditCount").text.startsWith("100 of 100,000"));
        keyClick(Qt.Key_Escape);
        tryCompare(item("auditList"), "count", 100000);
    }
    function test_audit_entry_is_verified() {
        make(true, true);
        window.showPage("audit");
        tryVerify(() => item("auditList") !== null);
        const list = item("auditList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        compare(list.currentIndex, 1);
        keyClick(Qt.Key_Return);
        tryCompare(Bench.audit, "index", 99998);
        press("verify");
        tryVerify(() => item("verdict") !== null);
        verify(item("verdict").text.startsWith("Verified"));
        keyClick(Qt.Key_Escape);
        tryCompare(Bench.audit, "index", -1);
    }
    function test_audit_scrolls_to_its_end() {
        make(true, true);
        window.showPage("audit");
        tryVerify(() => item("auditList") !== null);
        const list = item("auditList");
        list.positionViewAtEnd();
        tryVerify(() => list.itemAtIndex(99999) !== null && list.itemAtIndex(99999).loaded);
        compare(list.itemAtIndex(99999).entry, 0);
    }
    function test_send_shows_the_error_of_the_node() {
        make(true, true);
        window.showPage("wallet");
        press("openSend");
        tryVerify(() => item("sendToInput") !== null);
        item("sendToInput").text = "loam1mistyped";
        item("sendAmountInput").text = "12.5";
        press("sendReview");
        Bench.fake.failWith("wallet.send", "the checksum of the address does not fit");
        press("sendConfirm");
        tryVerify(() => item("sendError") !== null);
        compare(item("sendError").text, "the checksum of the address does not fit");
        compare(Bench.fake.lastParam("wallet.send", "amount"), "12.5");
        Bench.fake.failWith("wallet.send", "");
        press("sendConfirm");
        tryVerify(() => item("sendConfirm") === null);
        tryVerify(() => item("walletNotice") !== null);
        verify(item("walletNotice").text.includes("12.5"));
    }
    function test_payment_shows_its_reason() {
        make(true, true);
        window.showPage("wallet");
        tryVerify(() => item("walletHistory") !== null);
        waitForRendering(item("walletHistory"));
        tryVerify(() => item("walletHistory").itemAtIndex(0) !== null);
        mouseClick(item("walletHistory").itemAtIndex(0));
        tryVerify(() => item("paymentSheet") !== null);
        verify(item("paymentSheet").payment.reason.startsWith("Round 312"));
    }
    function test_theme_and_language_change_at_once() {
        make(true, true);
        window.showPage("settings");
        const light = window.color.toString();
        press("theme_dark");
        compare(Bench.settings.theme, "dark");
        verify(window.color.toString() !== light);
        press("theme_contrast");
        compare(window.color.toString(), "#000000");
        press("language_de");
        tryCompare(item("settingsPage"), "title", "Einstellungen");
        tryCompare(item("stateWord"), "text", "Arbeitet");
        press("language_en");
        tryCompare(item("settingsPage"), "title", "Settings");
    }
    function test_words_are_shown_after_asking_and_forgotten() {
        make(true, true);
        window.showPage("settings");
        press("openWords");
        Bench.fake.failWith("wallet.words", "wrong passphrase");
        press("showWords");
        tryCompare(Bench.wallet, "errorText", "wrong passphrase");
        Bench.fake.failWith("wallet.words", "");
        press("showWords");
        tryVerify(() => Bench.wallet.words.length === 24);
        press("wordsSheetClose");
        compare(Bench.wallet.words.length, 0);
    }
    function test_first_run_switches_nothing_on() {
        make(false, false);
        verify(item("nav_overview") === null);
        press("onboardingJoin");
        tryCompare(Bench.settings, "onboarded", true);
        tryVerify(() => item("invitationInput") !== null);
        compare(calls("contribute.on"), 0);
        Bench.fake.failWith("net.join", "the invitation is not complete");
        item("invitationInput").text = "loam:join?x";
        press("joinNetwork");
        tryCompare(Bench.network, "errorText", "the invitation is not complete");
        Bench.fake.failWith("net.join", "");
        press("joinNetwork");
        tryCompare(Bench.node, "hasNetwork", true);
        compare(Bench.node.contributing, false);
    }
    function test_practice_from_form_to_verdict() {
        make(true, true);
        window.showPage("practice");
        press("practiceByzantine");
        press("practiceStart");
        compare(Bench.fake.lastParam("practice.start", "nodes"), "4");
        compare(Bench.fake.lastParam("practice.start", "byzantine"), "1");
        tryVerify(() => item("practiceStop") !== null);
        Bench.playPractice(false);
        tryCompare(item("practicePhase"), "text", "Training together");
        Bench.playPractice(true);
        tryVerify(() => item("practiceVerdict") !== null);
        verify(item("practiceVerdict").text.includes("same audit log"));
        press("practiceAgain");
        tryVerify(() => item("practiceStart") !== null);
    }
    function test_layout_follows_values_that_change_on_a_hidden_page() {
        make(true, true);
        const word = item("stateWord");
        window.showPage("settings");
        Bench.fake.failWith("none", "");
        Bench.node.setContributing(false);
        tryCompare(Bench.node, "contributing", false);
        window.showPage("overview");
        tryVerify(() => item("overviewPage") !== null);
        tryVerify(() => word.width >= word.implicitWidth);
    }
    function test_trouble_is_told_and_heals() {
        make(true, true);
        const top = () => item("overviewPage").mapToItem(null, 0, 0).y;
        const before = top();
        Bench.setConnected(false);
        tryVerify(() => item("connectionBanner") !== null);
        tryVerify(() => top() > before);
        tryCompare(item("stateWord"), "text", "Trouble");
        compare(item("contributionSwitch").enabled, false);
        Bench.setConnected(true);
        tryVerify(() => item("connectionBanner") === null);
        tryVerify(() => top() === before);
        tryCompare(item("stateWord"), "text", "Working");
    }
    function test_settings_say_when_and_with_what_to_work() {
        make(true, true);
        window.showPage("settings");
        tryVerify(() => item("workDevice") !== null && item("workDevice").count === 3);
        compare(item("workDevice").currentText, "By itself");
        compare(item("workThreads").currentText, "Half of the cores");
        item("onBattery").forceActiveFocus();
        keyClick(Qt.Key_Space);
        tryVerify(() => calls("contribute.settings") > 0 && Bench.node.work.onBattery);
        verify(Bench.fake.lastParam("contribute.settings", "on_battery"));
        item("workDevice").forceActiveFocus();
        keyClick(Qt.Key_Down);
        tryCompare(Bench.node.work, "device", "cpu");
        // What the node refuses falls back.
        Bench.fake.failWith("contribute.settings", "there is no such device");
        keyClick(Qt.Key_Down);
        tryVerify(() => item("workError") !== null);
        compare(item("workError").text, "there is no such device");
        tryCompare(item("workDevice"), "currentIndex", 1);
        Bench.fake.failWith("contribute.settings", "");
    }
}
