// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtTest
import Loam.Test
import Loam.Ui

TestCase {
    id: testCase

    property Main window

    function make(hasNetwork, onboarded) {
        Bench.reset(hasNetwork, onboarded);
        window = createTemporaryObject(mainComponent, testCase, {
            node: Bench.node,
            models: Bench.models,
            chat: Bench.chat,
            api: Bench.api,
            wallet: Bench.wallet,
            audit: Bench.audit,
            network: Bench.network,
            practice: Bench.practice,
            ownData: Bench.data,
            settings: Bench.settings,
            visible: true
        });
        verify(window);
        tryVerify(() => Bench.node.known);
        window.requestActivate();
        tryVerify(() => window.active);
    }
    function item(name) {
        return Bench.find(window.contentItem, name);
    }
    /// A person scrolls to what lies below the edge of the window.
    function scrollTo(target) {
        if (target.mapToItem(window.contentItem, 0, target.height).y <= window.height)
            return;
        for (let around = target.parent; around; around = around.parent) {
            if (around.contentY !== undefined && around.contentHeight > around.height) {
                const y = target.mapToItem(around.contentItem, 0, 0).y;
                around.contentY = Math.min(y - around.height / 2, around.contentHeight - around.height);
                return;
            }
        }
    }
    function press(name) {
        tryVerify(() => item(name) !== null, 5000, name);
        const target = item(name);
        // Layouts take their places with the next frame; sheets slide in after it.
        waitForRendering(target, 300);
        let before = Qt.point(-1, -1);
        tryVerify(() => {
            scrollTo(target);
            const now = target.mapToItem(window.contentItem, 0, 0);
            const rests = target.enabled && target.width > 0 && now.x === before.x && now.y === before.y
                && now.x >= 0 && now.x + target.width <= window.width;
            before = now;
            return rests;
        });
        mouseClick(target);
    }
    function calls(method) {
        return Bench.fake.callCount(method);
    }

    name: "Window"
    when: windowShown
    width: 100
    height: 100
    visible: true

    Component {
        id: mainComponent

        Main {}
    }

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
    function test_chat_streams_stops_and_starts_anew() {
        make(true, true);
        window.showPage("chat");
        tryVerify(() => item("chatInput") !== null);
        tryCompare(Bench.chat, "model", "qwen2.5-1.5b-3f9a01c2");
        tryVerify(() => item("chatInput").activeFocus);
        for (const letter of "moss?")
            keyClick(letter);
        keyClick(Qt.Key_Return);
        tryCompare(Bench.chat, "answering", true);
        compare(Bench.fake.lastParam("chat.send", "text"), "moss?");
        compare(Bench.fake.lastParam("chat.send", "model"), "qwen2.5-1.5b-3f9a01c2");
        tryCompare(item("chatInput"), "text", "");
        Bench.playAnswer(false);
        tryVerify(() => item("liveFigures") !== null && item("liveFigures").text === "25 tokens/s");
        verify(item("chatSend") === null);
        press("chatStop");
        tryCompare(Bench.chat, "answering", false);
        compare(calls("chat.stop"), 1);
        press("messageAgain");
        tryCompare(Bench.chat, "answering", true);
        compare(calls("chat.regenerate"), 1);
        Bench.playAnswer(true);
        tryCompare(Bench.chat, "answering", false);
        press("messageCopy");
        verify(Bench.settings.clipboard().startsWith("Moss"));
        press("chatNew");
        tryCompare(Bench.chat, "conversation", "");
        tryVerify(() => item("chatMessages") === null);
    }
    function test_chat_list_is_searched_opened_and_deleted() {
        make(true, true);
        window.showPage("chat");
        tryVerify(() => item("chatList") !== null && item("chatList").count === 4);
        keyClick(Qt.Key_F, Qt.ControlModifier);
        verify(item("chatSearch").activeFocus);
        for (const letter of "moss")
            keyClick(letter);
        tryCompare(item("chatList"), "count", 1);
        keyClick(Qt.Key_Escape);
        tryCompare(item("chatList"), "count", 4);
        const list = item("chatList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryCompare(Bench.chat, "conversation", "7");
        tryVerify(() => item("chatMessages") !== null && item("chatMessages").count === 2);
        keyClick(Qt.Key_Delete);
        tryCompare(list, "count", 3);
        tryCompare(Bench.chat, "conversation", "");
        compare(Bench.fake.lastParam("chat.delete", "conversation"), "7");
    }
    function test_chat_shows_the_error_of_the_node() {
        make(true, true);
        window.showPage("chat");
        tryVerify(() => item("chatInput") !== null && Bench.chat.model !== "");
        Bench.fake.failWith("chat.send", "Qwen needs 1.4 GiB of memory, and 1.1 GiB are free");
        item("chatInput").text = "hello";
        press("chatSend");
        tryVerify(() => item("chatError") !== null);
        verify(item("chatError").text.includes("1.1 GiB"));
        compare(item("chatInput").text, "hello");
        press("chatErrorAction");
        tryVerify(() => item("chatError") === null);
    }
    function test_without_a_model_the_chat_offers_an_import() {
        make(false, true);
        window.showPage("chat");
        tryVerify(() => item("chatWithoutModel") !== null);
        verify(item("chatInput") === null);
        verify(item("chatWithoutModelAction").enabled);
    }
    function test_models_are_imported_shown_and_removed() {
        make(false, true);
        window.showPage("models");
        tryVerify(() => item("modelsEmpty") !== null);
        Bench.models.importFrom("file:///tmp/qwen.gguf", false);
        tryVerify(() => item("importCard") !== null);
        compare(Bench.fake.lastParam("model.import", "path"), "/tmp/qwen.gguf");
        Bench.playImport(false);
        Bench.playImport(true);
        tryVerify(() => item("modelList") !== null && item("modelList").count === 4);
        verify(item("importCard") === null);
        const list = item("modelList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryVerify(() => item("modelSheet") !== null);
        compare(item("modelSheet").title, "SmolLM2 135M");
        press("modelRemove");
        press("modelRemoveConfirm");
        tryCompare(list, "count", 3);
        compare(Bench.fake.lastParam("model.remove", "model"), "smollm2-135m-77ab12cd");
        list.currentIndex = 0;
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        press("modelChat");
        tryVerify(() => item("chatPage") !== null);
        compare(Bench.chat.model, "qwen2.5-1.5b-3f9a01c2");
    }
    function test_the_local_interface_shows_its_key_once() {
        make(true, true);
        window.showPage("settings");
        tryVerify(() => item("apiSwitch") !== null);
        compare(item("apiSwitch").checked, false);
        press("apiSwitch");
        tryCompare(Bench.api, "on", true);
        tryVerify(() => item("apiKey") !== null);
        verify(Bench.api.key.startsWith("loam-"));
        press("apiNewKey");
        compare(Bench.api.key, "");
        Bench.fake.failWith("api.off", "the settings cannot be written");
        press("apiSwitch");
        tryVerify(() => item("apiError") !== null);
        compare(item("apiSwitch").checked, true);
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
        Bench.setConnected(false);
        tryVerify(() => item("connectionBanner") !== null);
        tryCompare(item("stateWord"), "text", "Trouble");
        compare(item("contributionSwitch").enabled, false);
        Bench.setConnected(true);
        tryVerify(() => item("connectionBanner") === null);
        tryCompare(item("stateWord"), "text", "Working");
    }
    function test_data_questions_default_to_no() {
        make(false, true);
        window.showPage("data");
        tryVerify(() => item("consentQuestion") !== null);
        tryVerify(() => item("consentNo").activeFocus);
        compare(item("consentNo").width, item("consentYes").width);
        keyClick(Qt.Key_Return);
        tryCompare(Bench.data, "question", "private_lane");
        compare(Bench.fake.lastParam("data.budget", "adapters"), "false");
        press("consentNo");
        tryVerify(() => item("consentQuestion") === null);
        compare(Bench.fake.lastParam("data.budget", "private_lane"), "false");
        verify(!Bench.data.adapters);
        verify(!Bench.data.privateLane);
    }
    function test_data_preview_marks_and_strikes() {
        make(true, true);
        window.showPage("data");
        press("source0");
        press("file5");
        tryVerify(() => item("previewSheet") !== null && Bench.data.file !== "");
        compare(Bench.data.lines.count, 9);
        verify(Bench.data.styled([{ "text": "a<b@c.de", "kind": "mail" }], "red").indexOf("a&lt;b@c.de") > 0);
        press("strikeLine6");
        tryVerify(() => calls("data.strike") === 1);
        compare(Bench.fake.lastParam("data.strike", "line"), "6");
        keyClick(Qt.Key_Escape);
        tryCompare(Bench.data, "file", "");
    }
    function test_data_consent_is_given_and_ended() {
        make(true, true);
        window.showPage("data");
        press("openGrant");
        press("grantYes");
        tryVerify(() => calls("data.grant") === 1);
        compare(Bench.fake.lastParam("data.grant", "purpose"), "adapter");
        compare(Bench.fake.lastParam("data.grant", "days"), "30");
        press("grant0Revoke");
        tryVerify(() => calls("data.revoke") === 1);
        compare(Bench.fake.lastParam("data.revoke", "grant"), "00112233445566778899aabbccddeeff");
    }
    function test_own_model_is_trained_from_what_is_chosen() {
        make(true, true);
        window.showPage("data");
        press("openTrain");
        tryVerify(() => item("trainYes") !== null);
        verify(!item("trainYes").enabled, "no source is chosen beforehand");
        press("trainSource1");
        tryVerify(() => item("trainYes").enabled);
        press("trainYes");
        tryVerify(() => calls("adapter.train") === 1);
        compare(Bench.fake.lastParam("adapter.train", "model"), "smollm2-135m-77ab12cd");
        compare(Bench.fake.lastParam("adapter.train", "days"), "30");
    }
    function test_own_model_is_removed() {
        make(true, true);
        window.showPage("data");
        press("adapter1");
        press("adapterRemove");
        press("adapterRemoveConfirm");
        tryVerify(() => calls("adapter.remove") === 1);
        compare(Bench.fake.lastParam("adapter.remove", "adapter"), "letters-77aa00bb");
    }
    function test_data_meter_measures_and_says_why_not() {
        make(true, true);
        window.showPage("data");
        tryCompare(Bench.data.meter, "light", "green");
        compare(item("meterLight").text, "Shows next to nothing");
        // It stands at the foot of the page: by keyboard, as who cannot scroll would.
        item("measure").forceActiveFocus();
        keyClick(Qt.Key_Space);
        tryVerify(() => calls("meter.measure") === 1);
        tryVerify(() => !Bench.data.meter.busy);
        Bench.fake.failWith("meter.measure", "grant it work at home");
        keyClick(Qt.Key_Space);
        tryVerify(() => item("meterError") !== null);
        compare(item("meterError").text, "grant it work at home");
        Bench.fake.failWith("meter.measure", "");
    }
}
