// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtTest
import Loam.Test
import Loam.Ui

WindowCase {
    name: "Data"

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
        compare(Bench.fake.lastParam("adapter.train", "model"), "qwen2.5-1.5b-3f9a01c2");
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
    function test_data_adapter_is_measured_in_its_sheet() {
        make(true, true);
        window.showPage("data");
        press("adapter1");
        compare(item("adapterLight"), null);
        press("adapterMeasure");
        tryVerify(() => calls("meter.measure") === 1);
        compare(Bench.fake.lastParam("meter.measure", "adapter"), "letters-77aa00bb");
        tryVerify(() => item("adapterLight") !== null);
        compare(item("adapterLight").text, "Shows next to nothing");
        verify(item("measure").enabled);
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
