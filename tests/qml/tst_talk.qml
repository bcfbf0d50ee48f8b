// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtTest
import Loam.Test
import Loam.Ui

WindowCase {
    name: "Talk"

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
    function test_what_a_run_has_reached_can_be_exported() {
        make(true, true);
        window.showPage("models");
        tryVerify(() => item("modelList") !== null && item("modelList").count === 4);
        const list = item("modelList");
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = 3;
        keyClick(Qt.Key_Return);
        tryVerify(() => item("modelSheet") !== null);
        compare(item("modelSheet").title, "riverside-2m");
        // The dialog that comes where the desktop has none of its own needs modules of Qt.
        failOnWarning(/Failed to load/);
        press("modelExport");
        wait(0);
        verify(item("modelRemove") === null || !item("modelRemove").visible);
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
}
